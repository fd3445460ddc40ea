"""Doctor: what this machine has and lacks, each finding with the line that mends it."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from visuals.audio.capture import devices as sound_inputs
from visuals.clock import monotonic
from visuals.control.midi.ports import outputs
from visuals.control.midi.ports import ports as midi_ports
from visuals.errors import VisualsError
from visuals.generator.card import read_card
from visuals.generator.prism import Prism
from visuals.library import ROOT, Library
from visuals.render.gpu import Gpu
from visuals.vocabulary import MODEL_CONTROLS
from visuals.wall.outputs.display.monitors import list_monitors


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing; `needed` ones must be well for a show to play."""

    what: str
    well: bool
    says: str
    needed: bool = False


def list_devices(say: Console) -> None:
    """Print the sound inputs, MIDI ports and monitors there are."""
    for title, find in (
        ("sound inputs", _inputs),
        ("MIDI ports", midi_ports),
        ("MIDI outputs", outputs),
        ("monitors", list_monitors),
    ):
        say.print(f"[bold]{title}[/]")
        for line in _ask(find):
            say.print(f"  {line}")


def examine(say: Console) -> bool:
    """Print all findings; True when nothing that a show needs is missing."""
    findings = [_graphics(), _model(), *_optional(), _priority(), _files()]
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = "[green]✓[/]" if finding.well else "[red]✗[/]" if finding.needed else "[yellow]–[/]"
        table.add_row(mark, finding.what, finding.says)
    say.print(table)
    return all(finding.well for finding in findings if finding.needed)


def _ask(find: Callable[[], list[str]]) -> list[str]:
    try:
        return find() or ["none"]
    except VisualsError as error:
        return str(error).splitlines()


def _inputs() -> list[str]:
    return [f"{d.name} ({d.channels} channels{', default' if d.default else ''})" for d in sound_inputs()]


def _graphics() -> Finding:
    try:
        with Gpu() as gpu:
            return Finding("graphics", True, gpu.name, needed=True)
    except VisualsError as error:
        return Finding("graphics", False, str(error), needed=True)


def _model() -> Finding:
    """Dreams one picture with each model, which also leaves it compiled for the first show."""
    library = Library(ROOT)
    try:
        says = [_dreamt(path) for name in library.models() if (path := library.model_path(name))]
    except VisualsError as error:
        return Finding("models", False, str(error), needed=True)
    return Finding("models", bool(says), ", ".join(says) or "none under models/", needed=True)


def _dreamt(folder: Path) -> str:
    card = read_card(folder)
    prism = Prism(folder, seed=0, size=card.size)
    controls = {name: term.rest for name, term in MODEL_CONTROLS.items()}
    prism.generate(controls, 0.0)
    start = monotonic()
    prism.generate(controls, 0.1)
    milliseconds = 1000.0 * (monotonic() - start)
    return f"{folder.name}: {len(card.styles)} styles, {milliseconds:.0f} ms a picture by {prism.backend}"


def _optional() -> list[Finding]:
    """Devices a show can do without."""
    findings = []
    for what, find in (("sound inputs", _inputs), ("MIDI ports", midi_ports), ("monitors", list_monitors)):
        try:
            there = find()
            findings.append(Finding(what, bool(there), ", ".join(there) or "none"))
        except VisualsError as error:
            findings.append(Finding(what, False, str(error).splitlines()[0]))
    return findings


def _priority() -> Finding:
    """The player wants niceness -10; RLIMIT_NICE allows 20 minus its value."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NICE)
    allowed = os.geteuid() == 0 or soft == resource.RLIM_INFINITY or soft >= 30
    says = "the player may take niceness -10" if allowed else "add to /etc/security/limits.conf: @audio - nice -10"
    return Finding("priority", allowed, says)


def _files() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Finding("open files", soft >= 1024, f"{soft} allowed")
