"""What is asked of a listener, subject by subject: what truth it needs, its score, its columns.

`SUBJECTS` is the whole of it. A clip is scored in every subject whose truth it has; a listener that
did not listen for a subject is left out of its table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from . import score
from .clips import Clip, Truth
from .heard import Heard, Told
from .score import Scores

Fold = Callable[[Sequence[Scores]], float]
"""From the scores of all clips of a set to one figure; NaN where there is none."""


@dataclass(frozen=True)
class Column:
    """One figure of a table: heading, how it is folded from the clips' scores, how it is written."""

    title: str
    fold: Fold
    form: str = ".3f"


@dataclass(frozen=True)
class Subject:
    """`needs`: truths of which a clip must have one. `score`: None when the listener says nothing of it."""

    name: str
    about: str
    needs: tuple[str, ...]
    score: Callable[[Truth, Heard], Scores | None]
    columns: tuple[Column, ...]

    def asks(self, clip: Clip) -> bool:
        return any(need in clip.truth for need in self.needs)


# ---- folding ------------------------------------------------------------------------------------


def _values(key: str, rows: Sequence[Scores]) -> list[float]:
    return [row[key] for row in rows if key in row and not np.isnan(row[key])]


def mean(key: str) -> Fold:
    return lambda rows: float(np.mean(values)) if (values := _values(key, rows)) else float("nan")


def median(key: str) -> Fold:
    return lambda rows: float(np.median(values)) if (values := _values(key, rows)) else float("nan")


def pooled(key: str, share: float, size: bool = False) -> Fold:
    """A percentile of all values of all clips; of their absolute values with `size`."""

    def fold(rows: Sequence[Scores]) -> float:
        values = np.concatenate([row[key] for row in rows if key in row] or [np.zeros(0)])
        return float(np.percentile(np.abs(values) if size else values, share)) if len(values) else float("nan")

    return fold


def count(key: str, value: object) -> Fold:
    return lambda rows: float(sum(row.get(key) == value for row in rows))


def ratio(key: str) -> Fold:
    """Of pairs (right, all), added up."""

    def fold(rows: Sequence[Scores]) -> float:
        right, whole = np.sum([row[key] for row in rows if key in row] or [(0.0, 0.0)], axis=0)
        return float(right / whole) if whole else float("nan")

    return fold


def balanced(*keys: str) -> Fold:
    return lambda rows: float(np.mean([ratio(key)(rows) for key in keys]))


def recall(alarms: float) -> Fold:
    def fold(rows: Sequence[Scores]) -> float:
        yes, no = (np.concatenate([row[key] for row in rows] or [np.zeros(0)]) for key in ("crowd", "music"))
        return score.recall_at_alarms(yes, no, alarms)

    return fold


# ---- scoring ------------------------------------------------------------------------------------


def _score_onsets(truth: Truth, heard: Heard) -> Scores | None:
    said = heard.events.get("onset")
    return score.onset_scores(truth["onsets"], said.emit, said.stamp) if said else None


def _score_drums(truth: Truth, heard: Heard) -> Scores | None:
    scores: Scores = {}
    lags = []
    for name in ("kick", "snare", "hat"):
        said = heard.events.get(name)
        if said is None:
            return None
        if name in truth and len(truth[name]):
            own = score.onset_scores(truth[name], said.emit, said.stamp)
            scores |= {name: own["f"], f"{name}_precision": own["precision"], f"{name}_recall": own["recall"]}
            lags.append(own["latency_ms"])
    return {**scores, "latency_ms": np.concatenate(lags)} if lags else None


def _score_beats(truth: Truth, heard: Heard) -> Scores | None:
    said = heard.events.get("beat")
    if said is None:
        return None
    scores = score.beat_scores(truth["beats"], said.emit, said.stamp)
    down = heard.events.get("downbeat")
    if down is not None and "downbeats" in truth:
        scores["downbeat"] = score.downbeat_scores(truth["downbeats"], down.emit, down.stamp)["f"]
    changes = truth.get("tempo_changes", ())
    fallen = score.lit(said.emit, said.stamp)
    scores["relock_s"] = np.array([score.relock_s(truth["beats"], fallen, change) for change in changes])
    return scores


def _score_pitch(truth: Truth, heard: Heard) -> Scores | None:
    hz = heard.signals.get("pitch")
    return score.pitch_scores(truth["f0"], (heard.times, hz)) if hz is not None else None


def _score_hits(truth: Truth, heard: Heard) -> Scores | None:
    """Of the onsets heard, how many were told apart in time, and of these how many rightly."""
    drum, note, onset = (heard.events.get(name) for name in ("hit.drum", "hit.melodic", "onset"))
    if drum is None or note is None or onset is None:
        return None
    told = len(drum.emit) + len(note.emit)
    right = len(drum.emit) if truth["hit"] == "drum" else len(note.emit)
    return {truth["hit"]: (right, told), truth.get("role", ""): (right, told), "told": (told, len(onset.emit))}


def _score_shots(truth: Truth, heard: Heard) -> Scores | None:
    if not {"kick", "snare", "hat"} <= set(heard.events):
        return None
    scores = score.shot_scores(truth["shots"], {name: said.emit for name, said in heard.events.items()})
    drum, note = heard.events.get("hit.drum"), heard.events.get("hit.melodic")
    if drum is not None and note is not None:
        scores["drum"] = (len(drum.emit), len(drum.emit) + len(note.emit))
    return scores


def _score_crowd(truth: Truth, heard: Heard) -> Scores | None:
    """The signal at the end of each second, when that second has been heard."""
    if "crowd" not in heard.signals:
        return None
    starts = np.arange(int(heard.seconds), dtype=np.float64)
    ends = np.searchsorted(heard.times, starts + 1.0 - 1e-6)
    values = heard.signals["crowd"][np.minimum(ends, len(heard.times) - 1)]
    label = truth["crowd"]
    labels = np.full(len(values), float(label)) if isinstance(label, bool) else label[: len(values)]
    values = values[: len(labels)]
    return {"crowd": values[labels == 1.0], "music": values[labels == 0.0]}


def _score_form(truth: Truth, heard: Heard) -> Scores | None:
    scores: Scores = {}
    if "key" in truth and "key" in heard.signals:
        tonic, minor = truth["key"]
        late = heard.times > min(20.0, heard.seconds / 2.0)
        right = (np.rint(heard.signals["key"]) == tonic) & ((heard.signals["key.minor"] > 0.5) == minor)
        scores["key"] = float(right[late].mean()) if late.any() else float("nan")
    for name, window in (("section", 3.0), ("drop", 0.5)):
        said = heard.events.get(name)
        if said is not None and len(truth.get(name, ())):
            scores[name] = score.onset_scores(truth[name], said.emit, said.stamp, window)["f"]
    return scores or None


def _score_false_beats(truth: Truth, heard: Heard) -> Scores | None:
    """Beats a minute said with a confidence above 0.3 where there is no beat."""
    said: Told | None = heard.events.get("beat")
    return None if said is None else {"beats": 60.0 * float(np.sum(said.confidence > 0.3)) / heard.seconds}


# ---- the table ----------------------------------------------------------------------------------

_LATENCY = (Column("late p50 ms", pooled("latency_ms", 50), ".1f"), Column("p95 ms", pooled("latency_ms", 95), ".1f"))

SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "onsets",
        "onsets within ±50 ms at emit; latency after the true onset",
        ("onsets",),
        _score_onsets,
        (
            Column("F", mean("f")),
            Column("precision", mean("precision")),
            Column("recall", mean("recall")),
            Column("F stamp", mean("f_stamp")),
            *_LATENCY,
        ),
    ),
    Subject(
        "drums",
        "kick, snare and hat within ±50 ms at emit",
        ("kick", "snare", "hat"),
        _score_drums,
        (
            *(Column(name, mean(name)) for name in ("kick", "snare", "hat")),
            *(
                Column(f"{name} {part[0].upper()}", mean(f"{name}_{part}"), ".2f")
                for name in ("kick", "snare", "hat")
                for part in ("precision", "recall")
            ),
            *_LATENCY,
        ),
    ),
    Subject(
        "beats",
        "beats within ±70 ms when light falls, from 5 s on; lock: four right in a row",
        ("beats",),
        _score_beats,
        (
            Column("F", mean("f")),
            Column("F median", median("f")),
            Column("CMLt", mean("cmlt")),
            Column("AMLt", mean("amlt")),
            *(Column(name, count("octave", name), ".0f") for name in ("ok", "x2", "x1/2", "other")),
            Column("downbeat", mean("downbeat")),
            Column("bias %", median("bias"), "+.2f"),
            Column("lock s", median("lock_s"), ".1f"),
            Column("relock s", pooled("relock_s", 50), ".1f"),
            Column("|error| ms", pooled("error_ms", 50, size=True), ".1f"),
            Column("error ms", pooled("error_ms", 50), "+.1f"),
        ),
    ),
    Subject(
        "pitch",
        "f0 within 50 cents at emit; voiced and unvoiced times called voiced",
        ("f0",),
        _score_pitch,
        (
            Column("pitch", mean("rpa")),
            Column("any octave", mean("rca")),
            Column("voicing", mean("voicing")),
            Column("false alarms", mean("alarm")),
        ),
    ),
    Subject(
        "hits",
        "onsets in single tracks told to be drums or notes",
        ("hit",),
        _score_hits,
        (
            Column("balanced", balanced("drum", "melodic")),
            *(Column(role, ratio(role)) for role in ("drum", "bass", "guitar", "voice", "other")),
            Column("told", ratio("told")),
        ),
    ),
    Subject(
        "shots",
        "one-shots of drum machines that raised their event; it alone; hits called drums",
        ("shots",),
        _score_shots,
        tuple(Column(name, ratio(name)) for name in ("kick", "snare", "hat", "exact", "drum")),
    ),
    Subject(
        "crowd",
        "seconds of crowd recalled at 5 % and 1 % false alarms",
        ("crowd",),
        _score_crowd,
        (Column("at 5 %", recall(0.05)), Column("at 1 %", recall(0.01))),
    ),
    Subject(
        "form",
        "share of time the key is right; sections within 3 s and drops within 0.5 s",
        ("key", "section", "drop"),
        _score_form,
        (Column("key", mean("key")), Column("section F", mean("section")), Column("drop F", mean("drop"))),
    ),
    Subject(
        "false beats",
        "beats a minute, confidence above 0.3, where there are none",
        ("no beat",),
        _score_false_beats,
        (Column("beats/min", mean("beats"), ".1f"),),
    ),
)

WHAT = {
    "onsets": ("onsets",),
    "drums": ("drums",),
    "beats": ("beats",),
    "pitch": ("pitch",),
    "hits": ("hits", "shots"),
    "crowd": ("crowd",),
    "form": ("form",),
    "robust": ("onsets", "beats", "false beats"),
}
"""What --what may name, and the subjects it stands for. `robust` asks them of spoilt clips."""
