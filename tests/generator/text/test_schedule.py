"""Noise levels, held against those of diffusers' own scheduler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from visuals.errors import ModelError
from visuals.generator.libraries import diffusers
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
    assert [row[0] for row in schedule.path(0.0, 1)] == [999.0]
    assert [row[0] for row in schedule.path(0.0, 4)] == pytest.approx([999.0, 749.25, 499.5, 249.75])
    assert all(row[1:3] == schedule.levels(row[0]) for row in schedule.path(0.3, 4))


@pytest.mark.parametrize(
    ("kind", "spacing", "whole"),
    [
        ("EulerDiscreteScheduler", "trailing", False),
        ("EulerDiscreteScheduler", "leading", True),
        ("LCMScheduler", "leading", True),
        ("DDIMScheduler", "trailing", True),
    ],
)
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers with NumPy 2
def test_noise_begins_as_large_as_the_schedulers(kind: str, spacing: str, whole: bool) -> None:
    config = TURBO | {"_class_name": kind, "timestep_spacing": spacing}
    theirs = getattr(diffusers(), kind).from_config(config)
    first, *rest = Schedule(config).path(0.0, 4)
    assert first[3] == (1.0 if whole else first[2])
    in_sigma = float(theirs.init_noise_sigma) if theirs.init_noise_sigma != 1.0 else None
    largest = first[2] / first[1]
    assert first[3] == pytest.approx(1.0 if in_sigma is None else in_sigma / np.hypot(1.0, largest), abs=1e-5)
    assert all(row[3] == row[2] for row in [*rest, *Schedule(config).path(0.3, 4)])


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
