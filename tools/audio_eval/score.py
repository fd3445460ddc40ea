"""Scores of what was heard against what was there, at emit time: an event counts when it was known.

Plain functions of times in seconds and of curves, without any analyser: whoever tunes a detector
calls them directly. Each returns a dict of figures; a figure that cannot be told is NaN. Measures and
windows are those of MIREX as mir_eval computes them (Raffel et al. 2014), on emitted times.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import mir_eval  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = Sequence[float] | Floats
Scores = dict[str, Any]
"""Figures by name: floats, and arrays of what is pooled over clips before it becomes a figure."""

ONSET_WINDOW_S = 0.050
BEAT_WINDOW_S = 0.070
BEATS_FROM_S = 5.0
"""mir_eval.beat's custom: the first seconds are for finding the beat."""
TEMPO_TOLERANCE = 0.04
LOCK_BEATS = 4


def onset_scores(truth: Times, emitted: Times, stamps: Times | None = None, window: float = ONSET_WINDOW_S) -> Scores:
    """F, precision and recall of `emitted` within ±`window` s, and how late each true onset was known.

    `stamps`: for each emitted event the time it says it happened. `latency_ms` [matched]: emitted less
    true time, matched on the stamps where there are any, so that what comes later than the window shows.
    """
    true, known = _sorted(truth), np.asarray(emitted, np.float64)
    said = known if stamps is None else np.asarray(stamps, np.float64)
    order = np.argsort(said, kind="stable")
    said, late = said[order], known[order]
    f, precision, recall = _f_measure(true, np.sort(known), window)
    pairs = mir_eval.util.match_events(true, said, window) if len(true) and len(said) else []
    lags = np.array([late[j] - true[i] for i, j in pairs]) * 1000.0
    return {
        "f": f,
        "precision": precision,
        "recall": recall,
        "f_stamp": _f_measure(true, said, window)[0],
        "latency_ms": lags,
        "p50_ms": _percentile(lags, 50),
        "p95_ms": _percentile(lags, 95),
    }


def beat_scores(truth: Times, emitted: Times, stamps: Times | None = None) -> Scores:
    """Beats against human ones: F (±70 ms), continuity, tempo, lock; the first 5 s are for finding them.

    `emitted` is when each became known; with `stamps`, the predicted times, a beat falls when it is both
    known and due: max(emitted, stamp). `octave`: "ok", "x2", "x1/2" or "other" (within 4 %), `bias` of
    the tempo in per cent where it is ok, `lock_s` the first of 4 beats in a row that are right (inf:
    never), `error_ms` [n] of the beats in such rows, signed.
    """
    true, fallen = _sorted(truth), lit(emitted, stamps)
    late_true = mir_eval.beat.trim_beats(true, BEATS_FROM_S)
    late_fallen = mir_eval.beat.trim_beats(fallen, BEATS_FROM_S)
    f = _f_measure(late_true, late_fallen, BEAT_WINDOW_S)[0]
    cml = aml = 0.0
    if len(late_true) > 1 and len(late_fallen) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, cml, _, aml = mir_eval.beat.continuity(late_true, late_fallen)
    said = late_fallen if stamps is None else mir_eval.beat.trim_beats(_sorted(stamps), BEATS_FROM_S)
    true_bpm, bpm = tempo_of(late_true), tempo_of(said)
    octave = _octave(bpm / true_bpm)
    locked = _locked(true, fallen)
    return {
        "f": f,
        "cmlt": float(cml),
        "amlt": float(aml),
        "octave": octave,
        "bias": 100.0 * (bpm / true_bpm - 1.0) if octave == "ok" else np.nan,
        "lock_s": float(fallen[locked[0][0]]) if locked else np.inf,
        "error_ms": np.array([fallen[i] - true[j] for i, j in locked]) * 1000.0,
    }


def downbeat_scores(truth: Times, emitted: Times, stamps: Times | None = None) -> Scores:
    """F of downbeats within ±70 ms, the first 5 s left out, at the time they fall."""
    true = mir_eval.beat.trim_beats(_sorted(truth), BEATS_FROM_S)
    fallen = mir_eval.beat.trim_beats(lit(emitted, stamps), BEATS_FROM_S)
    return {"f": _f_measure(true, fallen, BEAT_WINDOW_S)[0]}


def lit(emitted: Times, stamps: Times | None = None) -> Floats:
    """When the light of each predicted beat falls: as soon as it is known and due, sorted."""
    known = np.asarray(emitted, np.float64)
    return np.sort(known if stamps is None else np.maximum(known, np.asarray(stamps, np.float64)))


def tempo_of(beats: Times) -> float:
    """BPM from the mean of the intervals within 15 % of the median one; NaN for fewer than three beats."""
    gaps = np.diff(np.asarray(beats, np.float64))
    if len(gaps) < 2:
        return float("nan")
    middle = float(np.median(gaps))
    usual = gaps[np.abs(gaps - middle) <= 0.15 * middle]
    return 60.0 / float(usual.mean()) if len(usual) and middle > 0.0 else float("nan")


def relock_s(truth: Times, fallen: Times, change: float) -> float:
    """Seconds from a change of tempo to the first of four right beats in a row after it; inf: never."""
    true, after = _sorted(truth), _sorted(fallen)
    locked = _locked(true[true >= change - BEAT_WINDOW_S], after[after >= change - BEAT_WINDOW_S])
    return float(after[after >= change - BEAT_WINDOW_S][locked[0][0]] - change) if locked else float("inf")


def pitch_scores(truth: tuple[Floats, Floats], published: tuple[Floats, Floats]) -> Scores:
    """Pitch within 50 cents and voicing, of curves (times s, Hz with 0 for unvoiced), at emit.

    The estimate that counts for a true time is the last one published at or before it. `rpa`, `rca`:
    share of the voiced times with the right pitch, and with the right one in any octave; `voicing`:
    share of the voiced times called voiced; `alarm`: share of the unvoiced times called voiced.
    """
    times, hz = truth
    told_at, told_hz = published
    latest = np.searchsorted(told_at, times, side="right") - 1
    told = np.where(latest >= 0, told_hz[np.maximum(latest, 0)], 0.0) if len(told_hz) else np.zeros(len(times))
    voiced, called = hz > 0.0, told > 0.0
    both = voiced & called
    cents = 1200.0 * np.log2(told[both] / hz[both])
    folded = np.abs((cents + 600.0) % 1200.0 - 600.0)
    return {
        "rpa": _share(np.abs(cents) <= 50.0, voiced),
        "rca": _share(folded <= 50.0, voiced),
        "voicing": _share(both, voiced),
        "alarm": _share(called & ~voiced, ~voiced),
    }


def recall_at_alarms(positive: Times, negative: Times, alarms: float = 0.05) -> float:
    """Share of the positive windows above the level that `alarms` of the negative ones exceed."""
    yes, no = np.asarray(positive, np.float64), np.sort(np.asarray(negative, np.float64))
    if not len(yes) or not len(no):
        return float("nan")
    level = no[min(len(no) - 1, int(np.ceil((1.0 - alarms) * len(no))) - 1)]
    return float(np.mean(yes > level))


def shot_scores(shots: Sequence[tuple[float, str]], events: dict[str, Floats], window: float = 0.060) -> Scores:
    """One-shots named: of each class how many raised its event within `window`, and raised no other too.

    `shots` [(time s, "kick" | "snare" | "hat" | "other")]; `events` emitted times by name. Figures are
    pairs (right, all) to be added up over clips: `kick`, `snare`, `hat`, `exact`.
    """
    counts = {name: np.zeros(2) for name in ("kick", "snare", "hat", "exact")}
    for time, kind in shots:
        if kind == "other":
            continue
        raised = {n for n in ("kick", "snare", "hat") if _any_within(events.get(n), time, window)}
        counts[kind] += (kind in raised, 1)
        counts["exact"] += (raised == {kind}, 1)
    return dict(counts)


# ---- parts --------------------------------------------------------------------------------------


def _any_within(times: Floats | None, start: float, window: float) -> bool:
    return times is not None and bool(np.any((times >= start - 0.010) & (times <= start + window)))


def _sorted(times: Times) -> Floats:
    return np.sort(np.asarray(times, np.float64))


def _f_measure(truth: Floats, found: Floats, window: float) -> tuple[float, float, float]:
    if not len(truth):
        return (float("nan"),) * 3
    if not len(found):
        return 0.0, 0.0, 0.0
    matched = len(mir_eval.util.match_events(truth, found, window))
    precision, recall = matched / len(found), matched / len(truth)
    return 2.0 * matched / (len(found) + len(truth)), precision, recall


def _octave(ratio: float) -> str:
    for name, factor in (("ok", 1.0), ("x2", 2.0), ("x1/2", 0.5)):
        if abs(ratio / factor - 1.0) <= TEMPO_TOLERANCE:
            return name
    return "other"


def _locked(truth: Floats, found: Floats) -> list[tuple[int, int]]:
    """Pairs (found, true) in rows of four or more: neighbours on one side are neighbours on the other."""
    if not len(truth) or not len(found):
        return []
    nearest = np.abs(found[:, None] - truth[None, :]).argmin(axis=1)
    right = np.abs(found - truth[nearest]) <= BEAT_WINDOW_S
    pairs: list[tuple[int, int]] = []
    row: list[tuple[int, int]] = []
    for i in range(len(found)):
        goes_on = bool(row) and right[i] and nearest[i] == row[-1][1] + 1
        if not goes_on:
            pairs += row if len(row) >= LOCK_BEATS else []
            row = []
        if right[i]:
            row.append((i, int(nearest[i])))
    return pairs + (row if len(row) >= LOCK_BEATS else [])


def _share(part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")


def _percentile(values: Floats, share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else float("nan")
