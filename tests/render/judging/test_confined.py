"""What a process cannot do once it is shut in, asked of a real one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from visuals.render.judging.confined import MOST_BYTES, environment

SHUT_IN = "from visuals.render.judging.confined import allow_work, confine; confine(); allow_work(); "


def run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", text, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_reaches_nobody() -> None:
    if run("import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x50000000) != 0)").returncode:
        pytest.skip("this system lets no process leave its network (unshare with CLONE_NEWUSER is not permitted)")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        connect = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5); print('reached')"
        assert run(connect, port).stdout == "reached\n"
        shut_in = run(SHUT_IN + connect, port)
    assert "reached" not in shut_in.stdout
    assert "Network is unreachable" in shut_in.stderr


def test_it_stays_who_it_was_and_reads_what_it_could() -> None:
    text = SHUT_IN + "import os, sys; print(os.getuid(), os.getgid(), len(open(sys.argv[1], 'rb').read()))"
    assert run(text, __file__).stdout.split() == [
        str(n) for n in (os.getuid(), os.getgid(), Path(__file__).stat().st_size)
    ]


def test_its_memory_has_an_end() -> None:
    text = (
        SHUT_IN
        + f"""
kept = []
try:
    while len(kept) < 2 * {MOST_BYTES >> 28}:
        kept.append(bytearray(1 << 28))
except MemoryError:
    print(len(kept) << 28)
"""
    )
    assert MOST_BYTES // 2 < int(run(text).stdout) <= MOST_BYTES


def test_it_leaves_no_dump_and_has_half_a_stack() -> None:
    limits = "from resource import *; print(getrlimit(RLIMIT_CORE)[0], getrlimit(RLIMIT_STACK)[0])"
    before, after = run(limits).stdout.split(), run(SHUT_IN + limits).stdout.split()
    assert after[0] == "0"
    assert int(after[1]) == (int(before[1]) // 2 if int(before[1]) > 0 else int(before[1]))


def test_it_is_told_nothing_it_need_not_know() -> None:
    whole = {"PATH": "/bin", "HOME": "/h", "GITHUB_TOKEN": "t", "SSH_AUTH_SOCK": "s", "MESA_SHADER_CACHE_DIR": "/m"}
    told = environment(whole)
    assert {name for name in whole if name in told} == {"PATH", "HOME", "MESA_SHADER_CACHE_DIR"}


def test_it_comes_last_and_its_processor_time_has_an_end() -> None:
    text = """
import os
from visuals.render.judging.confined import allow_work, confine
confine()
print(os.nice(0), flush=True)
allow_work(1)
while True: pass
"""
    done = run(text)
    assert int(done.stdout) == min(19, os.nice(0) + 10)
    assert done.returncode == -signal.SIGXCPU
