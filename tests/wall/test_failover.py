from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.types import Flag
from visuals.wall.failover import (
    LOOP_AFTER_S,
    RETURN_AFTER_S,
    STANDBY,
    TABLE,
    TO_LIVE_S,
    TO_LOOP_S,
    Change,
    Failover,
    Pulse,
    State,
    Verdict,
)

RATE_HZ = 60.0


def play(
    arrivals: list[float],
    seconds: float,
    flags: Flag = Flag.NONE,
    rate_hz: float = RATE_HZ,
    failover: Failover | None = None,
) -> list[tuple[float, Verdict]]:
    """The verdicts of a player at `rate_hz` whose engine frames come at `arrivals`."""
    failover = failover or Failover()
    verdicts = []
    newest, waiting = None, sorted(arrivals)
    for n in range(round(seconds * rate_hz)):
        now = n / rate_hz
        while waiting and waiting[0] <= now:
            waiting.pop(0)
            newest = now
        verdicts.append((now, failover.step(now, newest, flags)))
    return verdicts


def frames(start: float, end: float, fps: float = 60.0) -> list[float]:
    return [start + n / fps for n in range(round((end - start) * fps))]


def states(verdicts: list[tuple[float, Verdict]]) -> list[State]:
    seen: list[State] = []
    for _, v in verdicts:
        if not seen or seen[-1] is not v.state:
            seen.append(v.state)
    return seen


def test_the_table_is_total_and_closed() -> None:
    assert set(TABLE) == set(State)
    for row in TABLE.values():
        assert set(row) == set(Pulse)
        assert set(row.values()) <= set(TABLE)


def test_lost_never_leads_to_a_held_picture_and_asked_always_to_the_loop() -> None:
    for state, row in TABLE.items():
        assert row[Pulse.LOST] in STANDBY
        assert row[Pulse.ASKED] is State.LOOP
        assert row[Pulse.ASKED_SAFE] is State.SAFE
        assert row[Pulse.STEADY] is State.LIVE, state


def test_before_the_first_frame_the_standby_shows_and_nothing_is_told() -> None:
    verdicts = play([], 5.0)
    assert states(verdicts) == [State.START]
    assert all(v.share == 1.0 and v.change is None for _, v in verdicts)


def test_an_engine_that_runs_already_is_shown_from_the_first_tick() -> None:
    first = play(frames(0.0, 1.0), 1.0)[0][1]
    assert first == Verdict(State.LIVE, 0.0, change=Change(State.START, State.LIVE, "there from the first tick"))


def test_a_dead_engine_is_held_then_looped_and_back_after_steady_frames() -> None:
    verdicts = play(frames(0.0, 2.0) + frames(4.0, 8.0), 8.0)
    assert states(verdicts) == [State.LIVE, State.HOLD, State.LOOP, State.LIVE]
    at = {v.change.to: t for t, v in verdicts if v.change}
    last_frame, first_frame = 2.0 - 1 / 60, 4.0
    assert 0.06 < at[State.HOLD] - last_frame < 0.06 + 2 / RATE_HZ
    assert LOOP_AFTER_S < at[State.LOOP] - last_frame < 0.25 + 1 / RATE_HZ
    assert RETURN_AFTER_S <= at[State.LIVE] - first_frame < RETURN_AFTER_S + 2 / RATE_HZ


def test_the_loop_is_at_full_strength_within_half_a_second() -> None:
    verdicts = play(frames(0.0, 2.0), 4.0)
    full = next(t for t, v in verdicts if t > 1.0 and v.share == 1.0)
    assert full - (2.0 - 1 / 60) <= 0.5


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_fades_take_their_seconds_at_any_rate(rate_hz: float) -> None:
    verdicts = play(frames(0.0, 2.0, 120.0) + frames(4.0, 8.0, 120.0), 8.0, rate_hz=rate_hz)
    rising = [t for t, v in verdicts if 0.0 < v.share < 1.0 and t < 4.0]
    falling = [t for t, v in verdicts if 0.0 < v.share < 1.0 and t > 4.0]
    assert rising[-1] - rising[0] == pytest.approx(TO_LOOP_S, abs=2.5 / rate_hz)
    assert falling[-1] - falling[0] == pytest.approx(TO_LIVE_S, abs=2.5 / rate_hz)


@pytest.mark.parametrize("fps", [60.0, 40.0, 25.0, 20.0, 10.0, 5.0])
def test_a_slow_engine_is_never_left_for_the_loop(fps: float) -> None:
    assert State.LOOP not in states(play(frames(0.0, 10.0, fps), 10.0))


def test_a_struggling_engine_at_40_fps_does_not_even_count_as_held() -> None:
    arrivals = [t + 0.012 * (n % 3) for n, t in enumerate(frames(0.0, 10.0, 40.0))]
    assert states(play(arrivals, 10.0)) == [State.LIVE]


def test_an_engine_too_slow_to_look_alive_stays_on_the_loop() -> None:
    assert states(play([n * 0.35 for n in range(60)], 20.0))[-1] is State.LOOP
    assert len(states(play([n * 0.35 for n in range(60)], 20.0))) <= 3


def test_a_flapping_engine_is_trusted_ever_more_slowly() -> None:
    arrivals = [t for n in range(30) for t in frames(n * 1.0, n * 1.0 + 0.65)]
    returns = [t for t, v in play(arrivals, 30.0) if v.change and v.change.to is State.LIVE and v.state is State.LIVE]
    loops = [t for t, v in play(arrivals, 30.0) if v.change and v.change.to is State.LOOP]
    assert len(loops) < 30 / 2
    assert len(returns) < 30


def test_the_operator_has_the_loop_at_once_and_gives_it_back() -> None:
    failover = Failover()
    for n in range(60):
        failover.step(n / 60, n / 60)
    asked = failover.step(1.0, 1.0, Flag.LOOP)
    assert asked.state is State.LOOP
    assert asked.change == Change(State.LIVE, State.LOOP, "the operator asked for the loop")
    assert failover.step(1.0 + 1 / 60, 1.0 + 1 / 60).state is State.LIVE


def test_the_operators_loop_is_no_fault_of_the_engine() -> None:
    failover = Failover()
    failover.step(0.0, 0.0)
    for n in range(1, 100):
        failover.step(n / 60, n / 60, Flag.LOOP if n % 2 else Flag.NONE)
    assert failover.return_after(100 / 60) == RETURN_AFTER_S


def test_without_a_loop_the_state_is_named_safe() -> None:
    failover = Failover()
    failover.step(0.0, 0.0)
    verdict = failover.step(1.0, 0.0, loop=False)
    assert verdict.state is State.SAFE
    assert verdict.change is not None
    assert "1000 ms" in verdict.change.reason
    ready = failover.step(1.1, 0.0, loop=True)
    assert ready.change == Change(State.SAFE, State.LOOP, "the loop is ready")


def test_the_safe_picture_is_asked_for_and_given_back() -> None:
    failover = Failover()
    for n in range(60):
        failover.step(n / 60, n / 60)
    asked = failover.step(1.0, 1.0, Flag.SAFE | Flag.LOOP)
    assert asked.change == Change(State.LIVE, State.SAFE, "the operator asked for the safe picture")
    assert failover.step(1.0 + 1 / 60, 1.0 + 1 / 60, Flag.LOOP).state is State.LOOP
    assert failover.step(1.0 + 2 / 60, 1.0 + 2 / 60).state is State.LIVE


def test_a_latched_loop_waits_for_the_operator() -> None:
    failover = Failover(latched=True)
    verdicts = play(frames(0.0, 1.0) + frames(2.0, 20.0), 20.0, failover=failover)
    assert states(verdicts) == [State.LIVE, State.HOLD, State.LOOP]
    assert failover.step(20.0, 20.0, released=True).state is State.LIVE
    assert failover.step(20.02, 20.02).state is State.LIVE


def test_the_operators_own_loop_is_not_latched() -> None:
    failover = Failover(latched=True)
    for n in range(60):
        failover.step(n / 60, n / 60)
    assert failover.step(1.0, 1.0, Flag.LOOP).state is State.LOOP
    assert failover.step(1.02, 1.02).state is State.LIVE


def test_a_player_that_takes_over_goes_on_with_the_loop() -> None:
    for latched, after in ((False, State.LIVE), (True, State.LOOP)):
        failover = Failover(latched=latched)
        failover.resume(State.LOOP)
        verdicts = play(frames(0.0, 3.0), 3.0, failover=failover)
        assert verdicts[0][1].share == 1.0
        assert states(verdicts)[0] is State.LOOP
        assert states(verdicts)[-1] is after


@pytest.mark.parametrize("fps", [60.0, 30.0, 25.0, 12.0, 4.0, 1.0])
def test_holding_begins_after_two_frames_of_the_shows_own(fps: float) -> None:
    arrivals = [t + 0.3 / fps * (n % 2) for n, t in enumerate(frames(0.0, 12.0, fps))]
    assert states(play(arrivals, 12.0, failover=Failover(fps))) == [State.LIVE]
    verdicts = play(frames(0.0, 12.0, fps), 24.0, failover=Failover(fps))
    assert states(verdicts) == [State.LIVE, State.HOLD, State.LOOP]


@pytest.mark.parametrize(("asked", "to"), [(Flag.LOOP, "loop"), (Flag.SAFE, "safe")])
def test_what_a_hand_did_is_told_as_such_both_ways(asked: Flag, to: str) -> None:
    failover, told = Failover(), []
    for n in range(300):
        verdict = failover.step(n / 60, n / 60, asked if 60 <= n < 120 else Flag.NONE)
        told += [(verdict.change.to.name.lower(), verdict.change.reason)] if verdict.change else []
    assert told[1][0] == to
    assert told[1][1].startswith("the operator asked for the ")
    assert told[-1] == ("live", "the operator gave the show back")


def test_a_fault_of_the_picture_is_the_reason() -> None:
    failover = Failover()
    failover.step(0.0, 0.0)
    change = failover.step(1.0, 0.0, fault="black").change
    assert change is not None
    assert change.reason.startswith("the engine's picture has been black for 1000 ms; ")


def test_black_and_frozen_come_only_from_flags() -> None:
    failover = Failover()
    assert failover.step(0.0, None, Flag.BLACKOUT).black
    assert failover.step(0.1, None, Flag.FREEZE).frozen
    assert not failover.step(0.1, None, Flag.FREEZE | Flag.LOOP).frozen, "who asks for the loop wants to see it"
    assert not failover.step(0.1, None, Flag.FREEZE | Flag.SAFE).frozen
    assert not failover.step(0.2, None).black


FLAGS = st.sampled_from(
    [Flag.NONE, Flag.NONE, Flag.NONE, Flag.LOOP, Flag.FREEZE, Flag.BLACKOUT, Flag.LOOP | Flag.FREEZE]
)
STEPS = st.lists(st.tuples(st.floats(0.001, 0.4), st.booleans(), FLAGS, st.booleans()), min_size=1, max_size=120)


@settings(max_examples=150)
@given(STEPS)
def test_whatever_comes_there_is_a_picture(steps: list[tuple[float, bool, Flag, bool]]) -> None:
    failover, now, newest, share = Failover(), 0.0, None, None
    for passed, arrives, flags, loop in steps:
        now += passed
        newest = now if arrives else newest
        verdict = failover.step(now, newest, flags, loop=loop)
        assert verdict.black == (Flag.BLACKOUT in flags)
        assert verdict.frozen == (Flag.FREEZE in flags and Flag.LOOP not in flags)
        assert 0.0 <= verdict.share <= 1.0
        # The engine's picture is never asked for before there is one.
        assert newest is not None or verdict.share == 1.0
        assert verdict.state in (STANDBY if newest is None else set(State) - {State.START})
        if share is not None:
            assert verdict.share - share <= passed / TO_LOOP_S + 1e-9
            assert share - verdict.share <= passed / TO_LIVE_S + 1e-9
        share = verdict.share


@settings(max_examples=60)
@given(st.lists(st.floats(0.001, 0.6), min_size=1, max_size=200))
def test_no_pattern_of_frames_makes_it_flutter(gaps: list[float]) -> None:
    arrivals, now = [], 0.0
    for gap in gaps:
        now += gap
        arrivals.append(now)
    verdicts = play(arrivals, min(now, 30.0) + 1.0)
    falls = [t for t, v in verdicts if v.change and v.change.to is State.LOOP]
    for a, b in pairwise(falls):
        assert b - a >= LOOP_AFTER_S + RETURN_AFTER_S - 2 / RATE_HZ
    for start in falls:
        assert sum(1 for t in falls if start <= t < start + 10.0) <= 11


@pytest.mark.parametrize("fps", [12.0, 15.0, 20.0])
def test_an_engine_slow_by_nature_is_live_without_a_flutter(fps: float) -> None:
    """A show of 60 fps on a machine that gives it so few: it is told once, not at every frame."""
    verdicts = play(frames(0.0, 20.0, fps), 20.0)
    changes = [v.change for now, v in verdicts if v.change and now > 2.0]
    assert changes == []
    assert verdicts[-1][1].state is State.LIVE


def test_a_slow_engine_that_falls_is_followed_by_the_loop_as_soon() -> None:
    verdicts = play(frames(0.0, 5.0, 15.0), 8.0)
    fell = next(now for now, v in verdicts if v.state is State.LOOP and now > 1.0)
    assert fell - 4.93 <= LOOP_AFTER_S + 2 / RATE_HZ


def test_an_engine_that_falls_again_and_again_is_live_when_it_stays() -> None:
    """After any number of falls there is no memory that keeps the wall on the loop."""
    for lives in (0.1, 0.5, 1.0, 1.5, 3.0):
        arrivals = [t for n in range(12) for t in frames(4.0 * n, 4.0 * n + lives)]
        verdicts = play([*arrivals, *frames(48.0, 52.0)], 52.0)
        back = next(now for now, v in verdicts if now >= 48.0 and v.state is State.LIVE)
        assert back <= 48.0 + 4.0 * RETURN_AFTER_S + 2 / RATE_HZ
