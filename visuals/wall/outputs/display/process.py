"""The window process' loop: takes its player's orders, draws what is new, tells of keys and that it lives.

A player that falls leaves its windows on the wall: they hold the last picture for the next player
of the same show, and go when none comes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError, current_process
from multiprocessing.connection import Connection, Listener
from queue import SimpleQueue
from typing import Any

import glfw as _glfw

from visuals.clock import monotonic, sleep
from visuals.errors import VisualsError
from visuals.wall.outputs.display import x11
from visuals.wall.outputs.display.monitors import monitors, start
from visuals.wall.outputs.display.nouns import HANG_S, LINGER_S, OPEN_S, Order, Part, Told, meeting_point
from visuals.wall.outputs.display.opening import warm_up
from visuals.wall.outputs.display.pane import Pane, master

glfw: Any = _glfw

POLL_S = 0.002
CHECK_S = 0.25
"""How often windows are looked after that nothing was heard of."""


def run(player: Connection) -> None:
    """Get ready, and show what `player` orders until it ends us."""
    _call_us("visuals-windows")
    with suppress(VisualsError):  # told when a part is ordered
        warm_up()
    player.poll(None)
    Display(player).run()


class Display:
    """All windows of one player, in one thread."""

    def __init__(self, player: Connection) -> None:
        self._player: Connection | None = player
        self._next: SimpleQueue[Connection] = SimpleQueue()
        self._panes: dict[str, Pane] = {}
        self._waits = True
        self._master: Pane | None = None
        self._rest: Callable[[], object] | None = None
        self._ended = False
        self._told = self._checked = self._alone = 0.0

    def run(self) -> None:
        while not self._ended:
            # Without a player nobody else ends a process that a driver holds fast.
            signal.alarm(int(OPEN_S) + 1)
            self._tell_of_life()
            self._listen()
            self._show()
        for pane in self._panes.values():
            pane.close()
        if self._rest is not None:
            self._rest()
        glfw.terminate()

    def _listen(self) -> None:
        if self._player is None:
            self._wait_for_the_next()
            return
        try:
            while self._player is not None and self._player.poll():
                self._obey(self._player.recv())
        except (EOFError, OSError):
            self._lose_player()

    def _obey(self, order: Order) -> None:
        self._tell(Told("busy"))
        if order is None:
            self._ended = True
        elif isinstance(order, bool):
            self._waits = order
            self._pace()
        elif isinstance(order, str):
            self._remove(order)
        elif not any(pane.follow(order) for pane in self._panes.values()):
            self._add(order)
        else:
            self._tell(Told("open", order.name))
        self._tell(Told("alive", text=str(os.getpid())))

    def _add(self, part: Part) -> None:
        self._remove(part.name)
        span = part.settings.span
        key = f"span {span}" if span else f"wall {part.name}"
        try:
            self._start()
            pane = self._panes.get(key) or Pane(span or part.name, bool(span), self._tell)
            self._panes[key] = pane
            pane.add(part, monitors())
        except VisualsError as error:
            self._drop_empty()
            self._tell(Told("refused", part.name, str(error)))
            return
        self._pace()
        self._tell(Told("open", part.name))

    def _start(self) -> None:
        start()
        glfw.poll_events()  # which monitors came and went while we stood by
        glfw.set_monitor_callback(self._on_monitor)
        if self._rest is None and glfw.get_platform() == glfw.PLATFORM_X11:
            self._rest = x11.stay_awake(glfw.get_x11_display())

    def _remove(self, name: str) -> None:
        for pane in self._panes.values():
            if name in pane.names:
                pane.remove(name)
        self._drop_empty()

    def _drop_empty(self) -> None:
        empty = [key for key, pane in self._panes.items() if not pane.names]
        for key in empty:
            self._panes.pop(key).close()
        if empty:
            self._pace()

    def _show(self) -> None:
        if not self._panes:
            sleep(POLL_S)
            return
        glfw.wait_events_timeout(POLL_S)
        if monotonic() - self._checked >= CHECK_S:
            self._checked = monotonic()
            there = monitors()
            moved = [pane for pane in self._panes.values() if pane.keep_place(there)]
            if moved:
                self._pace()
        # The master waits for its monitor, so it comes last.
        for pane in sorted(self._panes.values(), key=lambda pane: pane is self._master):
            if not pane.present():
                self._waits = False
                self._pace()

    def _pace(self) -> None:
        """One window waits for its monitor, the others swap at once."""
        self._master = master(self._panes.values())
        for pane in self._panes.values():
            pane.wait_for_refresh(self._waits and pane is self._master)

    def _on_monitor(self, *_: Any) -> None:
        self._checked = 0.0

    def _tell(self, told: Told) -> None:
        if self._player is not None:
            with suppress(OSError):
                self._player.send(told)

    def _tell_of_life(self) -> None:
        if monotonic() - self._told > HANG_S / 10:
            self._told = monotonic()
            self._tell(Told("alive", text=str(os.getpid())))

    def _lose_player(self) -> None:
        self._player, self._alone, self._ended = None, monotonic(), not self._panes
        if not self._ended:
            threading.Thread(target=_meet, args=(self._next,), daemon=True).start()

    def _wait_for_the_next(self) -> None:
        if not self._next.empty():
            self._player = self._next.get()
        elif monotonic() - self._alone > LINGER_S:
            self._ended = True
            for pane in self._panes.values():
                pane.forget()


def _call_us(name: str) -> None:
    """The name that `top` and /proc show, of at most 15 letters: prctl's PR_SET_NAME, of Linux alone."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)


def _meet(found: SimpleQueue[Connection]) -> None:
    """Wait for the next player of this show; whoever does not know its key is sent away."""
    key = current_process().authkey
    with suppress(OSError), Listener(meeting_point(key), "AF_UNIX", authkey=key) as listener:
        while found.empty():
            with suppress(AuthenticationError, EOFError):
                found.put(listener.accept())
