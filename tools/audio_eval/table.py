"""The run: every clip before every listener, scores folded into tables a person and a program can read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from . import heard, peers
from .clips import Clip
from .score import Scores
from .subjects import SUBJECTS, WHAT, Subject

OURS = "visuals"


@dataclass(frozen=True)
class Run:
    """What to do: listeners, subjects by the words of --what, where foreign peers live, what to keep."""

    listeners: tuple[str, ...]
    what: tuple[str, ...]
    python: Path
    keep: Path | None = None


@dataclass(frozen=True)
class Result:
    """One clip before one listener: scores by subject, or why there are none; CPU s per s of sound."""

    clip: str
    corpus: str
    listener: str
    scores: dict[str, Scores]
    cpu: float = math.nan
    failed: str = ""


def spread(clips: Sequence[Clip], what: Sequence[str]) -> list[Clip]:
    """The clips that `what` asks for, and with `robust` their spoilt copies and sounds without any beat."""
    plain = [word for word in what if word != "robust"]
    wanted = [clip for clip in clips if subjects_of(clip, plain)]
    if "robust" not in what:
        return wanted
    spoiling = [clip for clip in clips if {"onsets", "beats"} & set(clip.truth)]
    beatless = [Clip(how or "silence", "no music", (), {"no beat": True}, how) for how in ("", "pink noise", "hum")]
    return wanted + [clip.spoil(how) for how in ("-40 dB", "reverb") for clip in spoiling] + beatless


def subjects_of(clip: Clip, what: Sequence[str]) -> list[Subject]:
    """What this clip is scored in. Spoilt clips are asked for onsets and beats only."""
    robust = bool(clip.spoilt) or "no beat" in clip.truth
    words = ["robust"] if robust else [word for word in what if word != "robust"]
    names = {name for word in words for name in WHAT[word]}
    return [subject for subject in SUBJECTS if subject.name in names and subject.asks(clip)]


def examine(clip: Clip, listener: str, run: Run) -> Result:
    """One clip before one listener."""
    corpus = ", ".join(filter(None, (clip.corpus, clip.spoilt if clip.parts else "")))
    subjects = subjects_of(clip, run.what)
    try:
        if listener == OURS:
            found = heard.listen(clip, run.keep)
        else:
            found = peers.listen(listener, clip, [subject.name for subject in subjects], run.python)
        scores = {subject.name: own for subject in subjects if (own := subject.score(clip.truth, found)) is not None}
    except OSError as error:
        return Result(clip.name, corpus, listener, {}, failed=str(error))
    return Result(clip.name, corpus, listener, scores, found.cpu_s / max(found.seconds, 1e-9))


def examine_all(clips: Sequence[Clip], run: Run, jobs: int, done: Callable[[Result], None]) -> list[Result]:
    """Every clip before every listener, `jobs` clips at a time, in an order that `jobs` does not change."""
    tasks = [(clip, listener, run) for clip in clips for listener in run.listeners if _knows(listener, clip, run)]
    results: list[Result | None] = [None] * len(tasks)
    if jobs == 1:
        for i, task in enumerate(tasks):
            results[i] = examine(*task)
            done(results[i])  # type: ignore[arg-type]
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            waiting = {pool.submit(examine, *task): i for i, task in enumerate(tasks)}
            for future in as_completed(waiting):
                results[waiting[future]] = future.result()
                done(future.result())
    return [result for result in results if result is not None]


def _knows(listener: str, clip: Clip, run: Run) -> bool:
    """Whether this listener has anything to say of this clip: spares an hour of foreign trackers."""
    known = peers.SUBJECTS.get(listener)
    return known is None or any(subject.name in known for subject in subjects_of(clip, run.what))


# ---- telling ------------------------------------------------------------------------------------


def figures(results: Iterable[Result]) -> list[dict[str, Any]]:
    """One object per subject, corpus and listener: clips, figures by column (None where there is none), CPU."""
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        for name in result.scores:
            groups.setdefault((name, result.corpus, result.listener), []).append(result)
    rows = []
    for subject in SUBJECTS:
        for (name, corpus, listener), group in groups.items():
            if name == subject.name:
                scores = [result.scores[name] for result in group]
                told = {column.title: _finite(column.fold(scores)) for column in subject.columns}
                cpu = float(np.mean([result.cpu for result in group]))
                rows.append(
                    {"subject": name, "corpus": corpus, "listener": listener, "clips": len(group), **told, "cpu": cpu}
                )
    return rows


def clip_figures(results: Iterable[Result]) -> list[dict[str, Any]]:
    """The same for every single clip."""
    rows = []
    for result in results:
        for row in figures([result]):
            rows.append({"clip": result.clip, **row})
    return rows


def show(rows: Sequence[dict[str, Any]], console: Console, names: bool = False) -> None:
    """Tables, one per subject. `names`: with a row's clip in front."""
    for subject in SUBJECTS:
        own = [row for row in rows if row["subject"] == subject.name]
        if not own:
            continue
        columns = [c for c in subject.columns if any(row[c.title] is not None for row in own)]
        table = Table(title=f"{subject.name}: {subject.about}", title_justify="left", title_style="bold")
        for title in ("set", *(["clip"] if names else []), "listener", "clips"):
            table.add_column(title)
        for column in columns:
            table.add_column(column.title, justify="right")
        table.add_column("CPU s/s", justify="right")
        last = ""
        for row in own:
            table.add_section() if last and last != row["corpus"] else None
            last = row["corpus"]
            values = ["–" if row[c.title] is None else format(row[c.title], c.form) for c in columns]
            lead = [row["corpus"], *([row["clip"]] if names else []), row["listener"], str(row["clips"])]
            table.add_row(*lead, *values, f"{row['cpu']:.4f}")
        console.print(table)


def _finite(value: float) -> float | None:
    """JSON knows no NaN; a lock that never came stays readable as 1e9."""
    return None if math.isnan(value) else min(value, 1e9)
