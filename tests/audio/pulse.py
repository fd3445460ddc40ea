"""A PulseAudio server of a test's own, with a null sink `stage` whose monitor is the default input."""

from __future__ import annotations

import os
import shutil
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep

INSTALL = "apt-get install -y --no-install-recommends pulseaudio pulseaudio-utils libportaudio2 libasound2-plugins"
SINK = "module-null-sink sink_name=stage rate=48000 channels=2 sink_properties=device.description=stage"

Env = dict[str, str]


@contextmanager
def pulse_server(folder: Path, *, sink: bool = True) -> Iterator[Env]:
    """Start a server under `folder` and give the environment in which clients find it.

    Nothing of it outlives the block. Skips the test when PulseAudio is not installed.
    """
    missing = [name for name in ("pulseaudio", "pactl", "paplay") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not found: {INSTALL}")
    runtime = folder / "pulse"
    runtime.mkdir(mode=0o700)
    env = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(folder)}
    env.pop("PULSE_SERVER", None)
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no", "--log-target=stderr"]
    command += ["-L", "module-native-protocol-unix", *(["-L", SINK] if sink else [])]
    with (folder / "pulse.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        _wait_until_up(server, env)
        yield {**env, "PULSE_SERVER_PID": str(server.pid)}
    finally:
        server.kill()
        server.wait()


def _wait_until_up(server: subprocess.Popen[bytes], env: Env) -> None:
    deadline = monotonic() + 10.0
    while monotonic() < deadline and server.poll() is None:
        if subprocess.run(["pactl", "info"], env=env, capture_output=True, timeout=5, check=False).returncode == 0:
            return
        sleep(0.1)
    pytest.fail("PulseAudio did not come up within 10 s")


def load_sink(env: Env) -> str:
    """Make the null sink; gives the module's number for `unload`."""
    done = subprocess.run(
        ["pactl", "load-module", *SINK.split()], env=env, capture_output=True, text=True, timeout=5, check=True
    )
    return done.stdout.strip()


def unload(env: Env, module: str = "module-null-sink") -> None:
    """Take the null sink, and with it its source, away."""
    subprocess.run(["pactl", "unload-module", module], env=env, timeout=5, check=True)


def play(env: Env, path: Path) -> subprocess.Popen[bytes]:
    """Start playing a wav file into the sink; wait for it or kill it."""
    return subprocess.Popen(
        ["paplay", "--device=stage", "--latency-msec=20", str(path)], env=env, stderr=subprocess.DEVNULL
    )


def write_wav(path: Path, samples: np.ndarray, rate: int = 48_000) -> Path:
    """Write float samples [n] or [n, channels] in -1..1 as 16-bit wav."""
    data = np.clip(np.atleast_2d(samples.T).T, -1.0, 1.0)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(data.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((data * 32767).astype("<i2").tobytes())
    return path
