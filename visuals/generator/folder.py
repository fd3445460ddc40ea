"""A model folder in diffusers' layout, read without trusting it: its kind and its JSON files.

Nothing in it is ever executed; a file that could be code is refused, because weights in a pickle are
code. It does not know what any kind of model holds.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from visuals.errors import ModelError

INDEX, CONFIG = "model_index.json", "config.json"
MAX_JSON_BYTES = 1 << 24
"""A vocabulary of 49,408 words takes 1 MB."""
CODE = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".py", ".so")
"""What may run something when it is loaded. Anything else that we do not read is left alone."""


def read_kind(folder: Path, kinds: Collection[str]) -> str:
    """The pipeline class the folder was made for, one of `kinds`. Raises ModelError."""
    if not folder.is_dir():
        raise ModelError(f"{folder}: no model folder there{_nearest_folder(folder)}")
    kind = str(read_json(folder / INDEX).get("_class_name", ""))
    if kind not in kinds:
        near = difflib.get_close_matches(kind, kinds, n=1)
        hint = f"; nearest is {near[0]}" if near else ""
        raise ModelError(f"{folder}: a {kind or 'nameless':.60} model, expected one of: {', '.join(kinds)}{hint}")
    return kind


def refuse_code(folder: Path) -> None:
    """Raises ModelError for a file that could be code. Hidden ones, which downloads leave behind, are not read."""
    for path in _files(folder):
        if path.suffix.lower() in CODE:
            raise ModelError(f"{path}: refused, expected weights as .safetensors only: other files can run code")


def refuse_others(folder: Path, allowed: Sequence[str]) -> None:
    """Raises ModelError for any file that does not end in one of `allowed`, or that lies elsewhere."""
    for path in _files(folder, hidden=True):
        if path.suffix.lower() not in allowed or not path.resolve().is_relative_to(folder.resolve()):
            raise ModelError(f"{path}: refused, a model folder holds only {', '.join(allowed)} files of its own")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises ModelError: missing, too large, not JSON, not an object."""
    if not path.is_file():
        raise ModelError(f"{path}: missing, expected a model in diffusers' layout")
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ModelError(f"{path}: {path.stat().st_size} bytes, expected at most {MAX_JSON_BYTES}")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: found {type(data).__name__}, expected an object")
    return data


def _files(folder: Path, hidden: bool = False) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or not path.is_dir())
        and (hidden or not any(part.startswith(".") for part in path.relative_to(folder).parts))
    ]


def _nearest_folder(folder: Path) -> str:
    there = sorted(p.name for p in folder.parent.glob("*/") if p.is_dir()) if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, there, n=1)
    return f"; did you mean {near[0]}?" if near else ""
