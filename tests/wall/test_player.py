from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from visuals.clock import RealClock, SteppedClock, monotonic, sleep
from visuals.process import Post
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Pixels, Rig, Wall
from visuals.wall import playing
from visuals.wall.failover import State
from visuals.wall.outputs.encoder import Encoder
from visuals.wall.player import Player, PlayerSettings
from visuals.wall.tap import unpack
from visuals.wire import Lines, lines_layout

SIZE = (64, 32)
SHAPE = (32, 64, 4)
TICK_S = 1 / 60


def colour(r: int, g: int, b: int) -> Pixels:
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[:] = r, g, b, 255
    return pixels


def rig(*outputs: tuple[str, dict[str, object]]) -> Rig:
    walls = (Wall(f"wall {i}", (0, 0, *SIZE), SIZE, output) for i, output in enumerate(outputs))
    return Rig("test", tuple(walls))


@dataclass
class Rings:
    """All rings of a player, created here, and what was read from them."""

    rings: dict[str, Latest]
    sent: list[tuple[int, float, State, int, float]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    node: socket.socket | None = None
    packet: bytes = b""

    def __post_init__(self) -> None:
        self.lines = Lines(self.rings["log"])

    def drain(self) -> None:
        """Take what has left, what was logged, and the newest packet for `node`."""
        for r in self.rings["sent"].drain():
            told = unpack(r.flags)
            self.sent.append((r.index, r.time, told.state, told.engine, float(r.data[..., :3].mean())))
        self.log += self.lines.drain()
        while self.node is not None:
            try:
                self.packet = self.node.recv(2048)
            except BlockingIOError:
                break

    def run(self, seconds: float, act: Callable[[float], None] = lambda t: None) -> None:
        """Drain for `seconds`, calling `act` sixty times a second."""
        start, n = monotonic(), 0
        while (t := monotonic() - start) < seconds:
            if t >= n * TICK_S:
                act(t)
                n += 1
            self.drain()
            sleep(0.003)


@pytest.fixture
def rings() -> Iterator[Rings]:
    layouts = {
        "canvas": Layout("", SHAPE, "u1"),
        "override": Layout("", (1,), "u1"),
        "sent": Layout("", SHAPE, "u1", slots=16),
        "keys": lines_layout(""),
        "sound": Layout("", (256, 2), "f4", slots=256),
        "log": lines_layout(""),
    }
    created = {name: Latest(layout, create=True) for name, layout in layouts.items()}
    yield Rings(created)
    for ring in created.values():
        ring.close()
        ring.unlink()


# ---- the tick, with an invented clock -----------------------------------------------------------


@dataclass
class Bench:
    """A player in this process, stepped by hand."""

    rings: Rings
    clock: SteppedClock
    player: Player

    def step(self, picture: Pixels | None = None, flags: Flag = Flag.NONE) -> Pixels:
        """One tick, before which the engine may give a picture; what leaves."""
        self.clock.time += TICK_S
        if picture is not None:
            self.rings.rings["canvas"].write(picture, time=self.clock.time, flags=flags)
        self.player.step(self.clock.time, self.clock.time)
        reading = self.rings.rings["sent"].read()
        assert reading is not None
        return reading.data

    def force(self, flags: Flag) -> None:
        self.rings.rings["override"].write(0, flags=flags)


@pytest.fixture
def bench(rings: Rings) -> Iterator[Bench]:
    clock = SteppedClock(100.0)
    log = Log(clock, Lines(rings.rings["log"]))
    made = Player(PlayerSettings(rig(("null", {})), SIZE), rings.rings, clock, log, Meter(clock, log, "player"))
    yield Bench(rings, clock, made)
    made.close()


def test_before_the_engine_there_is_light(bench: Bench) -> None:
    assert all(bench.step()[..., :3].max(axis=2).min() > 0 for _ in range(120))


def test_a_player_that_comes_later_keeps_what_hands_put_over_the_show(rings: Rings) -> None:
    rings.rings["override"].write(0, flags=Flag.BLACKOUT)
    own = {name: Latest(ring.layout) for name, ring in rings.rings.items()}
    clock = SteppedClock(100.0)
    log = Log(clock, Lines(own["log"]))
    later = Bench(
        rings, clock, Player(PlayerSettings(rig(("null", {})), SIZE), own, clock, log, Meter(clock, log, "player"))
    )
    assert all(later.step(np.full(SHAPE, 200, np.uint8))[..., :3].max() == 0 for _ in range(10))
    later.player.close()
    for ring in own.values():
        ring.close()


def test_the_engines_picture_leaves_as_it_is(bench: Bench) -> None:
    for _ in range(60):
        bench.step(colour(10, 20, 30))
    np.testing.assert_array_equal(bench.step(colour(40, 50, 60)), colour(40, 50, 60))
    np.testing.assert_array_equal(bench.step(), colour(40, 50, 60))


def test_a_player_that_starts_late_takes_up_the_picture_at_once(rings: Rings) -> None:
    clock = SteppedClock(100.0)
    rings.rings["canvas"].write(colour(9, 8, 7), time=99.9)
    log = Log(clock)
    late = Player(PlayerSettings(rig(), SIZE), rings.rings, clock, log, Meter(clock, log, "player"))
    bench = Bench(rings, clock, late)
    np.testing.assert_array_equal(bench.step(), colour(9, 8, 7))


@pytest.mark.parametrize("forced", [True, False])
def test_blackout_is_black_at_once_and_gone_at_once(bench: Bench, forced: bool) -> None:
    picture = colour(90, 90, 90)
    for _ in range(60):
        bench.step(picture)
    if forced:
        bench.force(Flag.BLACKOUT)
    black = bench.step(picture, Flag.NONE if forced else Flag.BLACKOUT)
    assert not black[..., :3].any()
    assert (black[..., 3] == 255).all()
    bench.force(Flag.NONE)
    np.testing.assert_array_equal(bench.step(picture), picture)


def test_freeze_holds_what_is_seen_even_over_a_dead_engine(bench: Bench) -> None:
    for n in range(60):
        bench.step(colour(n, n, n))
    bench.force(Flag.FREEZE)
    for n in range(60, 90):
        np.testing.assert_array_equal(bench.step(colour(n, n, n)), bench.step())
    held = bench.step()
    for _ in range(120):
        np.testing.assert_array_equal(bench.step(), held)
    bench.force(Flag.NONE)
    assert not np.array_equal(bench.step(), held)


@pytest.mark.parametrize("asked", [Flag.LOOP, Flag.SAFE])
def test_a_frozen_wall_gives_way_to_what_is_asked_for_and_is_there_again(bench: Bench, asked: Flag) -> None:
    for n in range(60):
        bench.step(colour(n, n, n))
    bench.force(Flag.FREEZE)
    held = bench.step().copy()
    bench.force(Flag.FREEZE | asked)
    for _ in range(30):
        other = bench.step(colour(200, 0, 0))
    assert not np.array_equal(other, held)
    bench.force(Flag.FREEZE)
    np.testing.assert_array_equal(bench.step(colour(200, 0, 0)), held)


def test_the_operators_loop_comes_over_a_living_engine(bench: Bench) -> None:
    picture = colour(255, 255, 255)
    for _ in range(60):
        bench.step(picture)
    bench.force(Flag.LOOP)
    means = [float(bench.step(picture)[..., :3].mean()) for _ in range(30)]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 80
    bench.force(Flag.NONE)
    back = [float(bench.step(picture)[..., :3].mean()) for _ in range(60)]
    assert back == sorted(back)
    assert back[-1] == 255.0


def test_a_fault_crossfades_without_a_jump_and_is_logged(bench: Bench) -> None:
    means = [float(bench.step(colour(250, 250, 250))[..., :3].mean()) for _ in range(60)][-1:]
    means += [float(bench.step()[..., :3].mean()) for _ in range(60)]
    means += [float(bench.step(colour(250, 250, 250))[..., :3].mean()) for _ in range(90)]
    # A fifth of a second from one picture to the other: no tick changes more than a tenth of it.
    assert np.abs(np.diff(means)).max() < 250 / 10
    assert min(means) > 15
    bench.rings.drain()
    changes = [(c["from"], c["to"]) for c in bench.rings.log if c["type"] == "failover"]
    assert changes == [("start", "live"), ("live", "hold"), ("hold", "safe"), ("safe", "live")]


def test_the_tap_tells_state_flags_and_the_engines_frame(bench: Bench) -> None:
    bench.step()
    bench.step(colour(9, 9, 9), Flag.FREEZE)
    reading = bench.rings.rings["sent"].read()
    assert reading is not None
    sent = unpack(reading.flags)
    assert (sent.state, sent.flags, sent.engine) == (State.LIVE, Flag.FREEZE, 0)
    assert reading.time == bench.clock.time


def test_a_player_without_any_ring_still_sends(rings: Rings) -> None:
    clock = SteppedClock(0.0)
    log = Log(clock)
    alone = Player(PlayerSettings(rig(("null", {})), SIZE), {}, clock, log, Meter(clock, log, "player"))
    for n in range(200):
        alone.step(n / 60, n / 60)
    alone.idle()
    alone.close()


# ---- the process --------------------------------------------------------------------------------


def spawn(rings: Rings, settings: PlayerSettings, epoch: float) -> Any:
    post = Post("player", epoch, {name: ring.layout for name, ring in rings.rings.items()})
    process = multiprocessing.get_context("spawn").Process(target=playing.run, args=(post, settings))
    before = rings.rings["sent"].count
    process.start()
    deadline = monotonic() + 20.0
    while rings.rings["sent"].count == before:
        assert process.is_alive()
        assert monotonic() < deadline
        sleep(0.01)
    return process


def end(process: Any) -> None:
    process.terminate()
    process.join(3.0)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the player did not end when told")
    assert process.exitcode == 0


def test_the_walls_survive_an_engine_that_stops_and_returns(rings: Rings, tmp_path: Path) -> None:
    with Encoder(tmp_path / "loop.mp4", SIZE, 30.0) as encoder:
        for n in range(30):
            encoder.add_frame(colour(20, 100 + 2 * n, 20), n / 30)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("127.0.0.1", 0))
        outputs = ("sacn", {"host": "127.0.0.1", "port": node.getsockname()[1]}), ("null", {})
        settings = PlayerSettings(rig(*outputs), SIZE, tmp_path / "loop.mp4", tmp_path / "wall.mp4")
        node.setblocking(False)
        rings.node = node
        clock = RealClock()
        process = spawn(rings, settings, clock.epoch)

        def engine(t: float) -> None:
            now = clock.now()
            rings.rings["canvas"].write(colour(200, int(50 * t) % 200, 200), time=now)
            rings.rings["sound"].write(np.zeros((256, 2), np.float32), time=now)

        try:
            rings.run(0.7)
            rings.run(1.5, engine)
            rings.run(1.2)
            rings.run(1.7, engine)
        finally:
            end(process)
        rings.drain()
    states = [s[2] for s in rings.sent]
    seen = [state for i, state in enumerate(states) if i == 0 or states[i - 1] is not state]
    # A loaded machine may hold a frame for a moment where none was lost; the order is the same.
    milestones = [s for s in seen if s is not State.HOLD]
    assert milestones == [State.START, State.LIVE, State.LOOP, State.LIVE]
    assert [s for i, s in enumerate(seen) if seen[i + 1 : i + 2] == [State.LOOP]] == [State.HOLD]
    assert min(s[4] for s in rings.sent) > 10
    times = np.diff([s[1] for s in rings.sent])
    assert np.median(times) == pytest.approx(TICK_S, abs=0.002)
    assert len(rings.sent) > 0.97 * (rings.sent[-1][1] - rings.sent[0][1]) * 60
    assert [c["to"] for c in rings.log if c["type"] == "failover"][-3:] == ["hold", "loop", "live"]
    stats = [line for line in rings.log if line["type"] == "stats"]
    assert {"read", "mix", "tap", "map", "send"} <= set(stats[-1]["ms"])
    assert rings.packet[112] == 0x40
    with av.open(str(tmp_path / "wall.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) > 200


@pytest.mark.expects_warnings
def test_one_output_that_cannot_open_does_not_stop_the_other(rings: Rings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("127.0.0.1", 0))
        outputs = (
            ("record", {"file": str(tmp_path / "file" / "x.mp4")}),
            (
                "sacn",
                {"host": "127.0.0.1", "port": node.getsockname()[1]},
            ),
        )
        process = spawn(rings, PlayerSettings(rig(*outputs), SIZE), monotonic())
        try:
            rings.run(1.5)
        finally:
            end(process)
        assert len(node.recv(2048)) == 638
    errors = [line for line in rings.log if line["type"] == "error"]
    assert len(errors) == 1
    assert "cannot be written" in errors[0]["text"]


def test_a_killed_player_is_back_with_light_within_half_a_second_of_its_start(rings: Rings) -> None:
    process = spawn(rings, PlayerSettings(rig(), SIZE), monotonic())
    rings.run(0.3)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    before = rings.rings["sent"].count
    again = spawn(rings, PlayerSettings(rig(), SIZE), monotonic())
    try:
        rings.run(0.5)
        assert rings.rings["sent"].count > before + 10
    finally:
        end(again)
