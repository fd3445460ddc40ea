"""The names a show may use, as tables: signals, events, commands, controls.

The rooms fill them, `check` proves a show against them, the schema and the docs are printed from
them. No behaviour but how the numbers of cues are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Term:
    """One name: its range (None for open ends), unit, value at rest, and what to use it for.

    `latency_ms`: how long after the sound the value shows it (median; for followers, their attack).
    `confidence`: the signal that tells how sure this one is, "" where there is none.
    """

    low: float | None
    high: float | None
    unit: str
    rest: float
    about: str
    latency_ms: float = 0.0
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the ears: what to use it for, its latency, and the signal telling how sure it is."""

    about: str
    latency_ms: float
    confidence: str = ""


def _level(about: str, latency_ms: float = 0.0, confidence: str = "") -> Term:
    return Term(0.0, 1.0, "", 0.0, about, latency_ms, confidence)


BANDS_HZ: dict[str, tuple[float, float]] = {
    "sub": (20.0, 60.0),
    "bass": (20.0, 200.0),
    "lowmid": (200.0, 600.0),
    "mid": (600.0, 2500.0),
    "high": (2500.0, 8000.0),
    "air": (8000.0, 20000.0),
}
"""`bass` holds `sub` too: who writes bass must not miss a low 808."""

_BAND_USES = {
    "sub": "the bass that is felt: slow weight, shake",
    "bass": "everything low, kick and bass line: size, weight",
    "lowmid": "warmth: bodies of guitars, toms, low voices",
    "mid": "density: voices, chords, snare",
    "high": "presence: consonants, strings, cymbal strokes",
    "air": "sparkle: hats, breath, shimmer",
}

HITS: tuple[str, ...] = ("onset", "kick", "snare", "hat")
"""Events that are also signals: `.strength`, `.age`, `.count` of the last one."""

NOTES: tuple[str, ...] = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")


def _band_terms() -> dict[str, Term]:
    terms = {}
    for name, (low, high) in BANDS_HZ.items():
        span = f"{low:g} to {high:g} Hz"
        terms[name] = _level(f"level of {span}, {_BAND_USES[name]}", 11.0)
        terms[f"{name}.presence"] = _level(f"how much of the last seconds {span} filled: slow changes", 1000.0)
        terms[f"{name}.time"] = Term(0.0, None, "s", 0.0, f"a clock that runs as fast as {name} is loud: motion", 11.0)
    return terms


def _hit_terms() -> dict[str, Term]:
    terms = {}
    for name in HITS:
        terms[f"{name}.strength"] = _level(f"strength of the last {name}", EVENTS[name].latency_ms)
        terms[f"{name}.age"] = Term(0.0, None, "s", 3600.0, f"time since the last {name}: hand-made decays")
        terms[f"{name}.count"] = Term(0.0, None, "", 0.0, f"how many {name}s there were: take turns by its remainder")
    return terms


EVENTS: dict[str, Happening] = {
    "onset": Happening("any attack: flashes that follow everything", 10.0),
    "kick": Happening("a bass drum: the push of the picture", 12.0),
    "snare": Happening("a snare drum or clap: cuts, flashes", 12.0),
    "hat": Happening("a hi-hat or cymbal: small sparks", 12.0),
    "hit.drum": Happening("the last onset was a drum, told a little later: slow answers to drums only", 80.0),
    "hit.melodic": Happening("the last onset was a note, told a little later: a riff, not a drum", 80.0),
    "note.on": Happening("the leading voice begins a note: melodies drawn", 45.0, "pitch.confidence"),
    "note.off": Happening("the leading voice ends its note", 45.0, "pitch.confidence"),
    "chord": Happening("the harmony changes: change of colours", 320.0, "key.confidence"),
    "beat": Happening("a beat, predicted so that light lands on it", 0.0, "tempo.confidence"),
    "downbeat": Happening("the first beat of a bar", 0.0, "bar.confidence"),
    "phrase": Happening("the first beat of eight bars: big changes", 0.0, "bar.confidence"),
    "drop": Happening("bass and level come back at once after a build: the moment of the song", 150.0),
    "breakdown": Happening("the drums and the bass have left: calm pictures", 2000.0),
    "section": Happening("the music has become another", 2000.0),
    "song": Happening("a new song begins after a silence", 50.0),
}
"""Events that the audio room raises."""

SIGNALS: dict[str, Term] = {
    # level
    "loudness": _level("how loud it is to the ear (K-weighted), after automatic gain: brightness, size", 11.0),
    "level": _level("how much signal there is, after automatic gain", 11.0),
    "level.slow": _level("the level of the last 2 s", 1000.0),
    "loudness.db": Term(-100.0, 10.0, "LUFS", -100.0, "momentary loudness (BS.1770, 400 ms) before any gain", 200.0),
    "rms": _level("root mean square of the hop before any gain", 3.0),
    "peak": _level("largest sample of the hop before any gain", 3.0),
    "crest": _level("peak over mean, 0 to 24 dB: 0 squashed, 1 spiky", 50.0),
    "gain": Term(-40.0, 46.0, "dB", 0.0, "the automatic gain as it is: a meter for the operator"),
    **_band_terms(),
    # hits
    **_hit_terms(),
    "hit.melodic": _level("how likely the last onset was a note and not a drum", 80.0),
    "drums": _level("share of drums in what sounds", 100.0),
    "instruments": _level("share of guitars, keys, strings and the like", 100.0),
    "voice": _level("how likely somebody sings or speaks: bring the singer's picture", 150.0),
    # timbre
    "brightness": _level("spectral centroid, 150 Hz to 10 kHz: warm to cold", 50.0),
    "noisiness": _level("spectral flatness: 0 a tone, 1 noise", 80.0),
    "rolloff": _level("where 85 % of the power lies below, 150 Hz to 16 kHz", 50.0),
    "flux": _level("how fast the spectrum changes: restlessness", 20.0),
    "percussive": _level("share of the sound that is attack", 10.0),
    # pitch and harmony
    "pitch": Term(
        0.0, None, "Hz", 0.0, "fundamental of the leading voice, 0 when there is none", 7.0, "pitch.confidence"
    ),
    "pitch.confidence": _level("how likely there is one voice with a pitch; above 0.5 there is", 12.0),
    "pitch.glide": Term(-120.0, 120.0, "semitone/s", 0.0, "how fast the pitch slides", 30.0, "pitch.confidence"),
    "note": Term(0.0, 127.0, "MIDI", 60.0, "last steady pitch as a note number: height", 30.0, "pitch.confidence"),
    "note.class": Term(0.0, 12.0, "semitone", 0.0, "its pitch class, C = 0: colour", 30.0, "pitch.confidence"),
    **{f"chroma.{n}": _level(f"how much {n.upper().replace('S', '♯')} sounds, in any octave", 120.0) for n in NOTES},
    "key": Term(0.0, 11.0, "semitone", 0.0, "tonic of the key, C = 0: palette of the song", 8000.0, "key.confidence"),
    "key.minor": _level("1 in a minor key, 0 in a major one", 8000.0, "key.confidence"),
    "key.confidence": _level("how sure the key is", 8000.0),
    # rhythm
    "bpm": Term(20.0, 400.0, "1/min", 120.0, "tempo", 0.0, "tempo.confidence"),
    "tempo.confidence": _level("how sure the tempo and the beat are"),
    "tempo.locked": _level("1 once a tempo has been found"),
    "tempo.source": Term(
        0.0, 4.0, "", 0.0, "who leads: 0 nobody, held; 1 the sound; 2 the operator's taps; 3 MIDI clock; 4 Link"
    ),
    "beat.phase": _level("0 on the beat, rising to 1", 0.0, "tempo.confidence"),
    "beat.next": Term(0.0, 3.0, "s", 0.5, "time until the next beat: get ready", 0.0, "tempo.confidence"),
    "bar.phase": _level("0 on the downbeat, rising to 1 over the bar", 0.0, "bar.confidence"),
    "bar.beat": Term(1.0, 7.0, "beat", 1.0, "beat of the bar, from 1", 0.0, "bar.confidence"),
    "bar.beats": Term(2.0, 7.0, "beat", 4.0, "beats in a bar", 0.0, "bar.confidence"),
    "bar.confidence": _level("how sure the downbeat is"),
    "phrase.phase": _level("0 at the start of eight bars, rising to 1", 0.0, "bar.confidence"),
    # form
    "energy": _level("how loud the last seconds were, before automatic gain: the form of the song", 1500.0),
    "build": _level("how steadily energy, density and highs have been rising: tension", 2000.0),
    "breakdown": _level("1 while the drums and the bass are away", 2000.0),
    "song.time": Term(0.0, None, "s", 0.0, "time since this song began", 50.0),
    "night.arrival": _level("1 early in the night, while the room fills", 60000.0),
    "night.peak": _level("1 while the night is as loud and dense as it has been", 60000.0),
    "night.late": _level("1 after the peak, as the night winds down", 60000.0),
    # room
    "silence": _level("1 while nothing plays", 300.0),
    "clip": _level("1 when the input clips, falling over a second: a warning for the operator", 3.0),
    "hum": _level("how likely mains hum is on the line: a warning for the operator", 2000.0),
    "crowd": _level("how likely the audience is what sounds: applause, cheering", 700.0),
}
"""Continuous signals that the audio room measures in every hop."""

ENGINE_SIGNALS: dict[str, Term] = {
    "time": Term(0.0, None, "s", 0.0, "show time"),
    "scene.time": Term(0.0, None, "s", 0.0, "time since this scene came"),
    "lfo.beat": _level("sine, one beat"),
    "lfo.bar": _level("sine, one bar"),
    "lfo.phrase": _level("sine, eight bars"),
    "lfo.slow": _level("sine, 20 s"),
    "timecode": Term(0.0, 90000.0, "s", 0.0, "where the tape is, since 00:00:00:00; while it stands, where it stands"),
    "timecode.running": _level("1 while timecode runs or is believed to run on"),
}
"""Signals the engine adds from the clock alone. `midi.*` names come with the bindings."""

COMMANDS: dict[str, str] = {
    "blackout": "toggle black on every wall",
    "freeze": "toggle holding the picture",
    "loop": "toggle the pre-rendered loop",
    "safe": "toggle the built-in picture, which no file can spoil",
    "live": "back to the show from the loop, the safe picture or a freeze",
    "tap": "tap the tempo",
    "resync": "this is beat one",
    "double": "the tempo is twice this",
    "halve": "the tempo is half this",
    "later": "nudge the beat 10 ms later",
    "earlier": "nudge the beat 10 ms earlier",
    "go": "fire the next cue",
}
"""Words an operator can bind to a key or a button."""

MASTER_CONTROLS: dict[str, Term] = {
    "master": Term(0.0, 1.0, "", 1.0, "brightness of the whole canvas"),
    "speed": Term(0.0, 4.0, "", 1.0, "rate of every layer's own time"),
    "blackout": Term(0.0, 1.0, "", 0.0, "1 blacks every wall out"),
    "freeze": Term(0.0, 1.0, "", 0.0, "1 holds the picture"),
    "loop": Term(0.0, 1.0, "", 0.0, "1 plays the pre-rendered loop"),
    "safe": Term(0.0, 1.0, "", 0.0, "1 shows the built-in picture"),
}
"""Controls of the whole show."""

LAYER_CONTROLS: dict[str, Term] = {
    "opacity": Term(0.0, 1.0, "", 1.0, "how much of the layer shows"),
    "bypass": Term(0.0, 1.0, "", 0.0, "over 0.5, as if the layer were not there"),
    "solo": Term(0.0, 1.0, "", 0.0, "over 0.5, none shows but those that are solo"),
}
"""Controls every layer has, beside its shader's inputs."""

FILTER_CONTROLS: dict[str, Term] = {name: LAYER_CONTROLS[name] for name in ("opacity", "bypass")}
"""Those of a filter in a chain."""

PLACE_CONTROLS: dict[str, Term] = {
    "x": Term(-2.0, 2.0, "width", 0.0, "to the right, in widths of the canvas"),
    "y": Term(-2.0, 2.0, "height", 0.0, "upwards, in heights of the canvas"),
    "scale": Term(0.0, 8.0, "", 1.0, "size, 1 as it fits"),
    "rotate": Term(-8.0, 8.0, "turn", 0.0, "turned to the left"),
}
"""Controls of a layer with a picture, a video, a camera or a text."""

VIDEO_CONTROLS: dict[str, Term] = {
    "speed": Term(-4.0, 4.0, "", 1.0, "1 as it was filmed, 0 stands"),
    "beats": Term(0.0, 256.0, "beat", 0.0, "how many beats the clip lasts; at 0 it goes by the clock"),
    "jump": Term(0.0, 1.0, "", 0.0, "each rise over 0.5 jumps to `start`"),
    "start": Term(0.0, 1.0, "", 0.0, "where a jump goes: 0 the clip's first frame, 1 its last"),
}
"""Controls that a video has besides."""

FEEDBACK_CONTROLS: dict[str, Term] = {
    "fade": Term(0.0, 60.0, "s", 0.5, "time in which what was there fades to a third"),
    "zoom": Term(-4.0, 4.0, "1/s", 0.0, "growth"),
    "rotate": Term(-4.0, 4.0, "turn/s", 0.0, "turning to the left"),
    "shift.x": Term(-4.0, 4.0, "width/s", 0.0, "drift to the right"),
    "shift.y": Term(-4.0, 4.0, "height/s", 0.0, "drift upwards"),
}
"""Controls of a feedback layer."""

MODEL_CONTROLS: dict[str, Term] = {
    "walk": Term(0.0, 4.0, "rad/s", 0.2, "speed of the walk through latent space"),
    "walk.low": Term(0.0, 4.0, "rad/s", 0.0, "extra speed of the shapes, the noise's low frequencies: for bars"),
    "walk.high": Term(0.0, 4.0, "rad/s", 0.0, "extra speed of the details, the noise's high frequencies: for beats"),
    "jump": Term(0.0, 1.0, "", 0.0, "push along the walk, for hits"),
    "reseed": Term(0.0, 1.0, "", 0.0, "each rise over 0.5 sets out to another seed's walk, there in 0.8 s"),
    "energy": Term(0.0, 1.0, "", 0.5, "how agitated the picture is"),
    "density": Term(0.0, 1.0, "", 0.6, "how much of the picture is filled"),
    "scale": Term(0.0, 1.0, "", 0.5, "size of the shapes"),
    "symmetry": _level("0 free, 1 mirrored all round"),
    "hue": Term(0.0, 1.0, "turn", 0.55, "main colour round the wheel"),
    "hue2": Term(0.0, 1.0, "turn", 0.83, "second colour round the wheel"),
    "saturation": Term(0.0, 1.0, "", 0.9, "0 grey, 1 full colour"),
    "brightness": Term(0.0, 1.0, "", 0.7, "mean light"),
    "contrast": Term(0.0, 1.0, "", 0.5, "difference of dark and light"),
    "strength": Term(0.0, 1.0, "", 1.0, "1 dreams anew each frame, less keeps more of the last"),
    "memory": Term(0.0, 1.0, "", 0.0, "how much of the last picture comes back"),
    "zoom": Term(-1.0, 1.0, "1/s", 0.0, "growth of the memory"),
    "rotate": Term(-1.0, 1.0, "turn/s", 0.0, "turning of the memory"),
    "shift.x": Term(-1.0, 1.0, "width/s", 0.0, "drift of the memory to the right"),
    "shift.y": Term(-1.0, 1.0, "height/s", 0.0, "drift of the memory upwards"),
}
"""Controls of a model layer; with them come `style.<name>` weights, one per style of the model."""

KIND_CONTROLS: dict[str, dict[str, Term]] = {
    "model": MODEL_CONTROLS,
    "image": PLACE_CONTROLS,
    "video": {**PLACE_CONTROLS, **VIDEO_CONTROLS},
    "camera": PLACE_CONTROLS,
    "text": PLACE_CONTROLS,
    "feedback": FEEDBACK_CONTROLS,
    "group": {},
}
"""Controls by the kind of layer; a shader's are its inputs, and a model offers some of these."""

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

DMX_CHANNELS: dict[str, int] = {
    "scene": 1,
    "master": 2,
    "speed": 1,
    "hue": 1,
    "blackout": 1,
    "freeze": 1,
    **{f"assign.{n}": 1 for n in range(1, 9)},
}
"""A show as a fixture of a lighting desk: its channels in their order, and how many slots each has."""

DMX_STATES: dict[str, str] = {
    "link": "1 while the desk is heard, 0 when it is lost",
    "release": "nobody has the show any more",
}
"""What is told of the desk besides its channels."""

Behind = Literal["cue", "number", "list", "nothing"]

MSC_COMMANDS: dict[str, tuple[Behind, int, str]] = {
    "go": ("cue", 0, "fires the show's cue of that number; without one, or with a 0 it does not have, the next"),
    "stop": ("cue", 0, "freezes the picture"),
    "resume": ("cue", 0, "lets it go on"),
    "load": ("cue", 0, "the next go without a number fires that cue; all of a show is warm at all times"),
    "set": ("number", 16_383, ""),
    "fire": ("number", 255, ""),
    "all_off": ("nothing", 0, "blackout"),
    "restore": ("nothing", 0, "ends the blackout"),
    "reset": ("nothing", 0, "fires the first cue"),
    "go_off": ("cue", 0, ""),
    "open_cue_list": ("list", 0, ""),
    "close_cue_list": ("list", 0, ""),
    "open_cue_path": ("list", 0, ""),
    "close_cue_path": ("list", 0, ""),
}
"""Commands of MIDI Show Control: what stands behind each, the highest number, what it does where a show binds
nothing to it ("": nothing). Nothing is what GO_OFF does: desks say it by themselves whenever another of their own
cues takes over, a show always has a scene, and no desk's tidying up may make a wall dark."""

LIGHTS: tuple[str, ...] = ("green", "red", "yellow", "orange", "blue", "cyan", "purple", "pink", "white")
"""Colours of a controller's buttons; one that has fewer takes the nearest it has."""

PALETTES: tuple[str, ...] = (
    *("plain", "apc-mini", "apc-mini-mk2", "apc40", "apc40-mk2"),
    *("launchpad", "launchpad-mk2", "launchpad-pro", "launchpad-x", "launchpad-mini-mk3", "launchpad-pro-mk3"),
)
"""Families of controllers whose lights are known, each a file in `control/feedback/palettes/`."""

MSC_FORMATS: tuple[str, ...] = ("lighting", "video", "projection", "all")
"""Kinds of equipment that a show may answer for."""


def cue_number(text: str) -> str | None:
    """A cue's number as everybody writes it: `4`, `04` and `4.000` are `4`. None: it is no number.

    One point makes it a decimal, so that 5.10 is 5.1. Points that stand together count as one
    (MMA RP-002, section 3.1).
    """
    parts = _sections(text)
    if parts is None:
        return None
    whole, *rest = parts
    if len(rest) != 1:
        return ".".join(map(_plain, parts))
    fraction = rest[0].rstrip("0")
    return f"{_plain(whole)}.{fraction}" if fraction else _plain(whole)


def list_number(text: str) -> str | None:
    """A list's or path's number: `05` and `5.0` are `5`, but 5.10 is not 5.1. None: it is no number.

    The point parts sections (MMA RP-002, section 3.1): of a grandMA's `Exec.Page`, 5.10 is page 10.
    """
    parts = _sections(text)
    if parts is None:
        return None
    plain = [_plain(part) for part in parts]
    while len(plain) > 1 and plain[-1] == "0":
        plain.pop()
    return ".".join(plain)


def _sections(text: str) -> list[str] | None:
    """What stands between the points; the first may be empty."""
    if not text.isascii() or not text.replace(".", "").isdigit():
        return None
    whole, *rest = text.split(".")
    return [whole, *filter(None, rest)]


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0"
