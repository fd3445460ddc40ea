"""The drummer: bars of drum hits out of a style's lanes, with fills, ghost notes, crashes, builds and breaks."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .form import Section
from .styles import Lanes, Style

KEYS = {
    "K": 36, "k": 35, "S": 38, "R": 37, "C": 39, "H": 42, "P": 44, "O": 46,
    "r": 51, "b": 53, "c": 49, "d": 57, "q": 52, "z": 55, "t": 48, "m": 45, "f": 41, "j": 54, "w": 56,
    "g": 70, "y": 69, "a": 75, "n": 62, "N": 63, "L": 64, "B": 60, "D": 61,
    "i": 65, "I": 66, "u": 81, "A": 67, "G": 68, "s": 31,
}  # fmt: skip
LOUDNESS = {"X": 0.95, "x": 0.75, "o": 0.32, "?": 0.32}
KICKS, SNARES, CYMBALS = (
    frozenset({35, 36}),
    frozenset({37, 38, 39, 40}),
    frozenset({42, 44, 46, 49, 51, 52, 53, 55, 57, 59}),
)
TOM_GROOVES = (
    "K:x...x... f:x.xxx.xx",
    "K:x...x... f:xxxxxxxx S:..x...x.",
    "K:xxxx t:..x..x.. f:x..x..xx",
    "K:x..x..x. f:x.xx.xx. m:.x..x..x",
)


class Hit(NamedTuple):
    """A drum hit at `position` (beats in the song, or in its bar) of GM `key` at `velocity` 0..1."""

    position: float
    key: int
    velocity: float


Bars = list[list[Hit]]
"""One list of hits for each bar of a pattern, positions in beats from the bar's start."""


def read(pattern: str, metre: int, rng: Random) -> Bars:
    """A pattern's lanes as hits, as many bars as its longest lane has; `?` is decided here, once for the song."""
    lanes = [(KEYS[lane[0]], lane[2:].split("/")) for lane in pattern.split()]
    count = max((len(bars) for _, bars in lanes), default=1)
    return [
        [
            Hit(step * metre / len(bars[bar % len(bars)]), key, LOUDNESS[mark])
            for key, bars in lanes
            for step, mark in enumerate(bars[bar % len(bars)])
            if mark in LOUDNESS and (mark != "?" or rng.random() < 0.5)
        ]
        for bar in range(count)
    ]


def play(style: Style, plan: list[Section], rng: Random) -> list[Hit]:
    """All the drum hits of a song, in beats from its start."""
    triplets = any(len(lane.split("/")[0]) - 2 == 12 and style.metre == 4 for lane in style.kicks)
    book = {name: _groove(style, name, rng) for name in dict.fromkeys(section.name for section in plan)}
    if rng.random() < 0.5:  # most bands keep one beat through the song
        for name in book:
            if name in ("verse", "solo", "outro", "intro") and "verse" in book:
                book[name] = book["verse"]
    extra = read(rng.choice(style.percussion), style.metre, rng) if style.percussion and rng.random() < 0.35 else [[]]
    played: list[Hit] = []
    crash_habit = rng.uniform(0.5, 1.0) if not style.machine else rng.uniform(0.1, 0.9)
    for number, section in enumerate(plan):
        if section.drums == "none":
            continue
        last = number + 1 == len(plan)
        hits = _section(style, section, book[section.name], extra, rng)
        if section.drums in ("full", "toms", "light") and not last:
            hits = _filled(style, section, hits, triplets, rng)
        if (
            section.drums in ("full", "toms")
            and section.bar
            and rng.random() < crash_habit * (1.0 if section.energy > 0.6 else 0.5)
        ):
            start = float(section.bar * style.metre)
            hits = [hit for hit in hits if not (hit.position == start and hit.key in CYMBALS)]
            hits += [Hit(start, rng.choice((49, 49, 57, 49, 55)), 0.9), Hit(start, 36, 0.85)]
        played += hits
    return _once(played)


def _once(hits: list[Hit]) -> list[Hit]:
    """No key twice at one place: the louder stays."""
    kept: dict[tuple[float, int], Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.velocity):
        kept[(round(hit.position, 4), hit.key)] = hit
    return sorted(kept.values())


def _groove(style: Style, name: str, rng: Random) -> tuple[Bars, Bars, Bars]:
    """Kick, snare and cymbal bars of one section's beat, changed a little, so that no two songs are alike."""
    loud = [lane for lane in style.cymbals if lane[0] in "crObq"]
    cymbals: Lanes = (
        tuple(loud) if loud and name in ("chorus", "drop", "solo") and rng.random() < 0.55 else style.cymbals
    )
    metre = style.metre
    kick, snare = read(rng.choice(style.kicks), metre, rng), read(rng.choice(style.snares), metre, rng)
    top = read(rng.choice(cymbals), metre, rng)
    if not style.machine or rng.random() < 0.3:
        step = 0.25 if metre == 4 and rng.random() < 0.4 else 0.5 if metre != 2 else 1 / 3
        kick = [_varied(bar, step, metre, rng) for bar in kick * (2 if rng.random() < 0.4 else 1)]
    if rng.random() < style.ghosts:
        snare = [bar + _ghosts(bar, metre, rng) for bar in snare]
    if rng.random() < 0.06:
        top = [[]]
    return kick, snare, top


def _varied(bar: list[Hit], step: float, metre: int, rng: Random) -> list[Hit]:
    """Kicks left out and put in, on a grid of `step` beats; the first beat seldom changes."""
    kept = [hit for hit in bar if rng.random() > (0.03 if hit.position == 0 else 0.1)]
    if len(bar) >= 8:
        return kept
    count = round(metre / step)
    added = [Hit(n * step, 36, 0.7) for n in range(1, count) if rng.random() < 0.05]
    return _once(kept + added)


def _ghosts(bar: list[Hit], metre: int, rng: Random) -> list[Hit]:
    taken = {round(hit.position * 4) for hit in bar}
    key = next((hit.key for hit in bar if hit.key in (38, 40)), 38)
    drags = [
        Hit(hit.position - n / 8, key, 0.3) for hit in bar for n in (2, 1) if hit.velocity > 0.6 and hit.position >= 1
    ]
    places = [n for n in range(1, metre * 4) if n % 4 != 0 and n not in taken and rng.random() < 0.16]
    ghosts = [Hit(n / 4, key, rng.uniform(0.18, 0.35)) for n in places]
    return ghosts + (drags[:2] if rng.random() < 0.1 else [])


def _section(style: Style, section: Section, beat: tuple[Bars, Bars, Bars], extra: Bars, rng: Random) -> list[Hit]:
    none: Bars = [[]]
    metre, start = style.metre, section.bar * style.metre
    if section.drums == "count":
        return [Hit(n, rng.choice((31, 31, 37)), 0.7) for n in range(metre)]
    if section.drums == "build":
        return _build(style, section, rng)
    kick, snare, top = beat
    if section.drums == "light":
        kick, snare, top = rng.choice(
            ((none, none, top), (none, snare, top), (kick, none, none), (kick, none, top), (kick, snare, none))
        )
    if section.drums == "toms" and metre == 4:
        kick, snare, top = read(rng.choice(TOM_GROOVES), metre, rng), none, none
    with_extra = bool(extra[0]) and rng.random() < 0.75
    slip = 0.01 if style.machine else 0.03
    hits: list[Hit] = []
    for n in range(section.bars):
        low = _felt([kick[n % len(kick)], snare[n % len(snare)]], section.feel, n, metre)
        bar = low + top[n % len(top)] + (extra[n % len(extra)] if with_extra else [])
        if style.rolls and rng.random() < style.rolls:
            bar = _rolled(bar, metre, rng)
        if section.bar + n in section.stops:
            bar = [hit for hit in bar if hit.position < 0.5]
        level = 0.72 + 0.3 * section.energy
        hits += [
            Hit(start + n * metre + hit.position, hit.key, min(1.0, hit.velocity * level))
            for hit in bar
            if rng.random() > slip or hit.position == 0
        ]
    return hits


def _felt(lanes: list[list[Hit]], feel: float, bar: int, metre: int) -> list[Hit]:
    """Kick and snare at half or double time: half a pattern in one bar, or the whole pattern twice."""
    hits = [hit for lane in lanes for hit in lane]
    if feel == 0.5:
        half = metre / 2 * (bar % 2)
        return [
            Hit((hit.position - half) * 2, hit.key, hit.velocity)
            for hit in hits
            if half <= hit.position < half + metre / 2
        ]
    if feel == 2.0:
        return [Hit(hit.position / 2 + turn * metre / 2, hit.key, hit.velocity) for hit in hits for turn in (0, 1)]
    return hits


def _rolled(bar: list[Hit], metre: int, rng: Random) -> list[Hit]:
    """A closed-hat roll of 32nds or sextuplets over half a beat or more."""
    start, length = rng.randrange(metre * 2) / 2, rng.choice((0.25, 0.5, 0.5, 1.0))
    step = rng.choice((1 / 8, 1 / 6, 1 / 12)) if length > 0.25 else 1 / 8
    kept = [hit for hit in bar if hit.key != 42 or not start <= hit.position < start + length]
    return kept + [
        Hit(start + n * step, 42, rng.uniform(0.45, 0.8))
        for n in range(round(length / step))
        if start + n * step < metre
    ]


def _build(style: Style, section: Section, rng: Random) -> list[Hit]:
    """A roll that doubles its rate towards the next section, kicks that leave, often a breath of silence before it."""
    metre, start, count = style.metre, section.bar * style.metre, section.bars * style.metre
    key = rng.choice((38, 38, 39, 41) if style.machine else (38, 38, 41, 45))
    rates = rng.choice(
        ((1, 2, 4, 8), (2, 2, 4, 4), (1, 1, 2, 4), (4, 4, 4, 8))
        if style.machine
        else ((2, 2, 2, 2), (2, 2, 4, 4), (1, 1, 2, 4))
    )
    silence = rng.choice((0, 0, 0.5, 1, 2))
    hits: list[Hit] = []
    for beat in range(count):
        rate = rates[min(3, 4 * beat // count)]
        hits += [Hit(beat + n / rate, key, 0.35 + 0.6 * (beat + n / rate) / count) for n in range(rate)]
    if rng.random() < 0.75:
        hits += [
            Hit(float(beat), 36, 0.85) for beat in range(count if rng.random() < 0.4 else max(1, count - 2 * metre))
        ]
    if rng.random() < 0.4:
        hits += [Hit(beat + 0.5, 46, 0.6) for beat in range(count)]
    return [Hit(start + hit.position, hit.key, hit.velocity) for hit in hits if hit.position < count - silence]


def _filled(style: Style, section: Section, hits: list[Hit], triplets: bool, rng: Random) -> list[Hit]:
    """A fill into the next section, and now and then one inside."""
    ends = [section.bar + section.bars] if rng.random() < 0.75 else []
    ends += [bar for bar in range(section.bar + 4, section.bar + section.bars, 4) if rng.random() < 0.35]
    for end in ends:
        half = 0.0 if triplets or style.metre == 2 else 0.15
        length = rng.choices((0.5, 1, 2, style.metre), (half, 0.4, 0.33, 0.12))[0]
        start = end * style.metre - length
        kept_kicks = rng.random() < 0.4
        hits = [
            hit for hit in hits if not start <= hit.position < end * style.metre or (hit.key in KICKS and kept_kicks)
        ]
        hits += _fill(start, length, triplets or style.metre == 2, style.machine, section.energy, rng)
    return hits


def _fill(start: float, length: float, triplets: bool, machine: bool, energy: float, rng: Random) -> list[Hit]:
    kinds = ("toms", "snare", "mixed", "sparse", "kicks", "break")
    kind = rng.choices(kinds, (1, 3, 1, 1, 1, 3) if machine else (4, 3, 4, 2, 2, 1))[0]
    if kind == "break":
        return [Hit(start, 36, 0.8)] if rng.random() < 0.3 else []
    rate = (
        rng.choice((3, 6))
        if triplets
        else rng.choices((2, 4, 4, 3, 8), (1, 4, 4, 0.7 if length >= 1 else 0.0, 0.3 if length <= 1 else 0.0))[0]
    )
    count = max(1, round(length * rate))
    density = 0.5 if kind == "sparse" else rng.uniform(0.7, 1.0)
    hits: list[Hit] = []
    for n in range(count):
        if rng.random() > density and n:
            continue
        way = n / count
        toms = (38, 48, 45, 41)[min(3, int(way * 4 + rng.uniform(-0.3, 0.3)) if way > 0.05 else 0)]
        key = {
            "toms": toms,
            "snare": 38,
            "mixed": rng.choice((38, 38, toms, 45)),
            "sparse": rng.choice((38, 41)),
            "kicks": (38, 36, 36)[n % 3],
        }[kind]
        hits.append(Hit(start + n / rate, key, min(1.0, 0.5 + 0.3 * energy + 0.2 * way + rng.gauss(0, 0.08))))
        if kind == "mixed" and rng.random() < 0.15:
            hits.append(Hit(start + n / rate, 36, 0.75))
    return hits
