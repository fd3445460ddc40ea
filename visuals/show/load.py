"""From a show file to a `Show` in which every name exists, or every fault at once.

It knows the vocabulary; what shaders, models and media there are it asks of a `Catalogue`.
Nothing of the file is executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Protocol

from visuals.document import Document, Keys, check, nearest, read
from visuals.errors import ModelError, ShaderError, ShowError
from visuals.show import schema
from visuals.show.actions import Actions, find_cycles
from visuals.show.names import Faults, Names
from visuals.types import Cue, Layer, Listening, Scene, Show
from visuals.vocabulary import LAYER_CONTROLS, Term

STRENGTH = 0.5
"""Of a dream that has a source, where its layer does not say."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model can be asked for: its controls, and its styles, or else the show's prompts."""

    controls: Mapping[str, Term]
    styles: tuple[str, ...] = ()
    told_text: bool = False

    @property
    def word(self) -> str:
        """What its pictures are of: `style` or `prompt`."""
        return "prompt" if self.told_text else "style"


class Catalogue(Protocol):
    """What there is to show."""

    def shader(self, name: str) -> Mapping[str, Term] | None:
        """A shader's inputs, colours as `tint.r`, points as `at.x`; None if there is no such shader.

        May raise ShaderError.
        """
        ...

    def shaders(self) -> Sequence[str]: ...

    def model(self, name: str) -> Offer | None:
        """What a model can be asked for; None if there is no such model. May raise ModelError."""
        ...

    def models(self) -> Sequence[str]: ...

    def media(self, folder: Path, name: str) -> Path | None:
        """A sound or picture file of the show's folder; None if it is not there."""
        ...


def load_show(path: Path, catalogue: Catalogue) -> Show:
    """Read and resolve a show file. Raises ShowError with every problem, in the file's order."""
    document = read(path, ShowError)
    faults = Faults(document)
    file = _form(document, faults)
    show = _Resolver(document, file, catalogue, faults).show() if file else None
    if faults.problems or show is None:
        raise ShowError(problems=sorted(set(faults.problems), key=lambda p: (p.line, p.column, p.text)))
    return show


IDLE_RULE = {"when": "beat", "set": "master", "to": 1.0}
"""Stands in for a rule that is broken in form, so that the rest of the file is still checked."""


def _form(document: Document, faults: Faults) -> schema.ShowFile | None:
    data = document.data
    file, found = check(document, schema.ShowFile, data)
    faults.problems += [problem for _, problem in found]
    rules = [keys for keys, _ in found if len(keys) >= 4 and keys[0] == "scenes" and keys[2] == "rules"]
    if file is None and len(rules) == len(found):
        for _, scene, _, index, *_ in rules:
            data["scenes"][scene]["rules"][index] = IDLE_RULE
        file, _ = check(document, schema.ShowFile, data)
    return file


@dataclass(slots=True)
class _Resolver:
    """Goes through a file of the right form and looks every name up."""

    document: Document
    file: schema.ShowFile
    catalogue: Catalogue
    faults: Faults

    def show(self) -> Show:
        file, folder = self.file, self.document.path.parent
        names = Names(
            self.faults,
            tuple(file.scenes),
            tuple(cue.cue for cue in file.cues),
            frozenset(f"midi.{entry.name}" for entry in file.midi if entry.name),
        )
        offer = self._offer()
        layers = {name: self._layers(name, scene, offer, names) for name, scene in file.scenes.items()}
        actions = Actions(names, self.faults)
        scenes = {
            name: Scene(name, layers[name], actions.rules(("scenes", name, "rules"), scene.rules, name))
            for name, scene in file.scenes.items()
        }
        cues = self._cues(names)
        find_cycles(scenes, cues, self.faults)
        return Show(
            name=file.show,
            folder=folder,
            canvas=file.canvas,
            fps=file.fps,
            seed=file.seed,
            model=file.model,
            track=self._media(("audio", "track"), file.audio.track) if file.audio else None,
            scenes=scenes,
            cues=cues,
            bindings=actions.bindings(file, scenes),
            listening=self._listening(),
            prompts=dict(file.prompts),
        )

    def _listening(self) -> Listening:
        """What the file says of the tempo; a prior that is left out is the usual one, drawn into the range."""
        tempo = self.file.tempo or schema.Tempo()
        low, high = tempo.range
        if low >= high:
            self.faults.add(("tempo", "range"), f"found {low:g} to {high:g}, expected the slowest tempo first")
        elif tempo.prior is not None and not low <= tempo.prior <= high:
            self.faults.add(("tempo", "prior"), f"found {tempo.prior:g}, expected {low:g} to {high:g}, the range")
        prior = tempo.prior or min(max(Listening().bpm_prior, low), high)
        return Listening((low, high), prior, tempo.metre)

    def _cues(self, names: Names) -> tuple[Cue, ...]:
        first: dict[str, int] = {}
        for i, cue in enumerate(self.file.cues):
            line = self.faults.line(("cues", i))
            if first.setdefault(cue.cue, line) != line:
                self.faults.add(("cues", i, "cue"), f"cue {cue.cue} stands twice, first in line {first[cue.cue]}")
            names.scene(("cues", i, "scene"), cue.scene)
        return tuple(Cue(cue.cue, cue.scene, cue.fade) for cue in self.file.cues)

    # ---- layers

    def _offer(self) -> Offer | None:
        """What the show's model can be asked for; None where nothing is known about it."""
        name, prompts = self.file.model, self.file.prompts
        if name is None:
            if prompts:
                self.faults.add(("prompts",), "found prompts, expected a `model` in the show that is told a text")
            return None
        try:
            offer = self.catalogue.model(name)
        except ModelError as e:
            self.faults.add(("model",), str(e))
            return None
        if offer is None:
            downloads = "; expected the path of a folder: nothing is downloaded"
            hint = downloads if "/" in name else nearest(name, self.catalogue.models())
            self.faults.add(("model",), f"found the unknown model `{name:.60}`{hint}")
        elif offer.told_text and not prompts:
            text = "found a model that is told a text, expected `prompts: {name: text}` in the show"
            self.faults.add(("model",), text)
        elif prompts and not offer.told_text:
            self.faults.add(("prompts",), f"found prompts, but the model `{name:.60}` reads no text, expected none")
        return offer

    def _motifs(self, offer: Offer) -> Sequence[str]:
        """What the model can dream of: its styles, or the show's prompts."""
        return tuple(self.file.prompts) if offer.told_text else offer.styles

    def _layers(self, scene: str, entry: schema.SceneEntry, offer: Offer | None, names: Names) -> tuple[Layer, ...]:
        layers: list[Layer] = []
        terms: dict[str, Term] = {}
        opaque: set[str] = set()
        for i, layer in enumerate(entry.layers):
            keys: Keys = ("scenes", scene, "layers", i)
            if any(layer.name == other.name for other in layers):
                self.faults.add((*keys, "name"), f"the layer `{layer.name}` stands twice in scene `{scene}`")
            made, inputs = self._layer(keys, layer, offer, names)
            self._check_seen(keys, made, layers)
            layers.append(made)
            terms |= {f"{layer.name}.{name}": term for name, term in {**(inputs or {}), **LAYER_CONTROLS}.items()}
            opaque |= {layer.name} if inputs is None else set()
        names.controls[scene], names.opaque[scene] = terms, frozenset(opaque)
        return tuple(layers)

    def _layer(
        self, keys: Keys, entry: schema.AnyLayer, offer: Offer | None, names: Names
    ) -> tuple[Layer, Mapping[str, Term] | None]:
        """A layer, and the terms of its inputs where they are known."""
        kind: Literal["model", "shader", "image"]
        seen = ""
        match entry:
            case schema.ModelLayer():
                inputs = self._model_terms(keys, offer)
                source, controls = self._dream((*keys, "model"), entry.model, offer, inputs, names)
                kind, seen = "model", entry.source or ""
                if seen:
                    controls.setdefault("strength", STRENGTH)
                elif "strength" in controls:
                    text = "found `strength`, expected `source: <a layer below>` in this layer too, to start from"
                    self.faults.add((*keys, "model", "strength"), text, at_key=True)
            case schema.ShaderLayer():
                inputs = self._shader_terms((*keys, "shader"), entry.shader)
                source, controls = entry.shader, self._inputs((*keys, "inputs"), entry.inputs, inputs, names)
                kind = "shader"
            case schema.ImageLayer():
                inputs, controls, kind = {}, {}, "image"
                source = str(self._media((*keys, "image"), entry.image) or entry.image)
        rest = {name: term.rest for name, term in (inputs or {}).items()}
        return Layer(entry.name, kind, source, entry.blend, entry.opacity, rest | controls, seen), inputs

    def _check_seen(self, keys: Keys, layer: Layer, below: Sequence[Layer]) -> None:
        """What a dream draws from must lie below it, and be no dream."""
        known = [other.name for other in below if other.kind != "model"]
        if layer.seen and layer.seen not in known:
            text = f"found `{layer.seen:.60}`, expected a shader's or image's layer below this one"
            self.faults.add((*keys, "source"), text + nearest(layer.seen, known))

    def _model_terms(self, keys: Keys, offer: Offer | None) -> Mapping[str, Term] | None:
        if self.file.model is None:
            self.faults.add(
                (*keys, "model"), "found a model layer, expected `model: <a folder of models/>` in the show"
            )
        if offer is None:
            return None
        word = offer.word
        weights = {f"{word}.{m}": Term(0.0, 1.0, "", 0.0, f"weight of the {word} {m}") for m in self._motifs(offer)}
        return {**offer.controls, **weights}

    def _dream(
        self,
        keys: Keys,
        dream: schema.Dream,
        offer: Offer | None,
        inputs: Mapping[str, Term] | None,
        names: Names,
    ) -> tuple[str, dict[str, float]]:
        """The heaviest style or prompt and the base controls of a model layer."""
        word, motifs = (offer.word, self._motifs(offer)) if offer else ("style", ())
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
        controls = self._inputs(keys, dream.__pydantic_extra__, inputs, names)
        heaviest = max(weights, key=lambda m: weights[m], default="")
        return heaviest, controls | {f"{word}.{m}": w for m, w in weights.items()}

    def _shader_terms(self, keys: Keys, name: str) -> Mapping[str, Term] | None:
        try:
            inputs = self.catalogue.shader(name)
        except ShaderError as e:
            self.faults.add(keys, str(e))
            return None
        if inputs is None:
            self.faults.add(keys, f"found the unknown shader `{name:.60}`{nearest(name, self.catalogue.shaders())}")
        return inputs

    def _inputs(
        self, keys: Keys, values: Mapping[str, Any], terms: Mapping[str, Term] | None, names: Names
    ) -> dict[str, float]:
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
                found[part] = names.value((*keys, name, *place), number, (terms or {})[part])
        return found

    def _media(self, keys: Keys, name: str) -> Path | None:
        """A file of the show's folder, which it must not leave, not even through a link."""
        folder = self.document.path.parent
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\0" in name or "\\" in name:
            self.faults.add(keys, f"found `{name:.60}`, expected a file inside the show's folder")
            return None
        path = self.catalogue.media(folder, name)
        if path is None:
            there = sorted(p.name for p in folder.iterdir() if p.suffix == pure.suffix)[:1000]
            self.faults.add(keys, f"no such file in the show's folder: `{name:.60}`{nearest(name, there)}")
        elif not path.resolve().is_relative_to(folder.resolve()):
            self.faults.add(keys, f"found `{name:.60}`, which leads outside the show's folder")
        return path


def _parts(
    name: str, value: float | bool | list[float], terms: Mapping[str, Term]
) -> dict[str, tuple[tuple[int, ...], float]] | str | None:
    """The numbers of an input with their places in a list; a text when the form is wrong."""
    letters = next((k for k in ("rgba", "xy") if f"{name}.{k[0]}" in terms), None)
    if letters is None:
        if name not in terms:
            return None
        return "found a list, expected a number" if isinstance(value, list) else {name: ((), float(value))}
    if not isinstance(value, list) or not len(letters) - (letters == "rgba") <= len(value) <= len(letters):
        what = "a colour [r, g, b, a]" if letters == "rgba" else "a point [x, y]"
        return f"found {len(value) if isinstance(value, list) else 'one'} number(s), expected {what}"
    return {f"{name}.{letter}": ((i,), number) for i, (letter, number) in enumerate(zip(letters, value, strict=False))}
