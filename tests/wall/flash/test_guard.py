"""The guard against what flashes on purpose, judged by a checker that shares nothing with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.wall.flash import adversary
from tests.wall.flash.adversary import BLACK, SIZE, WHITE, Picture, Source, everything, flat, part, sine, square
from tests.wall.flash.checker import flashes, mean_flashes, srgb_to_linear
from visuals.types import FlashLimit, Light, Wall
from visuals.wall.flash.guard import Guard, state_shape

WALL = Wall("main", (0, 0, *SIZE), SIZE, ("null", {}))
ATTACKS = [(fps, name, draw) for fps in (30.0, 60.0) for name, draw in everything(fps)]


def through(guard: Guard, draw: Source, times: list[float]) -> list[Picture]:
    return [guard.step([draw(t)], t)[0].copy() for t in times]


def regular(fps: float, seconds: float = 2.5) -> list[float]:
    return [i / fps for i in range(round(seconds * fps))]


@pytest.mark.parametrize(("fps", "name", "draw"), ATTACKS, ids=[f"{name} at {fps:g}" for fps, name, _ in ATTACKS])
def test_nothing_that_leaves_flashes_too_much(fps: float, name: str, draw: Source) -> None:
    times = regular(fps)
    out = through(Guard([WALL], FlashLimit()), draw, times)
    assert max(flashes(out, times).values()) <= 6


def test_most_of_these_would_fail_unguarded() -> None:
    failing = [max(flashes([draw(t) for t in regular(fps)], regular(fps)).values()) > 6 for fps, _, draw in ATTACKS]
    assert sum(failing) >= len(ATTACKS) - 1


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_a_flash_that_wanders_flashes_all_the_same(fps: float) -> None:
    times = regular(fps, 4.0)
    wandering = [adversary.wandering(8.0)(t) for t in times]
    assert max(flashes(wandering, times).values()) <= 6, "no pixel flashes often"
    assert mean_flashes(wandering, times) > 6
    out = through(Guard([WALL], FlashLimit()), adversary.wandering(8.0), times)
    assert mean_flashes(out, times) <= 6
    assert np.ptp([picture.mean() for picture in out[-60:]]) > 2.0, "it is no frozen wall"


@pytest.mark.parametrize("fps", [24.0, 50.0, 120.0])
def test_it_holds_at_other_rates(fps: float) -> None:
    times = regular(fps, 2.0)
    for draw in (square(11.0), square(8.0, adversary.RED, adversary.BLUE), adversary.bars(4.0, 2)):
        assert max(flashes(through(Guard([WALL], FlashLimit()), draw, times), times).values()) <= 6


def test_it_holds_when_frames_come_irregularly() -> None:
    random = np.random.default_rng(3)
    times = list(np.cumsum(random.choice([1, 1, 1, 2, 5], 150)) / 60.0)
    assert max(flashes(through(Guard([WALL], FlashLimit()), square(9.0), times), times).values()) <= 6


def bare_leds(pictures: Picture) -> npt.NDArray[np.float64]:
    return srgb_to_linear(255.0 * (pictures / 255.0) ** (1 / 2.2))


def bright(pictures: Picture) -> npt.NDArray[np.float64]:
    return 1500.0 / 200.0 * srgb_to_linear(pictures)


@pytest.mark.parametrize("hz", [5.0, 10.0, 30.0])
@pytest.mark.parametrize(("light", "made"), [(Light(gamma=2.2), bare_leds), (Light(nits=1500.0), bright)])
def test_it_holds_whatever_the_wall_makes_of_a_drive(light: Light, made: Any, hz: float) -> None:
    times = regular(60.0)
    for draw in (square(hz), square(hz, (120, 20, 20), (60, 60, 60)), adversary.clipped(60.0)):
        out = through(Guard([replace(WALL, light=light)], FlashLimit()), draw, times)
        assert max(flashes(out, times, light=made).values()) <= 6


@pytest.mark.parametrize("draw", [square(3.0), square(1.0, adversary.RED), part(0.2, 12.0), sine(1.5)])
def test_what_passes_leaves_as_the_very_same_picture(draw: Source) -> None:
    guard = Guard([WALL], FlashLimit())
    for t in regular(60.0, 4.0):
        picture = draw(t)
        assert guard.step([picture], t)[0] is picture
    assert guard.events() == []


def test_a_strobe_becomes_its_own_mean() -> None:
    """Neither black nor frozen as it happened to be, and steady."""
    times = regular(60.0, 6.0)
    levels = np.array([float(p[..., 0].mean()) for p in through(Guard([WALL], FlashLimit()), square(10.0), times)])
    settled = levels[240:]
    assert abs(settled.mean() - 127.5) < 10
    assert settled.max() - settled.min() < 25
    assert np.abs(np.diff(levels[60:])).max() <= 10, "no cut of its own"


def test_a_fine_picture_in_a_strobe_keeps_its_shape() -> None:
    """No edges but the picture's own: what is softened follows from what came, not from what was there before."""
    random = np.random.default_rng(2)
    before, picture = (random.integers(0, 256, (SIZE[1], SIZE[0], 1), dtype=np.uint8) for _ in range(2))
    guard, black = Guard([WALL], FlashLimit()), flat(BLACK)
    times = regular(60.0, 7.0)
    shown = [np.where(t % 0.1 < 0.05, picture, black) if t > 0.5 else before + black for t in times]
    for t, raster in zip(times, shown, strict=True):
        raster[..., 3] = 255
        out = guard.step([np.ascontiguousarray(raster)], t)[0]
    assert np.abs(out[..., 0] - 0.5 * picture[..., 0]).max() < 16


def test_only_the_region_that_flashes_is_softened() -> None:
    guard = Guard([WALL], FlashLimit())
    ground = flat((90, 120, 60))
    touched = False
    for t in regular(60.0, 2.0):
        picture = ground.copy()
        picture[:, :16] = flat(WHITE if t * 10.0 % 1.0 < 0.5 else BLACK)[:, :16]
        out = guard.step([picture], t)[0]
        touched |= out is not picture
        np.testing.assert_array_equal(out[:, 30:], picture[:, 30:])
    assert touched


def test_it_lets_go_of_what_has_calmed_down() -> None:
    guard = Guard([WALL], FlashLimit())
    fast, slow = square(12.0), sine(0.5)
    for t in regular(60.0, 8.0):
        picture = fast(t) if t < 2.0 else slow(t)
        out = guard.step([picture], t)[0]
    assert out is picture
    assert [event.state for event in guard.events()] == ["softened", "over"]


def test_walls_are_seen_together() -> None:
    """Two walls side by side, each a fifth of a field, are more than a quarter of it."""
    size = (40, 40)
    side = 560.0
    walls = [
        Wall(name, (0, 0, *size), size, ("null", {}), stage=(x, 0.0, side, side))
        for name, x in (("a", 0.0), ("b", side))
    ]

    def acts(walls: list[Wall]) -> bool:
        guard = Guard(walls, FlashLimit(distance=8.0))
        for t in regular(60.0, 1.0):
            guard.step([flat(WHITE if t * 8.0 % 1.0 < 0.5 else BLACK, size) for _ in walls], t)
        return guard.acting

    assert acts(walls)
    assert not acts(walls[:1])
    assert acts([replace(walls[0], stage=(0.0, 0.0, 2 * side, 2 * side))])


def test_a_venue_may_allow_less() -> None:
    times = regular(60.0, 3.0)
    for allowed in (2, 1, 0):
        out = through(Guard([WALL], FlashLimit(flashes=allowed)), square(3.0), times)
        levels = np.array([float(p[..., 0].mean()) for p in out])
        edges = np.flatnonzero(np.abs(np.diff(levels)) > 100)
        assert len(edges) <= 3 * max(1, 2 * allowed)


def test_a_waiver_lets_through_and_still_tells() -> None:
    guard = Guard([WALL], FlashLimit(waived="a test of the strobe"))
    for t in regular(60.0, 1.0):
        picture = square(10.0)(t)
        assert guard.step([picture], t)[0] is picture
    assert [event.state for event in guard.events()] == ["let through: a test of the strobe"]


@pytest.mark.parametrize("draw", [square(9.0), square(7.0, adversary.RED, adversary.BLUE)])
@pytest.mark.parametrize("fall", [0.25, 0.9, 1.4])
def test_a_restarted_guard_goes_on(draw: Source, fall: float) -> None:
    """What left before and after the restart, together, flashes no more than allowed."""
    limit = FlashLimit()
    times = [t for t in regular(60.0) if not fall < t < fall + 0.1]
    guard, out = Guard([WALL], limit), []
    for t in times:
        if out and t - times[len(out) - 1] > 0.05:
            state = guard.save(times[len(out) - 1])
            assert state.shape == state_shape(limit)
            guard = Guard([WALL], limit)
            guard.restore(state, times[len(out) - 1])
        out.append(guard.step([draw(t)], t)[0].copy())
    assert max(flashes(out, times).values()) <= 6


def test_times_far_from_the_start_are_as_good() -> None:
    late = [40 * 3600.0 + t for t in regular(60.0, 1.5)]
    out = through(Guard([WALL], FlashLimit()), square(10.0), late)
    assert max(flashes(out, late).values()) <= 6
    guard = Guard([WALL], FlashLimit())
    assert all(guard.step([picture], t)[0] is picture for t in late for picture in [square(3.0)(t)])


def test_a_large_raster_is_sampled_and_held() -> None:
    """Noise on four times as many pixels as samples: those between are held too, but for one in a hundred."""
    size = (192, 108)
    wall = Wall("main", (0, 0, *size), size, ("null", {}))
    guard, random = Guard([wall], FlashLimit(), samples=size[0] * size[1] // 4), np.random.default_rng(2)
    times, out = regular(30.0, 1.5), []
    for t in times:
        picture = flat(BLACK, size)
        picture[random.random(picture.shape[:2]) < 0.5] = 255
        out.append(guard.step([picture], t)[0].copy())
    assert max(flashes(out, times, least=0.01).values()) <= 6
