"""The checker's own process: real packets in, records out, stamped by the kernel however busy it is."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from tests.tools.test_stage_drill_figures import wave
from tests.tools.test_stage_drill_wire import ddp_packets
from tools.stage_drill.checker import Place
from tools.stage_drill.figures import TICK_S, figures
from tools.stage_drill.light import Light
from tools.stage_drill.scenery import free_port
from tools.stage_drill.stage import Checker
from visuals.clock import monotonic, sleep

SIZE = (32, 10)


@pytest.fixture
def wire() -> Iterator[tuple[Checker, socket.socket]]:
    place = Place("ddp", SIZE, "127.0.0.1", free_port())
    checker = Checker([place])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((place.address, place.port))
        yield checker, out
    checker.close()


def send(out: socket.socket, numbers: list[int | None]) -> tuple[float, float]:
    """A picture a tick, none for None, black for -1; gives when it began and ended."""
    start = monotonic()
    for tick, number in enumerate(numbers):
        sleep(start + tick * TICK_S - monotonic())
        if number is not None:
            pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8) if number < 0 else wave(number)
            for packet in ddp_packets(pixels, tick):
                out.send(packet)
    return start, monotonic()


def received(checker: Checker, count: int) -> list[Light]:
    lights: list[Light] = []
    end = monotonic() + 10.0
    while len(lights) < count and monotonic() < end:
        lights += checker.drain()
        sleep(0.02)
    return lights


def test_faults_on_a_real_wire_are_found(wire: tuple[Checker, socket.socket]) -> None:
    checker, out = wire
    numbers: list[int | None] = list(range(60))
    numbers[10:20] = [None] * 10
    numbers[30] = -1
    numbers[40:50] = [40] * 10
    start, end = send(out, numbers)
    lights = received(checker, 50)
    assert len(lights) == 50
    got = figures(lights, start, end, TICK_S)
    assert got.lost >= 10
    assert got.gap_ms > 170.0
    assert 5.0 < got.black_ms < 100.0
    assert got.freeze_ms > 140.0
    assert got.garbage == 0


def test_a_whole_stream_comes_whole(wire: tuple[Checker, socket.socket]) -> None:
    checker, out = wire
    start, end = send(out, list(range(60)))
    lights = received(checker, 60)
    assert len(lights) == 60
    got = figures(lights, start, end, TICK_S)
    assert (got.black_ms, got.garbage, got.flashes, got.double_s) == (0.0, 0, 0, 0.0)
    assert start <= lights[0].time < start + 0.1


def test_a_checker_that_is_held_up_keeps_the_times(wire: tuple[Checker, socket.socket]) -> None:
    checker, out = wire
    os.kill(checker.pid, signal.SIGSTOP)
    start, end = send(out, list(range(60)))
    sleep(0.3)
    os.kill(checker.pid, signal.SIGCONT)
    lights = received(checker, 60)
    assert len(lights) == 60
    assert start <= lights[0].time < start + 0.1
    assert lights[-1].time <= end + 0.1
