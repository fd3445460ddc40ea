"""Rules over invented time: the same at any rate, never a bad number, due when they should be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.show.rules import CURVES, SceneRules
from visuals.types import Drive, Duration, Event, Go, Layer, Pulse, Rule, Scene, Set, When
from visuals.vocabulary import CURVES as CURVE_NAMES
from visuals.vocabulary import MASTER_CONTROLS

DESK = {name: term.rest for name, term in MASTER_CONTROLS.items()}
LAYER = Layer("haze", "shader", "generators/haze", opacity=0.6, controls={"density": 0.5, "flash": 0.0})


def rules_of(*rules: Rule) -> SceneRules:
    return SceneRules(Scene("dawn", (LAYER,), rules))


def signals(**values: float) -> dict[str, float]:
    return {"bpm": 120.0, **values}


def test_every_curve_of_the_vocabulary_is_drawn_from_0_to_1() -> None:
    assert set(CURVES) == set(CURVE_NAMES)
    for name, curve in CURVES.items():
        ends = (curve(0.0), curve(1.0))
        assert ends == ((1.0, 0.0) if name == "invert" else (0.0, 1.0))


def test_a_drive_spreads_its_source_over_its_range() -> None:
    rules = rules_of(Drive("haze.density", "bass", 0.1, 0.9, "square"))
    assert rules.controls(signals(bass=0.5), DESK, 0.0, 0.0)["haze.density"] == pytest.approx(0.3)
    assert rules.controls(signals(bass=7.0), DESK, 0.1, 0.1)["haze.density"] == pytest.approx(0.9)


def test_base_values_stand_where_nothing_moves() -> None:
    assert rules_of().controls(signals(), DESK, 0.0, 0.0) == {
        **DESK,
        "haze.opacity": 0.6,
        "haze.bypass": 0.0,
        "haze.solo": 0.0,
        "haze.density": 0.5,
        "haze.flash": 0.0,
    }


def test_attack_and_release_are_time_constants() -> None:
    rules = rules_of(Drive("haze.density", "bass", attack=Duration(0.1), release=Duration(1.0, "beat")))
    rules.controls(signals(bass=0.0), DESK, 0.0, 0.0)
    up = rules.controls(signals(bass=1.0), DESK, 0.1, 0.1)["haze.density"]
    assert up == pytest.approx(1.0 - math.exp(-1.0))
    down = rules.controls(signals(bass=0.0), DESK, 0.6, 0.5)["haze.density"]
    assert down == pytest.approx(up * math.exp(-1.0))


levels = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)
taus = st.floats(0.0, 2.0).map(Duration)


@settings(max_examples=60)
@given(levels, taus, taus, st.sets(st.integers(0, 11)), st.sampled_from(sorted(CURVES)))
def test_the_same_at_30_and_at_120(
    sounds: list[float], attack: Duration, release: Duration, hits: set[int], curve: str
) -> None:
    def play(per_hop: int) -> list[dict[str, float]]:
        rules = rules_of(
            Drive("haze.density", "bass", 0.2, 0.8, curve, attack, release),
            When("kick", Pulse("haze.flash", 0.8, Duration(0.25, "beat")), cooldown=Duration(0.05)),
            When("kick", Set("haze.opacity", 1.0, Duration(1.0, "beat"))),
        )
        rules.controls(signals(bass=0.0), DESK, 0.0, 0.0)
        seen = []
        for hop, sound in enumerate(sounds):
            for tick in range(per_hop):
                now = (hop + (tick + 1) / per_hop) / 30.0
                if hop in hits and tick == per_hop - 1:
                    for due in rules.fire([Event(now, "kick")], signals(), now, False, False):
                        action = due.rule.action
                        if isinstance(action, Pulse):
                            rules.pulse(action, due.index, now, 120.0)
                        elif isinstance(action, Set):
                            rules.glide(action, now, 120.0)
                values = dict(rules.controls(signals(bass=sound), DESK, now, 1.0 / 30.0 / per_hop))
            seen.append(values)
        return seen

    for slow, fast in zip(play(1), play(4), strict=True):
        assert slow == pytest.approx(fast, abs=1e-6)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(), st.floats(0.0, 5.0)), max_size=20))
def test_no_signal_makes_a_bad_number(steps: list[tuple[float, float]]) -> None:
    rules = rules_of(Drive("haze.density", "bass / mid ** 3", 0.1, 0.9, "root", Duration(0.1), Duration(0.2)))
    now = 0.0
    for value, dt in steps:
        now += dt
        controls = rules.controls(signals(bass=value, mid=-value), DESK, now, dt)
        assert 0.1 <= controls["haze.density"] <= 0.9


def fired(
    rules: SceneRules, event: str, now: float, beat: bool = False, bar: bool = False, **values: float
) -> list[str]:
    events = [Event(now, event, 0.82)] if event else []
    return [due.why for due in rules.fire(events, signals(**values), now, beat, bar)]


def test_conditions_and_cooldowns_hold_back() -> None:
    rules = rules_of(When("kick", Go("b"), "bass > 0.5", Duration(1.0, "beat")))
    assert fired(rules, "kick", 0.0, bass=0.4) == []
    assert fired(rules, "snare", 0.0, bass=0.6) == []
    assert fired(rules, "kick", 0.1, bass=0.6) == ["kick 0.82, bass > 0.5"]
    assert fired(rules, "kick", 0.5, bass=0.6) == []
    assert fired(rules, "kick", 0.61, bass=0.6) == ["kick 0.82, bass > 0.5"]


def test_waiting_for_the_bar() -> None:
    rules = rules_of(When("drop", Go("b"), at="bar"))
    assert fired(rules, "drop", 0.0, beat=True) == []
    assert fired(rules, "", 0.1, beat=True) == []
    assert fired(rules, "", 0.2, beat=True, bar=True) == ["drop 0.82"]
    assert fired(rules, "", 0.3, beat=True, bar=True) == []


def test_a_pulse_falls_to_1_over_e_and_ends() -> None:
    rules = rules_of()
    rules.pulse(Pulse("haze.flash", 0.8, Duration(0.25, "beat")), 0, 1.0, 120.0)
    assert rules.controls(signals(), DESK, 1.0, 0.0)["haze.flash"] == 0.8
    assert rules.controls(signals(), DESK, 1.125, 0.1)["haze.flash"] == pytest.approx(0.8 / math.e)
    assert rules.controls(signals(), DESK, 9.0, 1.0)["haze.flash"] == 0.0


def test_pulses_of_one_source_do_not_pile_up() -> None:
    rules = rules_of()
    for now in (0.0, 0.01, 0.02):
        rules.pulse(Pulse("haze.flash", 0.8), 0, now, 120.0)
    assert rules.controls(signals(), DESK, 0.02, 0.0)["haze.flash"] == 0.8


def test_controls_stay_in_their_range() -> None:
    rules = rules_of()
    rules.pulse(Pulse("haze.opacity", 1.0), 0, 0.0, 120.0)
    rules.pulse(Pulse("master", -3.0), 1, 0.0, 120.0)
    values = rules.controls(signals(), DESK, 0.0, 0.0)
    assert (values["haze.opacity"], values["master"]) == (1.0, 0.0)


def test_a_glide_starts_where_the_last_one_is() -> None:
    rules = rules_of()
    rules.glide(Set("haze.density", 1.0, Duration(1.0)), 0.0, 120.0)
    assert rules.controls(signals(), DESK, 0.5, 0.5)["haze.density"] == pytest.approx(0.75)
    rules.glide(Set("haze.density", 0.0, Duration(1.0)), 0.5, 120.0)
    assert rules.controls(signals(), DESK, 0.5, 0.0)["haze.density"] == pytest.approx(0.75)
    assert rules.controls(signals(), DESK, 9.0, 8.5)["haze.density"] == 0.0


@pytest.mark.parametrize("word", ["style", "prompt"])
def test_weights_of_styles_and_prompts_are_held_to_their_range(word: str) -> None:
    layer = Layer("dream", "model", "sea", controls={f"{word}.sea": 1.0})
    rules = SceneRules(Scene("one", (layer,), (Drive(f"dream.{word}.sea", "bass", -2.0, 3.0),)))
    told = [rules.controls(signals(bass=bass), DESK, 0.0, 0.0)[f"dream.{word}.sea"] for bass in (0.0, 1.0)]
    assert told == [0.0, 1.0]
