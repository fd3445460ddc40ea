"""How a venue's line sounds, measured from a while of it: the gain the music needs, the noise below it, what is wrong.

Best heard: some seconds of the room or the desk at rest, then music as loud as it will be. Knows nothing of rig files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visuals.audio.filters import LowStream
from visuals.audio.levels import FLOOR_DB, InputGain, clean, decibels
from visuals.audio.room import Clip, Hum
from visuals.types import HOP, SAMPLE_RATE_HZ, Block

Float64s = npt.NDArray[np.float64]

_HOP_S = HOP / SAMPLE_RATE_HZ
_MOMENT = 38  # hops: 0.2 s
_QUIETEST, _LEAST_S = 0.1, 1.0
_STEADY_DB, _LOUDEST_DB = 3.0, -40.0  # a line at rest is steady and not loud
_MUSIC_DB = 12.0  # music stands at least this far above the quiet
_UNKNOWN_BELOW_DB, _LOWEST_DB = 25.0, -91.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured, before any gain.

    `gain_db`: what brings the music to -20 dBFS, 0 when none was heard. `noise_db` dBFS: the line at rest,
    or 25 dB below the quietest that was heard when that was music. `hum` 0..1: how likely mains hum is.
    `clipped`: how many of the hops, 0..1.
    """

    gain_db: float
    noise_db: float
    hum: float
    clipped: float
    heard_music: bool
    heard_quiet: bool

    def report(self) -> str:
        """One line for a person: what was found, and what to do about what is wrong."""
        found = [
            f"gain {self.gain_db:+.1f} dB" if self.heard_music else "no music heard: play some, and run this again"
        ]
        quiet = f"noise {self.noise_db:.1f} dBFS" if self.heard_quiet else "no rest heard: pause the music for a while"
        found.append(quiet)
        if self.hum > 0.5:
            found.append("mains hum on the line: look for a ground loop")
        if self.clipped > 0.0:
            found.append(f"the input clips ({100.0 * self.clipped:.2g} % of the time): turn it down")
        return "; ".join(found)


def measure(blocks: Iterable[Block]) -> Calibration:
    """Listen to all of it. Any samples will do; of nothing at all comes silence."""
    low, hum, clip = LowStream(), Hum(), Clip()
    powers, hums, clips = [], 0.0, 0
    for block in blocks:
        clips += clip.feed(block.samples, 1.0) == 1.0
        mono = np.zeros(HOP, np.float32)
        heard = clean(block.samples).mean(axis=1)[:HOP]
        mono[: len(heard)] = heard
        powers.append(float(np.var(mono)))
        hums = max(hums, hum.feed(low.feed(mono)))
    noise_db, quiet, music = _floor(np.array(powers))
    return Calibration(
        gain_db=_gain(powers, noise_db + _MUSIC_DB) if music else 0.0,
        noise_db=noise_db if quiet else max(_LOWEST_DB, noise_db - _UNKNOWN_BELOW_DB),
        hum=hums,
        clipped=clips / max(1, len(powers)),
        heard_music=music,
        heard_quiet=quiet,
    )


def _floor(powers: Float64s) -> tuple[float, bool, bool]:
    """The level of the quietest moments (dBFS), whether they are as steady as noise, and whether there was more."""
    moments = powers[: len(powers) // _MOMENT * _MOMENT].reshape(-1, _MOMENT).mean(axis=1)
    if not len(moments):
        return FLOOR_DB, True, False
    levels = np.sort(np.maximum(FLOOR_DB, 10.0 * np.log10(moments + 1e-12)))
    least = round(_LEAST_S / (_MOMENT * _HOP_S))
    quietest = levels[: max(least, int(_QUIETEST * len(levels)))]
    floor_db = decibels(float(np.mean(10.0 ** (quietest / 10.0))))
    quiet = bool(np.ptp(quietest) < _STEADY_DB and floor_db < _LOUDEST_DB)
    return floor_db, quiet, bool(np.percentile(levels, 90) > floor_db + _MUSIC_DB) or not quiet


def _gain(powers: list[float], least_db: float) -> float:
    """What the automatic gain comes to on what is louder than this."""
    gain, told = InputGain(), []
    for power in powers:
        quiet = decibels(power) < least_db
        gain.feed(power, _HOP_S, frozen=quiet)
        if not quiet:
            told.append(gain.gain_db)
    return float(np.median(told[len(told) // 3 :])) if told else 0.0
