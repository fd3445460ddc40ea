"""Holds a document against a pydantic model, and turns each of its errors into a problem with a place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from typing_extensions import TypeAliasType

from visuals.document.reading import Document, Keys
from visuals.document.words import nearest, short, show
from visuals.errors import Problem

M = TypeVar("M", bound=BaseModel)


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
        errors = e.errors(include_url=False)
        torn = {f["loc"][:-1] for f in errors if _is_second(model, f)}
        errors = [f for f in errors if f["loc"][:-1] not in torn or _is_second(model, f)]
        faults = [(f["type"], *_explain(document, model, f)) for f in errors]
        for kind, keys, at_key, text in faults:
            texts = merged.setdefault((keys, at_key), [])
            if text not in texts and not (kind.endswith("_type") and _known_inside(keys, faults)):
                texts.append(text)
        return None, [(k, document.problem(k, _either(t), at_key=a)) for (k, a), t in merged.items() if t]


def _known_inside(keys: Keys, faults: Sequence[tuple[str, Keys, bool, str]]) -> bool:
    """Whether another member of a union took the value and found the fault deeper in it."""
    return any(len(other) > len(keys) and other[: len(keys)] == keys for _, other, _, _ in faults)


def _either(texts: Sequence[str]) -> str:
    """The complaints of a union's members about one value, as one."""
    start, expected, _ = texts[0].partition("expected ")
    if expected and all(text.startswith(start + expected) for text in texts):
        return start + expected + " or ".join(text.removeprefix(start + expected) for text in texts)
    return "; or ".join(texts)


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
        return keys, True, f"found the key `{short(str(loc[-2]))}`, {context.get('error', fault['msg'])}"
    if kind == "extra_forbidden":
        name = str(loc[-1])
        if _is_second(model, fault):
            return (
                keys,
                True,
                f"found `{short(name)}` beside `{loc[-2][1:-1]}`, expected one of them: an entry does one",
            )
        hint = COMMA_HINT if document.node(keys).value is None else ""
        return keys, True, f"found the unknown key `{short(name)}`{_fields(model, loc)}{hint}"
    if kind == "missing":
        return keys, False, f"`{loc[-1]}` is missing" if isinstance(loc[-1], str) else f"item {loc[-1] + 1} is missing"
    if kind in ("literal_error", "enum"):
        names = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return keys, False, f"{found}expected one of {', '.join(names)}{_near_only(document.node(keys).value, names)}"
    if kind in ("value_error", "assertion_error"):
        return keys, False, found + str(context.get("error", fault["msg"]))
    expected = _EXPECTED.get(kind, fault["msg"].removeprefix("Input should be "))
    return keys, False, f"{found}expected {expected.format(**context)}"


def _is_second(model: type[BaseModel], fault: Any) -> bool:
    """Whether an unknown key is the one that tells another kind of entry: it says two things at once. What else is
    unknown there may belong to that kind."""
    loc = fault["loc"]
    is_told = fault["type"] == "extra_forbidden" and len(loc) > 1 and re.fullmatch("<.+>", str(loc[-2]))
    return bool(is_told and _kinds_at(model, (*loc[:-2], f"<{loc[-1]}>")))


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
    """A type without its name and its annotations."""
    if isinstance(kind, TypeAliasType):
        kind = kind.__value__
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
