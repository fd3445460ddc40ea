"""What every shader that ships keeps to: it says what it is, transitions begin and end clean, time is per second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.render.golden import SHADERS, draw, files, picture, remembers
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.types import Features

ALL = {path.relative_to(SHADERS).with_suffix("").as_posix(): load(path) for path in files()}
FOLDERS = {"generator": "generators", "filter": "filters", "transition": "transitions"}
SOUND = ("audio", "audioFFT")


def paths(kind: str) -> list[Path]:
    return [isf.path for isf in ALL.values() if isf.kind == kind]


def stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("name", ALL)
def test_a_shader_says_what_it_is(name: str) -> None:
    isf = ALL[name]
    assert FOLDERS[isf.kind] == name.split("/")[0]
    assert isf.description
    assert isf.credit
    assert isf.categories
    assert not isf.notes
    for item in isf.inputs:
        assert item.type == "image" or item.label != item.name, f"{item.name} has no LABEL"
        assert item.type != "float" or (item.low and item.high), f"{item.name} has no MIN and MAX"


@pytest.mark.parametrize("path", paths("transition"), ids=stem)
@pytest.mark.parametrize(("progress", "turn"), [(0.0, 0), (1.0, 1)], ids=["begins", "ends"])
def test_a_transition_leads_from_one_picture_to_the_other(gpu: Gpu, path: Path, progress: float, turn: int) -> None:
    found = draw(gpu, path, {"progress": progress})
    assert np.abs(found.astype(int) - picture(turn)).max() <= 1


@pytest.mark.parametrize("path", paths("transition"), ids=stem)
def test_a_transition_never_leaves_the_wall_dark_nor_flashes(gpu: Gpu, path: Path) -> None:
    ends = [picture(turn).mean() for turn in (0, 1)]
    light = [draw(gpu, path, {"progress": progress}).mean() for progress in np.linspace(0.1, 0.9, 9)]
    assert min(light) > 0.4 * min(ends)
    assert max(light) < 2.0 * max(ends)


@pytest.mark.parametrize("path", paths("filter"), ids=stem)
def test_a_filter_at_its_defaults_changes_the_picture(gpu: Gpu, path: Path) -> None:
    assert np.abs(draw(gpu, path).astype(int) - picture(0)).mean() > 1.0


def test_the_shutter_keeps_the_light_of_the_wall(gpu: Gpu) -> None:
    light = [draw(gpu, SHADERS / "filters/shutter.fs", {"phase": phase}).mean() for phase in np.linspace(0, 1, 9)]
    assert max(light) < 1.25 * min(light)


HEARING = [isf.path for isf in ALL.values() if any(i.type in SOUND for i in isf.inputs)]


@pytest.mark.parametrize("path", HEARING, ids=stem)
def test_what_hears_shows_it(gpu: Gpu, path: Path) -> None:
    silence = Features(0.0, {}, (), np.zeros(256, np.float32), np.zeros(512, np.float32))
    assert np.abs(draw(gpu, path).astype(int) - draw(gpu, path, features=silence)).mean() > 2.0


REMEMBERING = [isf.path for isf in ALL.values() if remembers(isf)]


@pytest.mark.parametrize("path", REMEMBERING, ids=stem)
def test_what_is_remembered_fades_by_the_second_not_by_the_frame(gpu: Gpu, path: Path) -> None:
    slow, fast = (draw(gpu, path, frames=round(0.8 * fps), fps=fps).astype(int) for fps in (30.0, 120.0))
    assert np.abs(slow - fast).mean() < 6.0
