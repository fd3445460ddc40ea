"""What was asked of the model, what was found, and whether that is enough: one table, decided here alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .rows import FLOOR, STUDENT

AIM, PASS, SHORT, OPEN = "aim met", "PASS", "SHORT", "no judge"


@dataclass(frozen=True)
class Verdict:
    """One line of the table. `figure` is NaN when no metric may judge; `most`: the figure must not be larger."""

    what: str
    must: float
    aim: float
    figure: float
    note: str = ""
    most: bool = False

    @property
    def word(self) -> str:
        if not math.isfinite(self.figure):
            return OPEN
        sign = -1.0 if self.most else 1.0
        if sign * self.figure >= sign * self.aim:
            return AIM
        return PASS if sign * self.figure >= sign * self.must else SHORT


def verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """Every line, from what `protocol.measure` found. Of several judges the strictest counts."""
    return [
        _autoencoder(figures),
        _kid(figures),
        _style(figures),
        *(_fader(name, found) for name, found in figures["faders"].items()),
        _walk(figures),
        _nearest(figures),
    ]


def judging(figures: Mapping[str, Any], metric: str) -> list[str]:
    """The spaces in which a metric ordered its controls."""
    return [space for space, failed in figures["unfit"].items() if metric not in failed]


def _autoencoder(figures: Mapping[str, Any]) -> Verdict:
    by_style = figures["psnr"]["by_style"]
    worst = min(by_style, key=by_style.__getitem__)
    note = f"worst {worst}, {by_style[worst]:.1f}"
    return Verdict("autoencoder PSNR on test renders, dB", 27.0, 31.0, figures["psnr"]["mean"], note)


def _kid(figures: Mapping[str, Any]) -> Verdict:
    ratios = {space: figures["kid_ratio"][space] for space in judging(figures, "kid")}
    worst = max(ratios.values(), key=lambda ratio: ratio[0], default=[math.nan])
    note = ", ".join(f"{space} {v:.2f} ({low:.2f} to {high:.2f})" for space, (v, low, high) in ratios.items())
    return Verdict("KID of one step ÷ KID of the teacher's 16", 1.5, 1.1, worst[0], note, most=True)


def _style(figures: Mapping[str, Any]) -> Verdict:
    found = figures["style"]["rows"]
    note = f"{100 * found[STUDENT]:.1f} % of {100 * found[FLOOR]:.1f} %"
    return Verdict("style recognised ÷ the same on renders", 0.9, 0.98, found[STUDENT] / max(found[FLOOR], 1e-9), note)


def _fader(name: str, found: Mapping[str, Any]) -> Verdict:
    style, value = found["worst"]
    note = f"renders {found['real']:.2f}; worst {style}, {value:.2f}"
    if found["blind"]:
        note += f"; without {', '.join(found['blind'])}, on whose renders the meter fails"
    return Verdict(f"fader {name}, rank correlation", 0.8, 0.95, found["model"], note)


def _walk(figures: Mapping[str, Any]) -> Verdict:
    steps = [(value, style, space) for space, styles in figures["walk"].items() for style, value in styles.items()]
    value, style, space = max(steps)
    middle = float(np.median([step[0] for step in steps]))
    note = f"worst {style} in {space}; median {middle:.2f}"
    return Verdict("slowest walk: largest ÷ median step", 4.0, 2.0, value, note, most=True)


def _nearest(figures: Mapping[str, Any]) -> Verdict:
    found = {space: figures["rows"][space][STUDENT]["nearest"] for space in judging(figures, "nearest")}
    note = ", ".join(f"{space} {value:.2f}" for space, value in found.items())
    lowest = min(found.values(), default=math.nan)
    return Verdict("nearest training picture ÷ the same of test renders", 0.8, 0.95, lowest, note)
