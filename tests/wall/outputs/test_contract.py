"""What every output keeps to, whatever it drives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.errors import OutputError
from visuals.types import Frame, Output, Wall
from visuals.wall.outputs import open_output
from visuals.wall.outputs.settings import KINDS

SIZE = (128, 64)
CASES = {
    "null": ("null", {}),
    "sacn unicast": ("sacn", {"host": "127.0.0.1", "port": 5569}),
    "sacn multicast": ("sacn", {"port": 5569, "interface": "127.0.0.1"}),
    "sacn sync": ("sacn", {"host": ["127.0.0.1", "localhost"], "port": 5569, "sync": 100}),
    "artnet": ("artnet", {"host": "127.0.0.1", "port": 6460}),
    "ddp": ("ddp", {"host": "127.0.0.1", "order": "GRBW"}),
    "record": ("record", {"file": "wall.mp4"}),
    "window": ("window", {}),
    "ndi": ("ndi", {}),
}


def test_every_kind_has_a_case() -> None:
    assert {kind for kind, _ in CASES.values()} == set(KINDS)


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.x11 if name == "window" else ()) for name in CASES],
)
def wall(request: pytest.FixtureRequest, tmp_path: Path) -> Wall:
    kind, fields = CASES[request.param]
    settings: Mapping[str, object] = {k: str(tmp_path / str(v)) if k == "file" else v for k, v in fields.items()}
    if kind == "window":
        request.getfixturevalue("display")
    if kind == "ndi":
        pytest.importorskip("cyndilib", reason="needs the NDI library: pip install 'visuals[ndi]'")
    return Wall("main", (0, 0, *SIZE), SIZE, (kind, settings))


def test_an_output_takes_frames_and_goes(wall: Wall) -> None:
    output: Output = open_output(wall, rig="Club")
    pixels = np.random.default_rng(0).integers(0, 256, (SIZE[1], SIZE[0], 4), dtype=np.uint8)
    took = []
    with output as entered:
        assert entered is output
        for n in range(60):
            before = pixels.copy()
            start = monotonic()
            output.send(Frame(n, n / 60, pixels))
            took.append(monotonic() - start)
            np.testing.assert_array_equal(pixels, before)
            # The buffer is the caller's: it changes as soon as `send` has returned.
            pixels[...] = np.roll(pixels, 1, axis=1)
            sleep(0.002)
        leaving = monotonic()
    assert monotonic() - leaving < 2.0
    assert np.median(took) < 0.001


def test_an_output_opens_again_after_it_was_left(wall: Wall) -> None:
    for _ in range(2):
        with open_output(wall) as output:
            output.send(Frame(0, 0.0, np.zeros((SIZE[1], SIZE[0], 4), np.uint8)))


def test_an_unknown_kind_or_setting_is_said() -> None:
    with pytest.raises(
        OutputError, match="found the output `artnett`, expected one of null, window, sacn, artnet, ddp, record, ndi"
    ):
        open_output(Wall("main", (0, 0, 1, 1), (1, 1), ("artnett", {})))
    with pytest.raises(OutputError, match=r"wall `main`: sacn\.priority: found 300"):
        open_output(Wall("main", (0, 0, 1, 1), (1, 1), ("sacn", {"priority": 300})))
