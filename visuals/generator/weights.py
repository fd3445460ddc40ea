"""Weights as safetensors: their header read and held against what a network needs, nothing loaded.

The format (safetensors' README): eight bytes of length, a JSON header, the tensors without gaps.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visuals.errors import ModelError

Shapes = Mapping[str, tuple[int, ...]]

DTYPE_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
INDEX_BYTES = {"I64": 8}
"""What old text encoders number their positions with."""
POSITIONS = "position_ids"
MAX_HEADER_BYTES = 1 << 24
"""The largest text-to-image network's header takes 0.3 MB."""


def read_shapes(path: Path) -> Shapes:
    """The shape of every tensor, once the header was held against the file's length. Raises ModelError."""
    if not path.is_file():
        raise ModelError(f"{path}: missing, expected the weights as safetensors")
    length = path.stat().st_size
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= min(MAX_HEADER_BYTES, length - 8):
            raise ModelError(f"{path}: no safetensors: found a header of {size} bytes in a file of {length}")
        try:
            header = json.loads(file.read(size))
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{path}: no safetensors: the header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise ModelError(f"{path}: no safetensors: expected an object as its header")
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    _check_tensors(path, entries, length - 8 - size)
    return {name: tuple(entry["shape"]) for name, entry in entries.items()}


def _check_tensors(path: Path, entries: Mapping[str, Any], room: int) -> None:
    """Every tensor of a known type, none outside the file, nothing left over."""
    held = 0
    for name, entry in entries.items():
        sizes = INDEX_BYTES if name.endswith(POSITIONS) else DTYPE_BYTES
        try:
            width, (start, end) = sizes[entry["dtype"]], entry["data_offsets"]
            whole = end - start == width * math.prod(entry["shape"]) and 0 <= start <= end <= room
        except (KeyError, TypeError, ValueError) as error:
            found = entry.get("dtype") if isinstance(entry, dict) else entry
            raise ModelError(
                f"{path}: tensor {name:.60}: found {found!s:.40}, expected F32, F16 or BF16 with a shape and offsets"
            ) from error
        if not whole:
            raise ModelError(f"{path}: tensor {name:.60}: its bytes {start}..{end} do not fit its shape or the file")
        held += end - start
    if held != room:
        raise ModelError(f"{path}: found {room} bytes of weights, expected {held}")


def check_fit(path: Path, found: Shapes, expected: Shapes) -> None:
    """Hold the tensors of a file against those its configuration asks for. Raises ModelError for the first misfit."""
    for name, shape in expected.items():
        if name not in found:
            near = difflib.get_close_matches(name, found, n=1, cutoff=0.8)
            hint = f"; nearest is {near[0]:.80}" if near else ""
            raise ModelError(f"{path}: tensor {name:.80} is missing, config.json beside it asks for it{hint}")
        if found[name] != shape:
            raise ModelError(
                f"{path}: tensor {name:.80}: found the shape {_by(found[name])}, "
                f"expected {_by(shape)} by config.json beside it"
            )
    foreign = sorted(found.keys() - expected.keys())
    if foreign:
        raise ModelError(f"{path}: tensor {foreign[0]:.80} has no place in the network config.json beside it describes")


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "()"
