"""Reads a YAML file a person wrote, with the place of every key and value.

YAML 1.2 with the core schema: text, numbers, true, false, null; keys are always text. Tags,
NaN, repeated keys and files built to harm (huge, deep, aliases that unfold without end) are refused
before anything is built from them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.reader import ReaderError

from visuals.document.words import nearest, short, show
from visuals.errors import Problem, VisualsError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 50_000

Keys = tuple[str | int, ...]


@dataclass(slots=True)
class Node:
    """A value of the file and where it stands. `inset` is the width of an opening quote.

    `size` counts the values in it with every alias unfolded; `keys` holds the nodes of a mapping's
    keys.
    """

    line: int
    column: int
    value: Any = None
    inset: int = 0
    size: int = 1
    inside: dict[str | int, Node] = field(default_factory=dict)
    keys: dict[str | int, Node] = field(default_factory=dict)
    flat: bool = True

    def plain(self) -> Any:
        """The value as nested dicts and lists."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.inside.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.inside.values()]
        return self.value


@dataclass(frozen=True, slots=True)
class Document:
    """A file read and found harmless. `error` is what its problems are raised as."""

    path: Path
    root: Node
    error: type[VisualsError]

    @property
    def data(self) -> Any:
        """The content as nested dicts, lists, texts, numbers; a fresh copy each time."""
        return self.root.plain()

    def node(self, keys: Keys) -> Node:
        """The deepest node on the way to `keys`; names that are not in the file are passed over."""
        at = self.root
        for key in keys:
            at = at.inside.get(key, at)
        return at

    def place(self, keys: Keys, offset: int | None = None) -> tuple[int, int]:
        """Line and column of a value, or of its character `offset` when it stands on one line."""
        node = self.node(keys)
        if offset is None or not node.flat:
            return node.line, node.column
        return node.line, node.column + node.inset + offset

    def key_place(self, keys: Keys) -> tuple[int, int]:
        """Line and column of a key; of the value where it has none (a list's item)."""
        node = self.node(keys[:-1]).keys.get(keys[-1]) if keys else None
        return (node.line, node.column) if node else self.place(keys)

    def problem(self, keys: Keys, text: str, offset: int | None = None, at_key: bool = False) -> Problem:
        line, column = self.key_place(keys) if at_key else self.place(keys, offset)
        return Problem(str(self.path), line, column, text)


def read(path: Path, error: type[VisualsError] = VisualsError) -> Document:
    """Read a YAML file.

    Raises `error` with every problem found: not there, not UTF-8, not YAML, over 1 MB, deeper than
    32, more than 50 000 values, an alias of itself, a tag, a repeated key, NaN or infinity.
    """
    text = _text(path, error)
    builder = _Builder(path, error)
    try:
        root = builder.document(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        builder.fault(mark, _syntax(e, text))
    except ReaderError as e:
        line, column = _position(text, e.position)
        builder.problems.append(
            Problem(str(path), line, column, f"found the character #x{int(e.character):02x}, expected readable text")
        )
    except (ValueError, OverflowError) as e:  # the scanner on escapes such as \U00110000
        builder.fault(None, f"found an impossible value ({e}), expected YAML")
    if builder.problems:
        raise error(problems=builder.problems)
    return Document(path, root, error)


# ---- from events to nodes -----------------------------------------------------------------------


class _Builder:
    """Builds nodes from the parser's events, counting as it goes so that nothing grows unchecked."""

    def __init__(self, path: Path, error: type[VisualsError]) -> None:
        self.path, self.error = path, error
        self.problems: list[Problem] = []
        self._anchors: dict[str, Node | None] = {}
        self._built = 0

    def fault(self, mark: Any, text: str) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        self.problems.append(Problem(str(self.path), line, column, text))

    def fatal(self, mark: Any, text: str) -> VisualsError:
        self.fault(mark, text)
        return self.error(problems=self.problems)

    def document(self, events: Iterator[Any]) -> Node:
        next(events)  # the stream's start
        start = next(events)
        if not hasattr(start, "explicit"):
            raise self.fatal(None, "found an empty file, expected a mapping")
        root = self._node(next(events), events, 1)
        next(events)
        after = next(events)
        if hasattr(after, "explicit"):
            raise self.fatal(after.start_mark, "found a second document, expected one a file")
        if not isinstance(root.value, dict):
            self.fault(start.end_mark, f"found {show(root.value)}, expected a mapping")
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.fatal(event.start_mark, f"nested more than {MAX_DEPTH} deep")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            self.fault(event.start_mark, f"found the tag `{short(str(event.tag))}`, expected plain values")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = Node(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, ScalarEvent):
            self._scalar(event, node)
        elif isinstance(event, MappingStartEvent):
            self._mapping(node, event, events, depth)
        elif isinstance(event, SequenceStartEvent):
            self._sequence(node, events, depth)
        self._count(event, node)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _count(self, event: NodeEvent, node: Node) -> None:
        self._built += 1
        node.size = 1 + sum(n.size for n in node.inside.values())
        if max(self._built, node.size) > MAX_VALUES:
            raise self.fatal(event.start_mark, f"unfolds to more than {MAX_VALUES} values")

    def _alias(self, event: AliasEvent) -> Node:
        if event.anchor not in self._anchors:
            raise self.fatal(event.start_mark, f"found `*{event.anchor}`, expected an anchor `&{event.anchor}` before")
        node = self._anchors[event.anchor]
        if node is None:
            raise self.fatal(event.start_mark, f"`*{event.anchor}` stands inside itself: a cycle")
        return node

    def _mapping(self, node: Node, start: MappingStartEvent, events: Iterator[Any], depth: int) -> None:
        node.value = {}
        while isinstance(event := next(events), NodeEvent):
            if not isinstance(event, ScalarEvent):
                raise self.fatal(event.start_mark, "found a key that is no plain text")
            key = Node(event.start_mark.line + 1, event.start_mark.column + 1)
            self._text(event, key)
            if event.value in node.keys:
                first = node.keys[event.value]
                self.fault(event.start_mark, f"`{short(event.value)}` stands twice, first in line {first.line}")
            node.keys[event.value] = key
            node.inside[event.value] = inner = self._node(next(events), events, depth + 1)
            if inner.value is None:  # nothing has no place of its own: the parser marks the next token
                inner.line, inner.column = key.line, key.column

    def _sequence(self, node: Node, events: Iterator[Any], depth: int) -> None:
        node.value = []
        while isinstance(event := next(events), NodeEvent):
            node.inside[len(node.inside)] = self._node(event, events, depth + 1)

    def _scalar(self, event: ScalarEvent, node: Node) -> None:
        self._text(event, node)
        if event.style is None or event.style == "":
            node.value = plain_value(event.value)
            if isinstance(node.value, float) and not math.isfinite(node.value):
                self.fault(event.start_mark, f"found {event.value}, expected a finite number")
            elif isinstance(node.value, int) and abs(node.value) >= 2**63:
                self.fault(event.start_mark, f"found {short(event.value)}, expected a number of 64 bits")

    def _text(self, event: ScalarEvent, node: Node) -> None:
        node.value = event.value
        node.inset = 1 if event.style in ("'", '"') else 0
        node.flat = event.style not in ("|", ">") and event.start_mark.line == event.end_mark.line
        if any("\ud800" <= c <= "\udfff" for c in event.value):
            self.fault(event.start_mark, "found half a surrogate pair, expected text")
            node.value = ""


_PLAIN = re.compile(
    r"(?P<null>~|null|Null|NULL|)"
    r"|(?P<true>true|True|TRUE)|(?P<false>false|False|FALSE)"
    r"|(?P<whole>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|(?P<real>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"
    r"|(?P<odd>[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))"
)
"""YAML 1.2.2, section 10.3.2, core schema: tag resolution."""


def plain_value(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar means in the core schema."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return text
    match match.lastgroup:
        case "null":
            return None
        case "true" | "false":
            return match.lastgroup == "true"
        case "whole":
            bases = {"0o": 8, "0x": 16}
            return 2**63 if len(text) > 100 else int(text, bases.get(text[:2], 10))
        case "odd":
            return math.nan if "n" in text.lower()[1:2] else math.inf
    return float(text)


def _text(path: Path, error: type[VisualsError]) -> str:
    if not path.is_file():
        raise error(problems=[Problem(str(path), 0, 0, f"no such file{_siblings(path)}")])
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as e:
        raise error(problems=[Problem(str(path), 0, 0, f"cannot be read: {e.strerror}")]) from e
    if len(data) > MAX_BYTES:
        raise error(problems=[Problem(str(path), 0, 0, f"larger than {MAX_BYTES // 1_000_000} MB")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line, column = _position(data[: e.start].decode("utf-8", "replace"), len(data))
        raise error(problems=[Problem(str(path), line, column, "found bytes that are no UTF-8")]) from e


def _siblings(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    return nearest(path.name, sorted(p.name for p in path.parent.iterdir() if p.suffix == path.suffix)[:1000])


def _position(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _syntax(e: MarkedYAMLError, text: str) -> str:
    mark = e.problem_mark
    lines = text.splitlines()
    if mark is not None and mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        return "found a tab, expected spaces for indentation"
    said = " ".join(str(e.problem or e.context or "not YAML").split())
    return f"not YAML: {said}" + (f", {' '.join(str(e.context).split())}" if e.context and e.problem else "")
