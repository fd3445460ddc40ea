"""Interactive Shader Format files, 2 and 1: the JSON in the first comment, the GLSL after it, the files beside it.

Every fault is found at once, each with its line. Nothing is compiled, and nothing outside the pack of
shaders is read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from visuals.errors import Problem, ShaderError
from visuals.render.isf import header, inputs, sizes
from visuals.render.isf.glsl import Source
from visuals.render.isf.nouns import BETWEEN, COMPONENTS, Import, Input, Isf, Kind, Pass

NAME = re.compile(r"[A-Za-z_]\w*\Z")
LARGEST = 4 * 1024 * 1024
CORNERS = (".vs", ".vert")
"""Endings of a vertex shader beside its file."""
FACES = 6


def load(path: Path, root: Path | None = None) -> Isf:
    """Read a shader file; pictures that it brings may lie anywhere in `root`, by default the file's folder.

    Raises ShaderError with every fault of its header at once.
    """
    text = read_text(path)
    start, end = text.find("/*"), text.find("*/")
    if start < 0 or end < start:
        raise ShaderError(
            problems=[Problem(str(path), 1, 0, "no /*{ … }*/ header, expected JSON in the first comment")]
        )
    return _Reader(path, root or path.parent, text, start + 2, end).isf(end + 2)


def read_text(path: Path) -> str:
    """A shader's text with plain line ends, whatever it was saved as. Raises ShaderError."""
    try:
        if path.stat().st_size > LARGEST:
            raise ShaderError(problems=[Problem(str(path), 0, 0, f"larger than {LARGEST >> 20} MiB, not a shader")])
        raw = path.read_bytes()
    except OSError as error:
        raise ShaderError(problems=[Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def leads_out(path: Path, root: Path) -> bool:
    """Whether a path is of a file outside `root`, be it through a link."""
    return not path.resolve().is_relative_to(root.resolve())


class _Reader:
    """Turns one header into an Isf and collects what is wrong on the way."""

    def __init__(self, path: Path, root: Path, text: str, start: int, end: int) -> None:
        self._path, self._root, self._text, self._start, self._end = path, root, text, start, end
        self._problems: list[Problem] = []
        self._notes: list[Problem] = []

    def isf(self, body: int) -> Isf:
        data = self._json()
        found = tuple(filter(None, (self._input(item) for item in self._list(data, "INPUTS"))))
        kept = self._kept(data)
        passes = tuple(self._pass(item, found, kept) for item in self._list(data, "PASSES")) or (Pass(),)
        imports = tuple(self._imports(data))
        targets = dict.fromkeys(p.target for p in passes if p.target)
        self._unique([*(i.name for i in found), *(i.name for i in imports), *targets])
        corners = next((self._path.with_suffix(end) for end in CORNERS if self._path.with_suffix(end).exists()), None)
        if self._problems:
            raise ShaderError(problems=self._problems)
        return Isf(
            path=self._path,
            kind=_kind(found),
            description=str(data.get("DESCRIPTION", "")),
            credit=str(data.get("CREDIT", "")),
            categories=tuple(map(str, said if isinstance(said := data.get("CATEGORIES"), list) else ())),
            inputs=found,
            passes=passes,
            imports=imports,
            body=Source(self._path, self._text[body:], self._line(body)),
            corners=Source(corners, read_text(corners), 1) if corners else None,
            notes=tuple(self._notes),
        )

    def _line(self, at: int) -> int:
        return 1 + self._text.count("\n", 0, at)

    def _at(self, word: object, text: str) -> Problem:
        """A remark on the line where `word` stands in quotes, else on the header's first."""
        at = self._text.find(f'"{word}"', self._start, self._end)
        return Problem(str(self._path), self._line(max(at, self._start)), 0, text)

    def _wrong(self, word: object, text: str) -> None:
        self._problems.append(self._at(word, text))

    def _json(self) -> dict[str, Any]:
        try:
            data = header.loads(self._text[self._start : self._end])
        except json.JSONDecodeError as error:
            line = self._line(self._start) + error.lineno - 1
            raise ShaderError(problems=[Problem(str(self._path), line, error.colno, f"header: {error.msg}")]) from error
        except RecursionError as error:
            problem = Problem(str(self._path), self._line(self._start), 0, "header: nested too deeply")
            raise ShaderError(problems=[problem]) from error
        except ValueError as error:
            problem = Problem(str(self._path), self._line(self._start), 0, f"header: {error}")
            raise ShaderError(problems=[problem]) from error
        if not isinstance(data, dict):
            problem = Problem(str(self._path), self._line(self._start), 0, "header: expected a JSON object")
            raise ShaderError(problems=[problem])
        return data

    def _list(self, data: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
        found = data.get(key) or []
        if not isinstance(found, list):
            self._wrong(key, f"{key}: expected a list, found {type(found).__name__}")
            return
        for item in found:
            if isinstance(item, dict):
                yield item
            else:
                self._wrong(key, f"{key}: expected objects, found {item!r:.60}")

    def _named(self, data: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Entries of a list of names or of objects with a NAME, or of an object by name: ISF 1 and 2 have all."""
        found = data.get(key) or {}
        if isinstance(found, list):
            items = (({"NAME": x} if isinstance(x, str) else x) for x in found)
            entries = ((str(x.get("NAME", "")) if isinstance(x, dict) else "", x) for x in items)
        else:
            entries = ((str(name), x) for name, x in (found.items() if isinstance(found, dict) else ()))
        for name, entry in entries:
            if NAME.match(name) and isinstance(entry, dict):
                yield name, entry
            else:
                self._wrong(name or key, f"{key}: expected objects with a NAME, found {entry!r:.60}")
        if not isinstance(found, list | dict):
            self._wrong(key, f"{key}: expected a list or an object, found {type(found).__name__}")

    def _input(self, item: Mapping[str, Any]) -> Input | None:
        name = str(item.get("NAME", ""))
        if not NAME.match(name):
            self._wrong(name, f"input {name!r:.60}: expected a NAME of letters, digits and _")
            return None
        try:
            return inputs.read(name, item)
        except (TypeError, ValueError, OverflowError) as error:
            self._wrong(name, f"input {name}: {error}")
            return None

    def _kept(self, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """ISF 1 told apart from its passes which targets are kept, with their sizes."""
        return dict(self._named(data, "PERSISTENT_BUFFERS"))

    def _pass(self, item: Mapping[str, Any], found: Iterable[Input], kept: Mapping[str, Mapping[str, Any]]) -> Pass:
        target = item.get("TARGET") or None
        if target is not None and not NAME.match(str(target)):
            self._wrong(target, f"TARGET {target!r:.60}: expected a name of letters, digits and _")
        told = {**kept.get(str(target), {}), **item}
        known = {"WIDTH", "HEIGHT"} | {i.name for i in found if COMPONENTS[i.type] == ("",)}
        return Pass(
            target=str(target) if target else None,
            persistent=str(target) in kept or inputs.truth(told.get("PERSISTENT", told.get("persistent"))),
            float=inputs.truth(told.get("FLOAT", told.get("float"))),
            width=self._size(told.get("WIDTH"), "WIDTH", known),
            height=self._size(told.get("HEIGHT"), "HEIGHT", known),
        )

    def _size(self, text: object, axis: str, known: set[str]) -> sizes.Expression:
        try:
            expression, names = sizes.parse(f"${axis}" if text in (None, "") else str(text))
        except ValueError as error:
            self._wrong(text, f"{axis}: {error}")
            return lambda names: 1.0
        for name in sorted(names - known):
            self._wrong(text, f"{axis}: unknown ${name}, expected one of {', '.join('$' + k for k in sorted(known))}")
        return expression

    def _imports(self, data: Mapping[str, Any]) -> Iterator[Import]:
        for name, item in self._named(data, "IMPORTED"):
            path = item.get("PATH")
            if path is None:
                self._notes.append(self._at(name, f"IMPORTED {name}: no PATH, left out"))
                continue
            paths = [p for p in (path if isinstance(path, list) else [path]) if isinstance(p, str) and p.isprintable()]
            if not all(paths) or len(paths) not in (1, FACES):
                self._wrong(name, f"IMPORTED {name}: expected a PATH, or {FACES} for a cube, found {path!r:.60}")
                continue
            yield Import(name, tuple(self._picture(name, p) for p in paths))

    def _picture(self, name: str, told: str) -> Path:
        """A picture's path, which must not lead out of the pack, not even through a link."""
        path = self._path.parent / told
        if leads_out(path, self._root):
            self._wrong(name, f"IMPORTED {name}: {told:.60} leads out of {self._root}")
        elif not os.path.isfile(path):  # Path.is_file() raises for names that no file can have
            self._notes.append(self._at(name, f"IMPORTED {name}: no picture {told:.60}, drawn as transparent"))
        return path

    def _unique(self, names: list[str]) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._wrong(name, f"{name} is declared twice")


def _kind(found: Iterable[Input]) -> Kind:
    types = {i.name: i.type for i in found}
    if types.get("progress") == "float" and any(types.get(a) == types.get(b) == "image" for a, b in BETWEEN):
        return "transition"
    return "filter" if types.get("inputImage") == "image" else "generator"
