"""Draws how near to the limit each moment of a video is."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from visuals.wall.flash.report import DISCLAIMER
from visuals.wall.footage.examine import Examined

MOST = 6


def draw(found: Examined, out: Path) -> None:
    """Write a page: turns within the last second over time, the limit, and what fails."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    axes = figure.subplots()
    times = [time for time, _, _ in found.counts]
    axes.step(times, [general for _, general, _ in found.counts], where="post", color="#444", label="luminance")
    axes.step(times, [red for _, _, red in found.counts], where="post", color="#c22", label="red")
    axes.axhline(MOST, color="#c22", linestyle=":", label=f"at most {MOST}")
    for finding in found.findings:
        axes.axvspan(finding.start, finding.end, color="#c22" if finding.level == "fail" else "#da2", alpha=0.15)
    top = max(MOST, *(max(general, red) for _, general, red in found.counts))
    axes.set(xlabel="time, s", ylabel="changes in a second", ylim=(0, 1.15 * top), title=found.video.name)
    axes.legend(loc="upper right", fontsize=8)
    figure.supxlabel(DISCLAIMER, fontsize=7)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out)
