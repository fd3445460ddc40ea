from __future__ import annotations

import numpy as np
import pytest

from visuals.generator import condition

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
