"""A real JACK server on its dummy driver, for tests that need MIDI."""

from __future__ import annotations

import fcntl
import functools
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from visuals.clock import monotonic, sleep
from visuals.control.midi import jack

PERIOD_FRAMES = 64


class JackServer(dict[str, str]):
    """The environment in which clients find the server; `kill` and `start` are for the hard cases."""

    def __init__(self, name: str, log: Path, period: int = PERIOD_FRAMES) -> None:
        super().__init__(JACK_DEFAULT_SERVER=name, JACK_NO_AUDIO_RESERVATION="1")
        self._log, self._period = log, period
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        # It ends with the tests even where they are killed. As on stages it goes before all else where it may: one
        # that is held up skips cycles, and with them the messages that came in them.
        command = [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "jackd",
            "--realtime" if _may_be_realtime() else "--no-realtime",
            "--name",
            self["JACK_DEFAULT_SERVER"],
            "-d",
            "dummy",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-r", "48000", "-p", str(self._period)],
                env={**os.environ, **self},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = monotonic() + 10.0
        while jack.server_identity() is None:
            assert self._process.poll() is None, f"jackd ended: {self._log.read_text()}"
            assert monotonic() < deadline, "jackd does not listen"
            sleep(0.02)

    def kill(self) -> None:
        """End the server as a crash does: no client is told."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)
        for leftover in Path("/dev/shm").glob(f"jack*_{self['JACK_DEFAULT_SERVER']}_*"):
            leftover.unlink(missing_ok=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@functools.cache
def _may_be_realtime() -> bool:
    return subprocess.run(["chrt", "--fifo", "10", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0


@contextmanager
def _free_name() -> Iterator[str]:
    """A server name that no other test run uses now.

    From a few, used again and again: JACK keeps 8 server names per machine and gives the place of a
    killed server back only to one of the same name.
    """
    for number in itertools.cycle(range(4)):
        with Path(tempfile.gettempdir(), f"visuals-jack-{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sleep(0.1)
                continue
            yield f"visuals-test-{number}"
            return


@contextmanager
def jack_server(tmp_path: Path, period: int = PERIOD_FRAMES) -> Iterator[JackServer]:
    """Start a server and point this process's environment at it; skip the test where there is none.

    `period`: frames at 48 kHz.
    """
    if shutil.which("jackd") is None:
        pytest.skip("needs jackd: apt-get install -y --no-install-recommends jackd2")
    with _free_name() as name, pytest.MonkeyPatch.context() as patch:
        server = JackServer(name, tmp_path / "jackd.log", period)
        for key, value in server.items():
            patch.setenv(key, value)
        try:
            server.start()
            yield server
        finally:
            server.stop()


_DESK = """
import os, sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
out.open_virtual_port("out")
print("ready", flush=True)
for line in sys.stdin:
    out.send_message(bytes.fromhex(line))
os._exit(0)
"""


class Desk:
    """A lighting desk: a JACK client with one MIDI output, `<name>:out`, in a process of its own.

    Of its own because libjack crashes a process that frees clients of a server that was killed.
    """

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _DESK, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the desk found no server"

    def send(self, *messages: bytes | list[int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(bytes(message).hex() + "\n" for message in messages))
        self._process.stdin.flush()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def desk(name: str = "desk") -> Iterator[Desk]:
    running = Desk(name)
    try:
        yield running
    finally:
        running.close()


_CONTROLLER = """
import sys, time, rtmidi
inward = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=sys.argv[1])
inward.ignore_types(sysex=False)
inward.open_virtual_port("in")
print("ready", flush=True)
while True:
    message = inward.get_message()
    if message is None:
        time.sleep(0.002)
    else:
        print(bytes(message[0]).hex(), flush=True)
"""


class Controller:
    """A controller with lights: a JACK client with one MIDI input, `<name>:in`, in a process of its own."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _CONTROLLER, name], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        os.set_blocking(self._process.stdout.fileno(), False)
        self._said = b""

    @property
    def heard(self) -> list[str]:
        """All that came so far."""
        assert self._process.stdout is not None
        self._said += self._process.stdout.read() or b""
        return self._said.decode().split()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def controller(name: str = "apc") -> Iterator[Controller]:
    running = Controller(name)
    try:
        yield running
    finally:
        running.close()
