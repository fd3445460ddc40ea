"""The crash drill: whatever falls, something bright goes on moving and live comes back.

Three faults of each kind here, with bounds that only tell working from broken on a busy machine;
`tools/measure crash` gives the figures, with as many faults as it is told.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.drills.crash import engine_drill, generator_drill

REPEATS = 3

pytestmark = [pytest.mark.drill, pytest.mark.timeout(240)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_wall_survives_the_engine(tmp_path: Path, how: signal.Signals) -> None:
    result = engine_drill(tmp_path, how, REPEATS)
    assert result["black_frames"] == 0
    assert result["missed_ticks_max"] <= 6
    assert result["still_s"]["max"] <= 0.8
    assert result["back_s"]["max"] <= 10.0


def test_the_shaders_go_on_without_the_generator(tmp_path: Path) -> None:
    result = generator_drill(tmp_path, REPEATS)
    assert result["black_frames"] == 0
    assert result["missed_ticks_max"] <= 6
    assert result["still_s"]["max"] <= 0.8
    assert result["back_s"]["max"] <= 20.0
