"""Perform: play a session to its end, with its status line, its keys and its saved files watched.

Holds the supervisor's hand and the terminal; everything that matters to the wall happens elsewhere.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console as Terminal
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from visuals import live
from visuals.adoption import Note
from visuals.bookmark import Bookmark, place
from visuals.clock import sleep
from visuals.conductors import led_by
from visuals.control.keys import TerminalKeys
from visuals.errors import VisualsError
from visuals.examining import Examiner
from visuals.keeping import Keeper
from visuals.pressing import Presses
from visuals.rank import renice
from visuals.saving import SaveWatch
from visuals.session import Accepted, Console, Session, key_events, light_of, plan, resolve
from visuals.shm import Latest
from visuals.supervisor import Supervisor, on_termination
from visuals.types import Event, Flag, Show
from visuals.wall.contact import contact_sheet
from visuals.wire import EventLines, Lines, read_stamp, unpack_features

POLL_S = 0.02
SUPERVISOR_NICE = -10
"""Whoever tells who hangs must not be the one that is late."""
STATUS_S = 0.25
PLAIN_STATUS_S = 2.0
CONTACT_STILLS = 24


class Ended(Exception):
    """The performance was asked to end."""


class Performance:
    """One session on its supervisor: what happens in each turn of the supervisor's idle loop."""

    def __init__(
        self,
        session: Session,
        accepted: Accepted,
        supervisor: Supervisor,
        examiner: Examiner,
        keeper: Keeper,
        presses: Presses,
        bookmark: Bookmark,
        say: Terminal,
    ) -> None:
        self._session, self._accepted, self._supervisor, self._say = session, accepted, supervisor, say
        self._examiner, self._keeper = examiner, keeper
        rings = supervisor.rings
        self._override, self._presses = rings["override"], presses
        before = self._override.read()
        self._console = Console(session.show, Flag(before.flags) if before else Flag.NONE, self._shown)
        self._features = rings["features"]
        self._bookmark, self._memo = bookmark, rings["memo"]
        self._window_keys = Lines(rings["keys"])
        self._operator = EventLines(Lines(rings["hands"]))

    def turn(self, keys: Sequence[Event]) -> None:
        flags = self._console.flags
        for line in self._supervisor.watch():
            self._console.hear(line)
            if line["type"] == "error":
                self._say.print(
                    f"[red]{line.get('source', line.get('process', ''))}:[/] {escape(line.get('text', ''))}"
                )
        rest = self._console.press([*keys, *key_events(self._window_keys.drain())])
        rest += self._console.put(self._presses.drain(), self._supervisor.clock.now())
        if self._console.flags != flags:
            self._override.write(0, time=self._supervisor.clock.now(), flags=int(self._console.flags))
            self._supervisor.write("override", flags=_names(self._console.flags))
        self._operator.write(rest)
        self._bookmark.note(self._memo, self._supervisor.clock.now())
        self._judge(self._examiner.turn(self._supervisor.clock.now()))

    def _shown(self) -> Flag:
        """What the show itself has put over its picture, as of the engine's last frame."""
        newest = self._supervisor.rings["canvas"].read()
        return read_stamp(newest.flags).flags if newest is not None else Flag.NONE

    def _judge(self, verdict: Show | VisualsError | None) -> None:
        """Tell the engine of a good show; say where a broken one is wrong and change nothing."""
        if isinstance(verdict, VisualsError):
            self._say.print(f"[red]the show goes on as it was:[/]\n{escape(str(verdict))}", highlight=False)
            self._supervisor.write("error", process="supervisor", level="error", text=str(verdict)[:500])
        elif verdict is not None:
            self._accepted.show, self._accepted.kept = verdict, self._keeper.folder
            self._operator.write([Event(self._supervisor.clock.now(), live.RELOAD, 1.0, "file")])
            self._say.print("[dim]what was saved takes over[/]")

    def status(self) -> str:
        """BPM and whose they are, timecode, level, scene, rates and the state of the failover, in one line."""
        stats = self._supervisor.stats
        reading = self._features.read()
        signals: Mapping[str, float] = unpack_features(reading.data).signals if reading else {}
        level = round(signals.get("loudness", 0.0) * 8)
        state = stats.get("player", {}).get("state", "…")
        engine = stats.get("engine", {})
        over = dict.fromkeys([*_names(self._console.flags), *engine.get("over", ())])
        override = "".join(f"  {name.upper()}" for name in over)
        override += f"  MASTER {engine['master']:.0%}" if engine.get("master", 1.0) < 1.0 else ""
        return (
            f"{_clock_face(self._supervisor.clock.now(), self._session.seconds)}  "
            f"{signals.get('bpm', 0.0):5.1f} BPM{led_by(signals)}{_tape(stats)}  {'█' * level}{'·' * (8 - level)}  "
            f"{stats.get('engine', {}).get('scene', '…')}  "
            f"engine {_fps(stats, 'engine')}  model {_fps(stats, 'generator')}  player {_fps(stats, 'player')} fps  "
            f"{state}{_recording(stats)}{override}"
        )


def _fps(stats: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return f"{stats[name]['fps']:.0f}" if name in stats else "–"


def _tape(stats: Mapping[str, Mapping[str, Any]]) -> str:
    """Where timecode stood when the engine last told, while it runs."""
    timecode = stats.get("engine", {}).get("timecode")
    return f"  TC {timecode}" if timecode else ""


def _recording(stats: Mapping[str, Mapping[str, Any]]) -> str:
    """How long, how large and how whole the recordings are: `rec 1:23 45 MB -3`."""
    told = ""
    for progress in stats.get("player", {}).get("recording", {}).values():
        lost = f" -{progress['dropped']}" if progress["dropped"] else ""
        size = "stopped" if progress["stopped"] else f"{progress['bytes'] / 1e6:.0f} MB"
        told += f"  rec {_clock_face(progress['seconds'], float('inf'))} {size}{lost}"
    return told


def _names(flags: Flag) -> list[str]:
    return [flag.name.lower() for flag in Flag if flag in flags and flag.name]


def _clock_face(now: float, seconds: float) -> str:
    face = f"{int(now) // 60:d}:{int(now) % 60:02d}"
    return face if seconds == float("inf") else f"{face}/{int(seconds) // 60:d}:{int(seconds) % 60:02d}"


def play(path: Path, say: Terminal, *, fresh: bool = False, **asked: Any) -> None:
    """Play what is `asked` for, see `session.resolve`: go on with it where a dead supervisor left it playing.

    After a power cut it goes on with its scene and cue, unless it is to begin `fresh`. Raises DeviceError at
    once when somebody else plays on the same walls.
    """
    light = light_of(asked.get("rig"), bool(asked.get("headless")), bool(asked.get("standby")))
    text = json.dumps({"show": path.resolve(), "folder": Path.cwd(), **asked}, default=str, sort_keys=True)
    note = Note.open(light, text, str(path.resolve()))
    try:
        perform(resolve(path, proven=note.plays, **asked), say, note, fresh)
    except BaseException:
        note.leave() if note.plays else note.close()
        raise


def perform(session: Session, say: Terminal, note: Note | None = None, fresh: bool = False) -> None:
    """Play to the end of the session or until Ctrl-C; then make the contact sheet of a recording."""
    accepted, note = Accepted(session.show), note or Note.open()
    children, rings = plan(session, accepted)
    keeper = Keeper()
    keeper.keep(session.path.parent, session.files)
    accepted.kept = keeper.folder
    bookmark = Bookmark(session.path)

    def prepare(rings: Mapping[str, Latest]) -> None:
        if not fresh and (memo := bookmark.read()) is not None:
            Lines(rings["memo"]).write(memo)
            say.print(f"[dim]going on with {place(memo)}, where the show was cut off; anew: --fresh[/]")

    supervisor = Supervisor(children, rings, session.log, session.seconds, note, prepare)
    if note.plays and not supervisor.adopts:
        note = note.renewed()
        supervisor = Supervisor(children, rings, session.log, session.seconds, note, prepare)
    if supervisor.adopts:
        say.print("[dim]going on with what an earlier supervisor left playing[/]")
    elif left := note.end_orphans():
        say.print(f"[dim]ended {left} processes that an earlier show had left playing[/]")
    renice(SUPERVISOR_NICE)
    # A slip on Ctrl-Z must not stop the wall; children inherit this.
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    for told in session.notes:
        say.print(f"[dim]{escape(told)}[/]", highlight=False)
    try:
        with ExitStack() as stack:
            stack.enter_context(keeper)
            stack.enter_context(supervisor)
            presses = stack.enter_context(Presses(note.prefix))
            on_termination(_end)
            keys = stack.enter_context(TerminalKeys(supervisor.clock))
            save = stack.enter_context(SaveWatch(session.files))
            examiner = stack.enter_context(Examiner(session, accepted, save, keeper, supervisor.clock.now()))
            performance = Performance(session, accepted, supervisor, examiner, keeper, presses, bookmark, say)
            _turns(performance, supervisor, keys, say)
    except (KeyboardInterrupt, Ended):
        say.print("[dim]ended by hand[/]")
    bookmark.remove()
    if session.record is not None and session.record.is_file():
        contact_sheet(session.record, session.record.with_name("contact.png"), CONTACT_STILLS)


def _end() -> None:
    raise Ended


def _turns(performance: Performance, supervisor: Supervisor, keys: TerminalKeys, say: Terminal) -> None:
    plain = not sys.stdout.isatty()
    with Live(Text(), console=say, auto_refresh=False, transient=True) if not plain else ExitStack() as display:
        told = 0.0
        while supervisor.clock.now() < supervisor.ends:
            performance.turn(keys.drain())
            if supervisor.clock.now() - told >= (PLAIN_STATUS_S if plain else STATUS_S):
                told = supervisor.clock.now()
                if isinstance(display, Live):
                    display.update(Text(performance.status(), no_wrap=True, overflow="ellipsis"), refresh=True)
                else:
                    say.print(performance.status(), highlight=False, soft_wrap=True)
            sleep(POLL_S)
