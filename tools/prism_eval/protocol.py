"""The whole protocol over one model folder: renders, judges, rows, faders, walks; the figures as plain JSON."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.prism_training import pictures, plot, trajectories
from tools.prism_training.dataset import SHADERS
from tools.prism_training.samples import STYLES, Sample, draw_samples
from visuals.generator import condition
from visuals.generator.card import PARTS, WEIGHTS, read_card
from visuals.generator.weights import read_shapes
from visuals.types import Pixels

from . import faders, judges, meters, motion, rows, sheets
from .judges import Classifier
from .rows import AUTOENCODER, FLOOR, STUDENT, TEACHER, Figures
from .spaces import Space, spaces

ROOT = Path(__file__).parents[2]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is measured, and how much of it: pictures a row, of training, seeds of a sweep, seconds of a walk."""

    model: Path
    work: Path
    size: str = "small"
    count: int = 1024
    bank: int = 4096
    seeds: int = 3
    walk_seconds: float = motion.SECONDS
    effort: float = 1.0

    def quick(self) -> Plan:
        """A look in a few minutes: its intervals are wide."""
        return Plan(self.model, self.work, self.size, 256, 512, 1, 3.0, 0.3)


def measure(plan: Plan) -> dict[str, Any]:
    """Every figure of the protocol. Raises ModelError for a folder that cannot be played."""
    card = read_card(plan.model)
    logger.info("renders: %d to train the judges, twice %d to judge by", plan.bank, plan.count)
    known = draw_samples(plan.bank, "train", seed=29)
    asked, others = (draw_samples(plan.count, "test", seed) for seed in (29, 31))
    training, renders, reference = (pictures.renders(samples) for samples in (known, asked, others))
    judge, measured = _judges(plan, known, training)
    sets = _sets(plan, asked, renders, training)
    tables = {space.name: _table(space, sets, reference, training) for space in measured}
    logger.info("faders")
    followed = _faders(plan, asked, renders, sets[STUDENT])
    logger.info("walks")
    walks = _walks(plan, measured)
    logger.info("sheets")
    sheets.save_grid(plan.model / "samples.png", list(_draw(plan, sheets.grid_samples(STYLES))))
    sheets.save_walks(plan.model / "walk.png", plan.model, STYLES)
    sheets.save_faders(plan.work / "eval" / "faders.png", STYLES, lambda samples: _draw(plan, samples))
    return {
        "model": card.folder.name,
        "digest": card.digest()[:16],
        "commit": _commit(),
        "styles": list(card.styles),
        "picture": list(card.size),
        "parts": {part: _part(plan.model / part) for part in PARTS},
        "count": plan.count,
        "bank": plan.bank,
        "psnr": _psnr(asked, renders, sets[AUTOENCODER]),
        "rows": {name: {row: f.written() for row, f in table.items()} for name, table in tables.items()},
        "unfit": {name: rows.unfit(table) for name, table in tables.items()},
        "kid_ratio": {name: _ratio(table) for name, table in tables.items()},
        "style": _style(judge, asked, {name: sets[name] for name in (FLOOR, TEACHER, STUDENT)}),
        "faders": followed,
        "walk": walks,
        "walk_seconds": plan.walk_seconds,
        "walk_speed": motion.SLOWEST,
        "training": training_log(plan.work),
    }


def _judges(plan: Plan, known: list[Sample], training: Pixels) -> tuple[Classifier, list[Space]]:
    """E1, E2 and E3; trained once for these styles and shaders, then taken from the work folder."""
    folder = plan.work / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    key = _shaders_key(plan)
    labels = np.array([STYLES.index(sample.style) for sample in known])
    levels = np.array([[2.0 * s.controls[n] - 1.0 for n in condition.LEVELS] for s in known], np.float32)
    steps = [int(plan.effort * n) for n in (judges.CLASSIFIER_STEPS, judges.CONTRAST_STEPS)]
    first = judges.classifier(folder, training, labels, levels, STYLES, key, steps[0])
    return first, spaces(first, judges.contrast(folder, training, key, steps[1]))


def _shaders_key(plan: Plan) -> str:
    """Names what the judges learnt from: shaders that change ask for new judges."""
    total = hashlib.sha256(f"{plan.bank} {plan.effort}".encode())
    for style in STYLES:
        total.update((SHADERS / f"{style}.fs").read_bytes())
    return total.hexdigest()[:24]


def _sets(plan: Plan, asked: list[Sample], renders: Pixels, training: Pixels) -> dict[str, Pixels]:
    """The pictures of every row."""
    logger.info("autoencoder")
    there_and_back = pictures.reconstructions(plan.model, asked)
    logger.info("teacher")
    taught = pictures.through_teacher(plan.work, asked, size=plan.size)
    logger.info("student")
    drawn = _draw(plan, asked)
    return {
        FLOOR: renders,
        AUTOENCODER: there_and_back,
        TEACHER: taught,
        STUDENT: drawn,
        **rows.spoiled(renders, training),
    }


def _draw(plan: Plan, samples: Any) -> Pixels:
    return pictures.through_student(plan.model, samples)


def _table(space: Space, sets: Mapping[str, Pixels], reference: Pixels, training: Pixels) -> dict[str, Figures]:
    logger.info("features %s", space.name)
    return rows.table(space, sets, reference, training)


def _ratio(table: Mapping[str, Figures]) -> list[float]:
    """KID of the student over the teacher's, with its interval."""
    return [round(x, 3) for x in table[STUDENT].kid.over(table[TEACHER].kid)]


def _psnr(asked: list[Sample], renders: Pixels, there_and_back: Pixels) -> dict[str, Any]:
    found: dict[str, list[float]] = {}
    for sample, truth, again in zip(asked, renders, there_and_back, strict=True):
        found.setdefault(sample.style, []).append(meters.psnr(truth, again))
    by_style = {style: round(float(np.mean(values)), 2) for style, values in found.items()}
    return {"mean": round(float(np.mean([x for v in found.values() for x in v])), 2), "by_style": by_style}


def _style(judge: Classifier, asked: list[Sample], sets: Mapping[str, Pixels]) -> dict[str, Any]:
    """Share of pictures whose style E1 tells, by row, and the student's by style."""
    labels = np.array([STYLES.index(sample.style) for sample in asked])
    right = {name: judge.recognised(drawn) == labels for name, drawn in sets.items()}
    by_style = {
        style: [round(float(right[name][labels == n].mean()), 3) for name in (FLOOR, STUDENT)]
        for n, style in enumerate(STYLES)
    }
    return {"rows": {name: round(float(hits.mean()), 4) for name, hits in right.items()}, "by_style": by_style}


def _faders(plan: Plan, asked: list[Sample], renders: Pixels, drawn: Pixels) -> dict[str, dict[str, object]]:
    real = faders.followed(STYLES, plan.seeds, pictures.renders)
    model = faders.followed(STYLES, plan.seeds, lambda samples: _draw(plan, samples))
    return faders.summary(real, model, faders.pooled(asked, renders), faders.pooled(asked, drawn))


def _walks(plan: Plan, measured: list[Space]) -> dict[str, dict[str, float]]:
    """Largest over median step by feature space and style."""
    found: dict[str, dict[str, float]] = {space.name: {} for space in measured}
    for style in STYLES:
        frames = motion.walk(plan.model, style, plan.walk_seconds)
        for space in measured:
            found[space.name][style] = round(motion.unevenness(frames, space), 3)
    return found


def training_log(work: Path) -> list[dict[str, float | str]]:
    """Steps, minutes and samples each stage has had, from its log's last line."""
    found: list[dict[str, float | str]] = []
    for stage in plot.STAGES:
        path = work / f"{stage}.jsonl"
        if path.exists():
            last = json.loads(path.read_text().splitlines()[-1])
            minutes = round(last["seconds"] / 60.0, 1)
            found.append({"stage": stage, "steps": last["step"], "minutes": minutes, "samples": last["samples"]})
    if ways := trajectories.shards(work):
        found.append({"stage": "trajectories", "samples": trajectories.SHARD * len(ways)})
    return found


def _part(folder: Path) -> dict[str, float]:
    """Megabytes and millions of weights of one network."""
    path = folder / WEIGHTS
    millions = sum(math.prod(shape) for shape in read_shapes(path).values()) / 1e6
    return {"megabytes": round(path.stat().st_size / 1e6, 2), "millions": round(millions, 3)}


def _commit() -> str:
    """The commit the figures were measured at, empty outside a repository."""
    done = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()
