"""What the drill puts around the show's processes, inside them: the real ones run, with a hand at their throat.

Each hook wraps the one call that its process makes every turn. Without an order nothing is changed.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tools.stage_drill.orders import Order, Orders
from visuals.clock import sleep
from visuals.process import Post
from visuals.seat import Child
from visuals.shm import Latest
from visuals.types import Block, Frame

MEGABYTE = 1 << 20
PLUS_24_DB, CONSTANT = 15.85, 0.3
FRAMES_BEFORE_WRAP = 240


class Drilled(Exception):
    """A failure that the drill ordered."""


@dataclass(frozen=True, slots=True)
class Shim:
    """A process's entry function with its hook; takes its place as a `Child`'s target."""

    name: str
    run: Callable[..., None]
    orders: Path
    old: bool = False
    """The counters stand as after a long run."""

    def __call__(self, post: Post, *arguments: Any) -> None:
        HOOKS[self.name](Orders(self.orders), post, self.old)
        self.run(post, *arguments)


def shimmed(children: Sequence[Child], orders: Path, old: bool) -> tuple[Child, ...]:
    return tuple(replace(c, target=Shim(c.name, c.target, orders, old)) if c.name in HOOKS else c for c in children)


def wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put what `make` makes of `owner.name` in its place."""
    setattr(owner, name, make(getattr(owner, name)))


class Sufferer:
    """What can be done to any process: obeys the order for `name`, and keeps what it leaks."""

    def __init__(self, orders: Orders, name: str) -> None:
        self._orders, self._name = orders, name
        self._kept: list[Any] = []

    def turn(self) -> tuple[Order, float]:
        """Suffer what holds; gives the order for what only this process can do."""
        order, amount = self._orders.read(self._name)
        match order:
            case Order.RAISE:
                raise Drilled("the drill raised this")
            case Order.MEMORY:
                raise MemoryError("the drill took the memory")
            case Order.SLOW:
                sleep(amount)
            case Order.LEAK:
                self._kept.append(np.ones(int(amount * MEGABYTE), np.uint8))
            case Order.FILES:
                self._kept += [os.open("/dev/null", os.O_RDONLY) for _ in range(int(amount))]
            case Order.THREADS:
                for _ in range(int(amount)):
                    threading.Thread(target=threading.Event().wait, daemon=True).start()
        return order, amount

    def keep(self, thing: Any) -> None:
        self._kept.append(thing)


# ---- the engine ---------------------------------------------------------------------------------


def hook_engine(orders: Orders, post: Post, old: bool) -> None:
    from visuals import live
    from visuals.render.compositor import Compositor
    from visuals.render.pictures.shader import ShaderPicture

    sufferer = Sufferer(orders, "engine")
    canvas: list[Latest] = []
    last: list[Frame] = []

    def render(original: Any) -> Any:
        def drilled(self: Any, *arguments: Any) -> Frame | None:
            order, amount = sufferer.turn()
            if order is Order.OBJECTS:
                sufferer.keep([self._gpu.texture((64, 64)) for _ in range(int(amount))])
            elif order is Order.LOST:
                self._gpu.release()
            elif order in (Order.TORN, Order.TORN_DEATH):
                canvas[:] = canvas or [Latest(post.rings["canvas"])]
                tear(canvas[0], amount, dies=order is Order.TORN_DEATH)
            if old and not last:
                self._index = 2**31 - FRAMES_BEFORE_WRAP
            frame: Frame | None = original(self, *arguments)
            if frame is None:
                return None
            if order is not Order.STILL or not last:
                last[:] = [frame]
            return replace(frame, pixels=spoilt(order, last[0].pixels))

        return drilled

    def draw(original: Any) -> Any:
        def drilled(self: Any, *arguments: Any) -> None:
            if orders.read("engine")[0] is Order.LAYER and self.isf.path.stem == "veil":
                raise Drilled("the drill broke this layer")
            if old and not self._frame:
                self._frame = 2**31 - FRAMES_BEFORE_WRAP
            original(self, *arguments)

        return drilled

    def wall_date(original: Any) -> Any:
        def drilled() -> tuple[float, float, float, float]:
            order, amount = orders.read("engine")
            year, month, day, seconds = original()
            return year, month, day, seconds + (amount if order is Order.DAY else 0.0)

        return drilled

    wrap(Compositor, "render", render)
    wrap(ShaderPicture, "draw", draw)
    wrap(live, "wall_date", wall_date)


def spoilt(order: Order, pixels: np.ndarray) -> np.ndarray:
    """What a broken machine makes of a picture."""
    match order:
        case Order.BLACK:
            return np.zeros_like(pixels)
        case Order.GREY:
            return np.full_like(pixels, 128)
        case Order.NOISE:
            return np.random.default_rng().integers(0, 256, pixels.shape, np.uint8)
    return pixels


def tear(ring: Latest, seconds: float, dies: bool) -> None:
    """Write noise into the next slot as a writer does that is held up, or dies, in the middle of it."""
    count = ring.count
    slot = count % ring.layout.slots
    ring._numbers[slot][0] |= 1
    ring._numbers[slot][1] = count
    rows = ring.layout.shape[0] // 2
    ring._slots[slot][:rows] = spoilt(Order.NOISE, ring._slots[slot][:rows])
    sleep(seconds)
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)


# ---- the generator ------------------------------------------------------------------------------


def hook_generator(orders: Orders, post: Post, old: bool) -> None:
    from visuals.generator import worker

    sufferer = Sufferer(orders, "generator")

    def open_step(original: Any) -> Any:
        def opened(*arguments: Any) -> Any:
            return DrilledStep(original(*arguments), sufferer)

        return opened

    wrap(worker, "open_step", open_step)


class DrilledStep:
    """A Step of the model that gives what it is ordered to."""

    def __init__(self, step: Any, sufferer: Sufferer) -> None:
        self._step, self._sufferer = step, sufferer

    @property
    def name(self) -> str:
        return str(self._step.name)

    def __call__(self, inputs: Any) -> tuple[Any, Any]:
        order, _ = self._sufferer.turn()
        clean, picture = self._step(inputs)
        if order is Order.NAN:
            return np.full_like(clean, np.nan), picture
        if order is Order.SHAPE:
            return clean, picture[:-8, :-8]
        return clean, spoilt(order, picture)


# ---- audio and the player -----------------------------------------------------------------------


def hook_audio(orders: Orders, post: Post, old: bool) -> None:
    from visuals.audio.silence import Unbroken

    sufferer = Sufferer(orders, "audio")

    def drain(original: Any) -> Any:
        def drilled(self: Any) -> Sequence[Block]:
            order, _ = sufferer.turn()
            return [replace(block, samples=distorted(order, block.samples)) for block in original(self)]

        return drilled

    wrap(Unbroken, "drain", drain)


def distorted(order: Order, samples: np.ndarray) -> np.ndarray:
    """What a broken sound card makes of a block."""
    match order:
        case Order.SILENT:
            return np.zeros_like(samples)
        case Order.NAN:
            return np.full_like(samples, np.nan)
        case Order.LOUD:
            loud: np.ndarray = np.clip(samples * np.float32(PLUS_24_DB) + np.float32(CONSTANT), -1.0, 1.0)
            return loud
    return samples


def hook_player(orders: Orders, post: Post, old: bool) -> None:
    from visuals.wall.player import Player

    sufferer = Sufferer(orders, "player")

    def step(original: Any) -> Any:
        def drilled(self: Any, *arguments: Any) -> None:
            sufferer.turn()
            original(self, *arguments)

        return drilled

    wrap(Player, "step", step)


HOOKS: dict[str, Callable[[Orders, Post, bool], None]] = {
    "engine": hook_engine,
    "generator": hook_generator,
    "audio": hook_audio,
    "player": hook_player,
}
