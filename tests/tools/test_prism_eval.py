"""tools/prism_eval: who may judge, what the card says, features that see what they should, judges that learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tools.prism_eval import card, faders, judges, rows, sheets, untrained, verdicts
from tools.prism_eval.distances import Kid
from tools.prism_eval.rows import COPIES, FLOOR, STUDENT, TEACHER, Figures
from tools.prism_eval.spaces import Space
from tools.prism_training import sheet
from tools.prism_training.samples import STYLES, draw_samples
from visuals.types import Pixels

SIDE = 96
"""Pixels: the coarsest of the untrained features needs 72."""


def textures(seed: int, count: int) -> Pixels:
    """Coloured noise, different from picture to picture in size and hue."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        coarse = rng.random((SIDE // 4, SIDE // 4, 1)) * rng.random(3)
        fine = rng.random((SIDE, SIDE, 1)) * 0.3
        found.append(np.clip(255.0 * (0.7 * coarse.repeat(4, 0).repeat(4, 1) + fine), 0, 255).astype(np.uint8))
    return np.stack(found)


def space() -> Space:
    return Space("E3", untrained.features, untrained.weights())


def figures(kid: float, spread: float = 0.001, **others: float) -> Figures:
    plain = {"frechet": kid, "precision": 1 - kid, "recall": 1 - kid, "density": 1 - kid, "coverage": 1 - kid}
    return Figures(Kid(kid, kid + spread * np.linspace(-1, 1, 50)), **{**plain, "nearest": 1.0, **others})


def ordered() -> dict[str, Figures]:
    return {
        FLOOR: figures(0.0),
        TEACHER: figures(0.05),
        STUDENT: figures(0.06),
        rows.SOFT: figures(0.1),
        rows.BLURRED: figures(0.4),
        rows.SHUFFLED: figures(0.3),
        rows.COLLAPSED: figures(0.5),
        COPIES: figures(0.01, nearest=0.0),
    }


def test_metrics_that_order_their_controls_may_judge() -> None:
    assert rows.unfit(ordered()) == {}


def test_a_metric_that_takes_a_fault_for_the_truth_may_not() -> None:
    table = ordered()
    table[rows.SOFT] = figures(-0.01)
    failed = rows.unfit(table)
    assert failed["kid"] == f"{FLOOR} not better than {rows.SOFT}"
    assert "frechet" in failed
    assert "recall" not in failed


def test_intervals_that_overlap_are_no_order() -> None:
    assert "kid" in rows.unfit({**ordered(), rows.SOFT: figures(0.1, spread=0.2)})


def test_figures_that_are_no_number_do_not_judge() -> None:
    assert "frechet" in rows.unfit({**ordered(), FLOOR: figures(0.0, frechet=float("nan"))})


def test_the_controls_are_ordered_on_pictures() -> None:
    renders, reference, training = (textures(seed, 64) for seed in (1, 2, 3))
    sets = {FLOOR: renders, STUDENT: renders, **rows.spoiled(renders, training)}
    table = rows.table(space(), sets, reference, training)
    for good, bad in ((FLOOR, rows.SOFT), (rows.SOFT, rows.BLURRED), (FLOOR, rows.SHUFFLED)):
        assert rows.better("kid", table[good], table[bad]), f"{good} and {bad}"
    assert rows.better("recall", table[FLOOR], table[rows.COLLAPSED])
    assert "nearest" not in rows.unfit(table)
    assert table[COPIES].nearest < 0.05
    assert table[FLOOR].nearest == pytest.approx(1.0)


def test_shuffling_the_palette_keeps_the_colours_and_spoils_the_picture() -> None:
    picture = textures(4, 1)
    shuffled = rows.spoiled(np.repeat(picture, 32, 0), textures(5, 32))[rows.SHUFFLED]
    assert abs(float(shuffled[0].mean()) - float(picture.mean())) < 12.0
    assert np.abs(shuffled[0].astype(int) - picture[0]).mean() > 10.0


def test_untrained_features_change_little_with_little_and_not_with_the_batch() -> None:
    pictures = judges.floats(textures(6, 3))
    found = untrained.features(pictures)
    assert found.shape == (3, sum(untrained.GROUPS))
    assert np.isfinite(untrained.features(torch.zeros(1, 3, SIDE, SIDE))).all()
    assert np.allclose(untrained.features(pictures[:1]), found[:1], atol=1e-4)
    nudged = untrained.features((pictures + 0.5 / 255.0).clamp(max=1.0))
    assert np.linalg.norm(nudged - found, axis=1).max() < 0.05 * np.linalg.norm(found[0] - found[1])


def test_features_take_wide_canvases() -> None:
    assert untrained.features(torch.rand(1, 3, SIDE, 2 * SIDE)).shape == (1, sum(untrained.GROUPS))
    assert judges.Trunk()(torch.rand(1, 3, SIDE, 2 * SIDE)).shape == (1, judges.LENGTH)


def test_a_judge_learns_and_goes_on_where_it_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(16) % 2
    pictures = rng.integers(0, 60, (16, 32, 32, 3), np.uint8)
    pictures[labels == 1, ::4] += 150
    levels = np.zeros((16, 7), np.float32)
    again = (tmp_path, pictures, labels, levels, ("plain", "striped"), "key")
    net = judges.classifier(*again, 25)
    assert (net.recognised(pictures) == labels).mean() > 0.9
    kept = judges.classifier(*again, 25)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), kept.parameters(), strict=True))
    other = judges.classifier(tmp_path, pictures, labels, levels, ("plain", "striped"), "other pictures", 0)
    assert not torch.equal(other.style.weight, net.style.weight)


def canned(**changes: Any) -> dict[str, Any]:
    """Figures as `protocol.measure` writes them."""
    styles = list(STYLES)
    both = dict.fromkeys(styles, 0.97)
    table = {name: row.written() for name, row in ordered().items()}
    found = {
        "model": "prism",
        "digest": "d1",
        "commit": "c1",
        "styles": styles,
        "picture": [512, 256],
        "parts": {"unet": {"megabytes": 9.5, "millions": 4.7}, "vae": {"megabytes": 0.8, "millions": 0.38}},
        "count": 1024,
        "bank": 2048,
        "psnr": {"mean": 32.0, "by_style": dict.fromkeys(styles, 32.0)},
        "rows": dict.fromkeys(("E1", "E2", "E3"), table),
        "unfit": {"E1": {}, "E2": {}, "E3": {}},
        "kid_ratio": {"E1": [1.05, 0.9, 1.2], "E2": [1.0, 0.9, 1.1], "E3": [1.02, 0.9, 1.2]},
        "style": {"rows": {FLOOR: 0.97, TEACHER: 0.96, STUDENT: 0.96}, "by_style": {s: [0.97, 0.96] for s in styles}},
        "faders": faders.summary(
            dict.fromkeys(faders.ATTRIBUTES, both),
            dict.fromkeys(faders.ATTRIBUTES, both),
            dict.fromkeys(faders.ATTRIBUTES, 0.8),
            dict.fromkeys(faders.ATTRIBUTES, 0.8),
        ),
        "walk": {name: dict.fromkeys(styles, 1.6) for name in ("E1", "E2", "E3")},
        "walk_seconds": 10.0,
        "walk_speed": 0.05,
        "training": [{"stage": "teacher", "steps": 20_000, "minutes": 61.0, "samples": 320_000}],
    }
    return json.loads(json.dumps({**found, **changes}))  # type: ignore[no-any-return]


def test_all_aims_met() -> None:
    assert {line.word for line in verdicts.verdicts(canned())} == {verdicts.AIM}


def test_the_card_says_what_falls_short_first() -> None:
    found = canned(kid_ratio={"E1": [1.05, 0.9, 1.2], "E2": [2.4, 1.9, 3.0], "E3": [1.0, 0.9, 1.1]})
    found["walk"]["E3"]["fire"] = 7.5
    text = card.text(found, {"two cores, 256²": "71 pictures a second"})
    failures = text[text.index("## Falls short") : text.index("## What was asked")]
    assert "KID of one step ÷ KID of the teacher's 16: 2.40, asked was ≤ 1.5" in failures
    assert "worst fire in E3" in failures
    assert "PSNR" not in failures
    assert text.count("**SHORT**") == 2
    assert "| teacher | 20,000 | 61 | 320,000 |" in text
    assert "| two cores, 256² | 71 pictures a second |" in text
    assert "samples.png" in text
    assert "walk.png" in text


def test_the_card_leaves_out_who_may_not_judge_and_says_why() -> None:
    found = canned(kid_ratio={"E1": [9.0, 8.0, 10.0], "E2": [1.0, 0.9, 1.1], "E3": [1.0, 0.9, 1.1]})
    found["unfit"]["E1"] = {"kid": f"{FLOOR} not better than {rows.SOFT}"}
    kid = next(line for line in verdicts.verdicts(found) if line.what.startswith("KID"))
    assert kid.figure == 1.0
    text = card.text(found)
    assert f"KID ×1000: did not order its controls ({FLOOR} not better than {rows.SOFT}): not used." in text
    found["unfit"] = {name: {"kid": "all alike"} for name in ("E1", "E2", "E3")}
    assert next(line for line in verdicts.verdicts(found) if line.what.startswith("KID")).word == verdicts.OPEN
    assert "not judged, no metric ordered its controls" in card.text(found)


def test_the_card_names_weak_styles_and_blind_meters() -> None:
    found = canned()
    found["faders"]["energy"]["by_style"] |= {"hive": [0.1, 0.05], "tunnel": [1.0, 0.2]}
    found["faders"]["energy"]["blind"] = ["hive"]
    found["style"]["by_style"]["smoke"] = [0.98, 0.4]
    text = card.text(found)
    assert "The fader energy is followed badly in: tunnel 0.20." in text
    assert "Styles often taken for others: smoke 40 % recognised" in text
    assert "without hive, on whose renders the meter fails" in text


def test_the_sheet_is_always_the_same_held_out_samples() -> None:
    samples = sheets.grid_samples(STYLES)
    assert len(samples) == sheets.GRID
    assert samples == sheets.grid_samples(STYLES)
    assert {sample.style for sample in samples} == set(STYLES)
    held_out = {sample.seed % 10 for sample in draw_samples(20, "test")}
    assert {sample.seed % 10 for sample in samples} <= held_out


def test_a_sheet_of_noise_still_fits_a_model_folder(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sheets.save_grid(tmp_path / "samples.png", list(rng.integers(0, 256, (64, 256, 256, 3), np.uint8)))
    assert (tmp_path / "samples.png").stat().st_size <= sheet.MAX_BYTES
