"""Noise levels, held against those of diffusers' own scheduler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from visuals.errors import ModelError
from visuals.generator.text.libraries import diffusers
from visuals.generator.text.schedule import Schedule

TURBO = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@pytest.mark.parametrize("config", [TURBO, {}, {"beta_schedule": "squaredcos_cap_v2"}])
def test_the_levels_are_the_schedulers(config: dict[str, Any]) -> None:
    schedule, theirs = Schedule(config), diffusers().DDPMScheduler(**config).alphas_cumprod.double().numpy()
    ours = np.array([schedule.levels(float(t)) for t in range(1000)])
    assert np.abs(ours[:, 0] ** 2 - theirs).max() < 2e-6
    assert (ours**2).sum(1) == pytest.approx(1.0)


def test_a_kept_share_is_the_same_share_of_the_mixture() -> None:
    schedule = Schedule(TURBO)
    for kept in (0.1, 0.3, 0.5, 0.7):
        signal, noise = schedule.levels(schedule.time(kept))
        assert signal / (signal + noise) == pytest.approx(kept, abs=1e-6)
    assert schedule.time(0.0) == 999.0
    assert schedule.time(1.0) == 0.0


def test_steps_go_down_evenly() -> None:
    schedule = Schedule(TURBO)
    assert schedule.times(0.0, 1) == [999.0]
    assert schedule.times(0.0, 4) == pytest.approx([999.0, 749.25, 499.5, 249.75])


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"beta_schedule": "sigmoid"}, "expected linear, scaled_linear or squaredcos_cap_v2"),
        ({"num_train_timesteps": 1}, "expected 2 to 100000"),
        ({"beta_start": -0.1}, "expected 0 < beta_start < beta_end < 1"),
        ({"beta_end": float("nan")}, "expected 0 < beta_start < beta_end < 1"),
        ({"beta_end": "much"}, "could not convert"),
        ({"rescale_betas_zero_snr": True}, "some signal left"),
    ],
)
def test_what_is_no_schedule_is_refused(config: dict[str, Any], text: str) -> None:
    with pytest.raises(ModelError) as caught:
        Schedule(config, "here")
    assert str(caught.value).startswith("here: ")
    assert text in str(caught.value)
