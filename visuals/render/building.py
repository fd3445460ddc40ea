"""From a show to what draws it: every layer's picture compiled, loaded, and drawn once before anybody sees it.

It goes step by step, so that an edited show can be made ready between the frames of the one that plays.
It does not know looks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from visuals.errors import MediaError, Problem, ShaderError, VisualsError
from visuals.render.composition import Composition
from visuals.render.dream import Dream
from visuals.render.gpu import Gpu
from visuals.render.isf import Isf, Kind
from visuals.render.isf.program import EPOCH
from visuals.render.lay import Onto
from visuals.render.materials import Materials, Place, Stamp, is_same
from visuals.render.media.video import Video
from visuals.render.mix import Mixer
from visuals.render.pictures.dream import DreamPicture
from visuals.render.pictures.feedback import FeedbackPicture
from visuals.render.pictures.footage import CameraPicture, VideoPicture
from visuals.render.pictures.group import GroupPicture
from visuals.render.pictures.picture import Moment, Picture
from visuals.render.pictures.shader import ShaderPicture
from visuals.render.pictures.still import StillPicture
from visuals.render.pictures.transition import TransitionPicture
from visuals.render.scratch import Scratch
from visuals.render.strip import Insert, Strip
from visuals.types import Layer, Show, every, transitions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A layer's picture, and what it was made of."""

    layer: Layer
    stamps: tuple[Stamp, ...]
    picture: Picture


@dataclass
class Stage:
    """Everything that a show is drawn with."""

    scenes: dict[str, Composition] = field(default_factory=dict)
    filters: tuple[Insert, ...] = ()
    transitions: dict[str, TransitionPicture] = field(default_factory=dict)
    pictures: dict[Place, Made] = field(default_factory=dict)

    def release(self, keep: Stage | None = None) -> None:
        """Release all that `keep` does not go on with."""
        kept = {id(thing) for thing in keep.things()} if keep else set()
        for thing in self.things():
            if id(thing) not in kept:
                thing.release()

    def things(self) -> Iterator[Composition | Picture | TransitionPicture]:
        yield from self.scenes.values()
        yield from self.transitions.values()
        yield from (made.picture for made in self.pictures.values())


class Builder:
    """Builds the stage of one show; pictures of `former` that are still the same go on where they are.

    If `lenient`, a layer whose files are broken is left out and logged.
    """

    def __init__(
        self,
        gpu: Gpu,
        scratch: Scratch,
        mixer: Mixer,
        dream: Dream,
        materials: Materials,
        *,
        former: Stage | None = None,
        lenient: bool = False,
    ) -> None:
        self._gpu, self._scratch, self._mixer = gpu, scratch, mixer
        self._dream, self._materials = dream, materials
        self._former, self._lenient = former or Stage(), lenient
        self._fresh: list[Picture] = []
        self.stage = Stage()

    def steps(self, show: Show) -> Iterator[None]:
        """Build; what is compiled between two steps is as little as can be.

        Raises ShaderError, MediaError, having released what was new.
        """
        try:
            for name, scene in show.scenes.items():
                strips = []
                for layer in scene.layers:
                    strips += self._strips(show, name, layer)
                    yield
                made = self.stage.scenes[name] = Composition(self._gpu, self._scratch, strips, linear=scene.linear)
                yield from self._warm_up(made, tuple(every(scene.layers)))
                if name in self._former.scenes:
                    made.remember(self._former.scenes[name])
            yield from self._filters(show)
            for shader in transitions(show):
                self._transition(shader)
                yield
        except BaseException:
            self.stage.release(keep=self._former)
            raise

    # ---- layers

    def _strips(self, show: Show, scene: str, layer: Layer) -> list[Strip]:
        """The layer's strip; none where it is left out."""
        try:
            return [self._strip(show, scene, layer)]
        except (ShaderError, MediaError) as error:
            if not self._lenient:
                raise
            logger.error("scene %s: left out the layer %s: %s", scene, layer.name, _line(error))
            return []

    def _strip(self, show: Show, scene: str, layer: Layer) -> Strip:
        inner = [strip for la in layer.layers for strip in self._strips(show, scene, la)]
        picture = self._picture(show, scene, layer, inner)
        filters = tuple(self._inserts(show, scene, layer.filters))
        mask = self._strip(show, scene, layer.mask.layer) if layer.mask else None
        return Strip(layer, picture, filters, mask, inner)

    def _inserts(self, show: Show, scene: str, layers: Sequence[Layer]) -> Iterator[Insert]:
        for layer in layers:
            try:
                yield Insert(layer, self._picture(show, scene, layer, (), ("filter",)))
            except (ShaderError, MediaError) as error:
                if not self._lenient:
                    raise
                logger.error("%s: left out the filter %s: %s", scene or "the show", layer.name, _line(error))

    def _picture(
        self,
        show: Show,
        scene: str,
        layer: Layer,
        inner: Sequence[Strip],
        kinds: tuple[Kind, ...] = ("generator", "filter"),
    ) -> Picture:
        """The layer's picture: the one on the air where it is still the same, else a new one."""
        described = self._described(layer.source, kinds) if layer.kind == "shader" else None
        place = scene, layer.name
        stamps = self._materials.stamps.get(place, ())
        picture = self._kept(place, layer, stamps, described)
        if picture is None:
            picture = self._new(show, place, layer, described, inner)
            self._fresh.append(picture)
        self.stage.pictures[place] = Made(layer, stamps, picture)
        return picture

    def _kept(self, place: Place, layer: Layer, stamps: tuple[Stamp, ...], described: Isf | None) -> Picture | None:
        was = self._former.pictures.get(place)
        if was is None or layer.kind == "group" or was.stamps != stamps or not is_same(layer, was.layer):
            return None
        return was.picture if getattr(was.picture, "isf", None) == described else None

    def _new(self, show: Show, place: Place, layer: Layer, described: Isf | None, inner: Sequence[Strip]) -> Picture:
        gpu, materials = self._gpu, self._materials
        match layer.kind:
            case "shader" if described is not None:
                images = {name: show.folder / path for name, path in layer.images.items()}
                return ShaderPicture(gpu, described, materials.picture, images, layer.opaque)
            case "model":
                return DreamPicture(self._dream)
            case "group":
                linear = show.scenes[place[0]].linear
                composition = Composition(gpu, self._scratch, inner, opaque=False, linear=linear)
                return GroupPicture(gpu, self._scratch, composition)
            case "feedback":
                return FeedbackPicture(gpu)
            case "text" | "image":
                fit = "stretch" if layer.kind == "text" else layer.fit
                return StillPicture(gpu, materials.pixels(place, layer), fit)
        footage = materials.footage(place, layer)
        if isinstance(footage, Video):
            return VideoPicture(gpu, footage, layer.fit)
        return CameraPicture(gpu, footage, layer.fit)

    def _described(self, source: str, kinds: tuple[Kind, ...]) -> Isf:
        described = self._materials.shader(source)
        if described.kind not in kinds:
            text = f"found a {described.kind}, expected a {' or '.join(kinds)} here"
            raise ShaderError(problems=[Problem(str(described.path), 1, 0, text)])
        return described

    def _transition(self, shader: str) -> None:
        """A transition, warm; where it is left out, its changes are crossfades."""
        try:
            described = self._described(shader, ("transition",))
        except ShaderError as error:
            if not self._lenient:
                raise
            logger.error("left out the transition %s: %s", shader, _line(error))
            return
        former = self._former.transitions.get(shader)
        if former is not None and former.isf == described:
            self.stage.transitions[shader] = former
            return
        picture = self.stage.transitions[shader] = TransitionPicture(self._gpu, described, self._materials.picture)
        with self._scratch.passes() as passes:
            into, first, second = (passes.target() for _ in range(3))
            picture.between(Onto(into, "replace colour"), first, second, 0.5, {}, Moment(0.0, None, EPOCH, {}))
            into.read()
        picture.rewind()

    # ---- warm

    def _warm_up(self, scene: Composition, layers: Sequence[Layer]) -> Iterator[None]:
        """Draw as on the air: drivers finish compiling at the first draw (43 ms, at worst seconds)."""
        for opacity in (1.0, 0.5):
            controls: Mapping[str, float] = {
                f"{la.name}.{what}": value
                for la in layers
                for what, value in (("opacity", opacity), ("bypass", 0.0), ("solo", 0.0))
            }
            for strip in scene.strips:
                if any(picture in self._fresh for picture in strip.pictures()):
                    scene.warm_up(strip, Moment(0.0, None, EPOCH, controls))
                    yield
        for picture in self._fresh:
            picture.rewind()
        self._fresh.clear()

    def _filters(self, show: Show) -> Iterator[None]:
        """The show's own filters, warm."""
        self.stage.filters = tuple(self._inserts(show, "", show.filters))
        for insert in self.stage.filters:
            if insert.picture in self._fresh:
                for amount in (1.0, 0.5):
                    controls = {f"{insert.layer.name}.opacity": amount, f"{insert.layer.name}.bypass": 0.0}
                    with self._scratch.passes() as passes:
                        insert.draw(passes.target(), passes, self._mixer, Moment(0.0, None, EPOCH, controls)).read()
                insert.picture.rewind()
            yield
        self._fresh.clear()


def _line(error: VisualsError) -> str:
    """All that an error says, in one line of a log."""
    return "; ".join(str(error).splitlines())
