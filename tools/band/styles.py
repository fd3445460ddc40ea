"""What a style is: a row of a table. Patterns, tempo, instruments and habits of each; `compose` knows none of them by name.

Drum lanes, one bar each, `/` between the bars of a longer one: "K:x...x..." reads key, then steps that divide the bar evenly.
X accent, x hit, o soft (ghost), ? a soft hit now and then, . rest. Several lanes of one pattern are parted by spaces.
Keys: K kick, S snare, R side stick, C clap, H closed hat, P pedal, O open hat, r ride, b bell, c crash, q china, t m f toms high to floor,
j tambourine, w cowbell, g shaker, y cabasa, a claves, n N L congas (mute, open, low), B D bongos, i I timbales, u triangle, A G agogo, s sticks.

Bass and chord lanes: 1..8 a chord tone counted from the root (bass: 1 root, 3, 5, 6, 7, 8 octave; chords: strings of the voicing upwards),
x whole chord, m damped chord, p palm-muted root, b the root below, a approach to the next root, g dead note, - hold, . rest.
Whole-word lanes are played by rule: `kick` (bass on every kick), `walk` (quarters towards the next chord), `riff` (a made-up two-bar riff).
"""

# ruff: noqa: E501  (rows of a table)
# fmt: off

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Lanes = tuple[str, ...]
Programs = tuple[int, ...]

PIANO, EPIANO, ORGAN = (0, 0, 1, 2), (4, 4, 5), (16, 17, 18, 18)
STEEL, CLEAN, DRIVE, MUTED = (25, 24), (27, 26, 27), (29, 30, 30), (28, 27)
FINGER, PICK, SLAP, UPRIGHT, SYNTH_BASS = (33, 33, 35), (34, 34, 33), (36, 37, 33), (32,), (38, 39, 87, 81)
STRINGS, WARM, CHOIR = (48, 49, 50, 51), (88, 89, 90, 94, 95), (52, 53, 54)
SAW, PLUCK, HORNS = (80, 81, 81, 84, 90), (45, 12, 108, 98, 11, 5), (56, 61, 61, 57, 65, 66)
SOLO = (29, 30, 56, 65, 66, 71, 73, 80, 81, 22)
ROCK_KITS, POP_KITS, DANCE_KITS, TRAP_KITS, JAZZ_KITS = (0, 8, 16, 16), (0, 8, 0, 16), (24, 25, 24, 8), (25, 25, 24), (32, 40, 32, 0)

POP = ("I V vi IV", "vi IV I V", "I vi IV V", "I IV vi V", "IV I V vi", "I iii IV V", "I V IV V", "ii IV I V", "I IV I V")
DARK = ("i bVI bIII bVII", "i bVII bVI bVII", "i iv bVI V", "i bIII bVII iv", "bVI bVII i i", "i i bVI V", "i v bVI iv")
ROCK = ("I bVII IV I", "I IV V IV", "I IV I V", "I bIII IV bVII", "I I IV V", "I V bVII IV", "I bVI bVII I")
HEAVY = ("i i bVI bVII", "i bII i bVII", "i bIII bII i", "i bVI bVII i", "i i i bV", "i iv bVI bV")
BLUES = ("I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 I7")
JAZZ = ("iim7 V7 Imaj7 VI7", "Imaj7 vim7 iim7 V7", "iim7 V7 Imaj7 Imaj7 iiø7 V7 im7 im7", "im7 im7 iiø7 V7", "iiim7 VI7 iim7 V7")
FUNK = ("i7 i7 i7 IV7", "I7 I7 I7 I7", "im7 IV7", "i7 bVII i7 bVI", "I7 I7 IV7 IV7")
SOUL = ("Imaj7 vim7 iim7 V7", "I IV I V", "I iii IV V", "Imaj7 iiim7 IVmaj7 V7", "I vi ii V", "IVmaj7 iiim7 iim7 Imaj7")
FOLK = ("I I IV I V V I I", "I IV I V", "I V I IV", "I IV V I", "I I V V", "vi IV I V")
SLOW = ("I V vi iii IV I IV V", "i bVII bVI V", "I IV vi V", "i iv bVII bIII", "Iadd vi IV Vsus", "i bVI iv V")


@dataclass(frozen=True, slots=True)
class Style:
    """One row. `bpm` low and high; `swing`: where the second half of `unit` (beats) falls, 0.5 even .. 0.7; `machine`: sequenced, no drift."""

    name: str
    bpm: tuple[float, float]
    weight: float = 1.0
    metre: int = 4
    form: str = "song"  # song, dance, loop, free (no drums), solo (only drums)
    machine: bool = False
    swing: tuple[float, float] = (0.5, 0.5)
    unit: float = 0.5
    kicks: Lanes = ()
    snares: Lanes = ()
    cymbals: Lanes = ()
    percussion: Lanes = ()
    ghosts: float = 0.0
    rolls: float = 0.0  # how often a bar has a roll of the closed hat
    feels: float = 0.1  # how often a section goes half or double time
    bass: Lanes = ("1-------",)
    guitar: Lanes = ()
    keys: Lanes = ()
    parts: Mapping[str, float] = field(default_factory=dict)  # how likely each part is in the band, besides drums and bass
    programs: Mapping[str, Programs] = field(default_factory=dict)
    kits: Programs = POP_KITS
    chords: tuple[str, ...] = POP
    colour: str = ""  # "7": sevenths on every chord, "5": power chords
    minor: float = 0.3
    bars_per_chord: tuple[float, ...] = (1.0,)
    busy: float = 0.5  # how full and how syncopated melodies are


EIGHTHS, QUARTERS, SIXTEENTHS = "H:XxXxXxXx", "H:xxxx", "H:XoxoXoxoXoxoXoxo"
HATS = (EIGHTHS, EIGHTHS, "H:xxxxxxx. O:.......x", QUARTERS, SIXTEENTHS, "r:XxXxXxXx", "r:xxxx", "O:xxxx", "H:XoXoXoXo P:........")
LOUD = ("c:xxxx", "O:XxXxXxXx", "r:XxXxXxXx", "b:xxxx", "q:xxxx")
BACKBEAT = ("S:..x...x.", "S:..X...X.", "S:..x...x.")
FOUR = ("K:xxxx",)
ROCK_KICKS = (
    "K:x.....x.x.......", "K:x.......x.x.....", "K:x...x...", "K:x.......x.x...x.", "K:x..x....x.......", "K:x.....x.x.x.....", "K:x.......x......./x.....x.x.x.....",
    "K:x.....x...x.....", "K:x..x..x...x.....", "K:x.x.....x.x....x", "K:x.....xx..x....x", "K:x.......x.....x./x..x....x.....x.",
)  # fmt: skip
BALLAD = ("K:x.......x.......", "K:x......xx.......", "K:x.......x.x.....", "K:x.....x.x.......")
ROCK_BASS = ("11111111", "kick", "1-1-1-1-", "1---1-1-", "1-------1-----1-", "11111115", "1.1.1.11", "1--1--1-")
STRUM = ("x-x-xxxx", "x-xxmxxx", "xxxxxxxx", "x--xx-x-", "x-x-x-x-", "x-------", "x-xx-xxx", "x-xx.xxmx-xx.xxm", "X-xmXxxm", "x---x-x-")
CHUGS = ("pppppppp", "riff", "x---pppp", "x--x--x-", "ppxpppxp", "x-------", "xxxxxxxx", "p.ppp.ppx-------")
ARPS = ("13525352", "1-3-5-3-", "12345432", "15358535", "1325", "1-5-3-5-", "1353", "14253425")
COMP = ("x-------", "x---x---", "x-x-x-x-", "xxxx", "x--x--x-", "b-x-b-x-", ".x.x.x.x", "x-----x-..x-....", "b-x-bxx-")

STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style(
            "rock", (95, 150), 2.0, kicks=ROCK_KICKS, snares=BACKBEAT, cymbals=(*HATS, *LOUD), percussion=("j:..x...x.", "w:xxxx", "j:xxxxxxxx"), ghosts=0.15,
            bass=ROCK_BASS, guitar=(*STRUM, *CHUGS[:5]), keys=COMP[:4], chords=(*ROCK, *POP), kits=ROCK_KITS,
            parts={"guitar": 0.95, "keys": 0.3, "voice": 0.75, "lead": 0.4, "pad": 0.15},
            programs={"bass": PICK, "guitar": (*DRIVE, 27, 25), "keys": (*ORGAN, 0), "lead": (29, 30)},
        ),
        Style(
            "straight eighths", (100, 135), 1.5, kicks=("K:x...x...", "K:x...xx..", "K:x..x.x..", "K:x....x.."), snares=BACKBEAT, cymbals=(EIGHTHS, EIGHTHS, *LOUD), feels=0.05,
            bass=("11111111", "kick"), guitar=("pppppppp", *STRUM[:4], *ARPS[:2]), keys=COMP, chords=POP, parts={"guitar": 0.9, "keys": 0.4, "voice": 0.7, "pad": 0.3, "lead": 0.25},
            programs={"bass": PICK, "guitar": (27, 29, 28, 25), "keys": PIANO}, kits=ROCK_KITS,
        ),
        Style(
            "pop", (88, 128), 2.0, kicks=(*ROCK_KICKS, "K:x..x..x.x..x..x."), snares=(*BACKBEAT, "S:..x...x. C:..x...x.", "C:..x...x.", "R:..x...x."), cymbals=HATS,
            percussion=("g:xxxxxxxxxxxxxxxx", "j:..x...x.", "g:XoxoXoxo", "y:.x.x.x.x"), ghosts=0.1, bass=(*ROCK_BASS, "1-..1-.5"), guitar=(*STRUM, *ARPS), keys=(*COMP, *ARPS[:4]),
            parts={"guitar": 0.6, "keys": 0.75, "voice": 0.85, "pad": 0.5, "lead": 0.3}, programs={"bass": (33, 34, 38), "guitar": (*CLEAN, *STEEL), "keys": (*PIANO, *EPIANO)},
        ),
        Style(
            "ballad", (58, 82), 1.2, kicks=BALLAD, snares=("S:..x...x.", "R:..x...x.", "S:....x..."), cymbals=(EIGHTHS, "H:XoxoXoxoXoxoXoxo", "r:xxxxxxxx", QUARTERS), feels=0.05, ghosts=0.1,
            bass=("1-------", "1-----1-", "1---5---", "1--1--5-"), guitar=ARPS, keys=(*COMP[:4], *ARPS), chords=(*POP, *SLOW), busy=0.4,
            parts={"guitar": 0.5, "keys": 0.9, "voice": 0.9, "pad": 0.7, "lead": 0.2}, programs={"guitar": (*STEEL, 27), "keys": (*PIANO, 4)},
        ),
        Style(
            "power ballad", (62, 88), kicks=(*BALLAD, "K:x.......x.x...x."), snares=BACKBEAT[1:], cymbals=(EIGHTHS, *LOUD[:4]), bass=("1-------", "11111111", "1-----1-"),
            guitar=("x-------", *ARPS[:3], "x---x---", "xxxxxxxx"), keys=(*COMP[:3], *ARPS), chords=(*POP, *DARK), busy=0.4, kits=(16, 8, 16),
            parts={"guitar": 0.9, "keys": 0.7, "voice": 0.9, "pad": 0.6, "lead": 0.4}, programs={"guitar": DRIVE, "keys": PIANO, "lead": (29, 30), "pad": STRINGS},
        ),
        Style(
            "hard rock", (90, 145), 1.3, kicks=ROCK_KICKS, snares=BACKBEAT[1:], cymbals=(EIGHTHS, QUARTERS, *LOUD), percussion=("w:xxxx",), bass=("riff", "kick", "11111111"),
            guitar=("riff", "riff", *CHUGS, *STRUM[:2]), chords=(*ROCK, *DARK), colour="5", minor=0.5, kits=(16, 16, 8), busy=0.55,
            parts={"guitar": 1.0, "voice": 0.7, "lead": 0.5, "keys": 0.15}, programs={"bass": PICK, "guitar": DRIVE, "lead": (30, 29), "keys": ORGAN},
        ),
        Style(
            "punk", (150, 205), 1.2, kicks=("K:x...x...", "K:x..xx...", "K:x...xx..", "K:xxxx", "K:x..x.x.."), snares=("S:..x...x.", "S:.x.x", "S:.x.x.x.x"),
            cymbals=(EIGHTHS, QUARTERS, "c:xxxx", "r:XxXxXxXx", "O:xxxx"), bass=("11111111", "kick"), guitar=("xxxxxxxx", "pppppppp", "x--x--x-", "x-xxx-xx"), chords=(*ROCK, *POP), colour="5",
            kits=ROCK_KITS, parts={"guitar": 1.0, "voice": 0.8, "lead": 0.2}, programs={"bass": PICK, "guitar": (30, 29), "lead": (29, 30)}, busy=0.7,
        ),
        Style(
            "metal", (100, 190), 1.2, kicks=("K:xxxxxxxxxxxxxxxx", "K:x.xxx.xxx.xxx.xx", "K:xx.xx.xx.xx.xxxx", "K:x..x..x..x..x.x.", "K:xxxxxxxx", "K:x.......xxxx...."),
            snares=("S:..X...X.", "S:....X...", "S:.X.X"), cymbals=("q:xxxx", "c:xxxx", EIGHTHS, "r:xxxx", "b:xxxx"), feels=0.25, bass=("riff", "kick", "1-11"), minor=0.95, chords=HEAVY, colour="5",
            guitar=("riff", "riff", "p.ppp.ppp.ppp.pp", "pppppppp", "x---pppp", "pp.pp.pp.pp.x---"), kits=(16, 16, 8), parts={"guitar": 1.0, "voice": 0.5, "lead": 0.45, "pad": 0.15},
            programs={"bass": PICK, "guitar": (30, 30, 29), "lead": (30, 29, 81), "pad": CHOIR}, busy=0.7,
        ),
        Style(
            "speed metal", (170, 210), 0.9, kicks=("K:xxxxxxxx", "K:x.x.x.x.", "K:xxxxxxxxxxxxxxxx"), snares=("S:.x.x.x.x", "S:..x...x.", "S:xxxxxxxx"), cymbals=("H:xxxxxxxx", "r:xxxx", "c:xxxx", "q:xxxx"),
            bass=("11111111", "riff", "kick"), guitar=("pppppppp", "riff", "pppppppppppppppp", "x---x---"), minor=0.95, chords=HEAVY, colour="5", kits=(16, 8),
            parts={"guitar": 1.0, "voice": 0.4, "lead": 0.5}, programs={"bass": PICK, "guitar": (30,), "lead": (30, 29)}, busy=0.8,
        ),
        Style(
            "grunge", (85, 130), 1.2, kicks=ROCK_KICKS, snares=BACKBEAT[1:], cymbals=(EIGHTHS, "O:xxxx", "O:XxXxXxXx", "c:xxxx", "r:xxxx"), ghosts=0.15, bass=("kick", "11111111", "riff"),
            guitar=("riff", "x-xm.xxmx-xmmxxm", "xxxxmmxx", "x--x--x-", "xxxxxxxx", *ARPS[:2]), chords=(*ROCK, *DARK), colour="5", minor=0.6, kits=(8, 16, 0),
            parts={"guitar": 1.0, "voice": 0.8, "lead": 0.2}, programs={"bass": PICK, "guitar": (30, 29, 27), "lead": (30,)},
        ),
        Style(
            "funk", (92, 122), 1.5, kicks=("K:x..x......x..x..", "K:x.x....x..x..x..", "K:x..x..x...x.....", "K:x.x...x..x....x.", "K:x......x..x...../x.x....x..x..x.."), ghosts=0.6, feels=0.03,
            snares=("S:....X..o.o..X..o", "S:....X.......X...", "S:....X..o.o.oX...", "S:....X.o..X....X.", "S:....X..o....X.oo"), swing=(0.5, 0.58), unit=0.25,
            cymbals=(SIXTEENTHS, EIGHTHS, "H:xxxxxx.xxxxxxx.x O:......x.......x.", "r:XxXxXxXx"), percussion=("n:x..x..x. N:......xx", "w:x...x...", "j:..x...x.", "N:..xx....n:........"),
            bass=("1.1..8.1..1g5.7.", "1..g1..8.g1...5g", "kick", "1.8.1.g8.1.7..1.", "1..1...1.7.8..a."), guitar=("..m.x.mm..m.x.m.", "m.xm.mx.m.xm.mx.", "x...m.mx..m.x.mm", "....x.......x..."),
            keys=("..x..x....x..x..", "x..x......x.....", "x.x..x.xx.x..x.x", ".x.x.x.x"), chords=FUNK, colour="7", minor=0.5, bars_per_chord=(1.0, 2.0),
            parts={"guitar": 0.85, "keys": 0.6, "voice": 0.5, "lead": 0.5, "pad": 0.2}, programs={"bass": SLAP, "guitar": MUTED, "keys": (7, 4, 16, 18), "lead": HORNS, "pad": (61, 62)}, busy=0.7,
        ),
        Style(
            "disco", (108, 130), 1.2, kicks=FOUR, snares=(*BACKBEAT, "S:..x...x. C:..x...x."), cymbals=("O:.x.x.x.x", "H:x.x.x.x. O:.x.x.x.x", "H:xxoxxxoxxxoxxxox", "H:x.xxx.xxx.xxx.xx O:..x...x...x...x."),
            percussion=("n:x.x.x.x. N:.xx..xx.", "j:xxxxxxxxxxxxxxxx", "w:x.x.xx.x"), feels=0.02, bass=("18181818", "1.8.1.8.1.8.1.8.", "1--8.-1.8.", "11.811.8", "kick"), colour="7", minor=0.7,
            guitar=("..m.x.mm..m.x.mm", "x.xxx.xxx.xxx.xx", ".x.x.x.x"), keys=(".x.x.x.x", "x-------", "x--x--x-"), chords=(*SOUL, *DARK, *FUNK), bars_per_chord=(1.0, 2.0),
            parts={"guitar": 0.8, "keys": 0.6, "pad": 0.8, "voice": 0.7, "lead": 0.4}, programs={"bass": (33, 34, 38), "guitar": MUTED, "keys": (*EPIANO, 0), "pad": STRINGS, "lead": HORNS},
        ),
        Style(
            "house", (118, 130), 1.6, form="dance", machine=True, kicks=FOUR, snares=("C:..x...x.", "S:..x...x. C:..x...x.", "C:....x.......x..o", "R:..x..x...x....x."), feels=0.0, swing=(0.5, 0.58), unit=0.25,
            cymbals=("O:.x.x.x.x", "H:oxoxoxox O:.x.x.x.x", "H:xxoxxxoxxxoxxxox O:..x...x...x...x.", "r:.x.x.x.x", SIXTEENTHS), percussion=("g:xxxxxxxxxxxxxxxx", "n:..x..x.x..x..x..", "R:...x..x....x..x.", "w:...x...x"),
            bass=(".1.1.1.1", "..1...1...1...1.", "1..1..1.1..1..8.", ".11..11..11..18.", "1.......8.......", "kick"), keys=("x..x..x...x..x..", ".x.x.x.x", "x..x..x.", "..x..x....x..x.."), chords=(*DARK, *SOUL),
            colour="7", minor=0.8, bars_per_chord=(1.0, 2.0), kits=DANCE_KITS, parts={"keys": 0.85, "pad": 0.7, "lead": 0.5, "voice": 0.4}, busy=0.6,
            programs={"bass": SYNTH_BASS, "keys": (0, 5, 16, 62, 4), "pad": (*WARM, 50), "lead": (*SAW, *PLUCK), "voice": (54, 85, 53)},
        ),
        Style(
            "techno", (124, 148), 1.3, form="dance", machine=True, kicks=FOUR, snares=("C:..x...x.", "R:...x..x...x..x..", "S:.............x..", "C:..x...x."), feels=0.0,
            cymbals=("O:.x.x.x.x", "H:oxoxoxox O:.x.x.x.x", SIXTEENTHS, "r:xxxxxxxx", "H:..x...x...x...x."), percussion=("g:xxxxxxxxxxxxxxxx", "t:...x..x...x..... f:..............x.", "L:..x..x....x.x...", "w:x..x..x.x..x..x."),
            bass=(".1.1.1.1", ".111.111.111.111", "..1...1...1...1.", "1111111111111111", "1..1..1..1..1.1."), keys=("x..x..x..x..x.x.", "...x.......x....", "x..x............"), chords=("i i i i", "i i bVI bVI", "i bII", "i i i bVII"),
            colour="", minor=0.95, bars_per_chord=(2.0, 4.0), kits=(24, 25, 24), parts={"keys": 0.6, "pad": 0.5, "lead": 0.5}, busy=0.7,
            programs={"bass": SYNTH_BASS, "keys": (62, 63, 81, 90), "pad": WARM, "lead": SAW},
        ),
        Style(
            "trance", (130, 145), form="dance", machine=True, kicks=FOUR, snares=("C:..x...x.", "S:..x...x. C:..x...x."), cymbals=("O:.x.x.x.x", "H:xxoxxxoxxxoxxxox O:..x...x...x...x.", "r:.x.x.x.x"), feels=0.0,
            percussion=("g:xxxxxxxxxxxxxxxx", "j:.x.x.x.x"), bass=(".111.111.111.111", ".1.1.1.1", ".118.118.118.118"), keys=("1358135813581358", "1.5.8.5.1.5.8.5.", "x..x..x..x..x.x.", "5318531853185318"), chords=DARK, minor=0.95,
            bars_per_chord=(1.0, 2.0), kits=(24, 25, 8), parts={"keys": 0.95, "pad": 0.9, "lead": 0.8, "voice": 0.3}, programs={"bass": SYNTH_BASS, "keys": (81, 80, 90, 5), "pad": (50, 51, 89, 90, 95), "lead": SAW, "voice": (54, 53)},
        ),
        Style(
            "drum and bass", (164, 180), 1.2, form="dance", machine=True, kicks=("K:x.........x.....", "K:x.........x...../x.x.......x.....", "K:x..x......x.....", "K:x.....x...x....."), feels=0.0, ghosts=0.5,
            snares=("S:....X.......X...", "S:....X..o.o..X..o", "S:....X.......X.o./....X..o....X..X"), cymbals=("H:x.x.x.x.x.x.x.x.", SIXTEENTHS, "r:x.x.x.x.x.x.x.x.", "O:..x...x...x...x. H:x...x...x...x..."),
            percussion=("g:xxxxxxxxxxxxxxxx", "N:...x..x....x..x."), bass=("1---------------", "1-----1---1-----", "1--.8-.1--..5-..", "1-------8---5---"), keys=("x-------", "..x..x..", "x..x..x."), chords=DARK, colour="7", minor=0.9,
            bars_per_chord=(2.0, 1.0), kits=(24, 8, 25, 0), parts={"keys": 0.6, "pad": 0.8, "lead": 0.5, "voice": 0.4}, programs={"bass": SYNTH_BASS, "keys": (4, 5, 62), "pad": WARM, "lead": (*SAW, *PLUCK)},
        ),
        Style(
            "breakbeat", (120, 142), 1.0, form="dance", machine=True, kicks=("K:x.x.......xx....", "K:x.....x..xx.....", "K:x..x......x..x..", "K:x.x.......x...../..x.......x..x.."), ghosts=0.5, feels=0.1, swing=(0.5, 0.57), unit=0.25,
            snares=("S:....X..o.o..X..o", "S:....X.......X...", "S:....X..o.o..X.../....X..o.o....X."), cymbals=(EIGHTHS, SIXTEENTHS, "r:XxXxXxXx", "H:x.x.x.x.x.x.x.x. O:..............x."), percussion=("N:...x..x....x..x.", "j:..x...x."),
            bass=("1.1...1.8...1...", "kick", "1---..1-1--.5-..", "1..1..1....1..1."), keys=("x..x..x.", "....x.....x.....", "x-------"), chords=(*DARK, *FUNK), colour="7", minor=0.85, bars_per_chord=(1.0, 2.0),
            kits=(0, 8, 24, 16), parts={"keys": 0.7, "pad": 0.6, "lead": 0.5, "voice": 0.3, "guitar": 0.2}, guitar=("..m.x.mm..m.x.m.", "x-------"), programs={"bass": SYNTH_BASS, "guitar": MUTED, "keys": (16, 4, 62, 0), "pad": WARM, "lead": SAW},
        ),
        Style(
            "hip hop", (78, 102), 1.5, form="loop", machine=True, rolls=0.04, kicks=("K:x.....x...x.....", "K:x..x......xx....", "K:x......x..x...../x..x...x..x.....", "K:x.x.......x.x...", "K:x......xx......."), ghosts=0.15, feels=0.03, swing=(0.5, 0.66), unit=0.25,
            snares=("S:....X.......X...", "C:....x.......x...", "S:....X.......X... C:....x.......x...", "R:....x.......x..x"), cymbals=(EIGHTHS, SIXTEENTHS, "H:x.x.x.xxx.x.x.x.", "H:x.x.x.x.x.x...x. O:............x...", QUARTERS),
            percussion=("g:xxxxxxxx", "j:..x...x.", "w:...x......x....."), bass=("kick", "1-----1-..1-....", "1---------1-....", "1..1......1.8..."), keys=("x-------", "x-....x-x-......", *ARPS[:4]), guitar=ARPS[:4], chords=(*DARK, *SOUL), colour="7",
            minor=0.8, bars_per_chord=(1.0, 2.0, 0.5), kits=(24, 25, 0, 8), parts={"keys": 0.85, "guitar": 0.2, "pad": 0.5, "voice": 0.7, "lead": 0.3}, programs={"bass": (38, 39, 33, 35), "keys": (4, 0, 5, 11), "guitar": CLEAN, "pad": (*STRINGS, 89)}, busy=0.8,
        ),
        Style(
            "trap", (63, 76), 1.2, form="loop", machine=True, rolls=0.35, kicks=("K:x......x.x......", "K:x..x......x..x..", "K:x.x....x...x....", "K:x.....x..x....x.", "K:x.......x......."), snares=("S:....X.......X...", "C:....x.......x...", "S:..X...X. C:..x...x.", "R:....x.......x..x C:....x.......x..."), feels=0.0,
            cymbals=("H:xxxxxxxxxxxxxxxx", "H:xxxxxxxxxxxx", "H:x.x.x.x.x.x.xxxxx.x.x.x.x.xxx.x.", "H:x.x.x.xxx.x.x.x.x.x.xxxxxxx.x.x.", "H:xxxxxxxxxxxxxxxxxxxxxxxx"), percussion=("R:...x..x.........", "w:......x.........x"),
            bass=("kick", "1---------1-----", "1-----------5---"), keys=("x-------", "1358", "13528531", "1---3---"), chords=DARK, minor=0.95, bars_per_chord=(1.0, 2.0), kits=TRAP_KITS,
            parts={"keys": 0.9, "pad": 0.6, "voice": 0.7, "lead": 0.5}, programs={"bass": (38, 39), "keys": (11, 14, 0, 5, 12, 98), "pad": (*WARM, 52), "lead": (73, 75, *PLUCK)}, busy=0.8,
        ),
        Style(
            "reggae", (66, 90), 1.4, kicks=("K:....x...", "K:..x...x.", "K:x...x...", "K:xxxx", "K:....x..x"), snares=("R:....x...", "R:....x..?", "S:....x...", "R:..x...x.", "R:....x... H:...?..?."), feels=0.0, ghosts=0.15, swing=(0.5, 0.64), unit=0.5,
            cymbals=(EIGHTHS, "H:x.x.x.x. O:.......x", "H:xxxxxxxxxxxxxxxx", "H:x.xxx.xx", "P:.x.x.x.x"), percussion=("g:xxxxxxxx", "n:..x...xx", "w:x..x....", "B:......xx"), bass=("1-1.3.5.", "1.1..5.5", "..1-3-5-", "1--1..5.1.8...5.", "1-----5-"),
            guitar=(".x.x.x.x", ".x.x.x.x", "..m...m...m...m."), keys=(".x.x.x.x", "..x...x...x...x.", ".xxx.xxx.xxx.xxx", "x-------"), chords=("I IV", "I V vi IV", "i bVII", "i iv", "I ii", "I IV V IV", "i bVI bVII i"), minor=0.45, bars_per_chord=(1.0, 0.5, 2.0),
            parts={"guitar": 0.95, "keys": 0.8, "voice": 0.8, "lead": 0.3}, programs={"bass": (33, 35, 32), "guitar": MUTED, "keys": (*ORGAN, 0), "lead": (*HORNS, 22)},
        ),
        Style(
            "ska", (125, 172), 0.9, kicks=("K:x...x...", "K:..x...x.", "K:xxxx", "K:....x..."), snares=("S:..x...x.", "R:..x...x.", "S:....x..."), cymbals=(EIGHTHS, "H:x.x.x.x.", "O:.x.x.x.x"), feels=0.1,
            bass=("walk", "1-3-5-6-", "11335566", "1.5.1.5."), guitar=(".x.x.x.x",), keys=(".x.x.x.x", "..x...x...x...x."), chords=(*FOLK, *SOUL), minor=0.3, parts={"guitar": 0.95, "keys": 0.6, "lead": 0.8, "voice": 0.6},
            programs={"bass": (33, 34), "guitar": CLEAN, "keys": (16, 18, 0), "lead": HORNS}, busy=0.6,
        ),
        Style(
            "shuffle", (120, 200), 1.2, swing=(0.6, 0.68), kicks=("K:x.x.x.x.", "K:x...x...", "K:x...x..x", "K:x..xx..."), snares=BACKBEAT, cymbals=("r:x.xxx.xx", "H:x.xxx.xx", EIGHTHS, "r:x.xxx.xx P:..x...x."), ghosts=0.2, feels=0.02,
            bass=("walk", "1-3-5-6-", "11335566", "1-1-5-5-", "18181818"), guitar=("x.m.x.m.", "..x...x.", "x-xxm-xx", "15161516"), keys=("x.x.x.x.", ".x.x.x.x", "..x...x.", "xxxxxxxx"), chords=(*BLUES, "I IV I V", "I vi IV V"), minor=0.1, kits=(0, 8, 40),
            parts={"guitar": 0.9, "keys": 0.6, "voice": 0.7, "lead": 0.5}, programs={"bass": (32, 33), "guitar": (27, 26, 29), "keys": (0, 1, 3), "lead": (65, 66, 26, 29, 22)}, busy=0.6,
        ),
        Style(
            "rockabilly", (150, 208), 0.9, swing=(0.55, 0.66), kicks=("K:x...x...", "K:x.x.x.x.", "K:x..xx..x"), snares=("S:..x...x.", "S:.oXo.oXo", "S:..x...xx"), cymbals=("r:x.xxx.xx", EIGHTHS, "r:xxxx", "H:x.x.x.x."), feels=0.02, ghosts=0.2,
            bass=("1-5-1-5-", "1-3-5-3-", "walk", "11335566"), guitar=("..x...x.", "15161516", "b.x.b.x.", "xxxxxxxx"), keys=("..x...x.", "xxxxxxxx", ".x.x.x.x"), chords=(*BLUES, "I I IV V"), minor=0.1, kits=(0, 32, 8),
            parts={"guitar": 1.0, "keys": 0.35, "voice": 0.7, "lead": 0.5}, programs={"bass": UPRIGHT, "guitar": (27, 26, 29), "keys": (0, 3), "lead": (27, 29, 66)}, busy=0.65,
        ),
        Style(
            "country", (90, 132), 1.2, kicks=("K:x...x...", "K:x...x..x", "K:xxxx"), snares=("S:oxoxoxox", "S:ooxoooxo", "R:..x...x.", "S:..x...x.", "S:ooXoooXoooXoooXo", "R:.x.x.x.x"), cymbals=(EIGHTHS, QUARTERS, "P:..x...x.", "H:.x.x.x.x"), percussion=("j:.x.x.x.x", "g:xxxxxxxx"),
            feels=0.02, bass=("1---5---", "1-5-1-5-", "1---5-a-", "1---1-5-"), guitar=("b-x-5-x-", "b.x.b.x.", "b-xxb-xx", "13525352", ".x.x.x.x"), keys=("b-x-b-x-", "x-------", "..x...x."), chords=FOLK, minor=0.1, kits=(0, 8, 40),
            parts={"guitar": 1.0, "keys": 0.3, "voice": 0.8, "lead": 0.6}, programs={"bass": (32, 33), "guitar": (*STEEL, 27), "keys": (0, 16), "lead": (110, 105, 22, 27, 25)},
        ),
        Style(
            "train beat", (96, 125), 0.6, kicks=("K:x...x...", "K:xxxx"), snares=("S:oxXxoxXxoxXxoxXx", "S:ooXoooXoooXoooXo", "S:oxoxXxoxoxoxXxox"), cymbals=("P:..x...x.", "H:.x.x.x.x"), feels=0.0, bass=("1---5---", "1---5-a-"),
            guitar=("b-x-5-x-", "b-xxb-xx"), keys=("b-x-b-x-",), chords=FOLK, minor=0.15, kits=(40, 0, 32), parts={"guitar": 1.0, "keys": 0.2, "voice": 0.8, "lead": 0.5}, programs={"bass": UPRIGHT, "guitar": STEEL, "lead": (22, 110, 105, 27)},
        ),
        Style(
            "slow blues", (55, 78), 1.1, kicks=("K:x.....x.....", "K:x....xx.....", "K:x.....x.x..."), snares=("S:...x.....x..", "S:...x..o..x..", "R:...x.....x.."), cymbals=("H:xxxxxxxxxxxx", "r:xxxxxxxxxxxx", "r:x.xx.xx.xx.x"), ghosts=0.0, feels=0.0,
            bass=("1--1--1--1--", "1--3--5--6--", "1----11--5--", "1-11-13-35-5"), guitar=("x..x..x..x..", "...x.....x..", "135135135135", "x-x..xx-x..x"), keys=("xxxxxxxxxxxx", "x--x--x--x--", "...x.x...x.x"), chords=BLUES, colour="7", minor=0.3, kits=(0, 8, 40),
            parts={"guitar": 0.95, "keys": 0.6, "voice": 0.6, "lead": 0.6}, programs={"bass": FINGER, "guitar": (27, 26, 29), "keys": (0, 17, 18), "lead": (29, 22, 66, 26)}, busy=0.6,
        ),
        Style(
            "jazz swing", (95, 205), 1.2, swing=(0.58, 0.68), kicks=("K:o.o.o.o.", "K:........", "K:...o....", "K:x.....o.", "K:......?..o....?."), snares=("S:...?...?", "S:.....o..", "S:.?....o.", "R:......x.", "S:...o..o.?......."), feels=0.0,
            cymbals=("r:x.xxx.xx P:..x...x.", "r:x.xxx.xx P:..x...x.", "r:x.x.x.xx P:..x...x.", "H:x.xxx.xx"), bass=("walk", "walk", "1---5---"), guitar=("x.x.x.x.", "...x..x.", "x-------"), keys=("...x..x.", "x--x....", ".x...x..", "...x....x..x...."), chords=JAZZ,
            colour="7", minor=0.35, kits=JAZZ_KITS, parts={"guitar": 0.35, "keys": 0.85, "voice": 0.3, "lead": 0.85}, programs={"bass": UPRIGHT, "guitar": (26,), "keys": (0, 0, 4, 17), "lead": (65, 66, 56, 59, 71, 11, 26)}, busy=0.8,
        ),
        Style(
            "bossa", (110, 150), 0.9, kicks=("K:x..xx..x", "K:x..x...x"), snares=("R:x..x..x...x..x..", "R:..x..x..x..x....", "R:x..x..x./..x.x..."), cymbals=(EIGHTHS, "H:xxxxxxxx P:..x...x.", "r:xxxxxxxx"), percussion=("g:xxxxxxxxxxxxxxxx", "u:..x...x."), feels=0.0, bass=("1--15--5", "1--1----5--5----"),
            guitar=("x.x..x.x.x..x.x.", "x..x..x...x..x..", "b.x.bx.x"), keys=("x..x..x...x..x..", "x-------"), chords=JAZZ, colour="7", minor=0.3, kits=JAZZ_KITS, parts={"guitar": 0.9, "keys": 0.5, "voice": 0.6, "lead": 0.5, "pad": 0.3},
            programs={"bass": (32, 33), "guitar": (24, 26), "keys": (0, 4, 11), "lead": (73, 65, 56, 11), "pad": STRINGS},
        ),
        Style(
            "samba", (92, 125), 0.8, kicks=("K:x..xx..xx..xx..x", "K:o...X...o...X..."), snares=("S:xooxooxoxooxooxo", "R:x.x.xx.x.x.x.xx.", "S:Xo.Xo.X.Xo.Xo.X."), cymbals=("H:XooXXooXXooXXooX", SIXTEENTHS, "P:.x.x.x.x"), percussion=("g:XooXXooXXooXXooX", "A:x.x.xx.x.x.x.xx. G:...x..x...x.....", "j:XoxxXoxxXoxxXoxx", "f:....X.......X..."),
            feels=0.0, bass=("1--15--51--15--5", "1..15..51..15..5"), guitar=("x.x..x.x.x..x.x.", "x.xx.x.xx.xx.x.x"), keys=("x.x..x.x.x..x.x.",), chords=(*JAZZ, *SOUL), colour="7", minor=0.4, parts={"guitar": 0.9, "keys": 0.4, "voice": 0.6, "lead": 0.6},
            programs={"bass": (33, 32), "guitar": (24, 25), "keys": (0, 4), "lead": (73, 56, 57, 65)}, busy=0.7,
        ),
        Style(
            "salsa", (88, 108), 0.9, kicks=("K:......x.......x.", "K:...x..x....x..x."), snares=("R:x..x..x./..x.x...", "R:..x.x.../x..x..x.", "i:x.x.xx.xx.x.xx.x"), cymbals=("w:x.x.x.x.", "w:xoxoxxoxxoxoxxox", "r:x.x.xx.xx.x.xx.x", "H:xxxxxxxx"), feels=0.0,
            percussion=("n:x.x.x.x.x.x.x... N:............x.xx", "n:xxxxXxxxxxxxXx.. N:..............xx g:xxxxxxxxxxxxxxxx", "B:XoxoXoxoXoxoXoxo a:x..x..x...x.x..."), bass=("...1--1-", "...1--5-", "...1..5...1...8."), keys=("x.xx.x.xx.xx.x.x", "1.35.8.53.58.5.3", "x..xx.x.x..xx.x."),
            guitar=("x.xx.x.x",), chords=("i iv V V", "I IV V IV", "iim7 V7 I I", "i bVII bVI V"), minor=0.5, bars_per_chord=(1.0, 0.5), parts={"keys": 1.0, "guitar": 0.2, "lead": 0.8, "voice": 0.6}, programs={"bass": (32, 33), "keys": (0, 1), "guitar": (24, 25), "lead": HORNS}, busy=0.7,
        ),
        Style(
            "afrobeat", (98, 128), 0.9, kicks=("K:x.....x.x.....x.", "K:x..x....x..x....", "K:xxxx", "K:..x...x.x....x.."), snares=("S:....x..x....x.o.", "R:...x..x....x..x.", "S:..o.X..o..o.X..o"), cymbals=("H:x.xxx.xxx.xxx.xx", EIGHTHS, "H:xxxxxxxxxxxxxxxx O:..x...x...x...x."), ghosts=0.3,
            percussion=("A:x.x.xx.x.x.x.xx.", "g:xxxxxxxxxxxxxxxx", "n:x..x..x.x..x..x. L:..x..x....x..x..", "a:x..x..x...x.x..."), bass=("1..1..1...5.1...", "1.1..8.1....5.7.", "..1.1..5..1.8..."), guitar=("1.35.3.51.35.3.5", "x..x..x.x..x..x.", ".m.x.m.x.m.x.m.x"),
            keys=("..x..x....x..x..", "x..x..x."), chords=("i iv", "im7 IV7", "i bVII", "I IV V IV", "i i i i"), colour="7", minor=0.6, bars_per_chord=(1.0, 2.0), parts={"guitar": 0.95, "keys": 0.6, "lead": 0.7, "voice": 0.5}, programs={"bass": (33, 34), "guitar": CLEAN, "keys": (16, 4), "lead": (*HORNS, 12, 108)}, busy=0.7,
        ),
        Style(
            "waltz", (84, 180), 3.2, metre=3, kicks=("K:x.....", "K:x...x.", "K:x....x"), snares=("S:..x.x.", "R:..x.x.", "S:..x...", "S:....x.", "S:..x.x."), cymbals=("H:x.x.x.", "H:xxxxxx", "r:x.xxx.", "r:x.x.x.", "r:x.xxxx P:..x.x."), feels=0.0, bass=("1-----", "1---5-", "1-----/5-----", "1-3-5-"),
            guitar=("b.x.x.", "135353", "x---x-", "x-x-x-", "b-xxx-"), keys=("b.x.x.", "135853", "x-----", "b-x-x-"), chords=(*FOLK, *SOUL, *SLOW), minor=0.35, parts={"guitar": 0.6, "keys": 0.75, "voice": 0.7, "lead": 0.5, "pad": 0.4},
            programs={"bass": (32, 33), "guitar": (25, 24, 26), "keys": (0, 21, 4), "lead": (40, 73, 71, 21, 65), "pad": STRINGS}, kits=(0, 32, 40, 8),
        ),
        Style(
            "slow three", (84, 112), 2.0, metre=3, kicks=("K:x.....", "K:x...?.x....."), snares=("S:....x.", "R:....x.", "S:..x.x.", "S:..X..."), cymbals=("H:xxxxxx", "r:xxxxxx", "H:x.x.x.", "c:x.x.x."), bass=("1-----", "1---1-", "111111"), guitar=("x-x-xx", "pppppp", "135353", "x-----"), keys=("x-----", "135353", "x-x-x-"),
            chords=(*POP, *DARK), minor=0.5, kits=ROCK_KITS, parts={"guitar": 0.8, "keys": 0.5, "voice": 0.8, "pad": 0.5, "lead": 0.3}, programs={"guitar": (29, 27, 25), "keys": PIANO, "pad": STRINGS},
        ),
        Style(
            "six eight", (55, 78), 3.2, metre=2, kicks=("K:x.....", "K:x.x...", "K:x.....x....x", "K:x..x.."), snares=("S:...x..", "S:...x.o", "R:...x.."), cymbals=("H:xxxxxx", "H:XxxXxx", "r:xxxxxx", "H:x.xx.x"), feels=0.0, bass=("1-----", "1--5--", "1--1-5", "1-1--1"),
            guitar=("135853", "135353", "x-xx-x", "x-----"), keys=("135853", "x-----", "b-xb-x", "xxxxxx"), chords=(*POP, *SLOW, *SOUL), minor=0.35, bars_per_chord=(1.0, 2.0), parts={"guitar": 0.7, "keys": 0.8, "voice": 0.85, "pad": 0.5, "lead": 0.3},
            programs={"guitar": (27, 25, 24), "keys": (0, 18, 4), "pad": STRINGS, "lead": (29, 66, 73)}, kits=(0, 8, 16),
        ),
        Style(
            "soul", (88, 132), 1.4, kicks=("K:x...x...", "K:x..xx...", "K:xxxx", "K:x.....x.x.......", "K:x.x.....x.......", "K:x..x..x...x....."), snares=("S:..x...x.", "S:xxxx", "S:..x...x. j:..x...x.", "S:..x..ox."), cymbals=(EIGHTHS, QUARTERS, "r:xxxxxxxx"), ghosts=0.25, feels=0.03,
            percussion=("j:xxxxxxxx", "j:..x...x.", "j:xxxx", "N:...x..xx", "C:..x...x."), bass=("1-.1--5-", "1..1..1.3.5.6.a.", "1-1-3-5-", "kick", "1.1.5.1."), guitar=("..x...x.", "....x.......x...", "..x...xm", "135"), keys=("xxxx", "x-x-x-x-", "b-x-b-x-", "x-----x-..x-...."), chords=SOUL, colour="7",
            minor=0.25, parts={"guitar": 0.8, "keys": 0.8, "voice": 0.9, "lead": 0.4, "pad": 0.5}, programs={"bass": (33, 32), "guitar": CLEAN, "keys": (0, 18, 4, 16), "lead": HORNS, "pad": (48, 61, 53)}, busy=0.6,
        ),
        Style(
            "surf", (138, 182), 0.7, kicks=("K:x...x...", "K:x..xx...", "K:x.x.x.x."), snares=("S:..xx..x.", "S:..x...x.", "S:.x.x", "S:..xx..xx"), cymbals=(EIGHTHS, "r:XxXxXxXx", QUARTERS), percussion=("f:x.xxx.xx", "j:..x...x."), bass=("11111111", "1-1-5-5-", "1-3-5-3-"), guitar=("xxxxxxxx", "..x...x.", "11335533", "x-xx.xx."),
            keys=("..x...x.",), chords=("i bVII bVI V", "i iv i V", "I vi IV V", "I IV V IV"), minor=0.6, kits=(0, 8), parts={"guitar": 1.0, "lead": 0.95, "voice": 0.3, "keys": 0.2}, programs={"bass": PICK, "guitar": CLEAN, "lead": (27, 26, 66), "keys": ORGAN}, busy=0.75,
        ),
        Style(
            "new wave", (112, 160), 1.1, machine=True, kicks=("K:xxxx", "K:x...x...", "K:x..xx..x", "K:x.....x.x......."), snares=BACKBEAT[1:], cymbals=(EIGHTHS, "O:.x.x.x.x", SIXTEENTHS, "H:x.xxx.xx"), percussion=("C:..x...x.", "t:......x. m:.......x"), feels=0.05, bass=("11111111", "18181818", "1.1.1.1.1.1.1.1.", "kick"),
            guitar=("pppppppp", ".x.x.x.x", *ARPS[:3]), keys=("x-------", "x--x--x-", "1358135813581358", "x.x..x.x"), chords=(*DARK, *POP), minor=0.6, kits=(24, 16, 25), parts={"guitar": 0.7, "keys": 0.9, "pad": 0.7, "voice": 0.8, "lead": 0.5},
            programs={"bass": (38, 39, 34), "guitar": (27, 28), "keys": (62, 81, 5, 90), "pad": (50, 51, 90), "lead": SAW},
        ),
        Style(
            "doo-wop", (62, 90), 0.9, kicks=("K:x.....x.....", "K:x.....x.x...", "K:x....xx....x"), snares=("S:...x.....x..", "R:...x.....x..", "S:...X.....X.x"), cymbals=("H:xxxxxxxxxxxx", "r:xxxxxxxxxxxx", "H:x.xx.xx.xx.x"), feels=0.0, bass=("1--1--5--5--", "1-----1-35--", "1--3--5--6--"),
            guitar=("135853135853", "x--x--x--x--", "x-----x-----", "158135158135"), keys=("xxxxxxxxxxxx", "135853135853", "b-xb-xb-xb-x"), chords=(*SOUL, *POP, *BLUES), minor=0.2, parts={"guitar": 0.7, "keys": 0.9, "voice": 0.9, "pad": 0.5, "lead": 0.4},
            programs={"bass": (33, 32), "guitar": (*CLEAN, 29), "keys": (0, 18, 17), "pad": (48, 52, 53), "lead": (66, 65, 29)},
        ),
        Style(
            "half-time shuffle", (84, 108), 0.5, swing=(0.62, 0.67), unit=0.25, kicks=("K:x......x.x......", "K:x..x......x....."), snares=("S:..o....oX.o..o..", "S:........X......."), cymbals=("H:x.xxx.xxx.xxx.xx", EIGHTHS, "r:x.xxx.xxx.xxx.xx"), feels=0.0, ghosts=0.6, bass=("1..1..1.....5.8.", "kick", "1-------1-----5-"),
            guitar=("x-------", "..m.x.mm..m.x.m."), keys=("x..x..x.", "x-------", ".x.x.x.x"), chords=(*SOUL, *FUNK), colour="7", parts={"guitar": 0.7, "keys": 0.9, "voice": 0.7, "lead": 0.5}, programs={"bass": FINGER, "guitar": (27, 29), "keys": (4, 0, 16), "lead": HORNS},
        ),
        Style(
            "boogie", (125, 178), 0.7, swing=(0.55, 0.67), kicks=("K:x...x...", "K:xxxx"), snares=BACKBEAT, cymbals=("H:xxxxxxxx", "r:x.xxx.xx", "H:x.xxx.xx"), feels=0.0, bass=("11335566", "1-3-5-6-", "13567653"), guitar=("15161516", "x-m-x-m-", "..x...x."), keys=("15161516", "x.x.x.x.", ".xx..xx."), chords=BLUES, minor=0.0,
            parts={"guitar": 0.8, "keys": 0.8, "voice": 0.6, "lead": 0.6}, programs={"bass": (32, 33), "guitar": (27, 29), "keys": (0, 3), "lead": (66, 65, 22, 29, 0)}, busy=0.7,
        ),
        Style(
            "indie", (110, 165), 1.4, kicks=(*ROCK_KICKS, "K:xxxx", "K:x..x..x."), snares=(*BACKBEAT, "S:..x..x..", "S:..xx..x."), cymbals=(*HATS, "O:.x.x.x.x", "H:x.xxx.xxx.xxx.xx", "H:xxxxxxxxxxxxxxxx"), percussion=("j:xxxxxxxx", "C:..x...x.", "f:x..x..x."), ghosts=0.15, bass=("11111111", "kick", "1-1-3-5-", "18181818"),
            guitar=(*ARPS, *STRUM, "xxxxxxxxxxxxxxxx", ".x.x.x.x"), keys=(*COMP, *ARPS[:3]), chords=(*POP, *ROCK, *DARK), parts={"guitar": 0.97, "keys": 0.5, "pad": 0.4, "voice": 0.8, "lead": 0.5}, programs={"bass": PICK, "guitar": (27, 27, 26, 29), "keys": (*PIANO, 81, 18), "lead": (27, 81, 11, 29)}, kits=ROCK_KITS,
        ),
        Style(
            "doom", (55, 78), 0.5, kicks=("K:x.......x.x.....", "K:x...x...", "K:x.....xxx......."), snares=BACKBEAT[1:], cymbals=("c:xxxx", "O:xxxx", "r:XxXxXxXx", "q:x.x."), bass=("riff", "1-------", "kick"), guitar=("riff", "x-------", "x---x---", "p-p-p-p-"), chords=HEAVY, minor=0.95, colour="5", kits=(16, 8),
            parts={"guitar": 1.0, "voice": 0.6, "lead": 0.3, "pad": 0.2}, programs={"bass": PICK, "guitar": (30, 29), "lead": (30,), "pad": CHOIR}, busy=0.35,
        ),
        Style(
            "folk rock", (88, 136), 0.9, kicks=("K:x...x...", "K:x.....x.x.......", "K:xxxx", "K:x...x..x"), snares=(*BACKBEAT, "R:..x...x.", "S:ooXoooXo"), cymbals=(*HATS[:4], "P:..x...x."), percussion=("j:..x...x.", "g:XoXoXoXo", "j:xxxxxxxx"), bass=("1---5---", "1--1--5-", "1-1-5-5-"), guitar=(*STRUM, *ARPS),
            keys=COMP, chords=(*FOLK, *POP), minor=0.25, parts={"guitar": 1.0, "keys": 0.4, "voice": 0.9, "lead": 0.5, "pad": 0.2}, programs={"guitar": STEEL, "keys": (0, 16, 21), "lead": (22, 40, 110, 73, 27)}, kits=(0, 8, 40),
        ),
        Style(
            "march", (100, 140), 0.6, kicks=("K:xxxx", "K:x.x.x.x."), snares=("S:.x.x.x.x", "S:XoxxXoxxXoxxXxxx", "S:X.ooX.ooX.ooX.X.", "S:xxxx"), cymbals=("c:xxxx", "P:.x.x.x.x", "H:xxxx"), feels=0.0, bass=("1-5-1-5-", "1.5.1.5."), guitar=(".x.x.x.x", "b.x.b.x."), keys=(".x.x.x.x", "b.x.b.x."), chords=FOLK, minor=0.25, busy=0.6,
            parts={"guitar": 0.3, "keys": 0.8, "lead": 0.95, "voice": 0.2, "pad": 0.2}, programs={"bass": (58, 32, 43), "guitar": (25, 105), "keys": (21, 61, 60, 0), "lead": (56, 71, 21, 72, 40), "pad": (48, 61)},
        ),
        Style(
            "polka two", (100, 134), 0.7, metre=2, kicks=("K:x.x.", "K:x..xx..."), snares=("S:.x.x", "S:..x...xx", "R:.x.x"), cymbals=("H:.x.x", "H:xxxx", "P:.x.x", "c:.x.x"), feels=0.0, bass=("1-5-", "1-3-"), guitar=(".x.x", "b.x.", "b.xx"), keys=(".x.x", "x.xx", "1358"), chords=FOLK, minor=0.2, bars_per_chord=(1.0, 2.0),
            parts={"guitar": 0.7, "keys": 0.9, "lead": 0.9, "voice": 0.4}, programs={"bass": (58, 32, 33), "guitar": (24, 25), "keys": (21, 22, 0), "lead": (21, 71, 56, 40)}, busy=0.7,
        ),
        Style(
            "reggaeton", (86, 104), 0.9, form="loop", machine=True, kicks=("K:xxxx", "K:x...x..."), snares=("S:...x..x....x..x.", "S:...x..x....x..x. C:...x..x....x..x.", "R:...x..x....x..x."), cymbals=(EIGHTHS, "H:xxxxxxxxxxxxxxxx", "O:.x.x.x.x"), feels=0.0, percussion=("g:xxxxxxxxxxxxxxxx", "w:x..x..x.", "N:......x.......xx"),
            bass=("1--1--1-", "kick", "1.....1.1--1--5-"), keys=("x..x..x...x..x..", "x-------", *ARPS[:3]), chords=DARK, minor=0.9, kits=DANCE_KITS, parts={"keys": 0.9, "pad": 0.5, "voice": 0.8, "lead": 0.5}, programs={"bass": (38, 39, 33), "keys": (*PLUCK, 0), "lead": (73, *PLUCK), "pad": WARM}, busy=0.8,
        ),
        Style(
            "two-step garage", (128, 138), 0.8, form="dance", machine=True, swing=(0.54, 0.64), unit=0.25, kicks=("K:x.........x.....", "K:x..x......x.....", "K:x.........x..x.."), snares=("S:....X.......X...", "S:....X..o....X..o C:....x.......x..."), cymbals=("H:..x...x...x...x.", "H:x.xx..x.x.xx.xx.", "O:..x...x...x...x. H:x..x...xx..x...x"), feels=0.0,
            percussion=("R:...x..x....x..x.", "g:xxxxxxxxxxxxxxxx"), bass=("1.....8...1..1..", "..1..1....1...8.", "kick"), keys=("..x..x....x..x..", "x..x..x.", ".x.x.x.x"), chords=(*DARK, *SOUL), colour="7", minor=0.8, kits=DANCE_KITS, parts={"keys": 0.9, "pad": 0.6, "voice": 0.6, "lead": 0.4}, programs={"bass": SYNTH_BASS, "keys": (16, 4, 5, 12), "pad": WARM, "lead": PLUCK}, busy=0.7,
        ),
        Style(
            "dubstep", (136, 144), 0.5, form="dance", machine=True, kicks=("K:x...............", "K:x..x............", "K:x.....x.........", "K:x.............x."), snares=("S:........X.......", "S:........X....... C:........x......."), cymbals=("H:x.x.x.x.x.x.x.x.", "H:x..x..x...x..x..", "H:xxxxxxxxxxxx", "O:....x.......x... H:x.......x......."), feels=0.0, rolls=0.05,
            bass=("1---1-1-8--1--1-", "1-------1.1.1.1.", "1--1--1--1--1--1", "1.1.1.118.8.8.88"), keys=("x-------", "1358"), chords=DARK, minor=0.95, bars_per_chord=(1.0, 2.0), kits=(24, 25, 16), parts={"keys": 0.6, "pad": 0.7, "lead": 0.6, "voice": 0.4}, programs={"bass": (38, 87, 81, 84), "keys": (62, 0, 98), "pad": WARM, "lead": SAW},
        ),
        Style(
            "hardstyle", (148, 182), 0.7, form="dance", machine=True, kicks=("K:xxxx", "K:xxxx", "K:x.x.x.xx"), snares=("C:..x...x.", "C:........", "S:.x.x.x.x"), cymbals=("O:.x.x.x.x", "H:xxxxxxxx", "c:.x.x.x.x"), feels=0.05, bass=(".1.1.1.1", ".111.111.111.111", "1111"), keys=("1358135813581358", "x..x..x.", "xxxx"), chords=(*DARK, *POP), minor=0.85, kits=(24, 25, 16),
            parts={"keys": 0.8, "pad": 0.6, "lead": 0.9, "voice": 0.2}, programs={"bass": SYNTH_BASS, "keys": SAW, "pad": (50, 90), "lead": SAW}, busy=0.8,
        ),
        Style(
            "synth pop", (96, 128), 1.2, machine=True, kicks=(*FOUR, "K:x...x...", "K:x..x..x.x..x..x.", "K:x.....x.x......."), snares=("S:..X...X.", "S:..X...X. C:..x...x.", "C:..x...x.", "S:....X..o....X..."), cymbals=(EIGHTHS, SIXTEENTHS, "O:.x.x.x.x", "H:x.x.x.xxx.x.x.x."), percussion=("t:..........x..... m:............x.", "w:x..x..x.", "g:xxxxxxxxxxxxxxxx", "C:...x..x."),
            bass=("11111111", "18181818", ".1.1.1.1", "1.11.11.1.11.11.", "kick"), guitar=("..m.x.mm..m.x.m.", "pppppppp"), keys=("1358531813585318", "x--x--x-", "x-------", "x..x..x...x..x..", ".x.x.x.x"), chords=(*DARK, *POP), minor=0.6, kits=(24, 25, 16, 24), parts={"keys": 0.95, "pad": 0.8, "guitar": 0.3, "voice": 0.8, "lead": 0.6},
            programs={"bass": (38, 39, 87), "guitar": (27, 28), "keys": (5, 81, 90, 62, 80), "pad": (50, 51, 89, 95), "lead": SAW},
        ),
        Style(
            "rhythm and blues", (62, 98), 1.1, machine=True, swing=(0.5, 0.62), unit=0.25, kicks=("K:x..x......x..x..", "K:x......x..x.....", "K:x.x.......x..x.."), snares=("S:....x.......x...", "R:....x.......x...", "C:....x.......x...", "S:....x.o.....x..o"), cymbals=(EIGHTHS, "H:x.xxx.xxx.xxx.xx", "H:xxxxxxxxxxxxxxxx"), rolls=0.06, ghosts=0.3, feels=0.03, percussion=("g:xxxxxxxxxxxxxxxx", "N:......x.......xx", "C:..x...x."),
            bass=("kick", "1-....1...1-....", "1--1--5...8...7."), guitar=("..m.x.mm..m.x.m.", *ARPS[:3]), keys=("x-------", "x-....x-x-......", "x--x--x-"), chords=SOUL, colour="7", minor=0.5, kits=(24, 25, 0, 8), parts={"keys": 0.95, "guitar": 0.4, "pad": 0.6, "voice": 0.9, "lead": 0.3}, programs={"bass": (33, 35, 38), "guitar": CLEAN, "keys": (4, 5, 0)}, busy=0.7,
        ),
        Style(
            "piano", (58, 140), 1.0, form="free", keys=(*ARPS, "b-x-b-x-", "b-xxb-xx", "x---x---", "b-x-x-x-", "bxxxbxxx", "1358135813581358", "15358535"), guitar=(), chords=(*POP, *SLOW, *DARK, *JAZZ[:2]), minor=0.5, bass=(), bars_per_chord=(1.0, 0.5, 1.0),
            parts={"keys": 1.0, "lead": 0.85, "voice": 0.35, "pad": 0.15}, programs={"keys": (0, 0, 1, 4), "lead": (0, 0, 0, 40, 73), "pad": STRINGS}, busy=0.5,
        ),
        Style(
            "piano waltz", (70, 170), 0.4, metre=3, form="free", keys=("b.x.x.", "135853", "b-x-x-", "x-----"), chords=(*SLOW, *FOLK, *SOUL), minor=0.5, bass=(), parts={"keys": 1.0, "lead": 0.9, "pad": 0.2}, programs={"keys": (0, 1, 21), "lead": (0, 40, 71, 73), "pad": STRINGS},
        ),
        Style(
            "guitar and voice", (62, 140), 0.9, form="free", guitar=(*ARPS, *STRUM, "b-x-5-x-"), chords=(*FOLK, *POP, *SLOW), minor=0.3, bass=("1-------", "1---5---"), parts={"guitar": 1.0, "voice": 0.8, "lead": 0.2, "bass": 0.3}, programs={"guitar": (24, 25, 25, 27), "lead": (22, 73, 40)},
        ),
        Style(
            "strings", (55, 120), 0.6, form="free", keys=("x-------", "1-3-5-3-", "1358", "x-x-x-x-"), chords=(*SLOW, *DARK), minor=0.6, bass=("1-------", "1---1---", "1-1-1-1-", "1-3-5-3-"), bars_per_chord=(1.0, 0.5, 2.0), busy=0.35,
            parts={"keys": 0.6, "pad": 0.95, "lead": 0.7, "voice": 0.4, "bass": 0.7}, programs={"bass": (42, 43, 32), "keys": (48, 45, 46, 49), "pad": (*STRINGS, 52), "lead": (40, 41, 60, 68, 73)},
        ),
        Style(
            "ambient", (55, 120), 0.5, form="free", machine=True, keys=("1358", "x-------", "13528531", "1-5-8-5-"), chords=(*SLOW, *DARK), minor=0.6, bars_per_chord=(1.0, 2.0), busy=0.3, parts={"keys": 0.7, "pad": 1.0, "lead": 0.5, "bass": 0.4}, programs={"bass": (38, 39), "keys": (88, 98, 11, 4), "pad": WARM, "lead": (89, 80, 73)},
        ),
        Style("a cappella", (66, 125), 0.5, form="free", chords=(*POP, *FOLK, *SLOW), minor=0.4, bass=("1-------", "1---1---", "1-1-1-1-", "1.1.1.1."), keys=("x-------", "x-x-x-x-"), parts={"voice": 1.0, "pad": 0.5, "keys": 0.3, "bass": 0.3}, programs={"bass": (53, 52), "keys": (53, 52), "pad": CHOIR, "voice": (52, 53, 54, 85)}, busy=0.6),
        Style("lone lead", (70, 150), 0.3, form="free", chords=(*FOLK, *DARK), minor=0.5, bass=(), parts={"lead": 1.0}, programs={"lead": (40, 73, 65, 22, 25, 0, 56)}, busy=0.7),
        Style(
            "drums alone", (70, 190), 1.2, form="solo", kicks=ROCK_KICKS, snares=(*BACKBEAT, "S:..x..ox."), cymbals=(*HATS, *LOUD), ghosts=0.5, percussion=("w:xxxx", "j:xxxxxxxx", "g:xxxxxxxx"), bass=(), kits=(0, 8, 16, 32, 24),
        ),
        Style(
            "drum machine", (70, 140), 0.9, form="solo", machine=True, rolls=0.05, kicks=(*FOUR, "K:x..x..x...x..x..", "K:x.....x...x.....", "K:x.x.......xx....", "K:x..x....x..x...."), snares=("C:..x...x.", "S:..X...X.", "S:....X.......X..o C:....x.......x...", "R:...x..x...x.x..."), swing=(0.5, 0.62), unit=0.25, bass=(),
            cymbals=(EIGHTHS, SIXTEENTHS, "O:.x.x.x.x", "H:x.xxx.xxx.xxx.xx"), percussion=("w:x..x..x.x..x..x.", "a:x..x..x...x.x...", "f:......x.......xx", "g:xxxxxxxxxxxxxxxx"), kits=(24, 25, 25, 24),
        ),
        Style(
            "hand drums", (84, 140), 0.5, form="solo", kicks=("K:x...x...", "K:x......x......."), snares=("N:..x...xx", "R:x..x..x...x.x...", "D:...x..x....x..x."), cymbals=("g:xxxxxxxxxxxxxxxx", "j:XoXoXoXo", "y:XooXXooXXooXXooX", "n:xxxxXxxxxxxxXx.."), percussion=("w:x.x.x.x.", "a:x..x..x...x.x...", "B:XoxoXoxoXoxoXoxo", "L:...x..xx...x..x."), bass=(), kits=(0, 8),
        ),
        Style(
            "jazz waltz", (110, 190), 0.8, metre=3, swing=(0.58, 0.67), kicks=("K:o.....", "K:......", "K:x...o."), snares=("S:...?..", "S:.o..?.", "S:....o."), cymbals=("r:x.xxx. P:..x...", "r:x.x.xx P:..x.x."), feels=0.0, bass=("walk", "1-----", "1---5-"), keys=("...x..", "x--x..", ".x..x."), guitar=("x-----",), chords=JAZZ, colour="7", kits=JAZZ_KITS,
            parts={"keys": 0.9, "lead": 0.8, "guitar": 0.2}, programs={"bass": UPRIGHT, "keys": (0, 4), "guitar": (26,), "lead": (65, 66, 56, 73, 11)}, busy=0.7,
        ),
    )
}
