"""Layers on a target of their own, bottom to top: a scene, or a group in one.

A layer whose blend mode the draw itself can do is drawn straight onto what is there. Any other is drawn
by itself first and met with it into a fresh target. It does not know other scenes.
"""

from __future__ import annotations

from collections.abc import Sequence

from visuals.render.blend import DIRECT, DIRECT_CLEAR
from visuals.render.breaker import Broken
from visuals.render.gpu import Depth, Gpu, Target, Texture
from visuals.render.lay import Copier, Onto
from visuals.render.mix import DRY_WET, FILTERED, Mixer, Way
from visuals.render.pictures.picture import Moment
from visuals.render.scratch import Passes, Scratch
from visuals.render.seen import Seen
from visuals.render.strip import Strip

PER_S = 60.0
"""How often a second a feedback layer's opacity counts, whatever the frame rate."""
HELD = 4
"""Targets that a frame holds besides: the other scene of a change, what is between them, a filter's two."""


class Composition:
    """Strips on a target; `opaque` on black, else on nothing. `linear` ones blend in linear light."""

    def __init__(
        self, gpu: Gpu, scratch: Scratch, strips: Sequence[Strip], *, opaque: bool = True, linear: bool = False
    ) -> None:
        self.strips = tuple(strips)
        self._opaque, self._linear, self._scratch = opaque, linear, scratch
        self._copier = Copier(gpu)
        self._mixer = Mixer(gpu, [Way(DRY_WET), *map(self._way, strips)], linear)
        self._watched = next((s.layer.seen for s in self.strips if s.layer.kind == "model"), "")
        remembers = any(strip.picture.wants == "last" for strip in strips)
        # Eight bits never fade to black: what is less than half a step of each frame's loss stays for ever.
        self._depth: Depth = "half" if linear or remembers else "rgba8"
        self._layers_depth: Depth = "half" if remembers else "rgba8"
        self._last = gpu.target(scratch.size, "half") if remembers else None

    def draw(self, passes: Passes, moment: Moment, seen: Seen | None = None) -> Target:
        """The layers, bottom to top: straight, and as displays show it.

        A layer without opacity is not drawn and its time stands; one that raises is passed over. `seen` is given
        the picture up to the layer that the model's dream draws from. Raises Broken when no layer can be drawn.
        """
        picture = passes.target(self._depth)
        picture.clear(a=1.0 if self._opaque else 0.0)
        shown = self._on(moment)
        for strip in self.strips:
            if strip in shown and strip.breaker.closed(moment.time):
                with strip.breaker.guarded(moment.time):
                    opacity = strip.settings.opacity(moment.controls)
                    picture = self._lay(strip, opacity, picture, passes, moment)
            if seen is not None and strip.layer.name == self._watched:
                seen.take(self._shown(picture, passes))
        if shown and not any(strip.breaker.closed(moment.time) for strip in shown):
            raise Broken("none of its layers can be drawn")
        return self._finished(picture, passes)

    def _on(self, moment: Moment) -> list[Strip]:
        """The strips of which something is to be seen."""
        alone = any(strip.soloed(moment.controls) for strip in self.strips)
        visible = (strip for strip in self.strips if strip.settings.opacity(moment.controls) > 0.0)
        return [strip for strip in visible if not alone or strip.soloed(moment.controls)]

    def _finished(self, picture: Target, passes: Passes) -> Target:
        if self._last is None:
            return self._shown(picture, passes)
        self._mixer.show(self._last, picture)
        return self._last

    def _lay(self, strip: Strip, opacity: float, picture: Target, passes: Passes, moment: Moment) -> Target:
        """The picture with a layer on it: the same target where the draw itself can do it, else another."""
        word = self._word(strip)
        if strip.picture.wants == "last":
            opacity **= moment.elapsed * PER_S  # multiplied each frame: it goes by the clock, not by the rate
        if word and strip.plain:
            strip.draw(Onto(picture, word, opacity), moment, self._last if strip.picture.wants else None)
            return picture
        result = None if word and strip.mask is None else passes.target(picture.depth)
        with self._scratch.passes() as own:
            drawn = strip.finish(own, self._mixer, moment, self._layers_depth, self._image(strip, picture, own))
            if word and result is None:
                self._copier.lay(drawn, Onto(picture, word, opacity))
                return picture
            assert result is not None
            mask = strip.mask.finish(own, self._mixer, moment, self._layers_depth) if strip.mask else None
            inverted = strip.layer.mask is not None and strip.layer.mask.inverted
            self._mixer.mix(self._way(strip), result, picture, drawn, opacity, mask, inverted)
        passes.spare(picture)
        return result

    def _image(self, strip: Strip, picture: Target, passes: Passes) -> Texture | None:
        """What a strip's picture wants to be drawn from."""
        if strip.picture.wants == "below":
            return self._shown(picture, passes)
        return self._last if strip.picture.wants == "last" else None

    def _shown(self, picture: Target, passes: Passes) -> Target:
        """A picture as layers are: straight, and as displays show it."""
        if self._opaque and not self._linear and self._last is None:
            return picture
        shown = passes.target(self._layers_depth)
        self._mixer.show(shown, picture)
        return shown

    def _word(self, strip: Strip) -> str | None:
        """The draw's own blending that does the strip's, where there is one."""
        if self._linear or (not self._opaque and strip.picture.wants == "below"):
            return None
        return (DIRECT if self._opaque else DIRECT_CLEAR).get(strip.layer.blend)

    def _way(self, strip: Strip) -> Way:
        filters = strip.picture.wants == "below" and strip.layer.blend == "normal" and not self._opaque
        return Way(FILTERED if filters else strip.layer.blend, strip.mask is not None)

    def remember(self, former: Composition) -> None:
        """Begin with what another showed last, where both keep that."""
        if self._last is not None and former._last is not None:
            self._copier.lay(former._last, Onto(self._last))

    def warm_up(self, strip: Strip, moment: Moment) -> None:
        """Draw one strip as it will be drawn, and wait until that is done."""
        opacity = strip.settings.opacity(moment.controls)
        with self._scratch.passes() as passes:
            for _ in range(HELD):
                passes.target()
            picture = self._lay(strip, opacity, passes.target(self._depth), passes, moment)
            self._finished(picture, passes).read()

    def enter(self) -> None:
        """It comes on the air."""
        if self._last:
            self._last.clear()
        for strip in self.strips:
            strip.enter()

    def release(self) -> None:
        """Release what is its own; its pictures may go on in another."""
        for thing in (self._copier, self._mixer, *((self._last,) if self._last else ())):
            thing.release()
