"""The sound as Synesthesia's shaders know it: uniforms `syn_BassLevel`, `syn_OnBeat`, `syn_BPM` and their like.

A shader that names one gets it. Most are signals of ours under another name; the rest come of the beat.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from visuals.render.beat import Beat
from visuals.types import Features, Signals

NAME = re.compile(r"\bsyn_\w+")

BANDS: Mapping[str, str] = {"Bass": "bass", "Mid": "lowmid", "MidHigh": "mid", "High": "high"}


Value = Callable[[Signals, Beat], float]


def _signal(name: str) -> Value:
    return lambda signals, _: signals.get(name, 0.0)


def _hit(name: str) -> Value:
    """1 at a hit, gone in a quarter second."""
    return lambda signals, _: signals.get(f"{name}.strength", 0.0) * math.exp(-12.0 * signals.get(f"{name}.age", 9.0))


def _sine(beats: float) -> Value:
    return lambda _, beat: 0.5 - 0.5 * math.cos(math.tau * beat.time / beats)


def _triangle(beats: float) -> Value:
    return lambda _, beat: 1.0 - abs(2.0 * (beat.time / beats % 1.0) - 1.0)


VALUES: Mapping[str, Value] = {
    "syn_Level": _signal("level"),
    "syn_Presence": _signal("level.slow"),
    "syn_Hits": _hit("onset"),
    "syn_BassHits": _hit("kick"),
    "syn_MidHits": _hit("snare"),
    "syn_MidHighHits": _hit("snare"),
    "syn_HighHits": _hit("hat"),
    **{f"syn_{band}Level": _signal(name) for band, name in BANDS.items()},
    **{f"syn_{band}Presence": _signal(f"{name}.presence") for band, name in BANDS.items()},
    **{f"syn_{band}Time": _signal(f"{name}.time") for band, name in BANDS.items()},
    "syn_Time": _signal("bass.time"),
    "syn_CurvedTime": _signal("bass.time"),
    "syn_OnBeat": lambda _, beat: math.exp(-6.0 * beat.phase) if beat.count else 0.0,
    "syn_ToggleOnBeat": lambda _, beat: float(beat.count % 2),
    "syn_RandomOnBeat": lambda _, beat: beat.chance,
    "syn_BeatTime": lambda _, beat: float(beat.count),
    "syn_BPM": _signal("bpm"),
    "syn_BPMConfidence": _signal("tempo.confidence"),
    "syn_BPMTwitcher": lambda _, beat: beat.count + beat.phase**0.25,
    "syn_BPMSin": _sine(1.0),
    "syn_BPMSin2": _sine(2.0),
    "syn_BPMSin4": _sine(4.0),
    "syn_BPMTri": _triangle(1.0),
    "syn_BPMTri2": _triangle(2.0),
    "syn_BPMTri4": _triangle(4.0),
    "syn_FadeInOut": lambda signals, _: 1.0 - signals.get("silence", 0.0),
    "syn_Intensity": _signal("energy"),
}


def named(text: str) -> tuple[str, ...]:
    """Those that a shader's text names and we have."""
    return tuple(sorted(set(NAME.findall(text)) & VALUES.keys()))


class Syn:
    """The values of some names, frame by frame."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names, self._beat = names, Beat()
        self.values = dict.fromkeys(names, 0.0)

    def listen(self, features: Features | None) -> None:
        if not self._names or features is None:
            return
        self._beat.follow(features.signals.get("beat.phase", 0.0))
        for name in self._names:
            self.values[name] = VALUES[name](features.signals, self._beat)
