"""The drill's judge of flashes: four a second fail, three do not, nor do small, faint or moving ones."""

from __future__ import annotations

import numpy as np
import pytest

from tools.stage_drill.flashes import Flashes, judge

SIZE = (32, 10)


def failures(flashes_hz: float, share: float = 1.0, light: int = 255, dark: int = 0, seconds: float = 3.0) -> int:
    watcher = Flashes(SIZE)
    found = 0
    for n in range(int(60 * seconds)):
        pixels = np.full((SIZE[1], SIZE[0], 3), dark, np.uint8)
        if int(2 * flashes_hz * n / 60) % 2:
            pixels[:, : round(share * SIZE[0])] = light
        found = watcher.look(pixels, n / 60)
    return found


@pytest.mark.parametrize("hz", [4.0, 6.0, 10.0, 15.0])
def test_flashes_are_found(hz: float) -> None:
    assert failures(hz) > 0


def test_what_may_be_is_no_failure() -> None:
    assert failures(2.5) == 0
    assert failures(10.0, share=0.2) == 0
    assert failures(10.0, light=110, dark=90) == 0
    assert failures(10.0, light=255, dark=235) == 0


def test_a_part_over_a_quarter_is_enough() -> None:
    assert failures(10.0, share=0.3) > 0


def test_a_wave_that_moves_is_no_flash() -> None:
    watcher, x = Flashes(SIZE), np.arange(SIZE[0]) / SIZE[0]
    for n in range(300):
        pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        pixels[..., 0] = 127.5 + 90.0 * np.sin(2.0 * np.pi * (x - 0.5 * n / 60))
        assert watcher.look(pixels, n / 60) == 0


def test_another_judge_can_be_named() -> None:
    assert isinstance(judge("tools.stage_drill.flashes:Flashes", SIZE), Flashes)
