"""Processes that die or hang: real signals to each."""

from __future__ import annotations

import signal

from tools.stage_drill.faults.fault import (
    COVERED,
    FRAME_MS,
    UNTOUCHED,
    WHOLE,
    Absent,
    Fault,
    back,
    nothing,
    send,
    spared,
    starting,
    telling,
    told,
)

KILL, STOP = signal.SIGKILL, signal.SIGSTOP
MODEL = frozenset({"model"})
GENERATOR = {"return_s": telling("backend")}
SHOWN = {**COVERED, "live_s": 3.0}

FAULTS: tuple[Fault | Absent, ...] = (
    Fault("0", "nothing", "two seconds of play", nothing, UNTOUCHED, lasts=2.0),
    Fault("0a", "nothing, with the model", "two seconds of play", nothing, UNTOUCHED, lasts=2.0, needs=MODEL),
    Fault(
        "1",
        "generator killed",
        "SIGKILL",
        send(KILL, "generator"),
        {**UNTOUCHED, "return_s": 10.0},
        needs=MODEL,
        over=told("backend"),
        measures=GENERATOR,
        mixes=True,
        patience=40.0,
    ),
    Fault(
        "2",
        "generator hung",
        "SIGSTOP",
        send(STOP, "generator"),
        {**UNTOUCHED, "motion_s": 0.5, "restarted_s": 2.25, "return_s": 12.0},
        needs=MODEL,
        over=told("backend"),
        mixes=True,
        patience=40.0,
        measures={**GENERATOR, "restarted_s": telling("error", process="generator")},
    ),
    Fault("9", "engine killed", "SIGKILL", send(KILL, "engine"), SHOWN, over=back("engine"), mixes=True),
    Fault("9a", "engine crashed", "SIGSEGV", send(signal.SIGSEGV, "engine"), SHOWN, over=back("engine"), mixes=True),
    Fault(
        "9b",
        "engine hung",
        "SIGSTOP",
        send(STOP, "engine"),
        {**COVERED, "freeze_ms": 250.0 + FRAME_MS},
        over=back("engine"),
        mixes=True,
    ),
    Fault(
        "14",
        "graphics hang",
        "SIGSTOP to the engine and the generator at once",
        send(STOP, "engine", "generator"),
        {**COVERED, "freeze_ms": 250.0 + FRAME_MS},
        needs=MODEL,
        over=back("engine", "generator"),
        patience=40.0,
    ),
    Fault(
        "15c",
        "audio killed",
        "SIGKILL",
        send(KILL, "audio"),
        {**UNTOUCHED, "return_s": 3.0},
        over=back("audio"),
        measures={"return_s": starting("audio")},
        mixes=True,
    ),
    Fault(
        "15d",
        "audio aborted",
        "SIGABRT, as PortAudio does",
        send(signal.SIGABRT, "audio"),
        {**UNTOUCHED, "return_s": 3.0},
        over=back("audio"),
        measures={"return_s": starting("audio")},
        mixes=True,
    ),
    Fault(
        "15e",
        "audio hung",
        "SIGSTOP",
        send(STOP, "audio"),
        {**UNTOUCHED, "motion_s": 0.5},
        over=back("audio"),
        mixes=True,
    ),
    Fault(
        "30",
        "player killed",
        "SIGKILL",
        send(KILL, "player"),
        {**WHOLE, "gap_ms": 500.0, "double_s": 0.0},
        over=back("player"),
        mixes=True,
        before=spared,
    ),
    Fault(
        "30a",
        "player hung",
        "SIGSTOP",
        send(STOP, "player"),
        {**WHOLE, "gap_ms": 500.0, "double_s": 0.0},
        over=back("player"),
        mixes=True,
        before=spared,
    ),
)
