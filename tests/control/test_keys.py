from __future__ import annotations

import os
import pty
import signal
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.clock import SteppedClock, monotonic, sleep
from visuals.control.keys import NAMES, TerminalKeys, split_keys

SHOW = """
import os, sys
from visuals.clock import RealClock, sleep
from visuals.control.keys import TerminalKeys
with TerminalKeys(RealClock()) as keys:
    print("ready", flush=True)
    while True:
        for event in keys.drain():
            print(event.name, event.source, flush=True)
            if event.name == "key.q":
                sys.exit(0)
            if event.name == "key.x":
                raise ValueError("crash")
        sleep(0.005)
"""


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ("b", ["b"]),
        ("B1", ["b", "1"]),
        (" \r\n\t\x7f", ["space", "enter", "enter", "tab", "backspace"]),
        ("\x1b", ["esc"]),
        ("\x1b[A\x1bOB\x1b[15~\x1bOP", ["up", "down", "f5", "f1"]),
        ("a\x1b[1;5Cb", ["a", "b"]),
        ("\x18é+", ["ctrl-x", "é", "+"]),
        ("", []),
    ],
)
def test_keys_have_names(sent: str, names: list[str]) -> None:
    assert split_keys(sent) == names


def test_every_named_key_is_read_whole() -> None:
    for sent, name in NAMES.items():
        assert split_keys(sent + "z") == [name, "z"]


@given(st.text())
def test_any_text_gives_printable_names(text: str) -> None:
    assert all(name and name.isprintable() for name in split_keys(text))


class Terminal:
    """A process of its own on a pseudo-terminal, as a shell starts it."""

    def __init__(self, code: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, "-c", code])
        self.seen = ""

    def press(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def wait_for(self, text: str, within: float = 10.0) -> None:
        deadline = monotonic() + within
        while text not in self.seen:
            assert monotonic() < deadline, f"{text!r} not in {self.seen!r}"
            self.seen += os.read(self.fd, 4096).decode()

    def echoes_and_edits_lines(self) -> bool:
        flags = termios.tcgetattr(self.fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def close(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            os.close(self.fd)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    started = Terminal(SHOW)
    started.wait_for("ready")
    yield started
    started.close()


def test_keys_of_a_terminal_come_one_by_one_without_echo(terminal: Terminal) -> None:
    assert not terminal.echoes_and_edits_lines()
    for sent, name in (("b", "key.b"), (" ", "key.space"), ("1", "key.1"), ("\x1b", "key.esc"), ("\x1b[A", "key.up")):
        terminal.press(sent)
        terminal.wait_for(f"{name} terminal\r\n")
    # A lone Esc waits for one drain, then stands for itself; the arrow did not count as one.
    assert [line.split()[0] for line in terminal.seen.splitlines()[1:]] == [
        "key.b",
        "key.space",
        "key.1",
        "key.esc",
        "key.up",
    ]


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("x", 1), ("\x03", -signal.SIGINT)])
def test_the_terminal_is_restored_whatever_ends_the_show(terminal: Terminal, key: str, code: int) -> None:
    terminal.press(key)
    deadline = monotonic() + 10.0
    while not terminal.echoes_and_edits_lines():
        assert monotonic() < deadline
        sleep(0.01)
    _, status = os.waitpid(terminal.pid, 0)
    assert os.waitstatus_to_exitcode(status) == code


def test_what_is_no_terminal_gives_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text("bbb")
    with file.open() as stream, TerminalKeys(SteppedClock(), stream.fileno()) as keys:
        assert keys.drain() == ()
        assert stream.read() == "bbb"


def test_a_foreign_terminal_is_left_alone() -> None:
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    with TerminalKeys(SteppedClock(), follower) as keys:
        assert termios.tcgetattr(follower) == before
        os.write(leader, b"b\n")
        assert keys.drain() == ()
    os.close(leader)
    os.close(follower)
