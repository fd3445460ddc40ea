"""The process of a generator that is told a text: the newest controls and picture in, one picture after the other out.

As fast as the model goes, up to its rate. Lets anything that goes wrong end the process: whoever
watches it starts a new one, and the ring keeps the last picture meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from visuals.clock import ticks
from visuals.errors import ModelError
from visuals.generator.opening import open_generator
from visuals.generator.worker import DREAM_HZ, _is_picture
from visuals.process import Post, Worker
from visuals.types import Controls, Pixels

BAD_IN_A_ROW = 3
"""Pictures that are none before the process ends, to be started anew with its model."""


@dataclass(frozen=True, slots=True)
class TextSettings:
    """What to dream with: the model's folder, the show's seed and prompts, the picture's size (width, height).

    `names` says which control each place of the ring `controls` holds; `rate_hz` is the most
    pictures a second.
    """

    folder: Path
    seed: int
    size: tuple[int, int]
    names: tuple[str, ...]
    prompts: Mapping[str, str]
    rate_hz: float = DREAM_HZ
    threads: int = 1


def run(post: Post, settings: TextSettings) -> None:
    """Dream until told to end.

    Needs the rings `controls` (float64 [len(names)]), `source` and `dream` (uint8 [h, w, 4]). Raises
    ModelError when the model gives no pictures.
    """
    with Worker(post, late_ms=1000.0 / settings.rate_hz) as worker:
        threads, prompts = settings.threads, settings.prompts
        generator = open_generator(settings.folder, settings.seed, settings.size, threads, prompts=prompts)
        controls: Controls = {}
        source: Pixels | None = None
        shown, bad = None, 0
        for due, late in ticks(worker.clock, settings.rate_hz):
            if worker.ended:
                break
            told, seen = worker.rings["controls"].read_new(), worker.rings["source"].read_new()
            if told is not None:
                controls = dict(zip(settings.names, map(float, told.data), strict=True))
            if seen is not None:
                source = seen.data if seen.flags else None
            with worker.meter.stage("dream"):
                frame = generator.generate(controls, due, source)
            if frame is not None and frame is not shown and _is_picture(frame):
                worker.rings["dream"].write(frame.pixels, time=frame.time)
                bad = 0
            else:
                bad += 1
                worker.meter.count("bad_pictures")
            if bad == BAD_IN_A_ROW:
                raise ModelError(f"{settings.folder}: gives no pictures: numbers not finite or one colour")
            shown = frame
            worker.meter.tick(late)
