"""From a show file to a `Show` in which every name exists, or every fault at once.

It knows the vocabulary; what shaders, models and media there are it asks of a `Catalogue`.
Nothing of the file is executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from visuals.document import Document, Keys, check, nearest, read
from visuals.errors import ModelError, ShowError
from visuals.show import schema
from visuals.show.actions import Actions, find_cycles
from visuals.show.catalogue import Catalogue, Offer
from visuals.show.layers import Layers, find_media
from visuals.show.names import Faults, Names
from visuals.show.ports import check_ports
from visuals.show.tape import Tape
from visuals.types import (
    Conductor,
    Cue,
    Desks,
    DmxSettings,
    FeedbackSettings,
    Guarding,
    Listening,
    MscFollower,
    MscSettings,
    OscSettings,
    Scene,
    Show,
)
from visuals.vocabulary import Term


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
        motifs = self._motifs(offer) if offer else ()
        found = Layers(self.document, self.catalogue, self.faults, names, file.model is not None, offer, motifs)
        filters = found.whole(file.filters)
        layers = {name: found.scene(name, scene) for name, scene in file.scenes.items()}
        actions = Actions(names, self.faults, found.through)
        scenes = {
            name: Scene(
                name,
                layers[name],
                actions.rules(("scenes", name, "rules"), scene.rules, name),
                scene.blending == "linear",
                scene.dark,
            )
            for name, scene in file.scenes.items()
        }
        tape = Tape(file.timecode, self.faults)
        cues = self._cues(names, found, tape)
        find_cycles(scenes, cues, self.faults)
        check_ports(file, self.faults)
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
            bindings=(*actions.bindings(file, scenes), *tape.bindings),
            listening=self._listening(),
            prompts=dict(file.prompts),
            filters=filters,
            guarding=Guarding(file.failover == "latched", file.safe, file.flash.flashes if file.flash else 3),
            chasing=tape.chasing,
            desks=Desks(self._msc(), self._osc(), self._dmx(), self._feedback()),
            ranges=_ranges(names.controls.values()),
        )

    def _msc(self) -> MscSettings:
        entry = self.file.msc
        if entry is None:
            return MscSettings()
        devices = entry.devices if entry.device is None else [entry.device]
        followers = (
            MscFollower(f.port or "", f.host or "", f.udp or MscFollower().udp, f.device, f.format, f.list or "")
            for f in entry.send
        )
        return MscSettings(
            frozenset(devices) or None,
            frozenset(entry.groups),
            frozenset(entry.formats),
            entry.udp,
            entry.host or "",
            tuple(followers),
        )

    def _osc(self) -> OscSettings | None:
        entry = self.file.osc
        return None if entry is None else OscSettings(entry.host, entry.port, entry.query, tuple(entry.tell))

    def _dmx(self) -> DmxSettings | None:
        entry = self.file.dmx
        if entry is None:
            return None
        if entry.sacn is not None:
            return DmxSettings("sacn", entry.sacn.universe, entry.address, entry.sacn.interface, entry.hold)
        return DmxSettings("artnet", entry.artnet.universe if entry.artnet else 0, entry.address, hold=entry.hold)

    def _feedback(self) -> tuple[FeedbackSettings, ...]:
        return tuple(FeedbackSettings(entry.port, entry.palette) for entry in self.file.feedback)

    def _listening(self) -> Listening:
        """What the file says of the tempo; a prior that is left out is the usual one, drawn into the range."""
        tempo = self.file.tempo or schema.Tempo()
        low, high = tempo.range
        if low >= high:
            self.faults.add(("tempo", "range"), f"found {low:g} to {high:g}, expected the slowest tempo first")
        elif tempo.prior is not None and not low <= tempo.prior <= high:
            self.faults.add(("tempo", "prior"), f"found {tempo.prior:g}, expected {low:g} to {high:g}, the range")
        prior = tempo.prior or min(max(Listening().bpm_prior, low), high)
        return Listening((low, high), prior, tempo.metre, follow=self._follow(tempo))

    def _follow(self, tempo: schema.Tempo) -> tuple[Conductor, ...]:
        for i, conductor in enumerate(tempo.follow):
            if conductor in tempo.follow[:i]:
                self.faults.add(("tempo", "follow", i), f"`{conductor}` stands twice")
        return tuple(tempo.follow)

    def _cues(self, names: Names, found: Layers, tape: Tape) -> tuple[Cue, ...]:
        first: dict[str, int] = {}
        for i, cue in enumerate(self.file.cues):
            line = self.faults.line(("cues", i))
            if first.setdefault(cue.cue, line) != line:
                self.faults.add(("cues", i, "cue"), f"cue {cue.cue} stands twice, first in line {first[cue.cue]}")
            names.scene(("cues", i, "scene"), cue.scene)
        return tuple(
            Cue(
                cue.cue,
                cue.scene,
                cue.fade,
                found.through(("cues", i, "through"), cue.through),
                cue.at,
                tape.fires(("cues", i, "timecode"), cue.timecode, cue.cue),
            )
            for i, cue in enumerate(self.file.cues)
        )

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

    def _media(self, keys: Keys, name: str) -> Path | None:
        return find_media(self.document, self.catalogue, self.faults, keys, name)


def _ranges(scenes: Iterable[Mapping[str, Term]]) -> dict[str, tuple[float, float]]:
    """The controls that end somewhere; of one that several scenes have, as the first has it."""
    found: dict[str, tuple[float, float]] = {}
    for terms in scenes:
        for name, term in terms.items():
            if term.low is not None and term.high is not None:
                found.setdefault(name, (term.low, term.high))
    return found
