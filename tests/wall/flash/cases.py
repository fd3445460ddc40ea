"""The development sets of flashing cases, rendered in memory; see their README for where they come from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

FIELDS_PX = {"trace24": (416, 416), "wcagc": (341, 256)}
"""How many pixels of 1920 x 1080 fill a field in a set; in the others it is the whole screen."""

FHD = (1920, 1080)


def folder() -> Path | None:
    """Where the sets lie, beside one of the folders that this one is in."""
    places = [up / "shared/data/pse-test-media" for up in Path(__file__).resolve().parents]
    return next((place for place in places if place.is_dir()), None)


@dataclass(frozen=True, slots=True)
class Case:
    """A case with its verdict: whether its luminance and its red must fail; None if that is not told apart."""

    path: Path
    fails: bool
    general: bool | None = None
    red: bool | None = None

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def field_px(self) -> tuple[int, int] | None:
        return FIELDS_PX.get(self.path.parent.name.split("_")[0])


def cases() -> list[Case]:
    found = folder()
    if found is None:
        return []
    return [case for table in sorted(found.glob("video_creation/*/*.csv")) for case in _set(table)]


def _set(table: Path) -> Iterator[Case]:
    with table.open() as lines:
        for row in csv.DictReader(lines):
            path = table.with_name(f"{row['filename']}.json")
            if "pass" in row:
                yield Case(path, row["pass"] == "FALSE")
            else:
                # In these sets the columns say whether it fails, whatever their names.
                general, red = row["pass_luminance"] == "TRUE", row["pass_red"] == "TRUE"
                yield Case(path, general or red, general, red)


def frames(case: Case, step: int) -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
    """Time (s) and picture [height, width, 4] of each frame, every `step`-th pixel of it."""
    told = json.loads(case.path.read_text())
    ground = np.array([float(v) for v in told["bgcolor"].strip("()").split(",")[:3]])
    layers = [(_mask(case, part["spatial"], step), _colours(case, part["temporal_color"])) for part in told["pattern"]]
    before, picture = None, None
    for i in range(max(len(colours) for _, colours in layers)):
        now = [colours[min(i, len(colours) - 1)] for _, colours in layers]
        if picture is None or now != before:
            picture = _composed(ground, [(mask, colour) for (mask, _), colour in zip(layers, now, strict=True)])
            before = now
        yield i / told["framerate"], picture


def _mask(case: Case, place: str, step: int) -> npt.NDArray[np.float64]:
    picture = cv2.imread(str((case.path.parent / place).resolve()), cv2.IMREAD_UNCHANGED)
    assert picture is not None, place
    return np.asarray(picture[step // 2 :: step, step // 2 :: step, 3] / 255.0)


def _colours(case: Case, place: str) -> list[tuple[int, int, int]]:
    with (case.path.parent / place).resolve().open() as lines:
        rows = [row for row in csv.reader(lines) if len(row) > 3][1:]
    return [(int(r), int(g), int(b)) for _, r, g, b, *_ in rows]


def _composed(
    ground: npt.NDArray[np.float64], layers: list[tuple[npt.NDArray[np.float64], tuple[int, int, int]]]
) -> npt.NDArray[np.uint8]:
    picture = np.broadcast_to(ground, (*layers[0][0].shape, 3))
    for mask, colour in layers:
        picture = picture * (1.0 - mask[..., None]) + np.array(colour) * mask[..., None]
    out = np.full((*picture.shape[:2], 4), 255, np.uint8)
    out[..., :3] = np.rint(picture)
    return out


needed = pytest.mark.skipif(folder() is None, reason="needs the sets of ../shared/data/pse-test-media")
