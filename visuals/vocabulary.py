"""The names a show may use, as tables: signals, events, commands, controls.

The rooms fill them, `check` proves a show against them, the schema and the docs are printed from
them. No behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One name: its range (None for open ends), unit, value at rest, and what to use it for."""

    low: float | None
    high: float | None
    unit: str
    rest: float
    about: str


def _level(about: str) -> Term:
    return Term(0.0, 1.0, "", 0.0, about)


SIGNALS: dict[str, Term] = {
    "loudness": _level("overall level after automatic gain"),
    "bass": _level("level below 200 Hz: weight, size"),
    "mid": _level("level from 200 Hz to 4 kHz: density"),
    "high": _level("level above 4 kHz: sparkle"),
    "energy": _level("how loud the last seconds were, before automatic gain: the form of the song"),
    "build": _level("how steadily energy has been rising over the last bars"),
    "brightness": _level("spectral centroid"),
    "noisiness": _level("spectral flatness: 0 a tone, 1 noise"),
    "percussive": _level("share of the sound that is attack"),
    "silence": _level("1 while nothing plays"),
    "pitch": Term(0.0, None, "Hz", 0.0, "fundamental of the leading voice, 0 when there is none"),
    "pitch.confidence": _level("how sure the pitch is"),
    "note": Term(0.0, 127.0, "MIDI", 60.0, "last confident pitch as a note number"),
    "note.class": Term(0.0, 12.0, "semitone", 0.0, "pitch class, C = 0: colour"),
    "bpm": Term(40.0, 240.0, "1/min", 120.0, "tempo"),
    "tempo.confidence": _level("how sure the tempo is"),
    "beat.phase": _level("0 on the beat, rising to 1"),
    "bar.phase": _level("0 on the downbeat, rising to 1 over four beats"),
    "phrase.phase": _level("0 at the start of eight bars, rising to 1"),
}
"""Continuous signals that the audio room measures in every hop."""

EVENTS: dict[str, str] = {
    "onset": "any attack; value is its strength",
    "kick": "an attack in the bass",
    "snare": "an attack in the middle",
    "hat": "an attack at the top",
    "beat": "the beat clock passes a beat",
    "downbeat": "the beat clock passes the first beat of a bar",
    "drop": "bass and level come back at once after a build",
    "section": "the music has become another",
}
"""Events that the audio room raises."""

ENGINE_SIGNALS: dict[str, Term] = {
    "time": Term(0.0, None, "s", 0.0, "show time"),
    "scene.time": Term(0.0, None, "s", 0.0, "time since this scene came"),
    "lfo.beat": _level("sine, one beat"),
    "lfo.bar": _level("sine, one bar"),
    "lfo.phrase": _level("sine, eight bars"),
    "lfo.slow": _level("sine, 20 s"),
}
"""Signals the engine adds from the clock alone. `midi.*` names come with the bindings."""

COMMANDS: dict[str, str] = {
    "blackout": "toggle black on every wall",
    "freeze": "toggle holding the picture",
    "loop": "toggle the pre-rendered loop",
    "tap": "tap the tempo",
    "resync": "this is beat one",
    "go": "fire the next cue",
}
"""Words an operator can bind to a key or a button."""

MASTER_CONTROLS: dict[str, Term] = {
    "master": Term(0.0, 1.0, "", 1.0, "brightness of the whole canvas"),
    "speed": Term(0.0, 4.0, "", 1.0, "rate of every layer's own time"),
    "blackout": Term(0.0, 1.0, "", 0.0, "1 blacks every wall out"),
    "freeze": Term(0.0, 1.0, "", 0.0, "1 holds the picture"),
    "loop": Term(0.0, 1.0, "", 0.0, "1 plays the pre-rendered loop"),
}
"""Controls of the whole show."""

LAYER_CONTROLS: dict[str, Term] = {
    "opacity": Term(0.0, 1.0, "", 1.0, "how much of the layer shows"),
}
"""Controls every layer has, beside its shader's inputs."""

MODEL_CONTROLS: dict[str, Term] = {
    "walk": Term(0.0, 4.0, "1/s", 0.2, "speed of the walk through latent space"),
    "jump": Term(0.0, 1.0, "", 0.0, "push along the walk, for hits"),
    "energy": Term(0.0, 1.0, "", 0.5, "how agitated the picture is"),
    "density": Term(0.0, 1.0, "", 0.5, "how much of the picture is filled"),
    "scale": Term(0.0, 1.0, "", 0.5, "size of the shapes"),
    "symmetry": _level("0 free, 1 mirrored all round"),
    "hue": Term(0.0, 1.0, "turn", 0.55, "main colour round the wheel"),
    "hue2": Term(0.0, 1.0, "turn", 0.83, "second colour round the wheel"),
    "saturation": Term(0.0, 1.0, "", 0.9, "0 grey, 1 full colour"),
    "brightness": Term(0.0, 1.0, "", 0.55, "mean light"),
    "contrast": Term(0.0, 1.0, "", 0.5, "difference of dark and light"),
    "strength": Term(0.0, 1.0, "", 1.0, "1 dreams anew each frame, less keeps more of the last"),
    "memory": Term(0.0, 1.0, "", 0.0, "how much of the last picture comes back"),
    "zoom": Term(-1.0, 1.0, "1/s", 0.0, "growth of the memory"),
    "rotate": Term(-1.0, 1.0, "turn/s", 0.0, "turning of the memory"),
    "shift.x": Term(-1.0, 1.0, "width/s", 0.0, "drift of the memory to the right"),
    "shift.y": Term(-1.0, 1.0, "height/s", 0.0, "drift of the memory upwards"),
}
"""Controls of a model layer; with them come `style.<name>` weights, one per style of the model."""

BLENDS: tuple[str, ...] = ("normal", "add", "screen", "multiply")

CURVES: dict[str, str] = {
    "linear": "x",
    "square": "x²: quiet things stay small",
    "cube": "x³",
    "root": "√x: quiet things show",
    "smooth": "3x² - 2x³",
    "invert": "1 - x",
}

SHOW_EVENTS: dict[str, str] = {
    "scene": "this scene has come, once",
}
"""Events the show itself raises, for the rules of one scene."""
