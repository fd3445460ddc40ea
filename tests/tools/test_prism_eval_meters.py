"""tools/prism_eval: meters on pictures whose answer is known."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from tools.prism_eval import faders, meters
from tools.prism_training.samples import Sample
from visuals.generator import condition
from visuals.types import Pixels

SIDE = 128


def grey(light: np.ndarray) -> Pixels:
    """[h, w] in 0..1 to a picture."""
    return np.repeat(np.clip(255.0 * light + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def colour(turn: float, saturation: float = 1.0, value: float = 0.8) -> np.ndarray:
    return np.array(colorsys.hsv_to_rgb(turn, saturation, value)) * 255.0


def lit(light: np.ndarray) -> Pixels:
    """Light, as a palette mixes it, to a picture."""
    return np.asarray(255.0 * (1.0 - np.exp(-light)) + 0.5, np.uint8)


def halves(first: float, second: float, share: float = 0.6) -> Pixels:
    """Two hues side by side."""
    picture = np.empty((SIDE, SIDE, 3))
    edge = round(share * SIDE)
    picture[:, :edge], picture[:, edge:] = colour(first), colour(second)
    return picture.astype(np.uint8)


def discs(radius: float, spacing: float) -> np.ndarray:
    """Bright discs on a grid, edges a pixel wide."""
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(*(np.abs((v + spacing / 2) % spacing - spacing / 2) for v in (x, y)))
    return np.clip(radius - away + 0.5, 0.05, 1.0)


def noise(seed: int = 1) -> np.ndarray:
    light = np.random.default_rng(seed).random((SIDE, SIDE))
    return meters.blurred(light.astype(np.float32), 4.0) * 4.0 - 1.5


def rising(values: list[float]) -> bool:
    return all(np.diff(values) > 0.0)


@pytest.mark.parametrize("turn", [0.0, 0.13, 0.5, 0.97])
def test_hue_of_one_colour(turn: float) -> None:
    picture = np.broadcast_to(colour(turn).astype(np.uint8), (SIDE, SIDE, 3))
    assert meters.hue_distance(meters.hue(picture), turn) < 0.02
    pure = condition.pure(turn)
    found = meters.far_hue(lit(np.broadcast_to(pure, (SIDE, SIDE, 3))), pure)
    assert meters.hue_distance(found, meters.hue(255.0 * pure)) < 0.02


@pytest.mark.parametrize("first", [0.1, 0.25, 0.9])
def test_of_two_hues_the_one_that_is_not_known_is_found_also_where_it_is_mixed(first: float) -> None:
    one, other = condition.pure(first), condition.pure(0.6)
    for share in (0.05, 0.6, 0.95):
        mixed = np.where(np.arange(SIDE)[:, None] < share * SIDE, one, other)
        picture = lit(np.broadcast_to(mixed, (SIDE, SIDE, 3)))
        assert meters.hue_distance(meters.far_hue(picture, other), meters.hue(255.0 * one)) < 0.02
        assert meters.hue_distance(meters.far_hue(picture, one), meters.hue(255.0 * other)) < 0.02
    gradient = other + np.linspace(0.0, 1.0, SIDE)[:, None] * (one - other)
    picture = lit(np.broadcast_to(gradient, (SIDE, SIDE, 3)))
    assert meters.hue_distance(meters.far_hue(picture, other), meters.hue(255.0 * one)) < 0.04


def test_a_grey_picture_has_no_hue_and_no_number_fails() -> None:
    for picture in (grey(noise()), grey(np.zeros((SIDE, SIDE))), grey(np.ones((SIDE, SIDE)))):
        assert np.isfinite(meters.far_hue(picture, condition.pure(0.3)))
        names = ("brightness", "contrast", "density", "saturation", "scale", "energy", "symmetry", "hue")
        assert all(np.isfinite(getattr(meters, name)(picture)) for name in names)


def test_light_and_colour_rise_with_what_they_measure() -> None:
    light = np.clip(noise(), 0.0, 1.0)
    assert rising([meters.brightness(grey(k * light)) for k in (0.2, 0.5, 0.9)])
    assert rising([meters.contrast(grey(0.5 + k * (light - 0.5))) for k in (0.1, 0.4, 0.9)])
    assert rising([meters.saturation(np.full((8, 8, 3), colour(0.3, s)).astype(np.uint8)) for s in (0.1, 0.5, 0.9)])


def test_density_is_the_share_that_is_filled_whatever_the_brightness() -> None:
    light = np.where(np.arange(SIDE)[None] < 0.4 * SIDE, 0.8, 0.02) * np.ones((SIDE, 1))
    assert meters.density(grey(light)) == pytest.approx(0.4, abs=0.02)
    assert meters.density(grey(0.4 * light)) == pytest.approx(0.4, abs=0.02)


def test_scale_rises_with_the_size_of_shapes_whatever_their_contrast() -> None:
    sizes = [meters.scale(grey(discs(0.3 * spacing, spacing))) for spacing in (16, 32, 64)]
    assert rising(sizes)
    assert 1.5 < sizes[2] / sizes[1] < 2.5
    flat = meters.scale(grey(0.4 + 0.2 * discs(0.3 * 32, 32)))
    assert flat == pytest.approx(sizes[1], rel=0.25)


def test_energy_rises_with_fine_detail() -> None:
    stripes = [0.5 + 0.4 * np.sin(2.0 * np.pi * np.arange(SIDE) / wave) for wave in (64, 24, 12, 6)]
    assert rising([meters.energy(grey(s[None] * np.ones((SIDE, 1)))) for s in stripes])


def test_symmetry_of_mirrored_noise() -> None:
    light = noise()
    across = 0.5 * (light + light[:, ::-1])
    both = 0.5 * (across + across[::-1])
    assert meters.mirror_likeness(grey(across)) == pytest.approx(1.0, abs=1e-3)
    assert abs(meters.mirror_likeness(grey(light))) < 0.5
    assert rising([meters.symmetry(grey(x)) for x in (light, across, both)])
    assert meters.symmetry(grey(both)) == pytest.approx(1.0, abs=1e-3)


def test_psnr() -> None:
    a = np.full((8, 8, 3), 100, np.uint8)
    assert meters.psnr(a, a + 5) == pytest.approx(20.0 * np.log10(255.0 / 5.0), abs=1e-6)


def test_blur_keeps_the_mean_light_of_a_flat_picture_to_its_edges() -> None:
    assert np.allclose(meters.blurred(np.full((20, 30, 3), 7.0, np.float32), 3.0), 7.0, atol=1e-4)


def test_a_hue_fader_is_followed_round_the_wheel_and_a_dead_one_is_not() -> None:
    sweep = next(s for s in faders.sweeps(["aurora"], 1) if s.attribute == "hue")
    other = sweep.samples[0].controls["hue2"]
    obedient = np.stack([halves(sample.controls["hue"], other) for sample in sweep.samples])
    dead = np.stack([halves(0.3, other)] * len(sweep.samples))
    assert sweep.followed(obedient) > 0.95
    assert abs(sweep.followed(dead)) < 0.3


def test_a_sweep_moves_one_attribute_only() -> None:
    for sweep in faders.sweeps(["aurora", "ink"], 2):
        for name in faders.ATTRIBUTES:
            values = {sample.controls[name] for sample in sweep.samples}
            assert (len(values) == faders.STEPS) == (name == sweep.attribute)


def test_faders_are_read_by_style_and_pooled() -> None:
    def draw(samples: object) -> Pixels:
        assert isinstance(samples, list)
        return np.stack([grey(np.full((16, 16), s.controls["brightness"])) for s in samples])

    found = faders.followed(["aurora", "ink"], 2, draw)
    assert found["brightness"] == {"aurora": pytest.approx(1.0), "ink": pytest.approx(1.0)}
    assert found["density"]["ink"] == 0.0
    samples = [Sample("ink", i, {**faders.REST, "hue": 0.1, "hue2": 0.5, "brightness": i / 20}) for i in range(20)]
    assert faders.pooled(samples, draw(samples))["brightness"] == pytest.approx(1.0)
