"""Writes one entry of a YAML file that a person wrote, and leaves every other character as it is."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent

from visuals.errors import VisualsError

Check = Callable[[Path], object]


def amend(path: Path, key: str, value: str, check: Check) -> None:
    """Set the top-level `key` of the file at `path` to `value`, which is YAML on one line.

    The new file takes the old one's place in one step, and only after `check` has read it without
    raising: whoever reads meanwhile reads a whole file. Raises what `check` raises, and OSError.
    """
    _exchange(path, lambda text: amended(text, key, value), check)


def amend_list(path: Path, key: str, item: str, check: Check, index: int | None = None) -> None:
    """Put `item`, YAML on one line, at the end of the list under the top-level `key`, or in the place of number
    `index`; as `amend` does it."""
    _exchange(path, lambda text: with_item(text, key, item, index), check)


def _exchange(path: Path, change: Callable[[str], str], check: Check) -> None:
    target = path.resolve()
    with target.open(encoding="utf-8", newline="") as file:
        text = change(file.read())
    handle, name = tempfile.mkstemp(suffix=target.suffix, prefix=f".{target.stem}-", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, fresh)
        check(fresh)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def amended(text: str, key: str, value: str) -> str:
    """`text` with the line `key: value` in the place of the entry `key`, or else after the first entry.

    A comment behind the entry's first line stays; one that stood inside a replaced block goes with it.
    """
    line_end = _line_end(text)
    found = re.search(rf"^{re.escape(key)}[ \t]*:[^\n]*\n?(?:[ \t]+[^\n]*\n?)*", text, re.MULTILINE)
    if found:
        comment = re.search(r"[ \t]+#[^\r\n]*", found[0].split("\n", 1)[0])
        end = line_end if found[0].endswith("\n") else ""
        return f"{text[: found.start()]}{key}: {value}{comment[0] if comment else ''}{end}{text[found.end() :]}"
    first = re.search(r"^\w[^\n]*(?:\n|\Z)(?:[ \t-][^\n]*(?:\n|\Z))*", text, re.MULTILINE)
    at = first.end() if first else len(text)
    gap = "" if text[:at].endswith("\n") or not text[:at] else line_end
    return f"{text[:at]}{gap}{key}: {value}{line_end}{text[at:]}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# ---- lists --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Span:
    """Where a value stands in a text; `items` are those of a list, `flow` says that it is written in [ ]."""

    start: int
    end: int
    flow: bool = False
    items: list[Span] | None = None


def with_item(text: str, key: str, item: str, index: int | None = None) -> str:
    """`text` with `item` as the last of the list under the top-level `key`, or in the place of its number `index`.

    A list that is not there is begun at the file's end. Comments stay; those inside what is replaced stand behind it.
    """
    line_end = _line_end(text)
    found = _value(text, key)
    if found is None:
        gap = "" if text.endswith("\n") or not text else line_end
        return f"{text}{gap}{key}:{line_end}  - {item}{line_end}"
    if found.items is None:
        raise VisualsError(f"`{key}` holds no list of its own, to which anything could be added")
    items = found.items
    if index is not None:
        old = items[index]
        return text[: old.start] + _annotated(item, text[old.start : old.end], found.flow, line_end) + text[old.end :]
    if found.flow and not items:
        line = _end_of_line(text, found.end)
        return f"{text[: found.start].rstrip(' ')}{text[found.end : line]}{line_end}  - {item}{text[line:]}"
    if found.flow:
        return f"{text[: items[-1].end]}, {item}{text[items[-1].end :]}"
    line = _end_of_line(text, items[-1].end)
    dash = text.rfind("-", 0, items[-1].start)
    inset = text[text.rfind("\n", 0, dash) + 1 : dash]
    return f"{text[:line]}{line_end}{inset}- {item}{text[line:]}"


def _annotated(item: str, old: str, flow: bool, line_end: str) -> str:
    """An item with the comments of the one whose place it takes; in [ ] a comment ends its line before it."""
    comments = re.findall(r"(?<=\s)#[^\r\n]*", re.sub(r'"(?:\\.|[^"\\])*"' + r"|'[^']*'", "", old))
    if flow:
        return "".join(f" {comment}{line_end}    " for comment in comments) + item
    return "  ".join([item, *(comment.rstrip() for comment in comments)])


def _end_of_line(text: str, at: int) -> int:
    """Where the line ends in which a value ends."""
    found = re.compile(r"\r?\n|\Z").search(text, at)
    return found.start() if found else len(text)


def _value(text: str, key: str) -> Span | None:
    """Where the value of a top-level key stands; None: there is no such key. Raises ruamel's errors."""
    events = iter(YAML(typ="safe", pure=True).parse(text))
    for event in events:
        if isinstance(event, CollectionStartEvent):
            break
    for event in events:
        if isinstance(event, CollectionEndEvent):
            return None
        value = _span(next(events), events, text)
        if isinstance(event, ScalarEvent) and event.value == key:
            return value
    return None


def _span(event: Any, events: Iterator[Any], text: str) -> Span:
    """The value that begins with `event`."""
    span = Span(event.start_mark.index, event.end_mark.index)
    if not isinstance(event, CollectionStartEvent):
        span.end = max(span.start, len(text[: span.end].rstrip()))  # a block text ends in the next line
        return span
    span.flow, span.items = bool(event.flow_style), []
    while not isinstance(inner := next(events), CollectionEndEvent):
        span.items.append(_span(inner, events, text))
    span.end = inner.end_mark.index if span.flow else (span.items[-1].end if span.items else span.start)
    return span
