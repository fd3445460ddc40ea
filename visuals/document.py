"""Reads a YAML file a person wrote, and says at line and column what is wrong with it.

YAML 1.2 with the core schema: text, numbers, true, false, null; keys are always text. Tags,
NaN, repeated keys and files built to harm (huge, deep, aliases that unfold without end) are refused
before anything is built from them. It does not know what a show or a rig is: a pydantic model says.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.reader import ReaderError

from visuals.errors import Problem, VisualsError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 50_000

Keys = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


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


def validate(document: Document, model: type[M]) -> M:
    """The document as a `model`. Raises the document's error with every problem at its place."""
    found, faults = check(document, model, document.data)
    if found is None:
        raise document.error(problems=[problem for _, problem in faults])
    return found


def check(document: Document, model: type[M], data: Any) -> tuple[M | None, list[tuple[Keys, Problem]]]:
    """`data`, which has the document's shape, as a `model`, or the faults with the keys they are at."""
    try:
        return model.model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as e:
        merged: dict[tuple[Keys, bool], list[str]] = {}
        for fault in e.errors(include_url=False):
            keys, at_key, text = _explain(document, model, fault)
            texts = merged.setdefault((keys, at_key), [])
            if text not in texts:
                texts.append(text)
        return None, [(k, document.problem(k, _either(texts), at_key=a)) for (k, a), texts in merged.items()]


def _either(texts: Sequence[str]) -> str:
    """The complaints of a union's members about one value, as one."""
    start, expected, _ = texts[0].partition("expected ")
    if expected and all(text.startswith(start + expected) for text in texts):
        return start + expected + " or ".join(text.removeprefix(start + expected) for text in texts)
    return "; or ".join(texts)


def nearest(name: str, names: Sequence[str] | Mapping[str, object]) -> str:
    """`, expected one of a, b; nearest is `a``, as much of it as can be said."""
    known = sorted(names)
    expected = f", expected one of {', '.join(known) if len(known) <= 12 else f'{len(known)} known'}" if known else ""
    close = get_close_matches(name, known, 1)
    return expected + (f"; nearest is `{close[0]}`" if close else "")


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
            self.fault(event.start_mark, f"found the tag `{_short(str(event.tag))}`, expected plain values")
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
                self.fault(event.start_mark, f"`{_short(event.value)}` stands twice, first in line {first.line}")
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
                self.fault(event.start_mark, f"found {_short(event.value)}, expected a number of 64 bits")

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


# ---- from pydantic's errors to problems ---------------------------------------------------------

_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "none_required": "nothing",
    "finite_number": "a finite number",
}


COMMA_HINT = "; inside { } a text with a comma needs quotes"
"""`{from: min(a, b)}` is a key `from` and a key `b)` to YAML."""


def _explain(document: Document, model: type[BaseModel], fault: Any) -> tuple[Keys, bool, str]:
    """Keys, whether the key itself is meant, and the text of one of pydantic's errors."""
    loc, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
    keys = _present(document, loc)
    found = f"found {show(document.node(keys).plain())}, "
    if loc and loc[-1] == "[key]":
        return keys, True, f"found the key `{_short(str(loc[-2]))}`, {context.get('error', fault['msg'])}"
    if kind == "extra_forbidden":
        name = str(loc[-1])
        hint = COMMA_HINT if document.node(keys).value is None else ""
        return keys, True, f"found the unknown key `{_short(name)}`{_fields(model, loc)}{hint}"
    if kind == "missing":
        return keys, False, f"`{loc[-1]}` is missing" if isinstance(loc[-1], str) else f"item {loc[-1] + 1} is missing"
    if kind in ("literal_error", "enum"):
        names = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return keys, False, f"{found}expected one of {', '.join(names)}{_near_only(document.node(keys).value, names)}"
    if kind in ("value_error", "assertion_error"):
        return keys, False, found + str(context.get("error", fault["msg"]))
    expected = _EXPECTED.get(kind, fault["msg"].removeprefix("Input should be "))
    return keys, False, f"{found}expected {expected.format(**context)}"


def _present(document: Document, loc: Sequence[str | int]) -> Keys:
    """The part of an error's location that is in the file: without a union's tags, a missing key."""
    keys: list[str | int] = []
    node = document.root
    for part in loc:
        if part in node.inside:
            node = node.inside[part]
            keys.append(part)
    return tuple(keys)


def _fields(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    names = {name for kind in _kinds_at(model, loc[:-1]) for name in _names(kind)}
    return nearest(str(loc[-1]), sorted(names))


def _near_only(value: Any, names: Sequence[str]) -> str:
    close = get_close_matches(value, names, 1, 0.5) if isinstance(value, str) else []
    return f"; nearest is `{close[0]}`" if close else ""


def _names(kind: Any) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, info in kind.model_fields.items():
            yield info.alias or name


def _kinds_at(kind: Any, loc: Sequence[str | int]) -> list[Any]:
    """The types that may stand at `loc` inside `kind`, unions opened."""
    kinds = _members(kind)
    for part in loc:
        tagged = [k for k in kinds if part in _tags(k)]
        kinds = tagged or list(chain.from_iterable(_members(step) for k in kinds for step in _step(k, part)))
    return [_bare(k) for k in kinds]


def _members(kind: Any) -> list[Any]:
    bare = _bare(kind)
    if get_origin(bare) in (Union, UnionType):
        return [m for member in get_args(bare) for m in _members(member)]
    return [kind]


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _tags(kind: Any) -> set[str]:
    tags = {m.tag for m in get_args(kind)[1:] if isinstance(m, Tag)} if get_origin(kind) is Annotated else set()
    return tags | {getattr(_bare(kind), "__name__", "")}


def _step(kind: Any, part: str | int) -> list[Any]:
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return [i.annotation for n, i in bare.model_fields.items() if part in (n, i.alias)]
    arguments = [a for a in get_args(bare) if a is not Ellipsis]
    if isinstance(part, int) and get_origin(bare) is tuple and part < len(arguments) > 1:
        return [arguments[part]]
    return arguments[-1:]


def show(value: Any) -> str:
    """A value as an error names it: short, and a collection by its kind."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    return f"`{_short(str(value).lower() if isinstance(value, bool) else str(value))}`"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
