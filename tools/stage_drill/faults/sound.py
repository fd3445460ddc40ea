"""Sound that goes, or comes as it should not. The wall's left half is as green as the show hears."""

from __future__ import annotations

import os
import signal
import subprocess

from tests.audio.pulse import SINK, load_sink, unload
from tools.stage_drill.faults.fault import UNTOUCHED, Absent, Fault, Moments, order
from tools.stage_drill.orders import Order
from tools.stage_drill.stage import Stage

PULSE = frozenset({"pulse"})
DEAF, HEARING = 15.0, 50.0
"""Green of 255 on the wall when nothing is heard, and when music is."""


def neutral(stage: Stage, moments: Moments) -> float:
    """When the wall showed no more sound."""
    seen = (light.time for light in stage.since(moments.fault) if light.time > moments.fault and light.ear < DEAF)
    return next(seen, float("inf")) - moments.fault


def hearing(stage: Stage, moments: Moments) -> float:
    """From when on the wall showed sound again, after the end of the fault."""
    seen = (light.time for light in stage.since(moments.undone) if light.time > moments.undone and light.ear > HEARING)
    return next(seen, float("inf")) - moments.undone


def deaf(stage: Stage, moments: Moments) -> float:
    """From when on the wall showed sound for good; 0 when it always did."""
    lights = [light for light in stage.since(moments.fault) if light.time > moments.fault]
    last = next((n for n in range(len(lights) - 1, -1, -1) if lights[n].ear < DEAF), None)
    if last is None:
        return 0.0
    return next((light.time for light in lights[last:] if light.ear > HEARING), float("inf")) - moments.fault


def hears_again(stage: Stage, moments: Moments) -> bool:
    """It was lost, as the log tells, and is back for good."""
    lost = stage.told("error", moments.fault, source="audio") is not None
    return lost and deaf(stage, moments) < float("inf") and hears(stage, moments)


def until_it_hears(stage: Stage) -> None:
    stage.until(lambda: stage.lights[-1].ear > HEARING, 15.0, "sound")


def hears(stage: Stage, moments: Moments) -> bool:
    return stage.lights[-1].ear > HEARING and stage.lights[-1].time > moments.undone


def environment(stage: Stage) -> dict[str, str]:
    return {**os.environ, **stage.scenery.environment}


def unplug(stage: Stage) -> None:
    unload(environment(stage))


def replug(stage: Stage) -> None:
    load_sink(environment(stage))


def swap(stage: Stage) -> None:
    """Another card under the same name: 44.1 kHz, mono."""
    other = SINK.replace("rate=48000 channels=2", "rate=44100 channels=1")
    unplug(stage)
    subprocess.run(["pactl", "load-module", *other.split()], env=environment(stage), check=True, capture_output=True)


def usual_card(stage: Stage) -> None:
    unplug(stage)
    replug(stage)


def hang_server(stage: Stage) -> None:
    _server(stage, signal.SIGSTOP)


def free_server(stage: Stage) -> None:
    _server(stage, signal.SIGCONT)


def _server(stage: Stage, how: signal.Signals) -> None:
    os.kill(int(stage.scenery.environment["PULSE_SERVER_PID"]), how)


DEAFENED = {**UNTOUCHED, "neutral_s": 0.5, "hearing_s": 3.0}
LISTENING = {"neutral_s": neutral, "hearing_s": hearing}

FAULTS: tuple[Fault | Absent, ...] = (
    Fault(
        "15",
        "sound card gone",
        "its sink unloaded for 2 s",
        unplug,
        DEAFENED,
        undo=replug,
        lasts=2.0,
        needs=PULSE,
        over=hears,
        measures=LISTENING,
    ),
    Fault(
        "15b",
        "sound server hung",
        "SIGSTOP for 2 s",
        hang_server,
        DEAFENED,
        undo=free_server,
        lasts=2.0,
        needs=PULSE,
        over=hears,
        measures=LISTENING,
    ),
    Fault(
        "16",
        "silence",
        "zeros for 3 s",
        order("audio", Order.SILENT, 3.0),
        {**UNTOUCHED, "hearing_s": 0.2},
        lasts=3.0,
        needs=PULSE,
        over=hears,
        measures={"hearing_s": hearing},
        mixes=True,
    ),
    Fault(
        "17",
        "sound is NaN",
        "no numbers for 1 s",
        order("audio", Order.NAN, 1.0),
        {**UNTOUCHED, "hearing_s": 1.0},
        lasts=1.0,
        needs=PULSE,
        over=hears,
        measures={"hearing_s": hearing},
        mixes=True,
    ),
    Fault(
        "18",
        "sound clipped",
        "24 dB more and a constant, clipped, for 2 s",
        order("audio", Order.LOUD, 2.0),
        {**UNTOUCHED, "hearing_s": 3.0},
        lasts=2.0,
        needs=PULSE,
        over=hears,
        measures={"hearing_s": hearing},
        mixes=True,
    ),
    Fault(
        "19",
        "another rate and channels",
        "the card comes back with 44.1 kHz, mono",
        swap,
        {**UNTOUCHED, "deaf_s": 1.0},
        lasts=0.0,
        needs=PULSE,
        before=until_it_hears,
        over=hears_again,
        measures={"deaf_s": deaf},
        clean=usual_card,
    ),
)
