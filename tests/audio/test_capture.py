from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.audio.pulse import Env, load_sink, play, pulse_server, unload, write_wav
from tests.audio.sounds import at, click, tone
from visuals.audio import capture
from visuals.audio.capture import (
    DeviceSource,
    Monitor,
    SilentSource,
    Unbroken,
    check_source,
    devices,
    open_source,
)
from visuals.audio.track import HOP_S, TrackSource
from visuals.clock import RealClock, SteppedClock, monotonic, sleep
from visuals.errors import DeviceError, MediaError
from visuals.types import Block


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Env]:
    """A sound server that this process talks to as well."""
    with pulse_server(tmp_path) as env:
        for name in ("XDG_RUNTIME_DIR", "HOME"):
            monkeypatch.setenv(name, env[name])
        monkeypatch.delenv("PULSE_SERVER", raising=False)
        yield env


def until(condition: Callable[[], object], seconds: float) -> float:
    """Wait for a condition; gives how long it took, fails when it does not come."""
    start = monotonic()
    while not condition():
        assert monotonic() - start < seconds, "it did not come"
        sleep(0.01)
    return monotonic() - start


def loud_times(blocks: list[Block]) -> np.ndarray:
    """When the sound rises over 0.2 after 0.2 s without."""
    found: list[float] = []
    for block in blocks:
        for i in np.flatnonzero(np.abs(block.samples[:, 0]) > 0.2)[:1]:
            time = block.time + i / 48_000
            if not found or time - found[-1] > 0.2:
                found.append(time)
    return np.array(found)


@pytest.mark.pulse
def test_clicks_come_through_a_real_server(server: Env, tmp_path: Path) -> None:
    times = np.arange(0.3, 4.0, 0.4)
    source = DeviceSource("PULSE", RealClock())
    until(lambda: source.drain(), 5.0)
    player = play(server, write_wav(tmp_path / "clicks.wav", at(times, click(), 4.5)))
    blocks: list[Block] = []
    while player.poll() is None:
        blocks += source.drain()
        sleep(0.004)
    source.close()
    found = loud_times(blocks)
    assert len(found) == len(times)
    # The card's clock runs free of ours and callbacks jitter by 10 ms and more; both are smoothed.
    assert np.abs(np.diff(found) - 0.4).max() < 0.02
    steps = np.diff([b.time for b in blocks])
    assert np.median(steps) == pytest.approx(HOP_S, rel=0.01)
    assert steps.min() > 0.0


@pytest.mark.pulse
def test_a_source_that_vanishes_is_taken_back(server: Env, tmp_path: Path) -> None:
    source = DeviceSource("pulse", RealClock())
    until(lambda: source.drain(), 5.0)
    assert source.alive
    unload(server)
    until(lambda: not source.alive, 2.0)
    assert source.failed
    load_sink(server)
    until(lambda: source.alive and source.drain(), 8.0)
    player = play(server, write_wav(tmp_path / "tone.wav", tone(440.0, 3.0)))
    until(lambda: any(np.abs(b.samples).max() > 0.3 for b in source.drain()), 5.0)
    player.kill()
    player.wait()
    source.close()


@pytest.mark.pulse
def test_a_hung_server_is_seen_and_never_waited_for(server: Env) -> None:
    source = DeviceSource("pulse", RealClock())
    until(lambda: source.drain(), 5.0)
    sleep(2.1)
    pid = int(server["PULSE_SERVER_PID"])
    os.kill(pid, signal.SIGSTOP)
    try:
        assert until(lambda: not source.alive, 2.0) < 1.0
        start = monotonic()
        source.drain()
        assert monotonic() - start < 0.05
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: source.alive and source.drain(), 8.0)
    source.close()


@pytest.mark.pulse
def test_a_call_that_never_ends_is_told(server: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "_OPENS_S", 0.5)
    pid = int(server["PULSE_SERVER_PID"])
    os.kill(pid, signal.SIGSTOP)
    try:
        source = DeviceSource("pulse", RealClock(), patient=True)
        assert not source.stuck
        assert until(lambda: source.stuck, 5.0) >= 0.4
        start = monotonic()
        source.close()
        assert monotonic() - start < 0.3
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.pulse
def test_a_wrong_name_lists_what_there_is(server: Env) -> None:
    names = [d.name for d in devices()]
    assert "pulse" in names
    assert sum(d.default for d in devices()) == 1
    with pytest.raises(DeviceError, match=r"no sound input named 'pulze'.*there are: .*pulse.*did you mean 'pulse'"):
        DeviceSource("pulze", RealClock())
    with pytest.raises(DeviceError):
        check_source("no such card")
    check_source("pulse")
    check_source("")


@pytest.mark.pulse
def test_a_monitor_is_heard(server: Env, tmp_path: Path) -> None:
    source = DeviceSource("pulse", RealClock())
    until(lambda: source.drain(), 5.0)
    track = TrackSource(write_wav(tmp_path / "tone.wav", tone(440.0, 20.0)), RealClock())
    speaker = Monitor()
    heard: list[Block] = []

    def turn() -> bool:
        for block in track.drain():
            speaker.play(block)
        heard.extend(source.drain())
        return bool(heard) and float(np.abs(heard[-1].samples).max()) > 0.3

    until(turn, 8.0)
    assert speaker.audible
    speaker.close()
    track.close()
    source.close()


def test_a_monitor_without_an_output_stays_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    speaker = Monitor()
    start = monotonic()
    for i in range(100):
        speaker.play(Block(i * HOP_S, np.zeros((256, 2), np.float32)))
    assert monotonic() - start < 0.2
    speaker.close()


def test_silence_keeps_the_clock_s_pace() -> None:
    clock = SteppedClock()
    source = SilentSource(clock)
    clock.time = 1.0
    blocks = source.drain()
    assert len(blocks) == 187
    assert not any(b.samples.any() for b in blocks)
    assert source.drain() == []


def test_a_track_that_ends_goes_on_as_silence(tmp_path: Path) -> None:
    clock = SteppedClock()
    source = Unbroken(open_source(str(write_wav(tmp_path / "a.wav", tone(440.0, 0.5))), clock), clock)
    blocks: list[Block] = []
    for n in range(61):
        clock.time = n / 60
        blocks += source.drain()
    assert source.ended
    assert np.diff([b.time for b in blocks]) == pytest.approx(np.full(len(blocks) - 1, HOP_S), abs=0.5 * HOP_S)
    assert blocks[-1].time == pytest.approx(1.0, abs=2 * HOP_S)
    assert blocks[10].samples.any()
    assert not blocks[-1].samples.any()
    source.close()


def test_a_spec_is_a_file_a_device_or_nothing(tmp_path: Path) -> None:
    clock = SteppedClock()
    assert isinstance(open_source("none", clock), SilentSource)
    check_source("none")
    with pytest.raises(MediaError, match="no such file"):
        open_source(str(tmp_path / "gone.flac"), clock)
    with pytest.raises(MediaError, match="no such file"):
        check_source("gone.wav")
    with pytest.raises(MediaError, match="folder"):
        open_source(str(tmp_path), clock)
