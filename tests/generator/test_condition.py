from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator import condition
from visuals.vocabulary import MODEL_CONTROLS

STYLES = ("aurora", "ink", "plasma")


def test_the_network_is_told_styles_then_structure() -> None:
    asked = condition.vector({"style.ink": 2.0, "style.plasma": 2.0, "density": 1.0, "energy": 0.0}, STYLES)
    told, palette = condition.split(asked)
    assert len(told) == condition.length(STYLES)
    assert len(palette) == 9
    np.testing.assert_allclose(told[:3], [0.0, 0.5, 0.5])
    np.testing.assert_allclose(told[3:], [1.0, 0.0, -1.0, -1.0], atol=1e-6)
    assert condition.structure(asked, "density") == pytest.approx(1.0)
    assert condition.structure(asked, "scale") == pytest.approx(0.5)


def test_the_palette_holds_two_colours_and_the_grade() -> None:
    wish = {"hue": 0.0, "hue2": 1.0 / 3.0, "saturation": 0.25, "brightness": 0.5, "contrast": 1.0}
    _, palette = condition.split(condition.vector(wish, STYLES))
    np.testing.assert_allclose(palette, [1, 0, 0, 0, 1, 0, 0.25, 0.5, 1], atol=1e-5)


def test_hue_goes_round() -> None:
    a, b = (condition.vector({"hue": hue}, STYLES) for hue in (0.1, 1.1))
    np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("name", condition.STRUCTURE)
def test_levels_are_held_to_their_range(name: str) -> None:
    assert condition.structure(condition.vector({name: 9.0}, STYLES), name) == pytest.approx(1.0)
    assert condition.structure(condition.vector({name: -9.0}, STYLES), name) == pytest.approx(0.0)


def test_without_a_style_the_first_one_plays() -> None:
    np.testing.assert_array_equal(condition.style_weights({"style.ink": -1.0}, STYLES), [1.0, 0.0, 0.0])


def test_styles_are_blended_by_their_weights() -> None:
    weights = condition.style_weights({"style.aurora": 0.2, "style.ink": 0.6}, STYLES)
    np.testing.assert_allclose(weights, [0.25, 0.75, 0.0], atol=1e-6)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*MODEL_CONTROLS, *(f"style.{s}" for s in STYLES)]), st.floats()))
def test_whatever_comes_in_numbers_in_their_ranges_come_out(controls: dict[str, float]) -> None:
    wish = condition.wish(controls, STYLES)
    assert wish[:3].sum() == pytest.approx(1.0, abs=1e-6)
    assert wish[:3].min() >= 0.0
    assert np.abs(wish).max() <= 1.0
    assert (wish[condition.turning(STYLES)] >= 0.0).all()
    for name, term in MODEL_CONTROLS.items():
        assert term.low is not None
        assert term.high is not None
        assert term.low <= condition.attribute(controls, name) <= term.high


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", MODEL_CONTROLS)
def test_what_is_no_number_is_at_rest(name: str, value: float) -> None:
    assert condition.attribute({name: value}, name) == MODEL_CONTROLS[name].rest
    assert (condition.vector({name: value, "style.ink": value}, STYLES) == condition.vector({}, STYLES)).all()
