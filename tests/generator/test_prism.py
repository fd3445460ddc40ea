"""The shipped model, played: what a show may count on."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tools.prism_eval import distances, judges, meters, untrained
from tools.prism_training.samples import STYLES
from visuals.generator import prism as prism_module
from visuals.generator.backends import Inputs, Step, open_step
from visuals.generator.card import Card
from visuals.generator.prism import Prism
from visuals.types import Float32s, Frame, Generator, Pixels

FADER = (0.1, 0.3, 0.5, 0.7, 0.9)


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """A step has no state: one serves every Prism of a size, which saves compiling a hundred."""
    steps: dict[tuple[object, ...], Step] = {}

    def opened(card: Card, *how: object) -> Step:
        key = card.folder, *how
        if key not in steps:
            steps[key] = open_step(card, *how)  # type: ignore[arg-type]
        return steps[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prism_module, "open_step", opened)
        yield


def picture(model: Path, seed: int = 1, **controls: float) -> np.ndarray:
    """The first picture of a new walk; `style` names come as `style_ink=1`."""
    frame = Prism(model, seed).generate({k.replace("style_", "style."): v for k, v in controls.items()}, 0.0)
    assert frame is not None
    return frame.pixels


def play(prism: Prism, controls: Mapping[str, float], seconds: float, rate: float = 30.0) -> list[Frame]:
    frames = [prism.generate(controls, n / rate) for n in range(int(seconds * rate))]
    return [frame for frame in frames if frame is not None]


def test_a_prism_is_a_generator_of_opaque_pictures_of_its_size(model: Path) -> None:
    generator: Generator = Prism(model, seed=1)
    first, second = (generator.generate({"style.ink": 1.0}, t) for t in (0.0, 1.0 / 30.0))
    assert first is not None
    assert second is not None
    assert first.pixels.shape == (256, 512, 4)
    assert first.pixels.dtype == np.uint8
    assert (first.pixels[..., 3] == 255).all()
    assert (first.index, second.index) == (0, 1)
    assert second.time == pytest.approx(1.0 / 30.0)


def test_one_history_gives_one_sequence_byte_for_byte(model: Path) -> None:
    hashes = []
    for _ in range(2):
        frames = play(Prism(model, 7), {"style.waves": 1.0, "walk": 1.0, "memory": 0.5, "zoom": 0.4}, 0.5)
        hashes.append(hashlib.sha256(b"".join(f.pixels.tobytes() for f in frames)).hexdigest())
    assert hashes[0] == hashes[1]


def test_another_seed_dreams_another_picture(model: Path) -> None:
    assert meters.psnr(picture(model, 1), picture(model, 2)) < 22.0


def test_styles_differ_more_than_pictures_of_one_style(model: Path) -> None:
    seen = {
        s: untrained.features(judges.floats(np.stack([picture(model, n, **{f"style_{s}": 1.0}) for n in range(3)])))
        for s in STYLES
    }
    nearest = 0
    for style, textures in seen.items():
        for n, texture in enumerate(textures):
            own = np.mean([np.linalg.norm(texture - t) for m, t in enumerate(textures) if m != n])
            others = [np.mean([np.linalg.norm(texture - t) for t in ts]) for s, ts in seen.items() if s != style]
            nearest += own < np.median(others)
    count = 3 * len(STYLES)
    assert nearest >= 0.8 * count, f"{nearest} of {count} pictures are nearer to their own style than to most others"


def test_styles_change_the_picture(model: Path) -> None:
    pictures = [picture(model, 3, density=0.9, **{f"style_{s}": 1.0})[..., :3].astype(int) for s in STYLES]
    for n, a in enumerate(pictures):
        for b in pictures[n + 1 :]:
            assert np.abs(a - b).mean() > 8.0


@pytest.mark.parametrize("style", STYLES)
def test_the_hue_fader_turns_the_mean_hue(model: Path, style: str) -> None:
    for turn in (0.0, 0.33, 0.66):
        seen = meters.hue(picture(model, 5, hue=turn, hue2=turn, **{f"style_{style}": 1.0}))
        assert meters.hue_distance(seen, turn) < 0.09, f"asked for {turn}, saw {seen:.2f}"


@pytest.mark.parametrize(
    ("name", "meter"),
    [("brightness", meters.brightness), ("density", meters.density), ("saturation", meters.saturation)],
)
def test_attributes_follow_their_faders(model: Path, name: str, meter: object) -> None:
    assert callable(meter)
    ranks = [
        distances.spearman(
            np.array(FADER), np.array([meter(picture(model, 4, **{name: x, f"style_{s}": 1.0})) for x in FADER])
        )
        for s in STYLES
    ]
    assert np.mean(ranks) > 0.85, dict(zip(STYLES, np.round(ranks, 2), strict=True))


def test_symmetry_mirrors_the_picture(model: Path) -> None:
    free, full = (picture(model, 6, symmetry=s, style_plasma=1.0) for s in (0.0, 1.0))
    # The noise is mirrored exactly; the network, taught by example, follows to about 0.9.
    assert meters.mirror_likeness(full) > 0.8
    assert meters.mirror_likeness(free) < 0.5


def test_the_walk_moves_without_pops_and_stands_when_told(model: Path) -> None:
    moving = [f.pixels.astype(int) for f in play(Prism(model, 2), {"style.smoke": 1.0, "walk": 0.5}, 1.0)]
    steps = [np.abs(b - a).mean() for a, b in itertools.pairwise(moving)]
    assert min(steps) > 0.05
    assert max(steps) < 4.0 * np.median(steps)
    still = play(Prism(model, 2), {"style.smoke": 1.0, "walk": 0.0}, 0.2)
    assert (still[0].pixels == still[-1].pixels).all()


def test_a_style_change_glides(model: Path) -> None:
    prism = Prism(model, 2)
    frames = [prism.generate({"style.ink" if n < 3 else "style.plasma": 1.0, "walk": 0.0}, n / 30.0) for n in range(24)]
    pixels = [f.pixels.astype(int) for f in frames if f is not None]
    whole = np.abs(pixels[-1] - pixels[2]).mean()
    assert whole > 8.0
    assert max(np.abs(b - a).mean() for a, b in itertools.pairwise(pixels)) < 0.6 * whole


def test_memory_keeps_and_moves_the_last_picture(model: Path) -> None:
    base = {"style.ink": 1.0, "walk": 2.0}
    fresh = play(Prism(model, 3), base, 0.7)
    kept = play(Prism(model, 3), base | {"memory": 1.0}, 0.7)
    drift = play(Prism(model, 3), base | {"memory": 1.0, "shift.x": 0.5}, 0.7)
    assert np.abs(fresh[-1].pixels.astype(int) - kept[-1].pixels).mean() > 1.0
    assert np.abs(drift[-1].pixels.astype(int) - kept[-1].pixels).mean() > 1.0


def test_a_long_memory_stays_a_picture(model: Path) -> None:
    frames = play(Prism(model, 3), {"style.plasma": 1.0, "memory": 1.0, "zoom": 0.5, "rotate": 0.1}, 4.0)
    light = [meters.brightness(f.pixels) for f in frames]
    assert min(light) > 0.01
    assert max(light) < 0.8
    assert frames[-1].pixels.std() > 5.0


def test_time_that_runs_back_or_leaps_does_no_harm(model: Path) -> None:
    prism = Prism(model, 3)
    for time in (0.0, 5.0, 1.0, 1.0, 900.0):
        frame = prism.generate({"walk": 4.0, "memory": 1.0, "zoom": -1.0}, time)
        assert frame is not None
        assert frame.time == time


def test_a_step_that_gives_no_number_is_dropped_and_the_walk_goes_no_faster(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prism = Prism(model, 3)
    first, step = prism.generate({"walk": 1.0}, 0.0), prism._step

    def poisoned(inputs: Inputs) -> tuple[Float32s, Pixels]:
        clean, pixels = step(inputs)
        return np.full_like(clean, np.nan), pixels

    with monkeypatch.context() as patch:
        patch.setattr(prism, "_step", poisoned)
        for n in range(1, 4):
            assert prism.generate({"walk": 1.0}, 0.05 * n) is first
    frame = prism.generate({"walk": 1.0}, 0.2)
    assert frame is not None
    assert frame.index == 1
    assert prism._instrument.field.distance == pytest.approx(0.2)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_controls_that_are_no_numbers_are_at_rest(model: Path, value: float) -> None:
    assert (picture(model, 3, walk=value, hue=value, style_ink=value, memory=value) == picture(model, 3)).all()


def test_a_source_shows_through_as_far_as_strength_allows(model: Path) -> None:
    shown, dreamt = picture(model, 1, style_plasma=1.0), picture(model, 3, style_plasma=1.0)
    other = Prism(model, 1)
    other.generate({"style.plasma": 1.0}, 0.0)
    latents = other._last
    assert latents is not None
    asked = []

    def encode(pixels: Pixels, palette: Float32s) -> Float32s:
        asked.append((pixels, palette))
        return latents

    prism = Prism(model, 3, encode=encode)
    frame = prism.generate({"style.plasma": 1.0, "strength": 0.0}, 0.0, shown)
    assert frame is not None
    assert [(a is shown, b.shape) for a, b in asked] == [(True, (9,))]
    assert meters.psnr(frame.pixels, shown) > meters.psnr(dreamt, shown) + 1.0


def test_it_sees_pictures_from_elsewhere_by_itself(model: Path) -> None:
    """That what is seen is near what was shown is for the autoencoder's own measurements."""
    dark, bright = (np.full((256, 512, 4), level, np.uint8) for level in (0, 200))
    frames = [Prism(model, 3).generate({"strength": 0.0}, 0.0, shown) for shown in (None, dark, bright)]
    assert len({frame.pixels.tobytes() for frame in frames if frame is not None}) == 3
    with pytest.raises(ValueError, match="a source of 256x128, expected 512x256"):
        Prism(model, 3).generate({"strength": 0.0}, 0.0, dark[:128, :256])
