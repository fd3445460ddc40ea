"""The player's process: waits for its turn, then ticks until it is told to end.

It knows time and turns; what a tick does is the `Player`'s.
"""

from __future__ import annotations

import gc
import os
import sys

import cv2

from visuals.clock import sleep, ticks
from visuals.process import Post, Worker
from visuals.wall.player import Player, PlayerSettings

IDLE_EVERY_S = 1.0
TURN_S = 0.002
"""How often a spare player asks whether it is its turn: a fallen one costs a tick."""

THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""What a tick may work with at once: of two cores the other one draws."""

SWITCH_S = 0.0005
"""How long a recording or window thread may keep the interpreter while a tick is due."""


def run(post: Post, settings: PlayerSettings) -> None:
    """Play until told to end, as soon as no other player does.

    Rings, all optional: canvas, features, override, sound in; sent, flash, keys, log out.
    """
    # The picture must not wait while a thread of an output holds the interpreter.
    sys.setswitchinterval(SWITCH_S)
    cv2.setNumThreads(THREADS)
    with Worker(post, late_ms=4.0) as worker:
        sound = post.rings.get("sound")
        player = Player(settings, worker.rings, worker.clock, worker.log, worker.meter, sound, waiting=True)
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            if _has_turn(worker):
                player.begin(worker.clock.now())
                worker.meter.begin()
                player.step(now := worker.clock.now(), now)  # the tick that the fallen one owes
                _play(worker, player, settings.rate_hz)
        finally:
            player.close()


def _has_turn(worker: Worker) -> bool:
    """Wait until this player is the one that plays; False when it is told to end before."""
    post, sent = worker.post, worker.rings.get("sent")
    if post.spare:
        worker.settle()
        worker.introduce(ready=True)
    while sent is not None and not sent.claim():
        if worker.ended:
            return False
        sleep(TURN_S)
    if post.spare:
        worker.introduce()
    return True


def _play(worker: Worker, player: Player, rate_hz: float) -> None:
    idled = 0.0
    for due, late in ticks(worker.clock, rate_hz):
        player.step(worker.clock.now(), due)
        worker.meter.tick(late)
        if due - idled >= IDLE_EVERY_S:
            idled = due
            player.idle()
        if worker.ended:
            return
