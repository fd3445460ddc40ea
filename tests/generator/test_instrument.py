"""The instrument, played without a model: whatever is asked, in bounds, at any rate, the same each time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator import condition
from visuals.generator.backends import Inputs
from visuals.generator.instrument import GLIDE_S, LONGEST_STEP_S, Instrument
from visuals.generator.latents import FASTEST
from visuals.generator.memory import KEPT_AT_30_HZ
from visuals.types import Controls
from visuals.vocabulary import MODEL_CONTROLS

STYLES = ("aurora", "ink", "plasma")
ACROSS = (16, 8)
NAMES = (*MODEL_CONTROLS, *(f"style.{style}" for style in STYLES))
TOP = 1.0 / (math.e * GLIDE_S)
"""Of its range, per second: the fastest of what glides."""
COLOURS = np.stack([condition.pure(n / 1800) for n in range(1800)])

ANYTHING = st.dictionaries(st.sampled_from(NAMES), st.floats(), max_size=len(NAMES))
STEPS = st.one_of(st.sampled_from([0.0, 1 / 60, 1 / 30, 1 / 15]), st.floats())


def play(history: Sequence[tuple[Controls, float]], dreaming: bool = True) -> list[Inputs]:
    """One after the other; a model that gives its beginning back stands for the dream."""
    made = Instrument(STYLES, 3, ACROSS)
    seen: list[Inputs] = []
    for controls, dt in history:
        seen.append(made.play(controls, dt, seen[-1].noisy[0] if seen and dreaming else None))
    return seen


def palette_turns(inputs: Inputs) -> np.ndarray:
    """Both hues, found again in the pure colours of a palette."""
    away = np.abs(COLOURS - inputs.palette[0, :6].reshape(2, 1, 3)).sum(axis=2)
    return np.asarray(away.argmin(axis=1) / len(COLOURS))


def assert_bounded(history: Sequence[tuple[Controls, float]]) -> None:
    seen = play(history)
    for inputs in seen:
        assert all(np.isfinite(part).all() for part in inputs)
    for (a, b), (_, dt) in zip(itertools.pairwise(seen), history[1:], strict=True):
        passed = min(max(0.0, dt), LONGEST_STEP_S)
        spans = np.array([1.0] * len(STYLES) + [2.0] * len(condition.STRUCTURE))
        assert (np.abs(b.conditions - a.conditions)[0] <= spans * TOP * passed + 1e-5).all()
        assert (np.abs(b.palette - a.palette)[0, 6:] <= TOP * passed + 1e-5).all()
        turned = np.abs((palette_turns(b) - palette_turns(a) + 0.5) % 1.0 - 0.5)
        assert (turned <= passed / (4.0 * GLIDE_S) + 2e-3).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(ANYTHING, STEPS), min_size=2, max_size=12))
def test_whatever_is_asked_the_inputs_are_finite_and_in_bounds(history: list[tuple[Controls, float]]) -> None:
    assert_bounded(history)


@pytest.mark.parametrize("rate", [15, 30, 60])
def test_a_full_scale_square_wave_of_everything_is_held_in_bounds(rate: int) -> None:
    low = dict.fromkeys(NAMES, -math.inf) | dict.fromkeys(NAMES, -1000000000.0)
    high = dict.fromkeys(NAMES, 1e9) | {"hue": 0.5, "hue2": 0.5}
    assert_bounded([((low, high)[n % 2], 1.0 / rate) for n in range(40)])


@settings(max_examples=40)
@given(st.lists(st.tuples(ANYTHING, STEPS), min_size=1, max_size=20))
def test_no_walk_is_faster_than_its_bound(history: list[tuple[Controls, float]]) -> None:
    made = Instrument(STYLES, 3, ACROSS)
    for controls, dt in history:
        before = [(part.number, part.distance) for part in (made.field, made.grain)]
        made.play(controls, dt)
        for (number, distance), part in zip(before, (made.field, made.grain), strict=True):
            if part.number == number:
                assert abs(part.distance - distance) <= FASTEST * min(max(0.0, dt), LONGEST_STEP_S) + 1e-9


def busy(t: float) -> Controls:
    """Everything that moves, smoothly."""
    wave = {name: 0.5 + 0.5 * math.sin(1.7 * t + n) for n, name in enumerate(NAMES)}
    return wave | {"zoom": 0.3, "rotate": -0.1, "reseed": float(1.0 < t < 2.0)}


def test_one_seed_and_one_history_give_the_same_inputs_byte_for_byte() -> None:
    history = [(busy(n / 30), 1 / 30) for n in range(90)]
    once, again = (b"".join(part.tobytes() for inputs in play(history) for part in inputs) for _ in range(2))
    assert once == again


def away(a: Inputs, b: Inputs) -> np.ndarray:
    """Root mean square differences: of what a step begins with, of the conditions, of the palette."""
    pairs = ((a.noisy, b.noisy), (a.conditions, b.conditions), (a.palette, b.palette))
    return np.array([np.sqrt(np.mean((x - y) ** 2)) for x, y in pairs])


def test_the_path_is_the_same_at_15_and_at_60_generations_a_second() -> None:
    slow, fast = (
        play([(busy(n / rate), 1.0 / rate if n else 0.0) for n in range(4 * rate)], dreaming=False) for rate in (15, 60)
    )
    # A goal holds for the step it comes with: the paths may differ by the steps' difference, 50 ms of the way.
    reach = np.max([away(a, b) for a, b in zip(fast, fast[3:], strict=False)], axis=0)
    apart = np.max([away(a, b) for a, b in zip(slow, fast[::4], strict=True)], axis=0)
    assert (apart <= reach).all()
    assert (apart < 0.25).all()


def test_bars_move_the_shapes_and_beats_the_details() -> None:
    still = {"walk": 0.0}
    rest, low, high = (
        play([(controls, 1 / 30)] * 20)[-1]
        for controls in (still, still | {"walk.low": 1.0}, still | {"walk.high": 1.0})
    )
    assert np.abs(low.noise - rest.noise).mean() > 0.1
    assert (high.noise == rest.noise).all()
    assert (low.noisy == rest.noisy).all()
    assert np.abs(high.noisy - rest.noisy).mean() > 0.1


def test_a_jump_pushes_along_the_walk_and_keeps_the_seed() -> None:
    made, there = (Instrument(STYLES, 3, ACROSS) for _ in range(2))
    for n in range(30):
        made.play({"walk": 0.0, "jump": math.exp(-n / 4)}, 1 / 30)
    assert made.field.number == made.grain.number == 0
    there.field.distance = made.field.distance
    assert (there.field.lattice() == made.field.lattice()).all()
    assert made.field.distance > 0.3


def test_each_rise_of_reseed_sets_out_to_the_next_seed() -> None:
    made = Instrument(STYLES, 3, ACROSS)
    for level, number in ((0.5, 0), (0.6, 1), (1.0, 1), (math.nan, 1), (0.9, 2), (0.2, 2), (0.7, 3)):
        made.play({"reseed": level}, 1 / 30)
        assert (made.field.number, made.grain.number) == (number, number)


def test_memory_begins_on_the_flows_path_between_the_last_picture_and_the_noise() -> None:
    made, last = Instrument(STYLES, 3, ACROSS), np.full((8, 8, 16), 5.0, np.float32)
    fresh = made.play({"memory": 1.0, "walk": 0.0}, 1 / 30)
    assert fresh.t == 1.0
    begun = made.play({"memory": 1.0, "walk": 0.0}, 1 / 30, last)
    assert begun.t[0] == pytest.approx(1.0 - KEPT_AT_30_HZ)
    np.testing.assert_allclose(begun.noisy, (1.0 - begun.t) * 5.0 + begun.t * fresh.noisy, atol=1e-5)


def test_memory_that_is_switched_comes_and_goes_by_degrees() -> None:
    history = [({"memory": float(n >= 5)}, 1 / 30) for n in range(40)] + [({}, 1 / 30)] * 40
    times = [float(inputs.t[0]) for inputs in play(history)]
    assert max(abs(b - a) for a, b in itertools.pairwise(times)) <= KEPT_AT_30_HZ * TOP / 30 + 1e-6
    assert min(times) == pytest.approx(1.0 - KEPT_AT_30_HZ, abs=1e-3)
    assert times[-1] == 1.0


def test_strength_mixes_a_source_in_beside_the_memory() -> None:
    last, source = (np.full((8, 8, 16), level, np.float32) for level in (1.0, 9.0))
    for asked, share, level in (
        ({"strength": 1.0}, 0.0, 0.0),
        ({"strength": 0.0}, 0.7, 9.0),
        ({"strength": 0.5}, 0.35, 9.0),
        ({"strength": 0.0, "memory": 1.0}, 0.7, 5.0),
    ):
        made = Instrument(STYLES, 3, ACROSS)
        plain = Instrument(STYLES, 3, ACROSS).play({}, 1 / 30)
        begun = made.play(asked, 1 / 30, last, lambda _: source)
        assert begun.t[0] == pytest.approx(1.0 - share)
        np.testing.assert_allclose(begun.noisy, share * level + (1.0 - share) * plain.noisy, atol=1e-4)


def test_a_source_that_does_not_show_is_not_asked_for() -> None:
    def source(palette: np.ndarray) -> np.ndarray:
        raise AssertionError("asked")

    assert Instrument(STYLES, 3, ACROSS).play({}, 1 / 30, np.ones((8, 8, 16), np.float32), source).t == 1.0
