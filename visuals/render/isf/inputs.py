"""What each type of input may say of itself, and what is meant where it says nothing (ISF 2, "INPUTS").

It does not know files or GLSL.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from visuals.render.isf.nouns import Input, Numbers

SAME_AS: Mapping[str, str] = {"int": "long"}
"""Types that other hosts write for ours."""
MOST_SAMPLES = 8192


def read(name: str, item: Mapping[str, Any]) -> Input:
    """An input by its entry in the header. Raises ValueError saying what is wrong with it."""
    kind = str(item.get("TYPE", ""))
    kind = SAME_AS.get(kind, kind)
    if kind not in FILL:
        raise ValueError(f"unknown TYPE {kind!r:.60}, expected one of {', '.join(FILL)}")
    return FILL[kind](Input(name, kind, str(item.get("LABEL") or name)), item)


def truth(value: object) -> bool:
    """JSON booleans, and the numbers and words the reference host takes for them."""
    return value.lower() in {"true", "yes", "1"} if isinstance(value, str) else bool(value)


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{what}: expected a number, found {value!r:.60}")
    return float(value)


def _numbers(value: object, what: str, count: int) -> Numbers:
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{what}: expected {count} numbers, found {value!r:.60}")
    return tuple(_number(v, what) for v in value)


def _float(base: Input, item: Mapping[str, Any]) -> Input:
    low, high = 0.0, 1.0
    if item.get("MIN") is not None and item.get("MAX") is not None:
        low, high = _number(item["MIN"], "MIN"), _number(item["MAX"], "MAX")
    default = _number(item.get("DEFAULT", (low + high) / 2.0), "DEFAULT")
    return replace(base, default=(min(max(default, low), high),), low=(low,), high=(high,))


def _bool(base: Input, item: Mapping[str, Any]) -> Input:
    return replace(base, default=(float(truth(item.get("DEFAULT", True))),), low=(0.0,), high=(1.0,))


def _event(base: Input, item: Mapping[str, Any]) -> Input:
    return replace(base, default=(0.0,), low=(0.0,), high=(1.0,))


def _long(base: Input, item: Mapping[str, Any]) -> Input:
    listed = item.get("VALUES")
    if not listed:
        low, high = _number(item.get("MIN", 0), "MIN"), _number(item.get("MAX", 2**15), "MAX")
        return replace(base, default=(_number(item.get("DEFAULT", low), "DEFAULT"),), low=(low,), high=(high,))
    if not isinstance(listed, list):
        raise ValueError(f"VALUES: expected a list, found {listed!r:.60}")
    wordy = any(isinstance(v, bool) or not isinstance(v, int | float) for v in listed)
    values = tuple(range(len(listed))) if wordy else tuple(int(_number(v, "VALUES")) for v in listed)
    default = item.get("DEFAULT", listed[0])
    first = listed.index(default) if wordy and default in listed else default
    chosen = float(first) if isinstance(first, int | float) and math.isfinite(first) else float(values[0])
    labels = tuple(map(str, item.get("LABELS") or listed))
    ends = (float(min(values)),), (float(max(values)),)
    return replace(base, default=(chosen,), low=ends[0], high=ends[1], values=values, labels=labels)


def _many(count: int, rest: Numbers, base: Input, item: Mapping[str, Any]) -> Input:
    default = _numbers(item["DEFAULT"], "DEFAULT", count) if item.get("DEFAULT") is not None else rest
    if base.type == "color":
        ends = (0.0,) * count, (1.0,) * count
    elif item.get("MIN") is not None and item.get("MAX") is not None:
        ends = _numbers(item["MIN"], "MIN", count), _numbers(item["MAX"], "MAX", count)
    else:
        return replace(base, default=default)
    return replace(base, default=default, low=ends[0], high=ends[1])


def _sound(base: Input, item: Mapping[str, Any]) -> Input:
    wanted = int(_number(item.get("MAX") or 0, "MAX"))
    return replace(base, samples=min(max(wanted, 0), MOST_SAMPLES))


def _picture(base: Input, item: Mapping[str, Any]) -> Input:
    return base


FILL: Mapping[str, Callable[[Input, Mapping[str, Any]], Input]] = {
    "float": _float,
    "bool": _bool,
    "event": _event,
    "long": _long,
    "point2D": partial(_many, 2, (0.0, 0.0)),
    "point3D": partial(_many, 3, (0.0, 0.0, 0.0)),
    "color": partial(_many, 4, (1.0, 1.0, 1.0, 1.0)),
    "image": _picture,
    "cube": _picture,
    "audio": _sound,
    "audioFFT": _sound,
}
