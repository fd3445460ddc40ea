"""A running show in the drill's hands: let time pass, injure it, read what came over the wire and into its log.

It holds the show as a venue does, from outside: processes by number, the wall by its packets. Nothing here
attaches to the show's shared memory.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tools.stage_drill import figures
from tools.stage_drill.checker import Place
from tools.stage_drill.figures import REGULAR_S, STILL_S, Figures
from tools.stage_drill.light import RECORD, Light, unpack
from tools.stage_drill.orders import Orders
from tools.stage_drill.scenery import Scenery, scenery
from tools.stage_drill.stand import StandSettings
from visuals.clock import monotonic, sleep
from visuals.errors import VisualsError
from visuals.pressing import press
from visuals.shm import FOLDER, PREFIX

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.02
PIPE_BYTES = 1 << 20
MARK = "VISUALS_DRILL"
KEPT_LIGHTS = 100_000
STEADY_S = 0.5
SETTLED_S = 0.25
"""Who has sent nothing for so long has stopped."""


class Drifted(Exception):
    """The show did not come to be what the drill waited for."""


class Checker:
    """The checker's process, read without waiting."""

    def __init__(self, places: Sequence[Place], prefix: Sequence[str] = ()) -> None:
        command = [*prefix, sys.executable, "-m", "tools.stage_drill.checker", *map(str, places)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        assert os.read(self._pipe, 6) == b"ready\n", "the checker did not start"
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self._pipe, False)
        self._rest = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def drain(self) -> list[Light]:
        with suppress(BlockingIOError):
            while data := os.read(self._pipe, PIPE_BYTES):
                self._rest += data
        whole = len(self._rest) - len(self._rest) % RECORD.size
        lights, self._rest = unpack(self._rest[:whole]), self._rest[whole:]
        return lights

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Tail:
    """A log file as it grows, or begins anew: each line with the machine's time `at`."""

    def __init__(self, path: Path, epoch: float) -> None:
        self._path, self._epoch, self._read = path, epoch, 0

    def drain(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._read:
                self._read = 0
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [self._line(text) for text in whole.splitlines() if text.startswith(b"{")]

    def _line(self, text: bytes) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(text)
        return {**line, "at": self._epoch + float(line["t"])}


class Stage:
    """A show on `scenery`. Times are the machine's monotonic seconds."""

    def __init__(self, scenery: Scenery, hours: float = 0.0) -> None:
        self.scenery = scenery
        self.orders = Orders(scenery.folder / "orders")
        self.epoch = monotonic() - 3600.0 * hours
        self.lights: deque[Light] = deque(maxlen=KEPT_LIGHTS)
        self.far: deque[Light] = deque(maxlen=KEPT_LIGHTS)
        self.lines: list[dict[str, Any]] = []
        self.notes: dict[str, float] = {}
        """Figures that a fault measures itself while it is done."""
        self._old = hours > 0.0
        self._sessions: set[int] = set()
        self._mark = str(scenery.folder)
        disk = scenery.folder / "disk"
        self._log = (disk if disk.exists() else scenery.folder) / "log.jsonl"
        self._tail = Tail(self._log, self.epoch)
        near, *rest = scenery.places
        self._checkers = [(self.lights, Checker([near]))]
        self._checkers += [(self.far, Checker(rest, scenery.prefix))] if rest else []
        self.start()

    def start(self) -> None:
        """Start a supervisor as a service manager does: always by the same command."""
        folder, made = self.scenery.folder, self.scenery
        show, rig, log, orders = map(str, (made.show, made.rig, self._log, folder / "orders"))
        StandSettings(show, rig, log, orders, self.epoch, self._old, made.options).save(folder / "stand.json")
        with (folder / "play.txt").open("ab") as out:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "tools.stage_drill.stand", str(folder / "stand.json")],
                cwd=ROOT,
                env={**os.environ, **made.environment, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._sessions.add(self.supervisor.pid)

    def turn(self) -> None:
        """Take in what came since the last turn."""
        for lights, checker in self._checkers:
            lights.extend(checker.drain())
        self.lines += self._tail.drain()

    def run(self, seconds: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end:
            self.turn()
            sleep(POLL_S)

    def until(self, done: Callable[[], bool], limit_s: float, what: str = "") -> bool:
        """Let it run until `done`; False when that took longer than `limit_s`."""
        end = monotonic() + limit_s
        while monotonic() < end:
            self.turn()
            if done():
                return True
            sleep(POLL_S)
        if what:
            raise Drifted(f"not within {limit_s:g} s: {what}; {self._state()}")
        return False

    def _state(self) -> str:
        """What is to be seen now, for who looks for the cause."""
        told = [line for line in self.lines if line["type"] in {"error", "failover", "process"}][-3:]
        if not self.lights:
            return f"no picture came; {told}"
        last = self.lights[-1]
        return f"the last picture came {monotonic() - last.time:.1f} s ago, {'warm' if last.warm else 'cold'}; {told}"

    def steady(self, seconds: float = STEADY_S) -> bool:
        """Whether the show was on the wall and moved for so long."""
        now = monotonic()
        seen = self.since(now - seconds)
        if not seen or seen[0].time > now - seconds + STILL_S or not all(light.warm for light in seen):
            return False
        spells = figures.still_spells(seen, now - seconds, now)
        return max(stop - start for start, stop in spells) < STILL_S

    def since(self, start: float, far: bool = False) -> list[Light]:
        """The pictures from `start` on, and the one before."""
        found: list[Light] = []
        for light in reversed(self.far if far else self.lights):
            found.append(light)
            if light.time <= start:
                break
        return found[::-1]

    def figures(self, fault: float, far: bool = False) -> Figures:
        """The figures of the judged wall, or of the far one, from `fault` until now."""
        seen, now = self.since(fault, far), monotonic()
        kind = self.scenery.places[-1 if far else 0].kind
        end = seen[-1].time if seen and now - seen[-1].time < SETTLED_S else now
        return figures.figures(seen, fault, max(end, fault + 1e-3), REGULAR_S[kind])

    def pid(self, name: str) -> int:
        """The process of that name that was started last."""
        if name == "supervisor":
            return self.supervisor.pid
        found = next((line["pid"] for line in reversed(self.lines) if _is_start(line, name)), None)
        if found is None:
            raise Drifted(f"the log tells of no {name}")
        return int(found)

    def started(self, name: str, after: float) -> float | None:
        """When a process of that name said that it is there, after `after`."""
        return next((line["at"] for line in self.lines if _is_start(line, name) and line["at"] > after), None)

    def signal(self, name: str, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid(name), how)

    def press(self, word: str, on: bool = True) -> None:
        """Say an operator's word to this show, as `visuals press` does to all."""
        for session in self._sessions:
            with suppress(VisualsError):
                press(word, on, f"{PREFIX}{session}-")

    def spare_stands(self) -> bool:
        """Whether a second player waits for its turn."""
        ready = [line["pid"] for line in self.lines if line["type"] == "spare"][-1:]
        return bool(ready) and ready[0] != self.pid("player") and Path(f"/proc/{ready[0]}").exists()

    def told(self, type: str, after: float, **fields: Any) -> dict[str, Any] | None:
        """The first line of that type after `after` whose fields hold these texts."""
        return next(self.all_told(type, after, **fields), None)

    def all_told(self, type: str, after: float, **fields: Any) -> Iterator[dict[str, Any]]:
        for line in self.lines:
            fits = all(str(text) in str(line.get(name)) for name, text in fields.items())
            if fits and line["at"] > after and line["type"] == type:
                yield line

    def processes(self) -> list[int]:
        """All that runs of this stage's performances, its supervisors too."""
        return marked(self._mark)

    def close(self) -> None:
        """End all of it, by asking first."""
        self.supervisor.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.supervisor.wait(5.0)
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.supervisor.wait()
        for session in self._sessions:
            for left in FOLDER.glob(f"{PREFIX}{session}-*"):
                left.unlink(missing_ok=True)
        for _, checker in self._checkers:
            checker.close()


def _is_start(line: dict[str, Any], name: str) -> bool:
    return bool(line["type"] == "process" and line.get("name") == name)


def marked(mark: str) -> list[int]:
    """The processes that were started with this mark in their environment, or by one that was."""
    found, text = [], f"{MARK}={mark}\0".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if text in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@contextmanager
def on_stage(folder: Path, needs: frozenset[str], hours: float = 0.0) -> Iterator[Stage]:
    """Play the drill's show until the context is left; it is steady when this begins."""
    with scenery(folder, needs) as made:
        stage = Stage(made, hours)
        try:
            text = folder / "play.txt"
            try:
                stage.until(stage.steady, 60.0, "the show on the wall")
            except Drifted as error:
                raise Drifted(f"{error}\n{text.read_text()[-2000:]}") from error
            if "model" in needs:
                stage.until(lambda: stage.told("backend", 0.0) is not None, 180.0, "the model")
            stage.run(0.5)
            yield stage
        finally:
            stage.close()
