"""The instrument: controls and a time step in, what one step of the model begins with out.

Where the walks stand, what is asked, what is kept of the last picture. One seed and one history of
controls give the same inputs, byte for byte, and nearly the same path at any rate. Any number may
come in, also none: what leaves is finite, and moves no faster than this, whatever was asked.

- A style's weight, a structure or a grade: its range in e `GLIDE_S` = 0.16 s, were it at top speed.
- A hue: 1 / (4 `GLIDE_S`) = 4.2 turns/s, by the shorter way.
- Memory, strength and the motions: like a style's weight.
- The noise: see `latents`.

Proofs stand at `memory.Glide` and in `latents`. Knows nothing of networks: it plays without a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from visuals.generator import condition, latents
from visuals.generator.backends import Inputs
from visuals.generator.memory import KEPT_AT_30_HZ, LEAST, Glide, kept, moved
from visuals.types import Controls, Float32s

GLIDE_S = 0.06
"""Time constant of the glides: 90 % of a step after 0.23 s, and no picture pops."""
LONGEST_STEP_S = 0.25
"""A generator that was away goes on where it was, not where it would be."""
RESEEDS = 0.5
"""Each rise of `reseed` over this sets out to the next seed."""
MANNER = ("memory", "strength", "zoom", "rotate", "shift.x", "shift.y")


class Instrument:
    """Played for a model of these `styles`, on latents of `across` (width, height)."""

    def __init__(self, styles: Sequence[str], seed: int, across: tuple[int, int]) -> None:
        self._styles, self._across = tuple(styles), across
        self.field, self.grain = latents.Walk(seed), latents.Grain(seed, across)
        self._walks = Walks(self.field, self.grain)
        self._wish = Glide(GLIDE_S, round=condition.turning(styles))
        self._manner = Manner()

    def play(
        self,
        controls: Controls,
        dt: float,
        last: Float32s | None = None,
        source: Callable[[Float32s], Float32s] | None = None,
    ) -> Inputs:
        """What the picture `dt` seconds after the last one begins with.

        `last` [8, h, w] are the latents of the last picture; `source` gives those of one from elsewhere for
        a palette [9], which `strength` mixes in. Without it, `strength` keeps of the last.
        """
        dt = min(max(0.0, dt), LONGEST_STEP_S)
        self._walks.step(controls, dt)
        asked = condition.told(self._wish.step(condition.wish(controls, self._styles), dt))
        scale, symmetry = (condition.structure(asked, name) for name in ("scale", "symmetry"))
        field = latents.spread(latents.mirror(self.field.lattice(), symmetry), scale, self._across)
        grain = latents.mirror(self.grain.noise(), symmetry)
        told, palette = condition.split(asked)
        share, begun = self._manner.begin(controls, dt, last, None if source is None else partial(source, palette))
        # The flow's own path, x_t = (1 - t) x0 + t grain, as the model was taught: no other mix has its variance.
        noisy = grain if begun is None else share * begun + (1.0 - share) * grain
        t = np.array([1.0 - share], np.float32)
        where = latents.places(self._across, symmetry)
        return Inputs(noisy[None], field[None], where[None], t, told[None], palette[None])


class Walks:
    """Two walks of noise: `low` at `walk` and `walk.low` rad/s together, `high` at `walk` and `walk.high`."""

    def __init__(self, low: latents.Walk | latents.Grain, high: latents.Walk | latents.Grain) -> None:
        self._low, self._high = low, high
        self._reseed = 0.0

    def step(self, controls: Controls, dt: float) -> None:
        """Go on for `dt` seconds."""
        walk, low, high, jump, reseed = (
            condition.attribute(controls, name) for name in ("walk", "walk.low", "walk.high", "jump", "reseed")
        )
        for part, speed in ((self._low, walk + low), (self._high, walk + high)):
            part.step(dt, speed, jump)
            if reseed > RESEEDS >= self._reseed:
                part.set_out()
        self._reseed = reseed


class Manner:
    """How much of other pictures a picture begins with: the last one, in motion, and a source from elsewhere."""

    def __init__(self) -> None:
        self._glide = Glide(GLIDE_S)

    def begin(
        self, controls: Controls, dt: float, last: Float32s | None, source: Callable[[], Float32s] | None = None
    ) -> tuple[float, Float32s | None]:
        """The share of pictures in the beginning, 0..`KEPT_AT_30_HZ`, and their mean [channels, h, w]; None if 0.

        `source` is asked for its latents only when it shows.
        """
        asked = np.array([condition.attribute(controls, name) for name in MANNER])
        memory, strength, *motion = map(float, self._glide.step(asked, dt))
        fresh = 1.0 - strength
        pictures = []
        if last is not None and (held := kept(max(memory, fresh) if source is None else memory, dt)) > 0.0:
            pictures.append((held, moved(last, dt, *motion)))
        if source is not None and fresh > LEAST:
            pictures.append((KEPT_AT_30_HZ * fresh, source()))
        if not pictures:
            return 0.0, None
        whole = sum(share for share, _ in pictures)
        mean = np.sum([np.float32(share / whole) * picture for share, picture in pictures], axis=0)
        return min(whole, KEPT_AT_30_HZ), np.asarray(mean, np.float32)
