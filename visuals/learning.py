"""Learning: a desk's next message becomes a binding in a show file, which keeps every other letter.

What a message is called the room of `control` knows, what may stand in a show file its schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import Literal

from visuals.clock import RealClock, sleep
from visuals.control.midi.inputs import MidiIn
from visuals.control.midi.monitor import Monitor, Row
from visuals.control.midi.ports import Api
from visuals.desk import receiver
from visuals.document import amend_list, nearest, plain_value, read, validate
from visuals.errors import DeviceError, ShowError, VisualsError
from visuals.library import open_show
from visuals.show.knobs import recognised
from visuals.show.schema import Button, Midi, ShowFile
from visuals.types import Event, Show
from visuals.vocabulary import COMMANDS, MASTER_CONTROLS

POLL_S = 0.005
SETTLE_S = 0.3
"""How long what belongs to the first message is waited for: the low half of a fader, the program after its bank."""

MOVED = 3
"""Places within SETTLE_S that tell a hand on a fader from a desk's order."""

PAIRS = 32
BANKS = ("0", "32")

FADERS = ("midi.cc.", "midi.cc14.")
Verb = Literal["go", "cue", "drive", "press"]
VERBS: tuple[Verb, ...] = ("go", "cue", "drive", "press")
MOVING = ("midi.note.", "midi.cc.", "midi.cc14.", "midi.bend.", "midi.pressure.", "msc.set.")
"""Events with a value that a control can follow; a note's is how hard it was struck."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a message shall do: `go` to a scene, fire a `cue`, `drive` a control, `press` a word."""

    verb: Verb
    name: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """The row that is meant, with the one event that tells most of it; the `way` in which a control shall follow it,
    as a show file writes it, "" where that is as it stands."""

    row: Row
    way: str = ""


# ---- which message is meant ---------------------------------------------------------------------


class Choice:
    """Finds the message that a hand means among all that come."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(self, rows: Sequence[Row], now: float) -> Learnt | None:
        """What is meant; None: not yet."""
        self._rows += [row for row in rows if any(map(is_meant, row.events))]
        if not self._rows or now < self._rows[0].time + SETTLE_S:
            return None
        first = self._rows[0].events[0].name
        told = [(row, event) for row in self._rows for event in row.events if is_meant(event)]
        row, event = next((pair for pair in reversed(told) if tells_more(pair[1].name, first)), told[0])
        values = [e.value for row in self._rows for e in row.events if e.name == event.name]
        return Learnt(
            Row(row.time, row.port, row.data, row.kind, row.meaning, row.channel, (event,)), way(event.name, values)
        )


def way(name: str, values: Sequence[float]) -> str:
    """How a control should follow what sent these values: an endless knob by how it writes its turns, and a fader
    that a hand moved only once it met the value; what came but once may be a desk's order and is obeyed at once."""
    if name.startswith("midi.cc.") and (kind := recognised([round(value * 127) for value in values])):
        return f"relative: {kind}"
    return "pickup: true" if name.startswith(FADERS) and len(set(values)) >= MOVED else ""


def is_meant(event: Event) -> bool:
    """Whether a hand did that on purpose: no button that was let go, no wheel that fell back."""
    if event.name.startswith("midi.bend."):
        return abs(event.value - 0.5) > 0.1
    return event.value > 0.0 or event.name.startswith(("midi.cc.", "midi.cc14.", "msc."))


def tells_more(name: str, first: str) -> bool:
    """Whether an event is the whole of what another, which came first, is a part of."""
    found = re.fullmatch(r"midi\.cc\.(\d+)/(\d+)", first)
    if found is None:
        return False
    if found[2] in BANKS and name.startswith(f"midi.program.{found[1]}/"):
        return True
    return name == f"midi.cc14.{found[1]}/{int(found[2]) % PAIRS}"


def wait(show: Show, pattern: str | None, api: Api, seconds: float | None) -> Learnt:
    """The next message that a hand means. Raises DeviceError when there is no port, or nothing came in time."""
    clock, choice, rows = RealClock(), Choice(), Monitor(receiver(show.desks.msc))
    with MidiIn(pattern, clock, api, required=True) as midi:
        while clock.now() < (seconds or math.inf):
            found = choice.add(rows.rows(midi.heard(), clock.now()), clock.now())
            if found is not None:
                return found
            sleep(POLL_S)
        raise DeviceError(f"nothing came from {', '.join(midi.connected) or 'any port'} in {seconds:g} s")


# ---- what it shall do ---------------------------------------------------------------------------


def choices(show: Show) -> dict[Verb, tuple[str, ...]]:
    """What a message can be bound to in a show."""
    return {
        "go": tuple(show.scenes),
        "cue": tuple(cue.number for cue in show.cues),
        "drive": tuple(sorted({*MASTER_CONTROLS, *show.ranges})),
        "press": tuple(COMMANDS),
    }


def understood(text: str, names: Mapping[Verb, Sequence[str]], moves: bool) -> tuple[Task | None, bool]:
    """What an operator typed, `dawn` or `go dawn`, and whether it is written out: else it is the nearest there is.

    What a word stands for twice, a control where the message `moves` one and else the operator's word.
    """
    verb, _, name = text.strip().partition(" ")
    asked = [v for v in VERBS if v == verb and name]
    name = name.strip() if asked else text.strip()
    order: Sequence[Verb] = asked or (("drive", "go", "cue", "press") if moves else ("go", "cue", "press", "drive"))
    for wanted in order:
        if name in names[wanted]:
            return Task(wanted, name), True
    near = {known: wanted for wanted in reversed(order) for known in names[wanted]}
    begun = [known for known in near if name and known.startswith(name)]
    close = begun[:1] if len(begun) == 1 else get_close_matches(name, near, 1, 0.5)
    return (Task(near[close[0]], close[0]), False) if close else (None, False)


def expect_followed(task: Task, event: str) -> None:
    """Raise ShowError where a control shall follow a message that says no value."""
    if task.verb == "drive" and not event.startswith(MOVING):
        raise ShowError(f"{event} has no value that `{task.name}` could follow, expected --go, --cue or --press")


def expect_known(task: Task, show: Show) -> None:
    """Raise ShowError where the show has nothing of that name."""
    known = choices(show)[task.verb]
    if task.name not in known and task.verb != "drive":  # of controls the show's own check knows more
        what = {"go": "scene", "cue": "cue", "press": "word"}[task.verb]
        raise ShowError(f"found the unknown {what} `{task.name}`{nearest(task.name, known)}")


def ask(show: Show, event: str, answer: Callable[[str], str]) -> Task:
    """Ask until it is known what a message shall do; the tab key completes names."""
    names, moves = choices(show), event.startswith(MOVING) and not event.startswith("midi.note.")
    complete([*VERBS, *(name for verb in VERBS for name in names[verb])])
    while True:
        task, is_exact = understood(answer("what shall it do (a scene, cue, control or word)? "), names, moves)
        if task is None:
            continue
        if is_exact or answer(f"{task.verb} {task.name}? [Y/n] ").strip().lower() in ("", "y", "yes"):
            return task


def complete(words: Sequence[str]) -> None:
    """Let the tab key complete these words, where the terminal can."""
    try:
        import readline
    except ImportError:
        return
    readline.set_completer_delims(" ")
    readline.set_completer(lambda text, n: [*(word for word in words if word.startswith(text)), None][n])
    readline.parse_and_bind("tab: complete")


# ---- into the file ------------------------------------------------------------------------------


def address(event: str) -> tuple[str, str]:
    """The key and the value by which a show file names an event."""
    kind, _, rest = event.partition(".")
    if kind == "msc":
        command, _, what = rest.partition(".")
        return "msc", (what or "go") if command == "go" else f"{command}/{what}" if what else command
    key, _, what = rest.partition(".")
    return key, what


def entry(event: str, task: Task, show: Show, former: Midi | None = None, way: str = "") -> str:
    """The binding as a show file writes it; it keeps the name and the light of a `former` one."""
    key, where = address(event)
    parts = [f"{key}: {_scalar(where)}", f"{task.verb}: {_scalar(task.name)}"]
    term = MASTER_CONTROLS.get(task.name)
    ends = show.ranges.get(task.name) or ((term.low, term.high) if term else (0.0, 1.0))
    if task.verb == "drive" and ends != (0.0, 1.0):
        parts.append(f"range: [{ends[0]:g}, {ends[1]:g}]")
    if task.verb == "drive" and way:
        parts.append(way)
    if former is not None and former.name is not None:
        parts.append(f"name: {_scalar(former.name)}")
    if isinstance(former, Button) and former.light is not None and task.verb != "drive":
        parts.append(f"light: {former.light}")
    return f"{{{', '.join(parts)}}}"


def _scalar(text: str) -> str:
    """A text that YAML does not take for anything else."""
    number = isinstance(plain_value(text), int | float) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
    plain = isinstance(plain_value(text), str) and re.fullmatch(r"[\w./]+", text)
    return text if number or plain else f'"{text}"'


def taken(path: Path, event: str, replace: bool) -> tuple[int, Midi] | None:
    """Where in a show file's list an event is bound, None for nowhere.

    Raises ShowError, with the line, where that may not be replaced, or is more than one binding.
    """
    document = read(path, ShowError)
    bound = [(i, known) for i, known in enumerate(validate(document, ShowFile).midi) if known.event == event]
    lines = [document.place(("midi", i))[0] for i, _ in bound]
    if bound and not replace:
        raise ShowError(f"{path}:{lines[0]}: {event} is bound already, expected --replace to take its place")
    if len(bound) > 1:
        raise ShowError(f"{path}: {event} is bound in lines {', '.join(map(str, lines))}, expected one to replace")
    return bound[0] if bound else None


def bind(path: Path, event: str, task: Task, replace: bool = False, way: str = "") -> list[str]:
    """Write a binding into a show file and give what was done and how it is undone, a line each.

    Raises ShowError, and changes nothing, where the event is `taken`, or the show would not be right any more.
    """
    show, _ = open_show(path, None)
    expect_known(task, show)
    expect_followed(task, event)
    index, former = taken(path, event, replace) or (None, None)
    text = entry(event, task, show, former, way)
    before = path.read_text(encoding="utf-8").splitlines()
    amend_list(path, "midi", text, lambda fresh: _expect_bound(fresh, path, event), index)
    return [f"kept in {path}: {text}", *undoing(before, path.read_text(encoding="utf-8").splitlines())]


class _Possible(Exception):
    """Ends a rehearsal before anything is written."""


def rehearse(path: Path, task: Task) -> None:
    """Raise ShowError where a show has no room for what a message shall do, before anybody has sent one: it is bound
    to one that is free, in a copy that nobody keeps."""
    show, _ = open_show(path, None)
    expect_known(task, show)
    bound = {binding.event for binding in show.bindings}
    free = next(e for e in (f"midi.cc.{n}/{m}" for n in range(16, 0, -1) for m in range(127, -1, -1)) if e not in bound)

    def judge(fresh: Path) -> None:
        try:
            open_show(fresh, None)
        except ShowError as error:
            raise ShowError("; ".join(problem.text for problem in error.problems) or str(error)) from error
        raise _Possible

    with suppress(_Possible):
        amend_list(path, "midi", entry(free, task, show), judge)


def _expect_bound(fresh: Path, path: Path, event: str) -> None:
    try:
        show, _ = open_show(fresh, None)
    except VisualsError as error:
        raise ShowError(str(error).replace(str(fresh), str(path))) from error
    if not any(binding.event == event for binding in show.bindings):
        raise ShowError(f"{path}: {event} could not be written down, nothing was changed")


def undoing(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """How to take a change back by hand."""
    told = []
    for kind, a, b, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        where = f"line {first + 1}" if last <= first + 1 else f"lines {first + 1} to {last}"
        if kind == "insert":
            told.append(f"undo: delete {where}")
        elif kind != "equal":
            told += [f"undo: make {where} again:", *before[a:b]]
    return told
