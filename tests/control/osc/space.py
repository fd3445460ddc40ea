"""The tree of a small show."""

from __future__ import annotations

from visuals.control.osc.addresses import Space


def space() -> Space:
    return Space(
        scenes=["dawn", "inferno", "tide"],
        cues=["1", "2.5"],
        controls={"master": (0.0, 1.0), "speed": (0.0, 4.0), "dream.walk": (0.0, 2.0), "dream.opacity": (0.0, 1.0)},
        words={"go": "fire the next cue", "tap": "tap the tempo", "resync": "this is beat one", "blackout": "black"},
        layers=["dream", "haze"],
    )
