"""The ring keeps whole arrays, newest first, across processes and dead writers."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from visuals.clock import monotonic
from visuals.shm import Latest, Layout


@pytest.fixture
def ring() -> Iterator[Latest]:
    ring = Latest(Layout("", (64, 64), "i4", slots=4), create=True)
    yield ring
    ring.close()
    ring.unlink()


def test_newest_wins(ring: Latest) -> None:
    assert ring.read() is None
    for value in range(9):
        ring.write(value, time=value / 10, flags=value)
    reading = ring.read()
    assert reading is not None
    assert (reading.index, reading.time, reading.flags) == (8, 0.8, 8)
    assert (reading.data == 8).all()
    assert ring.read_new() is None


def test_drain_gives_what_was_missed_and_drops_the_oldest(ring: Latest) -> None:
    ring.write(1)
    ring.write(2)
    assert [int(r.data[0, 0]) for r in ring.drain()] == [1, 2]
    for value in range(10):
        ring.write(value)
    assert [int(r.data[0, 0]) for r in ring.drain()] == [7, 8, 9]
    assert ring.drain() == []


def test_a_writer_that_died_inside_a_write_is_not_seen(ring: Latest) -> None:
    ring.write(1)
    ring._numbers[1, 0] |= 1  # what a killed writer leaves behind
    ring._slots[1][:32] = 99
    reading = ring.read()
    assert reading is not None
    assert (reading.data == 1).all()
    ring.write(2)
    reading = ring.read()
    assert reading is not None
    assert (reading.data == 2).all()


def write_for_a_while(layout: Layout, seconds: float) -> None:
    ring = Latest(layout)
    end = monotonic() + seconds
    value = 0
    while monotonic() < end:
        value += 1
        ring.write(value, time=value)
    ring.close()


def test_no_reading_is_torn(ring: Latest) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=write_for_a_while, args=(ring.layout, 1.0))
    writer.start()
    buffer = np.zeros((64, 64), np.int32)
    seen = 0
    while writer.is_alive():
        reading = ring.read_new(buffer)
        if reading is not None:
            seen += 1
            assert (buffer == buffer[0, 0]).all()
            assert reading.time == buffer[0, 0]
    writer.join()
    assert seen > 100


def claim_and_die(layout: Layout) -> None:
    assert Latest(layout).claim()
    os.kill(os.getpid(), signal.SIGKILL)


def test_one_process_may_write_and_its_death_frees_the_place(ring: Latest) -> None:
    child = multiprocessing.get_context("spawn").Process(target=claim_and_die, args=(ring.layout,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert ring.claim()
    assert not Latest(ring.layout).claim()


def test_a_ring_of_another_size_is_not_attached_to(ring: Latest) -> None:
    with pytest.raises(ValueError, match="expected"):
        Latest(replace(ring.layout, shape=(640, 640)))


def test_what_is_still_there_can_be_read_again(ring: Latest) -> None:
    for value in range(3):
        ring.write(value)
    assert len(ring.drain()) == 3
    ring.rewind()
    assert [int(r.data[0, 0]) for r in ring.drain()] == [0, 1, 2]
