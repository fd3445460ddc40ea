"""A layer as a desk's channel strip: its picture, the filters it goes through, its mask, its fader and switches.

It does not know what lies beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from visuals.render.breaker import Breaker
from visuals.render.gpu import Depth, Target, Texture
from visuals.render.lay import Onto
from visuals.render.mix import DRY_WET, Mixer, Way
from visuals.render.pictures.picture import Moment, Picture
from visuals.render.scratch import Passes
from visuals.types import Controls, Layer

ON = 0.5
"""From here on a switch is on."""


class Settings:
    """Where a layer's own controls stand: its names, looked up in a scene's, over the values at which they rest."""

    def __init__(self, layer: Layer, picture: Picture) -> None:
        rest = {**picture.inputs, **layer.controls}
        self._names = {name: (f"{layer.name}.{name}", value) for name, value in rest.items()}
        self._opacity, self._bypass, self._solo = (f"{layer.name}.{name}" for name in ("opacity", "bypass", "solo"))
        self._layer = layer

    def values(self, controls: Controls) -> dict[str, float]:
        return {name: controls.get(full, value) for name, (full, value) in self._names.items()}

    def opacity(self, controls: Controls) -> float:
        """How much of it shows: nothing where it is bypassed."""
        if controls.get(self._bypass, self._layer.bypass) > ON:
            return 0.0
        return min(max(controls.get(self._opacity, self._layer.opacity), 0.0), 1.0)

    def solo(self, controls: Controls) -> bool:
        return controls.get(self._solo, self._layer.solo) > ON


class Insert:
    """A filter that a picture goes through: in a strip, or all of them together."""

    def __init__(self, layer: Layer, picture: Picture) -> None:
        self.layer, self.picture = layer, picture
        self.settings = Settings(layer, picture)
        self._breaker = Breaker(f"the filter {layer.name}")

    def draw(self, dry: Target, passes: Passes, mixer: Mixer, moment: Moment) -> Target:
        """The picture after it: another target, or the same where none of the filter shows, or it raises."""
        amount = self.settings.opacity(moment.controls)
        if amount > 0.0 and self._breaker.closed(moment.time):
            with self._breaker.guarded(moment.time):
                return self._drawn(amount, dry, passes, mixer, moment)
        return dry

    def _drawn(self, amount: float, dry: Target, passes: Passes, mixer: Mixer, moment: Moment) -> Target:
        wet = passes.target(dry.depth)
        self.picture.draw(Onto(wet), self.settings.values(moment.controls), moment, dry)
        if amount == 1.0:
            passes.spare(dry)
            return wet
        mixed = passes.target(dry.depth)
        mixer.mix(Way(DRY_WET), mixed, dry, wet, amount)
        passes.spare(dry)
        passes.spare(wet)
        return mixed


class Strip:
    """One layer, ready to be drawn. `inner` are the strips of a group."""

    def __init__(
        self,
        layer: Layer,
        picture: Picture,
        filters: Sequence[Insert] = (),
        mask: Strip | None = None,
        inner: Sequence[Strip] = (),
    ) -> None:
        self.layer, self.picture, self.mask, self.inner = layer, picture, mask, tuple(inner)
        self.settings = Settings(layer, picture)
        self.filters = tuple(filters)
        self.breaker = Breaker(f"the layer {layer.name}")

    @property
    def plain(self) -> bool:
        """Whether its picture can be laid where it belongs without a look at it first."""
        return not self.filters and self.mask is None and self.picture.wants != "below"

    def soloed(self, controls: Controls) -> bool:
        """Whether it, or something in it, is to be seen alone."""
        return self.settings.solo(controls) or any(strip.soloed(controls) for strip in self.inner)

    def draw(self, onto: Onto, moment: Moment, image: Texture | None = None) -> None:
        """Its picture alone, as it comes."""
        self.picture.draw(onto, self.settings.values(moment.controls), moment, image)

    def finish(
        self, passes: Passes, mixer: Mixer, moment: Moment, depth: Depth, image: Texture | None = None
    ) -> Target:
        """Its picture after its filters: straight colours, `depth` deep."""
        drawn = passes.target(depth)
        drawn.clear()
        self.draw(Onto(drawn), moment, image)
        for insert in self.filters:
            drawn = insert.draw(drawn, passes, mixer, moment)
        return drawn

    def enter(self) -> None:
        """Its scene comes on the air."""
        self.picture.enter()
        for insert in self.filters:
            insert.picture.enter()
        if self.mask:
            self.mask.enter()

    def pictures(self) -> Iterator[Picture]:
        """Everything it is drawn with, a group's own pictures too."""
        yield self.picture
        yield from (insert.picture for insert in self.filters)
        for strip in (*self.inner, *((self.mask,) if self.mask else ())):
            yield from strip.pictures()
