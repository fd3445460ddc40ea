"""Interactive Shader Format 2: a GLSL file whose first comment describes its inputs and passes.

`load` reads the header without a graphics processor, `Program` compiles and draws. Spoken: all
scalar, colour, point, image and audio inputs, passes with persistent and float targets. Not spoken:
IMPORTED pictures and vertex shaders. It does not know layers, scenes or where values come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from visuals.errors import Problem, ShaderError
from visuals.render import glsl, header, sizes
from visuals.vocabulary import Term

Kind = Literal["generator", "filter", "transition"]
Numbers = tuple[float, ...]

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "float": ("",),
    "bool": ("",),
    "event": ("",),
    "long": ("",),
    "point2D": (".x", ".y"),
    "color": (".r", ".g", ".b", ".a"),
    "image": (),
    "audio": (),
    "audioFFT": (),
}
"""Input types and the ends of the names their numbers go by."""

NAME = re.compile(r"[A-Za-z_]\w*\Z")
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `default`, `low`, `high` have a number per component; None is an open end.

    `values` are what a long may be; where the file lists words, their indices.
    """

    name: str
    type: str
    label: str
    default: Numbers = ()
    low: Numbers | None = None
    high: Numbers | None = None
    values: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """The controls that move it: `tint.r`, `centre.x`, `density`."""
        return (self.name + end for end in COMPONENTS[self.type])


@dataclass(frozen=True, slots=True)
class Pass:
    """One draw of the shader. No target means the output; sizes are in pixels of the output."""

    target: str | None = None
    persistent: bool = False
    float: bool = False
    width: sizes.Expression = field(default=lambda names: names["WIDTH"], compare=False)
    height: sizes.Expression = field(default=lambda names: names["HEIGHT"], compare=False)


@dataclass(frozen=True, slots=True)
class Isf:
    """A shader as its file describes it; `body` is the GLSL, which starts on `line`."""

    path: Path
    kind: Kind
    description: str
    credit: str
    categories: tuple[str, ...]
    inputs: tuple[Input, ...]
    passes: tuple[Pass, ...]
    body: str
    line: int

    def fragment(self, index: int = 0, version: int = glsl.VERSIONS[0]) -> str:
        """The GLSL of one pass."""
        targets = dict.fromkeys(p.target for p in self.passes if p.target)
        return glsl.translate(self.body, self.line, [(i.type, i.name) for i in self.inputs], targets, index, version)


def load(path: Path) -> Isf:
    """Read a shader file. Raises ShaderError with every fault of its header at once."""
    text = _text(path)
    start, end = text.find("/*"), text.find("*/")
    if start < 0 or end < start:
        raise ShaderError(
            problems=[Problem(str(path), 1, 0, "no /*{ … }*/ header, expected JSON in the first comment")]
        )
    reader = _Reader(path, text, start + 2, end)
    return reader.isf(end + 2)


def terms(isf: Isf) -> dict[str, Term]:
    """Every control the shader listens to, flattened: colours `tint.r`, points `centre.x`."""
    found: dict[str, Term] = {}
    for item in isf.inputs:
        for n, name in enumerate(item.names()):
            low = item.low[n] if item.low else None
            high = item.high[n] if item.high else None
            found[name] = Term(low, high, "", item.default[n], item.label)
    return found


def _text(path: Path) -> str:
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


class _Reader:
    """Turns one header into an Isf and collects what is wrong on the way."""

    def __init__(self, path: Path, text: str, start: int, end: int) -> None:
        self._path, self._text, self._start, self._end = path, text, start, end
        self._problems: list[Problem] = []

    def isf(self, body: int) -> Isf:
        data = self._json()
        for key in ("IMPORTED", "PERSISTENT_BUFFERS"):
            if data.get(key):
                self._wrong(key, f"{key} is not supported")
        if self._path.with_suffix(".vs").exists():
            self._wrong("", f"a vertex shader beside it ({self._path.stem}.vs) is not supported")
        inputs = tuple(filter(None, (self._input(item) for item in self._list(data, "INPUTS"))))
        passes = tuple(self._pass(item, inputs) for item in self._list(data, "PASSES")) or (Pass(),)
        self._unique([*(i.name for i in inputs), *dict.fromkeys(p.target for p in passes if p.target)])
        if self._problems:
            raise ShaderError(problems=self._problems)
        return Isf(
            path=self._path,
            kind=_kind(inputs),
            description=str(data.get("DESCRIPTION", "")),
            credit=str(data.get("CREDIT", "")),
            categories=tuple(map(str, data.get("CATEGORIES") or ())),
            inputs=inputs,
            passes=passes,
            body=self._text[body:],
            line=self._line(body),
        )

    def _line(self, at: int) -> int:
        return 1 + self._text.count("\n", 0, at)

    def _wrong(self, word: object, text: str) -> None:
        """Note a fault on the line where `word` stands in quotes, else on the header's first."""
        at = self._text.find(f'"{word}"', self._start, self._end)
        self._problems.append(Problem(str(self._path), self._line(max(at, self._start)), 0, text))

    def _json(self) -> dict[str, Any]:
        try:
            data = header.loads(self._text[self._start : self._end])
        except json.JSONDecodeError as error:
            line = self._line(self._start) + error.lineno - 1
            raise ShaderError(problems=[Problem(str(self._path), line, error.colno, f"header: {error.msg}")]) from error
        except RecursionError as error:
            problem = Problem(str(self._path), self._line(self._start), 0, "header: nested too deeply")
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
                self._wrong(key, f"{key}: expected objects, found {item!r}")

    def _input(self, item: Mapping[str, Any]) -> Input | None:
        name, kind = str(item.get("NAME", "")), str(item.get("TYPE", ""))
        if not NAME.match(name):
            self._wrong(name, f"input {name!r}: expected a NAME of letters, digits and _")
            return None
        if kind not in COMPONENTS:
            self._wrong(name, f"input {name}: unknown TYPE {kind!r}, expected one of {', '.join(COMPONENTS)}")
            return None
        base = Input(name, kind, str(item.get("LABEL") or name))
        try:
            return FILL[kind](base, item)
        except (TypeError, ValueError) as error:
            self._wrong(name, f"input {name}: {error}")
            return None

    def _pass(self, item: Mapping[str, Any], inputs: Iterable[Input]) -> Pass:
        target = item.get("TARGET")
        if target is not None and not NAME.match(str(target)):
            self._wrong(target, f"TARGET {target!r}: expected a name of letters, digits and _")
        known = {"WIDTH", "HEIGHT"} | {i.name for i in inputs if COMPONENTS[i.type] == ("",)}
        return Pass(
            target=str(target) if target else None,
            persistent=_truth(item.get("PERSISTENT", item.get("persistent"))),
            float=_truth(item.get("FLOAT", item.get("float"))),
            width=self._size(item.get("WIDTH"), "WIDTH", known),
            height=self._size(item.get("HEIGHT"), "HEIGHT", known),
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

    def _unique(self, names: list[str]) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._wrong(name, f"{name} is declared twice")


def _kind(inputs: Iterable[Input]) -> Kind:
    types = {i.name: i.type for i in inputs}
    if types.get("inputImage") == "image":
        return "filter"
    if types.get("startImage") == types.get("endImage") == "image" and types.get("progress") == "float":
        return "transition"
    return "generator"


def _truth(value: object) -> bool:
    """JSON booleans, and the numbers and words the reference host takes for them."""
    return value.lower() in {"true", "yes", "1"} if isinstance(value, str) else bool(value)


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{what}: expected a number, found {value!r}")
    return float(value)


def _numbers(value: object, what: str, count: int) -> Numbers:
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{what}: expected {count} numbers, found {value!r}")
    return tuple(_number(v, what) for v in value)


def _fill_float(base: Input, item: Mapping[str, Any]) -> Input:
    low, high = 0.0, 1.0
    if item.get("MIN") is not None and item.get("MAX") is not None:
        low, high = _number(item["MIN"], "MIN"), _number(item["MAX"], "MAX")
    default = _number(item.get("DEFAULT", (low + high) / 2.0), "DEFAULT")
    return _with(base, (min(max(default, low), high),), (low,), (high,))


def _fill_bool(base: Input, item: Mapping[str, Any]) -> Input:
    return _with(base, (float(_truth(item.get("DEFAULT", True))),), (0.0,), (1.0,))


def _fill_event(base: Input, item: Mapping[str, Any]) -> Input:
    return _with(base, (0.0,), (0.0,), (1.0,))


def _fill_long(base: Input, item: Mapping[str, Any]) -> Input:
    listed = item.get("VALUES")
    if not listed:
        low, high = _number(item.get("MIN", 0), "MIN"), _number(item.get("MAX", 2**15), "MAX")
        return _with(base, (_number(item.get("DEFAULT", low), "DEFAULT"),), (low,), (high,))
    if not isinstance(listed, list):
        raise ValueError(f"VALUES: expected a list, found {listed!r}")
    wordy = any(isinstance(v, bool) or not isinstance(v, int | float) for v in listed)
    values = tuple(range(len(listed))) if wordy else tuple(int(v) for v in listed)
    default = item.get("DEFAULT", listed[0])
    first = listed.index(default) if wordy and default in listed else default
    chosen = float(values[0]) if not isinstance(first, int | float) else float(first)
    labels = tuple(map(str, item.get("LABELS") or listed))
    filled = _with(base, (chosen,), (float(min(values)),), (float(max(values)),))
    return Input(base.name, base.type, base.label, filled.default, filled.low, filled.high, values, labels)


def _fill_many(count: int, rest: Numbers, base: Input, item: Mapping[str, Any]) -> Input:
    default = _numbers(item["DEFAULT"], "DEFAULT", count) if item.get("DEFAULT") is not None else rest
    if item.get("MIN") is not None and item.get("MAX") is not None:
        return _with(base, default, _numbers(item["MIN"], "MIN", count), _numbers(item["MAX"], "MAX", count))
    if base.type == "color":
        return _with(base, default, (0.0,) * count, (1.0,) * count)
    return _with(base, default, None, None)


def _fill_none(base: Input, item: Mapping[str, Any]) -> Input:
    return base


def _with(base: Input, default: Numbers, low: Numbers | None, high: Numbers | None) -> Input:
    return Input(base.name, base.type, base.label, default, low, high)


FILL: Mapping[str, Callable[[Input, Mapping[str, Any]], Input]] = {
    "float": _fill_float,
    "bool": _fill_bool,
    "event": _fill_event,
    "long": _fill_long,
    "point2D": partial(_fill_many, 2, (0.0, 0.0)),
    "color": partial(_fill_many, 4, (1.0, 1.0, 1.0, 1.0)),
    "image": _fill_none,
    "audio": _fill_none,
    "audioFFT": _fill_none,
}
"""How each input type reads its defaults and limits (ISF 2, "INPUTS")."""
