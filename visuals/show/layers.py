"""Layers of a show file, with every name in them looked up: pictures, filters, masks, groups, transitions.

What shaders, models and media there are it asks of a `Catalogue`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from visuals.document import Document, Keys, nearest
from visuals.errors import ShaderError
from visuals.show import schema
from visuals.show.catalogue import Catalogue, Offer
from visuals.show.names import Faults, Names
from visuals.types import Layer, LayerKind, Lettering, Mask, Through
from visuals.vocabulary import FILTER_CONTROLS, KIND_CONTROLS, LAYER_CONTROLS, Term

STRENGTH = 0.5
"""Of a dream that has a source, where its layer does not say."""
DEEPEST = 4
"""Groups in groups."""

Terms = Mapping[str, Term]


@dataclass(slots=True)
class Layers:
    """Resolves the layers of one show. `offer` is its model's, None where nothing is known about that."""

    document: Document
    catalogue: Catalogue
    faults: Faults
    names: Names
    has_model: bool
    offer: Offer | None
    motifs: Sequence[str]
    _terms: dict[str, Term] = field(default_factory=dict)
    _opaque: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)
    _shared: tuple[dict[str, Term], set[str], set[str]] = field(default_factory=lambda: ({}, set(), set()))

    def whole(self, entries: Sequence[schema.FilterEntry]) -> tuple[Layer, ...]:
        """The filters of the whole show, whose controls every scene has. Comes before its scenes."""
        layers = tuple(self._filter(("filters", i), entry) for i, entry in enumerate(entries))
        self._shared = dict(self._terms), set(self._opaque), set(self._known)
        return layers

    def scene(self, name: str, entry: schema.SceneEntry) -> tuple[Layer, ...]:
        """A scene's layers; `names` knows its controls afterwards."""
        shared = self._shared
        self._terms, self._opaque, self._known = dict(shared[0]), set(shared[1]), set(shared[2])
        layers = self._stack(("scenes", name, "layers"), entry.layers, 0)
        self.names.controls[name], self.names.opaque[name] = self._terms, frozenset(self._opaque)
        return layers

    def through(self, keys: Keys, entry: str | schema.ThroughEntry | None) -> Through | None:
        """A scene change's transition."""
        if entry is None:
            return None
        said = entry if isinstance(entry, schema.ThroughEntry) else schema.ThroughEntry(shader=entry)
        at = (*keys, "shader") if isinstance(entry, schema.ThroughEntry) else keys
        inputs = self._shader(at, said.shader, ("transition",))
        return Through(said.shader, self._inputs((*keys, "inputs"), said.inputs, inputs))

    # ---- one layer

    def _stack(self, keys: Keys, entries: Sequence[schema.AnyLayer], depth: int) -> tuple[Layer, ...]:
        """Layers over each other, bottom first."""
        layers: list[Layer] = []
        for i, entry in enumerate(entries):
            layers.append(self._layer((*keys, i), entry, depth))
            self._check_seen((*keys, i), layers[-1], layers[:-1], depth)
        return tuple(layers)

    def _layer(self, keys: Keys, entry: schema.AnyLayer, depth: int) -> Layer:
        self._name(keys, entry.name)
        picture, inputs = self._picture(keys, entry)
        inner: tuple[Layer, ...] = ()
        if isinstance(entry, schema.GroupLayer):
            if depth >= DEEPEST:
                self.faults.add((*keys, "layers"), f"found groups more than {DEEPEST} deep, expected fewer")
            else:
                inner = self._stack((*keys, "layers"), entry.layers, depth + 1)
        self._listens(entry.name, inputs, LAYER_CONTROLS)
        return replace(
            picture,
            blend=entry.blend,
            opacity=entry.opacity,
            controls=_rest(inputs) | dict(picture.controls),
            bypass=entry.bypass,
            solo=entry.solo,
            filters=tuple(self._filter((*keys, "filters", i), f) for i, f in enumerate(entry.filters)),
            mask=self._mask(keys, entry, depth),
            layers=inner,
        )

    def _mask(self, keys: Keys, entry: schema.LayerEntry, depth: int) -> Mask | None:
        if entry.mask is None:
            return None
        layer = self._layer((*keys, "mask"), entry.mask, depth + 1)
        self._check_seen((*keys, "mask"), layer, (), depth + 1)
        return Mask(layer, entry.invert_mask)

    def _filter(self, keys: Keys, entry: schema.FilterEntry) -> Layer:
        self._name(keys, entry.name)
        inputs = self._shader((*keys, "shader"), entry.shader, ("filter",))
        controls = self._inputs((*keys, "inputs"), entry.inputs, inputs)
        self._listens(entry.name, inputs, FILTER_CONTROLS)
        return Layer(
            entry.name,
            "shader",
            entry.shader,
            opacity=entry.opacity,
            controls=_rest(inputs) | controls,
            bypass=entry.bypass,
            images=self._images((*keys, "images"), entry.shader, entry.images),
        )

    def _name(self, keys: Keys, name: str) -> None:
        if name in self._known:
            where = f"scene `{keys[1]}`" if keys[0] == "scenes" else "the show's filters"
            self.faults.add((*keys, "name"), f"the layer `{name}` stands twice in {where}")
        self._known.add(name)

    def _listens(self, name: str, inputs: Terms | None, every: Terms) -> None:
        """Make a layer's controls known; of one with unknown inputs, nothing more is said."""
        self._terms |= {f"{name}.{control}": term for control, term in {**(inputs or {}), **every}.items()}
        self._opaque |= {name} if inputs is None else set()

    def _check_seen(self, keys: Keys, layer: Layer, below: Sequence[Layer], depth: int) -> None:
        """What a dream draws from must lie below it in its scene, and be no dream."""
        known = [other.name for other in below if other.kind != "model"] if depth == 0 else []
        if layer.seen and layer.seen not in known:
            text = f"found `{layer.seen:.60}`, expected a shader's or image's layer below this one"
            self.faults.add((*keys, "source"), text + nearest(layer.seen, known))

    # ---- its picture

    def _picture(self, keys: Keys, entry: schema.AnyLayer) -> tuple[Layer, Terms | None]:
        """A layer as far as its kind goes, and its inputs; None where they are unknown."""
        match entry:
            case schema.ModelLayer():
                return self._model(keys, entry)
            case schema.ShaderLayer():
                return self._shaded(keys, entry)
            case schema.ImageLayer():
                return self._placed(keys, entry, "image", self._file((*keys, "image"), entry.image))
            case schema.VideoLayer():
                return self._placed(keys, entry, "video", self._file((*keys, "video"), entry.video))
            case schema.CameraLayer():
                return self._placed(keys, entry, "camera", str(entry.camera))
            case schema.TextLayer():
                layer, terms = self._fixed((*keys, "inputs"), entry.name, "text", entry.text, entry.inputs)
                return replace(layer, lettering=self._lettering(keys, entry)), terms
            case schema.FeedbackLayer():
                return self._fixed((*keys, "feedback"), entry.name, "feedback", "", entry.feedback.__pydantic_extra__)
            case schema.GroupLayer():
                return self._fixed(keys, entry.name, "group", "", {})
        raise TypeError(type(entry).__name__)

    def _shaded(self, keys: Keys, entry: schema.ShaderLayer) -> tuple[Layer, Terms | None]:
        inputs = self._shader((*keys, "shader"), entry.shader, ("generator", "filter"))
        controls = self._inputs((*keys, "inputs"), entry.inputs, inputs)
        images = self._images((*keys, "images"), entry.shader, entry.images)
        opaque = entry.alpha == "ignore"
        return Layer(entry.name, "shader", entry.shader, controls=controls, images=images, opaque=opaque), inputs

    def _placed(self, keys: Keys, entry: schema.PlacedLayer, kind: LayerKind, source: str) -> tuple[Layer, Terms]:
        layer, terms = self._fixed((*keys, "inputs"), entry.name, kind, source, entry.inputs)
        return replace(layer, fit=entry.fit), terms

    def _fixed(
        self, keys: Keys, name: str, kind: LayerKind, source: str, values: Mapping[str, float]
    ) -> tuple[Layer, Terms]:
        """A layer of a kind that has the same controls in every show."""
        terms = KIND_CONTROLS[kind]
        return Layer(name, kind, source, controls=self._inputs(keys, values, terms)), terms

    def _shader(self, keys: Keys, name: str, kinds: Sequence[str]) -> Terms | None:
        """A shader's inputs; None where there is no such shader or it cannot be read."""
        try:
            offer = self.catalogue.shader(name)
        except ShaderError as e:
            self.faults.add(keys, str(e))
            return None
        if offer is None:
            self.faults.add(keys, f"found the unknown shader `{name:.60}`{nearest(name, self.catalogue.shaders())}")
            return None
        if offer.kind not in kinds:
            self.faults.add(keys, f"found the {offer.kind} `{name:.60}`, expected a {' or '.join(kinds)} here")
        return offer.inputs

    def _images(self, keys: Keys, shader: str, files: Mapping[str, str]) -> dict[str, str]:
        """Files for a shader's image inputs."""
        try:
            offer = self.catalogue.shader(shader) if files else None
        except ShaderError:  # told already
            offer = None
        for name in files if offer else ():
            if offer and name not in offer.images:
                text = f"found the unknown image input `{name:.60}`{nearest(name, offer.images)}"
                self.faults.add((*keys, name), text, at_key=True)
        return {name: self._file((*keys, name), file) for name, file in files.items()}

    def _lettering(self, keys: Keys, entry: schema.TextLayer) -> Lettering:
        font = Path(self._file((*keys, "font"), entry.font)) if entry.font else None
        return Lettering(font, entry.height, entry.align, entry.color)

    # ---- dreams

    def _model(self, keys: Keys, entry: schema.ModelLayer) -> tuple[Layer, Terms | None]:
        inputs = self._model_terms(keys)
        heaviest, controls = self._dream((*keys, "model"), entry.model, inputs)
        if entry.source:
            controls.setdefault("strength", STRENGTH)
        elif "strength" in controls:
            text = "found `strength`, expected `source: <a layer below>` in this layer too, to start from"
            self.faults.add((*keys, "model", "strength"), text, at_key=True)
        return Layer(entry.name, "model", heaviest, controls=controls, seen=entry.source or ""), inputs

    def _model_terms(self, keys: Keys) -> Terms | None:
        if not self.has_model:
            self.faults.add(
                (*keys, "model"), "found a model layer, expected `model: <a folder of models/>` in the show"
            )
        if self.offer is None:
            return None
        word = self.offer.word
        weights = {f"{word}.{m}": Term(0.0, 1.0, "", 0.0, f"weight of the {word} {m}") for m in self.motifs}
        return {**self.offer.controls, **weights}

    def _dream(self, keys: Keys, dream: schema.Dream, inputs: Terms | None) -> tuple[str, dict[str, float]]:
        """The heaviest style or prompt and the base controls of a model layer."""
        offer, motifs = self.offer, self.motifs
        word = offer.word if offer else "style"
        other, foreign = ("style", dream.style) if word == "prompt" else ("prompt", dream.prompt)
        if offer and foreign is not None:
            self.faults.add((*keys, other), f"found `{other}`, expected `{word}` for this model", at_key=True)
        asked = dream.prompt if word == "prompt" else dream.style
        weights = {asked: 1.0} if isinstance(asked, str) else dict(asked or {})
        at = (*keys, word)
        for motif in weights if offer else ():
            if motif not in motifs:
                place = at if isinstance(asked, str) else (*at, motif)
                text = f"found the unknown {word} `{motif:.60}`{nearest(motif, motifs)}"
                self.faults.add(place, text, at_key=place != at)
        weights = weights or dict.fromkeys(motifs[:1], 1.0)
        controls = self._inputs(keys, dream.__pydantic_extra__, inputs)
        heaviest = max(weights, key=lambda m: weights[m], default="")
        return heaviest, controls | {f"{word}.{m}": w for m, w in weights.items()}

    # ---- values and files

    def _inputs(self, keys: Keys, values: Mapping[str, Any], terms: Terms | None) -> dict[str, float]:
        """Base values by the names of their numbers: a colour `tint` becomes `tint.r` … `tint.a`."""
        found: dict[str, float] = {}
        for name, value in values.items() if terms is not None else ():
            parts = _parts(name, value, terms or {})
            if parts is None:
                known = sorted({*(terms or {}), *(t.rpartition(".")[0] for t in terms or {} if "." in t)})
                self.faults.add(
                    (*keys, name), f"found the unknown input `{name:.60}`{nearest(name, known)}", at_key=True
                )
            elif not isinstance(parts, dict):
                self.faults.add((*keys, name), parts)
            for part, (place, number) in parts.items() if isinstance(parts, dict) else ():
                found[part] = self.names.value((*keys, name, *place), number, (terms or {})[part])
        return found

    def _file(self, keys: Keys, name: str) -> str:
        """A file of the show's folder by its path, or the name as it is where there is none."""
        return str(find_media(self.document, self.catalogue, self.faults, keys, name) or name)


def _rest(terms: Terms | None) -> dict[str, float]:
    return {name: term.rest for name, term in (terms or {}).items()}


def find_media(document: Document, catalogue: Catalogue, faults: Faults, keys: Keys, name: str) -> Path | None:
    """A file of the show's folder, which it must not leave, not even through a link."""
    folder = document.path.parent
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\0" in name or "\\" in name:
        faults.add(keys, f"found `{name:.60}`, expected a file inside the show's folder")
        return None
    path = catalogue.media(folder, name)
    if path is None:
        there = sorted(p.name for p in folder.iterdir() if p.suffix == pure.suffix)[:1000]
        faults.add(keys, f"no such file in the show's folder: `{name:.60}`{nearest(name, there)}")
    elif not path.resolve().is_relative_to(folder.resolve()):
        faults.add(keys, f"found `{name:.60}`, which leads outside the show's folder")
    return path


def _parts(name: str, value: float | bool | list[float], terms: Terms) -> dict[str, tuple[Keys, float]] | str | None:
    """The numbers of an input with their places in a list; a text when the form is wrong."""
    letters = next(_letters(name, terms), None)
    if letters is None:
        if name not in terms:
            return None
        return "found a list, expected a number" if isinstance(value, list) else {name: ((), float(value))}
    if not isinstance(value, list) or not len(letters) - (letters == "rgba") <= len(value) <= len(letters):
        what = "a colour [r, g, b, a]" if letters == "rgba" else f"a point [{', '.join(letters)}]"
        return f"found {len(value) if isinstance(value, list) else 'one'} number(s), expected {what}"
    return {f"{name}.{letter}": ((i,), number) for i, (letter, number) in enumerate(zip(letters, value, strict=False))}


def _letters(name: str, terms: Terms) -> Iterator[str]:
    """What the numbers of a colour or a point are called."""
    for letters in ("rgba", "xyz", "xy"):
        if all(f"{name}.{letter}" in terms for letter in letters):
            yield letters
