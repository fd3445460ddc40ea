"""The ensemble: in every section each player chooses a pattern, or a melody, and plays it over the chords, in beats."""

from __future__ import annotations

from random import Random

from . import groove, harmony, melody
from .form import Section
from .groove import Hit
from .harmony import Chord, Tone
from .song import PARTS, Part
from .styles import HORNS, Style

STABS = ("..x..x....x..x..", "x-......x-.x....", "x..x..x.", ".x.x.x.x", "....x..x", "x-------", "...x...x........")
"""What a horn section plays in place of a melody."""


class Ensemble:
    """Everybody who plays one song: what they decided for it, and what they play."""

    def __init__(
        self,
        seed: int,
        style: Style,
        plan: list[Section],
        chords: list[Chord],
        key: int,
        minor: bool,
        bpm: float,
        programs: dict[Part, int],
    ) -> None:
        self._style, self._plan, self._chords, self._bpm = style, plan, chords, bpm
        self._name, self._programs = f"{seed}/{style.name}", programs
        self._rng = {part: Random(f"{self._name}/{part}") for part in PARTS}
        self._drums = groove.play(style, plan, self._rng["drums"]) if "drums" in programs else []
        self._riff = harmony.riff(style.metre, self._rng["guitar"])
        self._patterns: dict[tuple[Part, str], str] = {}
        self._tones = {part: melody.scale(key, minor, self._rng[part]) for part in PARTS}
        self._stabs = style.metre == 4 and programs.get("lead") in HORNS and self._rng["lead"].random() < 0.4
        self._pushes = self._pushed_chords(Random(f"{self._name}/pushes"))

    def play(self) -> dict[Part, list[Hit] | list[Tone]]:
        """Each part's hits or tones, positions and lengths in beats from the start of the song."""
        played: dict[Part, list[Hit] | list[Tone]] = {}
        for part in self._programs:
            if part == "drums":
                played[part] = [self._push_hit(hit) for hit in self._drums]
                continue
            tones = [tone for section in self._plan if part in section.parts for tone in self._section(part, section)]
            played[part] = tones if part == "voice" else [self._push(tone) for tone in tones if not self._stopped(tone)]
        return played

    def _section(self, part: Part, section: Section) -> list[Tone]:
        style, chords, rng = self._style, self._chords, self._rng[part]
        if part == "pad":
            return harmony.pad(section, style.metre, chords, rng)
        if part == "bass":
            lane = self._pattern(part, section.name, style.bass)
            return harmony.bass(style, section, lane, chords, self._drums, self._riff, rng) if lane else []
        if part in ("guitar", "keys"):
            lane = self._pattern(part, section.name, style.guitar if part == "guitar" else style.keys)
            return harmony.comp(style, section, part, lane, chords, self._riff, rng) if lane else []
        solo = part == "lead" and section.name in ("solo", "drop")
        if part == "lead" and self._stabs and not solo:
            return harmony.comp(style, section, part, self._pattern(part, section.name, STABS), chords, self._riff, rng)
        again = Random(f"{self._name}/{part}/{section.name}")  # a verse is sung as the verse before it was
        busy = min(1.0, style.busy + (0.25 if solo else 0.0) + again.uniform(-0.2, 0.2))
        centre = again.choice((57, 60, 64, 67)) if part == "voice" else again.choice((62, 67, 72, 76))
        return melody.sing(section, style.metre, chords, self._tones[part], busy, centre, self._bpm, again)

    def _pattern(self, part: Part, name: str, lanes: tuple[str, ...]) -> str:
        """The lane a part keeps for all sections of a name, often its first in the song; "" where it has none."""
        if not lanes:
            return ""
        rng = self._rng[part]
        first = next((pattern for (who, _), pattern in self._patterns.items() if who == part), None)
        chosen = first if first is not None and rng.random() < 0.35 else rng.choice(lanes)
        return self._patterns.setdefault((part, name), chosen)

    def _pushed_chords(self, rng: Random) -> frozenset[float]:
        """Beats whose chord is played an eighth early by the whole band, in some sections of some songs."""
        style = self._style
        if style.machine or style.metre != 4 or style.swing[1] > 0.58 or rng.random() < 0.65:
            return frozenset()
        names = sorted({section.name for section in self._plan})
        pushing = {name for name in names if rng.random() < 0.5}
        every = rng.choice((1, 2, 2, 4))
        return frozenset(
            chord.position
            for section in self._plan
            if section.name in pushing
            for n, chord in enumerate(
                c for c in self._chords if section.bar * 4 < c.position < (section.bar + section.bars) * 4
            )
            if n % every == 0
        )

    def _push(self, tone: Tone) -> Tone:
        if tone.position not in self._pushes:
            return tone
        return tone._replace(position=tone.position - 0.5, length=tone.length + 0.5)

    def _push_hit(self, hit: Hit) -> Hit:
        if hit.position in self._pushes and hit.key in groove.KICKS | {49, 57}:
            return hit._replace(position=hit.position - 0.5)
        return hit

    def _stopped(self, tone: Tone) -> bool:
        bar = int(tone.position // self._style.metre)
        return any(bar in section.breaks for section in self._plan) and tone.position % self._style.metre >= 1
