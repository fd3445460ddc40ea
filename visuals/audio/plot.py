"""What the ears heard, as one page an artist can read: why a rule fired, and why it did not.

Drawn from the lines of `visuals analyse`, so a page of a saved file is the page of the sound. Knows
nothing of how any of it was measured. The only door to matplotlib.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

Float64s = npt.NDArray[np.float64]

# That it builds its list of fonts, once on a machine, is no warning to anybody.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

GROUND, PANEL, INK, DIM = "#101216", "#171a20", "#e8e6e1", "#8b9099"
COLUMNS = 1500
"""Points across the page: more hops than this are drawn as the loudest of each column."""

HITS = {"onset": "#9aa3ad", "kick": "#ff6b5e", "snare": "#ffd166", "hat": "#6fd3ff", "hit.melodic": "#b79cff"}
BANDS = ("sub", "bass", "lowmid", "mid", "high", "air")
SHARES = {"drums": "#ff6b5e", "instruments": "#5fd38d", "voice": "#ffb3d1", "crowd": "#ffd166", "silence": "#6fd3ff"}
NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MARKS = {"drop": "#ff4d6d", "breakdown": "#6fd3ff", "section": "#9aa3ad", "song": "#ffffff"}
_SIGNALS = (
    *("peak", "rms", "pitch", "pitch.confidence", "bpm", "tempo.confidence", "bar.confidence", "energy", "build"),
    *("breakdown", "key", "key.minor", "key.confidence"),
    *BANDS,
    *SHARES,
)
_DPI = 120
LEFT, RIGHT = 0.115, 0.985


@dataclass(slots=True)
class Heard:
    """The lines of an analysis as arrays: signals [hops], and per event its times and strengths [n]."""

    times: Float64s
    signals: Mapping[str, Float64s]
    events: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def span(self) -> tuple[float, float]:
        """From the first hop to the last: never empty, so that it can be drawn."""
        return float(self.times[0]), max(float(self.times[-1]), float(self.times[0]) + 0.1)

    def of(self, event: str) -> tuple[Float64s, Float64s]:
        found = np.array(self.events.get(event, []), np.float64).reshape(-1, 2)
        return found[:, 0], found[:, 1]


def gather(lines: Iterable[Mapping[str, Any]]) -> Heard:
    """Take from the lines what the page shows; a signal that they lack is 0 throughout."""
    times: list[float] = []
    rows: list[list[float]] = []
    events: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        if line["type"] == "hop":
            times.append(line["t"])
            rows.append([line["signals"].get(name, 0.0) for name in _SIGNALS])
        else:
            events.setdefault(line["type"], []).append((line["t"], line["strength"]))
    if not times:
        times, rows = [0.0], [[0.0] * len(_SIGNALS)]
    return Heard(np.array(times), dict(zip(_SIGNALS, np.array(rows).T, strict=True)), events)


def plot(lines: Iterable[Mapping[str, Any]], path: str | Path, title: str = "") -> None:
    """Draw the page of `lines` into a PNG (or what else `path` ends in). Raises OSError."""
    heard = gather(lines)
    figure = Figure(figsize=(15.0, 11.0), dpi=_DPI, facecolor=GROUND)
    heights = {_sound: 1.5, _bands: 1.5, _hits: 1.7, _pitch: 1.8, _tempo: 1.4, _form: 1.4, _shares: 1.2}
    grid = figure.add_gridspec(len(heights), 1, height_ratios=list(heights.values()), hspace=0.09)
    grid.update(left=LEFT, right=RIGHT, top=0.935, bottom=0.04)
    first: Axes | None = None
    for row, panel in enumerate(heights):
        axes = figure.add_subplot(grid[row], sharex=first)
        first = first or axes
        _dress(axes, last=row == len(heights) - 1)
        panel(axes, heard)
        _mark(axes, heard, named=row == 0)
    assert first is not None
    first.set_xlim(*heard.span)
    figure.text(LEFT, 0.968, title, color=INK, fontsize=17, fontweight="bold", va="center")
    figure.text(RIGHT, 0.968, summary(heard), color=INK, fontsize=13, ha="right", va="center")
    figure.savefig(path, facecolor=GROUND)


def summary(heard: Heard) -> str:
    """Length, tempo and key, as far as they were sure."""
    length = float(heard.times[-1] - heard.times[0])
    parts = [f"{_clock(round(length))} long"]
    sure = heard.signals["tempo.confidence"]
    if sure.max() > 0.3:
        parts.append(f"{np.median(heard.signals['bpm'][sure > 0.3]):.1f} BPM")
    certain = heard.signals["key.confidence"]
    if certain.max() > 0.3:
        tonics = heard.signals["key"].astype(int) + 12 * (heard.signals["key.minor"] > 0.5)
        best = int(np.bincount(tonics, weights=certain, minlength=24).argmax())
        parts.append(f"{NOTES[best % 12]} {'minor' if best >= 12 else 'major'}")
    return "   ·   ".join(parts)


# ---- panels -------------------------------------------------------------------------------------


def _sound(axes: Axes, heard: Heard) -> None:
    _name(axes, "sound", "peak and mean\nbefore gain")
    times, peak = _columns(heard, "peak")
    _, rms = _columns(heard, "rms")
    top = max(float(peak.max()), 1e-3)
    axes.fill_between(times, -peak, peak, color="#3f6f8f", linewidth=0)
    axes.fill_between(times, -rms, rms, color="#8fd3ff", linewidth=0)
    axes.set(ylim=(-1.15 * top, 1.15 * top), yticks=[])


def _bands(axes: Axes, heard: Heard) -> None:
    _name(axes, "bands", "after gain")
    levels = np.array([_columns(heard, band)[1] for band in BANDS])
    fire = LinearSegmentedColormap.from_list("fire", [PANEL, "#43216b", "#c23b5f", "#ff9f43", "#fff3c4"])
    extent = (*heard.span, -0.5, len(BANDS) - 0.5)
    axes.imshow(levels, fire, vmin=0, vmax=1, aspect="auto", origin="lower", extent=extent, interpolation="nearest")
    axes.set_yticks(range(len(BANDS)), BANDS)


def _hits(axes: Axes, heard: Heard) -> None:
    _name(axes, "hits", "height:\nstrength")
    names = list(HITS)[::-1]
    for row, name in enumerate(names):
        times, strengths = heard.of(name)
        _ticks(axes, times, row, row + 0.12 + 0.76 * np.clip(strengths, 0.0, 1.0), HITS[name])
    axes.set(ylim=(-0.15, len(names)))
    axes.set_yticks(np.arange(len(names)) + 0.4, ["melodic" if n == "hit.melodic" else n for n in names])
    _bars(axes, heard)


def _pitch(axes: Axes, heard: Heard) -> None:
    """The leading voice, where there is one, in the colours of its notes round the circle of twelve."""
    _name(axes, "pitch", "colour:\nthe note")
    voiced = (heard.signals["pitch.confidence"] > 0.5) & (heard.signals["pitch"] > 20.0)
    notes = np.where(voiced, 69.0 + 12.0 * np.log2(np.maximum(heard.signals["pitch"], 1.0) / 440.0), np.nan)
    low, high = (np.nanmin(notes), np.nanmax(notes)) if voiced.any() else (48.0, 72.0)
    middle, reach = (low + high) / 2.0, max(7.0, (high - low) / 2.0 + 1.5)
    colours = hsv_to_rgb(np.stack([np.nan_to_num(notes) / 12.0 % 1.0, *np.full((2, len(notes)), [[0.6], [1.0]])], 1))
    axes.scatter(heard.times, notes, s=5.0, c=colours, linewidths=0)
    times, _ = heard.of("note.on")
    _ticks(axes, times, middle - reach, np.full(len(times), middle - 0.93 * reach), INK)
    axes.set(ylim=(middle - reach, middle + reach))
    shown = (0,) if reach > 14.0 else (0, 4, 7)
    ticks = [n for n in range(int(middle - reach) + 1, int(middle + reach) + 1) if n % 12 in shown]
    axes.set_yticks(ticks, [f"{NOTES[n % 12]}{n // 12 - 1}" for n in ticks])
    _bars(axes, heard)


def _tempo(axes: Axes, heard: Heard) -> None:
    _name(axes, "tempo", "shade:\nhow sure")
    times, sure = _columns(heard, "tempo.confidence")
    bpm = heard.signals["bpm"]
    found = heard.signals["tempo.confidence"] > 0.05
    low, high = (bpm[found].min(), bpm[found].max()) if found.any() else (110.0, 130.0)
    low, high = low - max(4.0, 0.2 * (high - low)), high + max(4.0, 0.2 * (high - low))
    beats = low - 0.45 * (high - low)
    axes.fill_between(times, low, low + sure * (high - low), color="#24413a", linewidth=0)
    axes.plot(heard.times, np.where(found, bpm, np.nan), color="#5fe0b0", linewidth=1.6)
    for name, height, colour in (("beat", 0.4, "#7d858f"), ("downbeat", 0.75, INK), ("phrase", 1.0, "#ffd166")):
        when, _ = heard.of(name)
        _ticks(axes, when, beats, np.full(len(when), beats + height * (low - beats) * 0.85), colour)
    axes.set(ylim=(beats, high))
    axes.axhline(low, color=GROUND, linewidth=1.0)
    axes.set_yticks([(beats + low) / 2, *_round_ticks(low, high)], ["beats", *map(str, _round_ticks(low, high))])
    _bars(axes, heard)


def _form(axes: Axes, heard: Heard) -> None:
    _name(axes, "form", "")
    times, energy = _columns(heard, "energy")
    axes.fill_between(times, energy, color="#5b3a1e", linewidth=0)
    axes.plot(times, energy, color="#ff9f43", linewidth=1.4)
    axes.plot(times, _columns(heard, "build")[1], color="#ff5c8a", linewidth=1.4)
    axes.fill_between(times, 0, 1.1 * (_columns(heard, "breakdown")[1] > 0.5), color="#6fd3ff", alpha=0.12, linewidth=0)
    axes.set(ylim=(0, 1.1))
    axes.set_yticks([0.25, 0.55, 0.85], ["breakdown", "build", "energy"])
    for label, colour in zip(axes.get_yticklabels(), ("#6fd3ff", "#ff5c8a", "#ff9f43"), strict=True):
        label.set_color(colour)


def _shares(axes: Axes, heard: Heard) -> None:
    _name(axes, "who", "")
    for row, (name, colour) in enumerate(reversed(SHARES.items())):
        times, share = _columns(heard, name)
        axes.fill_between(times, row + 0.45 - 0.42 * share, row + 0.45 + 0.42 * share, color=colour, linewidth=0)
    axes.set(ylim=(-0.1, len(SHARES)))
    axes.set_yticks(np.arange(len(SHARES)) + 0.45, list(SHARES)[::-1])


# ---- what the panels share ----------------------------------------------------------------------


def _dress(axes: Axes, last: bool) -> None:
    axes.set_facecolor(PANEL)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(colors=DIM, labelsize=9, length=0, labelbottom=last)
    axes.xaxis.set_major_locator(MaxNLocator(16, steps=[1, 1.5, 2, 3, 5, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: _clock(t)))


def _name(axes: Axes, name: str, about: str) -> None:
    axes.text(-0.12, 0.98, name, color=INK, fontsize=12, fontweight="bold", va="top", transform=axes.transAxes)
    axes.text(-0.12, 0.80, about, color=DIM, fontsize=8, va="top", transform=axes.transAxes)


def _mark(axes: Axes, heard: Heard, named: bool) -> None:
    """The form's events as lines down the whole page, their names on top of it."""
    for event, colour in MARKS.items():
        for time in heard.of(event)[0]:
            axes.axvline(time, color=colour, linewidth=1.2, alpha=0.7, zorder=8)
            if named:
                side = "left" if time < heard.times[0] + 0.95 * float(np.ptp(heard.times)) else "right"
                place = axes.get_xaxis_transform()
                axes.text(time, 1.03, event, color=colour, fontsize=9, ha=side, transform=place)


def _bars(axes: Axes, heard: Heard) -> None:
    """A faint line at every downbeat, where they are not too many to be seen."""
    times, _ = heard.of("downbeat")
    for time in times if len(times) <= 200 else ():
        axes.axvline(time, color=INK, linewidth=0.6, alpha=0.13, zorder=0)


def _ticks(axes: Axes, times: Float64s, low: float, tops: Float64s, colour: str) -> None:
    lines = [((t, low), (t, top)) for t, top in zip(times, tops, strict=True)]
    width = float(np.clip(400.0 / max(len(times), 1), 0.5, 1.5))
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=width), autolim=False)


def _columns(heard: Heard, name: str) -> tuple[Float64s, Float64s]:
    """A signal with at most COLUMNS points, each the highest of its hops."""
    values = heard.signals[name]
    starts = np.unique(np.linspace(0, len(values), min(COLUMNS, len(values)), endpoint=False).astype(int))
    return heard.times[starts], np.maximum.reduceat(values, starts)


def _round_ticks(low: float, high: float) -> list[int]:
    found = MaxNLocator(3, steps=[1, 2, 5, 10], integer=True).tick_values(low, high)
    return [int(tick) for tick in found if low < tick < high]


def _clock(seconds: float) -> str:
    whole, tenth = divmod(round(10.0 * seconds), 10)
    return f"{whole // 60}:{whole % 60:02d}" + (f".{tenth}" if tenth else "")
