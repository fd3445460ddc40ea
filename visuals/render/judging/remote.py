"""Our side of the child that may die of a shader: it is asked, waited for as long as is right, and its death told.

It knows processes and time, not what a good shader is.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from visuals.clock import monotonic
from visuals.errors import DeviceError
from visuals.render.judging.confined import environment

START_S = 60.0
PATIENCE: Mapping[str, float] = {"read": 20.0, "compile": 10.0, "draw": 2.0, "play": 10.0}
"""Seconds that each step may take: `draw` the first frame, `play` those after it, some with every input at its ends."""
NOISE = 15.0
"""How many times as long by the clock, where a show has the processor and the child, which is nice, waits for it."""
SLICE_S = 0.05
ROOT = Path(__file__).resolve().parents[3]
SHORT = ("bad_alloc", "memoryerror", "out of memory", "cannot allocate", "allocation failed")
"""What libraries say last when memory is short."""
ENDS = "with its inputs at their ends"
OVERDUE = {
    "read": "was not read",
    "compile": "was not compiled",
    "draw": "gave no picture",
    "play": f"gave no pictures {ENDS}",
}
DOING = {
    "read": "was read",
    "compile": "was compiled",
    "draw": "was first drawn",
    "play": f"was drawn {ENDS}",
}


class Fallen(Exception):
    """The child is no more, and how it came; `key` is what it had told of the shader by then."""

    def __init__(self, text: str, slow: bool = False, key: str = "") -> None:
        super().__init__(text)
        self.slow, self.key = slow, key


class Remote:
    """One child; use as a context manager. `driver` is what it compiles with.

    Raises DeviceError where nothing can be drawn.
    """

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "visuals.render.judging.confined"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment() | {"PYTHONPATH": path},
            start_new_session=True,
        )
        self._rest = b""
        self._software = False
        hello = self._hello()
        if "driver" not in hello:
            self.end()
            raise DeviceError(str(hello.get("error")))
        self.driver, self._software = str(hello["driver"]), bool(hello["software"])

    def _hello(self) -> dict[str, Any]:
        try:
            return self._line("read", START_S)
        except Fallen as error:
            return {"error": f"the process that tries shaders does not start: it {error}"}

    def ask(self, patience: Mapping[str, float] = PATIENCE, **request: Any) -> dict[str, Any]:
        """What the child says in the end. Raises Fallen, after which it is of no more use."""
        at, key = "read", ""
        try:
            self._send(request)
            while True:
                said = self._line(at, patience[at])
                if "at" not in said:
                    return said
                at, key = str(said["at"]), str(said["key"])
        except Fallen as fallen:
            fallen.key = key
            self.end()
            raise

    def _send(self, request: Mapping[str, Any]) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except OSError as error:
            raise self._death("read") from error

    def _line(self, at: str, limit_s: float) -> dict[str, Any]:
        """The next line, however it comes in pieces."""
        assert self._child.stdout is not None
        started, used = monotonic(), self._cpu()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._child.stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if waiting.select(SLICE_S):
                    piece = os.read(self._child.stdout.fileno(), 1 << 16)
                    if not piece:
                        raise self._death(at)
                    self._rest += piece
                elif self._overdue(at, monotonic() - started, self._cpu() - used, limit_s):
                    raise Fallen(f"{OVERDUE[at]} within {limit_s:g} s", slow=True)
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _overdue(self, at: str, wall_s: float, cpu_s: float, limit_s: float) -> bool:
        """By the clock; but while a processor works on the shader, what other programs took of it does not count."""
        works = at == "compile" or (at != "read" and self._software)
        return wall_s > limit_s * NOISE or (wall_s > limit_s and (not works or cpu_s > limit_s))

    def _cpu(self) -> float:
        """Seconds of processor time the child has used (proc(5), `stat`); those of the clock where no one says."""
        try:
            fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return monotonic()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _death(self, at: str) -> Fallen:
        try:
            code = self._child.wait(5.0)
        except subprocess.TimeoutExpired:
            return Fallen(f"went silent while it {DOING[at]}")
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        last = self._errors.read().decode(errors="replace").lower()
        if code == -signal.SIGKILL or any(word in last for word in SHORT):
            return Fallen(f"ran out of memory while it {DOING[at]}")
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return Fallen(f"ended its process {how} while it {DOING[at]}")

    def end(self) -> None:
        """The child and whatever it started are gone when this returns."""
        if self._child.returncode is None:
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.communicate()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
