"""The house rules of who may import whom, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "visuals"
ROOMS = {"audio", "control", "show", "generator", "render", "wall"}
GROUND = {"types", "errors", "vocabulary", "timecode"}
TOOLS = {"cache", "clock", "errand", "saving", "shm", "wire", "telemetry", "process", "rank", "document"}
RANK = {
    **dict.fromkeys(GROUND, 0),
    **dict.fromkeys(TOOLS, 1),
    **dict.fromkeys(ROOMS, 2),
    "library": 3,
    "engine": 3,
    "following": 4,
    "desk": 3,
    "conductors": 3,
    "keeping": 4,
    "adoption": 4,
    "logbook": 4,
    "bookmark": 4,
    "recycling": 4,
    "pressing": 4,
    "live": 5,
    "proof": 4,
    "offline": 5,
    "seat": 5,
    "supervisor": 6,
    "session": 6,
    "examining": 7,
    "perform": 8,
    "glossary": 6,
    "meters": 7,
    "calibrating": 7,
    "learning": 7,
    "monitoring": 7,
    "overhearing": 4,
    "checking": 7,
    "doctor": 7,
    "bench": 7,
    "cli": 9,
}
DOORS = {
    "sounddevice": {"audio/capture.py"},
    "aubio": {"audio/spectrum.py"},
    "rtmidi": {"control/midi/"},
    "link": {"control/tempo/ableton_link.py"},
    "moderngl": {"render/gpu.py", "wall/outputs/display/"},
    "cyndilib": {"wall/outputs/ndi.py"},
    "glfw": {"wall/outputs/display/"},
    "time": {"clock.py"},
    "torch": {"generator/backends/", "generator/text/", "generator/libraries.py"},
    "diffusers": {"generator/libraries.py"},
    "transformers": {"generator/libraries.py"},
    "openvino": {"generator/backends/openvino.py"},
    "matplotlib": {"audio/plot.py", "wall/footage/"},
    "cv2": {"wall/"},
    "av": {"audio/track.py", "wall/contact.py", "wall/footage/", "wall/loop.py", "wall/outputs/", "render/media/"},
}
BENCH = "bench/"
"""The benchmarks hold our path beside the bare library's, so they may open every door."""

FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            if module == "visuals":
                yield from (f"visuals.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_left(path: Path) -> None:
    mine = room(path)
    if mine in {"__init__", "__main__"}:
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "visuals" or len(parts) == 1:
            continue
        theirs = parts[1]
        assert theirs == mine or RANK[theirs] < RANK[mine] or {theirs, mine} <= GROUND | TOOLS, (
            f"{path.name}: {mine} may not import {theirs}"
        )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_one_door_per_dependency(path: Path) -> None:
    here = str(path.relative_to(PACKAGE))
    for name in imports(path):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or any(here.startswith(door) for door in {*doors, BENCH}), f"{here} imports {name}"


def test_nouns_need_only_numpy() -> None:
    allowed = {"__future__", "collections", "dataclasses", "enum", "pathlib", "types", "typing", "numpy"}
    assert {name.split(".")[0] for name in imports(PACKAGE / "types.py")} <= allowed


def test_every_room_has_a_rank() -> None:
    rooms = {room(path) for path in FILES} - {"__init__", "__main__"}
    assert rooms <= set(RANK)
