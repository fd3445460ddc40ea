"""Orders to the shims inside the show's processes: a page of shared memory, an order a process.

Knows nothing of what an order does. Reading one costs a frame next to nothing.
"""

from __future__ import annotations

import mmap
import struct
from enum import IntEnum, auto
from pathlib import Path

from visuals.clock import monotonic

PROCESSES = ("supervisor", "player", "audio", "engine", "generator")
ENTRY = struct.Struct("<qdd")


class Order(IntEnum):
    """What a shim does in each turn of its process while the order holds; `amount` is of its unit."""

    NONE = 0
    RAISE = auto()
    """An exception in the turn."""
    LAYER = auto()
    """An exception while a layer is drawn."""
    SLOW = auto()
    """The turn takes `amount` s longer."""
    LEAK = auto()
    """`amount` MB are kept and never freed."""
    FILES = auto()
    """`amount` descriptors are left open."""
    THREADS = auto()
    """`amount` threads are left waiting."""
    OBJECTS = auto()
    """`amount` textures are left on the graphics processor."""
    LOST = auto()
    """The graphics context is gone."""
    BLACK = auto()
    GREY = auto()
    STILL = auto()
    NOISE = auto()
    TORN = auto()
    """A slot of the ring is written in two halves, `amount` s apart."""
    TORN_DEATH = auto()
    """The process dies between the halves."""
    NAN = auto()
    SHAPE = auto()
    """A picture of another size."""
    MEMORY = auto()
    """No memory is left."""
    SILENT = auto()
    LOUD = auto()
    """24 dB more, with a constant in it, clipped."""
    DAY = auto()
    """The wall clock is `amount` s off."""
    FORGIVE = auto()
    """The supervisor forgets past falls."""


class Orders:
    """The page at `path`, made where there is none."""

    def __init__(self, path: Path) -> None:
        size = ENTRY.size * len(PROCESSES)
        if not path.exists():
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), size)

    def give(self, process: str, order: Order, amount: float = 0.0, lasts: float = 0.0) -> None:
        """Let `order` hold for `lasts` seconds from now."""
        ENTRY.pack_into(self._page, self._place(process), int(order), amount, monotonic() + lasts)

    def clear(self) -> None:
        for process in PROCESSES:
            self.give(process, Order.NONE)

    def read(self, process: str) -> tuple[Order, float]:
        """The order that holds now and its amount."""
        order, amount, until = ENTRY.unpack_from(self._page, self._place(process))
        return (Order(order), amount) if monotonic() < until else (Order.NONE, 0.0)

    @staticmethod
    def _place(process: str) -> int:
        return ENTRY.size * PROCESSES.index(process)
