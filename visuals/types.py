"""The nouns every room speaks. Frozen, without behaviour beyond what their own fields say.

Times are seconds of show time, levels 0..1, pixels sRGB with row 0 on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntFlag
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Signals = Mapping[str, float]
Controls = Mapping[str, float]

SAMPLE_RATE_HZ = 48_000
HOP = 256
BEATS_PER_BAR = 4


# ---- what we hear, what hands do ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """One hop of sound: the time of its first sample, samples [HOP, channels] float32 in -1..1."""

    time: float
    samples: Float32s


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kick`, `midi.note.1/36`, `key.space`, `drop`; value 0..1.

    `fade` is how long (s) what it sets off shall take; None: the sender leaves that to the show.
    """

    time: float
    name: str
    value: float = 1.0
    source: str = ""
    fade: float | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What one hop sounds like.

    `signals` holds every continuous name of `vocabulary.SIGNALS`; `spectrum` is [256] magnitudes
    0..1 from 0 Hz to half the sample rate, `waveform` [512] samples -1..1, newest last.
    """

    time: float
    signals: Signals
    events: tuple[Event, ...]
    spectrum: Float32s
    waveform: Float32s


Conductor = Literal["audio", "clock", "link", "tap"]
"""Who may lead the beat: the sound, MIDI clock, Ableton Link, the operator's taps."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """What another clock says of the beat, for the ears.

    At `time` its tempo was `bpm` and its place `position` beats since the start of the song. Without
    a `position` the tempo is known and not where its beats begin. `confidence` 0: it does not run.
    """

    time: float
    source: Conductor
    bpm: float = 0.0
    position: float | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Listening:
    """What the ears are told of this show's music and of this room; all of it may be left out.

    Tempi lie in `bpm_range` (slowest, fastest), those near `bpm_prior` are likelier; `metre` is the
    number of beats in a bar, None to be found. `gain_db` is the gain that brings the room's music to
    its working level, `noise_db` the level (dBFS) of the room when nothing plays; None: not measured.
    `follow` says who leads the beat, the most trusted first: see `audio.beat.trust`.
    """

    bpm_range: tuple[float, float] = (55.0, 215.0)
    bpm_prior: float = 120.0
    metre: int | None = None
    gain_db: float | None = None
    noise_db: float | None = None
    follow: tuple[Conductor, ...] = ("audio",)

    @property
    def by_ear(self) -> Listening:
        """The same where no other clock runs and no hand is: the sound leads."""
        return replace(self, follow=("audio",))


# ---- what artists write -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in seconds, beats or bars."""

    amount: float
    unit: Literal["s", "beat", "bar"] = "s"

    def seconds(self, bpm: float) -> float:
        beats = {"s": 0.0, "beat": 1.0, "bar": float(BEATS_PER_BAR)}[self.unit]
        return self.amount * beats * 60.0 / bpm if beats else self.amount


CUT = Duration(0.0)


@dataclass(frozen=True, slots=True)
class Drive:
    """A control follows an expression: `low + (high - low) * curve(clamp(source))`.

    `attack` and `release` are time constants of a one-pole follower; equal for `smooth`.
    """

    control: str
    source: str
    low: float = 0.0
    high: float = 1.0
    curve: str = "linear"
    attack: Duration = CUT
    release: Duration = CUT
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """Add `amount` to a control and let it fall back exponentially, 1/e after `decay`."""

    control: str
    amount: float = 1.0
    decay: Duration = Duration(0.25, "beat")


@dataclass(frozen=True, slots=True)
class Set:
    """Give a control a new base value, gliding there over `fade`."""

    control: str
    value: float
    fade: Duration = CUT


At = Literal["now", "beat", "bar"]


@dataclass(frozen=True, slots=True)
class Through:
    """The transition of a scene change: a shader, and what its inputs are set to."""

    shader: str
    controls: Controls = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Go:
    """Change to a scene, `through` a transition or by a crossfade; `at` waits for the next beat or bar."""

    scene: str
    fade: Duration | None = None
    through: Through | None = None
    at: At = "now"


@dataclass(frozen=True, slots=True)
class FireCue:
    """Fire a cue by its number, as the cue list writes it."""

    cue: str


@dataclass(frozen=True, slots=True)
class StandBy:
    """Make a cue the one that the next GO without a number fires; nothing is seen of it before."""

    cue: str


@dataclass(frozen=True, slots=True)
class Follow:
    """A control follows the binding's value, 0..1 spread over `low`..`high` (a fader).

    `relative` is how an endless knob writes its turns, one of `knobs.RELATIVE`, "" for what says where it stands;
    with `pickup` a fader moves nothing until it has met the value.
    """

    control: str
    low: float = 0.0
    high: float = 1.0
    relative: str = ""
    pickup: bool = False


PressMode = Literal["toggle", "momentary", "on", "off"]


@dataclass(frozen=True, slots=True)
class Press:
    """A word of the operator: one of `vocabulary.COMMANDS`.

    What a word switches a press turns over, or puts `on` or `off`; `momentary`, it is on while the button is down.
    """

    command: str
    mode: PressMode = "toggle"


Action = Pulse | Set | Go | FireCue | StandBy | Follow | Press


@dataclass(frozen=True, slots=True)
class When:
    """When `event` comes and `condition` holds, act, at most once per `cooldown`.

    `at` waits for the next beat or bar.
    """

    event: str
    action: Action
    condition: str | None = None
    cooldown: Duration = CUT
    at: At = "now"
    line: int = 0


Rule = Drive | When

Blend = Literal[
    "normal",
    "add",
    "screen",
    "multiply",
    "overlay",
    "soft-light",
    "hard-light",
    "difference",
    "exclusion",
    "lighten",
    "darken",
    "color-dodge",
    "color-burn",
    "subtract",
]
LayerKind = Literal["model", "shader", "image", "video", "camera", "text", "feedback", "group"]
Fit = Literal["cover", "contain", "stretch"]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Lettering:
    """How a text is set: its font's file, or None for the one that is always there; the height of a line as a
    share of the canvas' height; which side it leans to; its colour, sRGB 0..1."""

    font: Path | None = None
    height: float = 0.2
    align: Align = "center"
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Mask:
    """A picture whose light is how much of a layer shows; `inverted`, how much does not."""

    layer: Layer
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One picture of a scene.

    `source` is a model's style or prompt, a shader's, image's or video's path, a camera's name, a text.
    `controls` are the base values of the layer's inputs, without the layer's name in front. `seen` is
    the lower layer that a model draws from, "" for none. `filters` are shaders that the picture goes
    through, in this order; `layers` are those of a group, bottom first. `images` are the files of a
    shader's image inputs; an `opaque` shader's alpha counts for nothing.
    """

    name: str
    kind: LayerKind
    source: str
    blend: Blend = "normal"
    opacity: float = 1.0
    controls: Controls = field(default_factory=dict)
    seen: str = ""
    bypass: bool = False
    solo: bool = False
    filters: tuple[Layer, ...] = ()
    mask: Mask | None = None
    layers: tuple[Layer, ...] = ()
    fit: Fit = "cover"
    lettering: Lettering = Lettering()
    images: Mapping[str, str] = field(default_factory=dict)
    opaque: bool = False

    @property
    def inside(self) -> tuple[Layer, ...]:
        """The layers that this one is made of: a group's, its filters, its mask."""
        return (*self.layers, *self.filters, *((self.mask.layer,) if self.mask else ()))


def every(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Layers with all that is inside them, at any depth."""
    for layer in layers:
        yield layer
        yield from every(layer.inside)


@dataclass(frozen=True, slots=True)
class Scene:
    """Layers, bottom first, and the rules that move them; `linear` scenes blend in linear light.

    A `dark` scene may be black for a while: it is no fault of its picture.
    """

    name: str
    layers: tuple[Layer, ...]
    rules: tuple[Rule, ...] = ()
    linear: bool = False
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """What GO fires: a scene with a fade, `through` a transition and `at` a beat or bar as `Go` has them.

    `timecode` is the frame at which it fires by itself, "" for none.
    """

    number: str
    scene: str
    fade: Duration = CUT
    through: Through | None = None
    at: At = "now"
    timecode: str = ""


@dataclass(frozen=True, slots=True)
class Chasing:
    """The timecode by which a show's cues fire.

    `rate`, a name of `timecode.RATES`, is what the cues count by; all of them are `offset` s later. A tape
    that is heard no more is believed to run on for `freewheel` s. LTC comes on `channel` (1 or 2) of the
    sound input `input`; None: of the show's own sound.
    """

    source: Literal["mtc", "ltc"]
    rate: str = "25"
    freewheel: float = 1.0
    offset: float = 0.0
    input: str | None = None
    channel: int = 1


@dataclass(frozen=True, slots=True)
class Binding:
    """A desk's or a keyboard's event (`midi.note.1/36`, `msc.go.1/5`, `key.b`) and what it does.

    `light` is the colour, of `vocabulary.LIGHTS`, that its button has while that is on; "" leaves it to us.
    """

    event: str
    action: Action
    line: int = 0
    light: str = ""


@dataclass(frozen=True, slots=True)
class MscFollower:
    """Who is told of a show's cues by MIDI Show Control: part of a MIDI output's name, or an address and UDP port;
    the device id it answers to, None for all; one of `vocabulary.MSC_FORMATS`; the cue list that is named, if any."""

    port: str = ""
    host: str = ""
    udp: int = 6004
    device: int | None = None
    format: str = "lighting"
    cue_list: str = ""


@dataclass(frozen=True, slots=True)
class MscSettings:
    """Whose MIDI Show Control a show obeys: device ids 0..111 and groups 1..15, None for everybody's; `formats` of
    `vocabulary.MSC_FORMATS`. Over MIDI it always comes, over the network where there is a port for `udp`. Who
    follows are told of cues."""

    devices: frozenset[int] | None = None
    groups: frozenset[int] = frozenset()
    formats: frozenset[str] = frozenset({"lighting", "video", "projection"})
    udp: int | None = None
    host: str = ""
    followers: tuple[MscFollower, ...] = ()


@dataclass(frozen=True, slots=True)
class OscSettings:
    """Where OSC is listened to, over UDP and TCP; where its addresses are described (address, port), None nowhere;
    who is told of changes without asking (address, UDP port, the tree of addresses it knows)."""

    host: str = "0.0.0.0"
    port: int = 7000
    query: tuple[str, int] | None = None
    told: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DmxSettings:
    """Which universe of a lighting desk is listened to.

    `universe` is 1 to 63999 for sACN, the Port-Address 0 to 32767 for Art-Net; `address` the first slot of
    the footprint, from 1. `interface` is a name or an address; "" leaves it to the system. `hold` is how long (s)
    the last look stays when all sources are gone: 0 releases it at once, `math.inf` never.
    """

    protocol: Literal["sacn", "artnet"] = "sacn"
    universe: int = 1
    address: int = 1
    interface: str = ""
    hold: float = float("inf")
    multicast: bool = True
    host: str = ""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class FeedbackSettings:
    """A MIDI output that a show tells what is on: part of its name, and the family of its controller."""

    port: str
    palette: str = "plain"


@dataclass(frozen=True, slots=True)
class Desks:
    """How desks reach a show besides by MIDI; None: not at all, and no port is opened for it. `feedback` is who is
    shown what is on."""

    msc: MscSettings = MscSettings()
    osc: OscSettings | None = None
    dmx: DmxSettings | None = None
    feedback: tuple[FeedbackSettings, ...] = ()


@dataclass(frozen=True, slots=True)
class Guarding:
    """How a show wants its walls guarded.

    `latched`: from the loop only the operator goes back to live. `safe`: pictures leave two frames late, so
    that a broken one is never seen. `flashes`: as `FlashLimit` has them, never more than the venue's.
    """

    latched: bool = False
    safe: bool = False
    flashes: int = 3


@dataclass(frozen=True, slots=True)
class Show:
    """A whole show, checked and resolved: every name in it exists."""

    name: str
    folder: Path
    canvas: tuple[int, int]
    fps: float
    seed: int
    model: str | None
    track: Path | None
    scenes: Mapping[str, Scene]
    cues: tuple[Cue, ...] = ()
    bindings: tuple[Binding, ...] = ()
    listening: Listening = Listening()
    prompts: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[Layer, ...] = ()
    """Shaders that the whole picture goes through, whatever scene is on."""
    guarding: Guarding = Guarding()
    chasing: Chasing | None = None
    desks: Desks = Desks()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Every control of its layers that has a lowest and a highest value, with them: what a desk may move."""


def transitions(show: Show) -> list[str]:
    """The shaders that a show's scenes change through, each once."""
    actions = [rule.action for scene in show.scenes.values() for rule in scene.rules if isinstance(rule, When)]
    actions += [binding.action for binding in show.bindings]
    ways = [*(action.through for action in actions if isinstance(action, Go)), *(cue.through for cue in show.cues)]
    return list(dict.fromkeys(way.shader for way in ways if way))


# ---- what the show decides ----------------------------------------------------------------------


class Flag(IntFlag):
    """What the operator asked of a frame; travels with it to the player."""

    NONE = 0
    BLACKOUT = 1
    FREEZE = 2
    LOOP = 4
    SAFE = 8
    """The built-in picture, which no file can spoil."""
    DARK = 16
    """The show itself is dark here on purpose: its picture may be black."""
    LIVE = 32
    """Turned over whenever the operator asks for the show again: each change ends a latched loop."""


SWITCHES = {"blackout": Flag.BLACKOUT, "freeze": Flag.FREEZE, "loop": Flag.LOOP, "safe": Flag.SAFE}
"""What hands put over the show and take away again, by the operator's word for it."""

SWITCHED = Flag.BLACKOUT | Flag.FREEZE | Flag.LOOP | Flag.SAFE
"""All of `SWITCHES`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A scene's share of a look: its weight 0..1 and its layers' controls (`haze.density`)."""

    scene: str
    weight: float
    controls: Controls


@dataclass(frozen=True, slots=True)
class Fired:
    """Why something happened: the line of the rule, what set it off, what it moved."""

    time: float
    line: int
    why: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """A scene change on its way through a transition, 0..1 from its first scene to its second.

    `backwards`, the first scene is the incoming one: a change that is turned back plays in reverse.
    """

    through: Through
    progress: float
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What the show wants to be seen now.

    One part, or two during a scene change: the outgoing and the incoming one; their weights add to 1.
    Without a `change` those are a crossfade's. `speed` is the rate of the layers' own time; `fired`
    tells what happened in this step.
    """

    time: float
    parts: tuple[Part, ...]
    master: float = 1.0
    speed: float = 1.0
    flags: Flag = Flag.NONE
    fired: tuple[Fired, ...] = ()
    change: Change | None = None


# ---- what the wall gets -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture: its number, the show time it depicts, pixels [height, width, 4] uint8 sRGB."""

    index: int
    time: float
    pixels: Pixels
    flags: Flag = Flag.NONE


Turn = Literal[0, 90, 180, 270]
Gaps = Literal["content", "skip"]
Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cabinet:
    """One LED panel of a wall.

    `raster` (x, y, width, height) is where its pixels lie in the wall's own picture, `stage` the same in
    mm on the wall's plane, from its top left as the audience sees it. It hangs turned clockwise by `turn`
    degrees, so that its picture is turned back. A cabinet that is not `enabled` stays dark.
    """

    name: str
    raster: Rectangle
    stage: tuple[float, float, float, float]
    turn: Turn = 0
    enabled: bool = True
    port: int = 0


@dataclass(frozen=True, slots=True)
class Light:
    """What a wall makes of a picture.

    A drive is `v ** gamma` of an sRGB value `v`: 1 where a processor decodes sRGB, 2.2 for bare LEDs, which
    are linear. `white` is the colour temperature (K) that white shall have, 6500 being the picture's own;
    `gain` (red, green, blue), `brightness` and `lift`, the least light of what is not black, are shares of the
    wall's light. `nits` is its peak in cd/m2. `watts` is what it draws at full white; over `limit_watts` it
    is dimmed within `window` seconds. `dither` spreads what 8 bits cannot tell over time.
    """

    gamma: float = 1.0
    brightness: float = 1.0
    white: float = 6500.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lift: float = 0.0
    nits: float = 200.0
    watts: float = 0.0
    limit_watts: float | None = None
    window: float = 0.5
    dither: bool = False


@dataclass(frozen=True, slots=True)
class Wall:
    """One LED surface: a rectangle (x, y, width, height) of the canvas shown on a raster of `size` pixels.

    Without `cabinets` the raster is that rectangle. With them, in the order of their cables, the rectangle
    spreads over the box around them on the stage; what falls into a gap between them is hidden (`content`),
    or the gap is left out (`skip`). `port_pixels` is what one port of the processor drives, 0: not known.
    `stage` (x, y, width, height) is where the wall stands, in mm, in the view of the audience; None: not
    known. `output` is the kind of output and its settings as the rig file gives them; `latency` is how long
    (s) a picture takes from the engine to the light, `delay` how long it is kept here, so that quick walls
    wait for slow ones.
    """

    name: str
    canvas: Rectangle
    size: tuple[int, int]
    output: tuple[str, Mapping[str, object]]
    light: Light = Light()
    latency: float = 0.0
    delay: float = 0.0
    cabinets: tuple[Cabinet, ...] = ()
    stage: tuple[float, float, float, float] | None = None
    gaps: Gaps = "content"
    port_pixels: int = 0


@dataclass(frozen=True, slots=True)
class FlashLimit:
    """How much a venue may flash: at most `flashes` (pairs of opposed changes) in any second.

    `distance` (m) is where the nearest of the audience stands. `reference` is the white (cd/m2) that a
    change is held against; None: the wall's peak, at most 200. Only the venue's switch `waived`, a reason
    in words that goes into the log, lets through what fails; "" for none.
    """

    flashes: int = 3
    distance: float = 8.0
    reference: float | None = None
    waived: str = ""


@dataclass(frozen=True, slots=True)
class Rig:
    """The walls of one venue, how it sounds there (see `Listening`) and what it allows to flash."""

    name: str
    walls: tuple[Wall, ...] = field(default_factory=tuple)
    gain_db: float | None = None
    noise_db: float | None = None
    flash: FlashLimit = FlashLimit()

    @property
    def lead(self) -> float:
        """How long (s) before a beat its picture must leave, for the slowest wall to show it on the beat."""
        return max((wall.latency + wall.delay for wall in self.walls), default=0.0)


# ---- one verb each ------------------------------------------------------------------------------

T_co = TypeVar("T_co", covariant=True)


class Source(Protocol[T_co]):
    """Something that arrives. `drain` never waits and gives all that came since the last call."""

    def drain(self) -> Sequence[T_co]: ...


class Generator(Protocol):
    """Dreams a picture. None until there is a first one; may give the same frame twice.

    `source` is a picture to draw from, of the dream's own size.
    """

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None: ...


class Output(Protocol):
    """Takes a wall's picture where light is made. `send` returns within a millisecond."""

    def send(self, frame: Frame) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
