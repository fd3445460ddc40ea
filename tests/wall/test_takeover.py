"""A player that falls is followed by its spare within ticks, with the same on the walls; two machines share one rig."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.wall.test_player import SIZE, Rings, colour, end, rig, rings  # noqa: F401 - rings is a fixture
from visuals.clock import RealClock, SteppedClock, sleep
from visuals.process import Post
from visuals.telemetry import Log, Meter
from visuals.types import Flag
from visuals.wall import playing
from visuals.wall.failover import State
from visuals.wall.heartbeat import LOST_AFTER_S
from visuals.wall.player import Player, PlayerSettings

TICK_S = 1 / 60


class Stage:
    """Players on the same rings, the first of which plays."""

    def __init__(self, rings: Rings) -> None:  # noqa: F811
        self.rings, self.clock = rings, RealClock()
        self.layouts = {name: ring.layout for name, ring in rings.rings.items()}

    def start(self, spare: bool) -> Any:
        settings = PlayerSettings(rig(("null", {})), SIZE)
        post = Post("player", self.clock.epoch, self.layouts, spare=spare)
        process = multiprocessing.get_context("spawn").Process(target=playing.run, args=(post, settings))
        process.start()
        wanted = "spare" if spare else "process"
        while not any(line["type"] == wanted and line["pid"] == process.pid for line in self.rings.log):
            assert process.is_alive()
            self.rings.run(0.05)
        return process

    def engine(self, t: float) -> None:
        now = self.clock.now()
        self.rings.rings["canvas"].write(colour(90, int(50 * t) % 200, 90), time=now)


@pytest.fixture
def stage(rings: Rings) -> Stage:  # noqa: F811
    return Stage(rings)


def longest_gap(rings: Rings, since: int) -> float:  # noqa: F811
    return float(np.diff([sent[1] for sent in rings.sent[since - 1 :]]).max())


def test_a_killed_player_costs_ticks_not_seconds(stage: Stage) -> None:
    first = stage.start(spare=False)
    spare = stage.start(spare=True)
    stage.rings.run(1.0, stage.engine)
    before = len(stage.rings.sent)
    os.kill(first.pid, signal.SIGKILL)
    stage.rings.run(1.0, stage.engine)
    end(spare)
    assert longest_gap(stage.rings, before) < 0.3
    assert {sent[2] for sent in stage.rings.sent[before:]} <= {State.LIVE, State.HOLD}
    assert [line["pid"] for line in stage.rings.log if line["type"] == "process"] == [first.pid, spare.pid]


def test_what_the_operator_froze_stays_frozen(stage: Stage) -> None:
    first = stage.start(spare=False)
    spare = stage.start(spare=True)
    stage.rings.run(0.5, stage.engine)
    stage.rings.rings["override"].write(0, flags=int(Flag.FREEZE))
    stage.rings.run(0.3, stage.engine)
    held, before = stage.rings.sent[-1][4], len(stage.rings.sent)
    os.kill(first.pid, signal.SIGKILL)
    stage.rings.run(0.7, stage.engine)
    end(spare)
    assert len(stage.rings.sent) > before + 10
    assert {sent[4] for sent in stage.rings.sent[before:]} == {held}


@pytest.fixture
def node() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("127.0.0.1", 0))
        node.setblocking(False)
        yield node


def packets(node: socket.socket) -> int:
    count = 0
    while True:
        try:
            node.recv(2048)
        except BlockingIOError:
            return count
        count += 1


def test_the_stand_by_machine_is_silent_until_the_main_one_is(node: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        peer = ("127.0.0.1", free.getsockname()[1])
    clock = SteppedClock(100.0)
    log = Log(clock)
    main_settings = PlayerSettings(rig(("null", {})), SIZE, peer=peer)
    second = replace(
        main_settings, rig=rig(("ddp", {"host": "127.0.0.1", "port": node.getsockname()[1]})), standby=True
    )
    main, standby = (Player(s, {}, clock, log, Meter(clock, log, "player")) for s in (main_settings, second))

    def tick(both: bool) -> None:
        clock.time += TICK_S
        if both:
            main.step(clock.time, clock.time)
        standby.step(clock.time, clock.time)
        sleep(0.002)

    try:
        for _ in range(120):
            tick(both=True)
        assert packets(node) == 0
        for _ in range(round(LOST_AFTER_S / TICK_S) + 30):
            tick(both=False)
        sleep(0.2)
        assert packets(node) > 5
    finally:
        main.close()
        standby.close()
