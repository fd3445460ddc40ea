"""What a picture of the project's own model costs, beside diffusers' own classes on the same weights.

Sizes and threads are those of the promise; the start is that of a new process. A model of SD-Turbo's
shape is measured where there is a GPU, see `turbo`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from visuals.bench import turbo
from visuals.bench.figures import Figure, Peer, Work, compare, figure
from visuals.bench.plain import Plain
from visuals.clock import monotonic
from visuals.errors import ModelError
from visuals.generator.backends import Step, example, open_step
from visuals.generator.backends.conversion import prepared
from visuals.generator.backends.openvino import OpenvinoStep, precisions
from visuals.generator.card import Card, read_card
from visuals.generator.ladder import Size, picture_size
from visuals.generator.prism import Prism
from visuals.generator.worker import DREAM_HZ
from visuals.library import ROOT

MODEL = ROOT / "models" / "prism"
CANVAS = (512, 256)
SIZES = ((256, 256), (512, 256))
THREADS = (1, 2)
CONTROLS = {"walk": 0.5, "energy": 0.6, "hue": 0.3, "symmetry": 0.2, "memory": 0.3, "zoom": 0.1, "rotate": 0.02}
WARM_STARTS = 3
START_LIMIT_S = 300.0

START = """
import sys
from pathlib import Path
from visuals.clock import monotonic
from visuals.generator.prism import Prism
size = int(sys.argv[2]), int(sys.argv[3])
assert Prism(Path(sys.argv[1]), 1, size).generate({}, 0.0) is not None
print(monotonic())
"""


def run(seconds: float) -> list[Figure]:
    """Raises ModelError where the model is not there."""
    if not MODEL.is_dir():
        raise ModelError(f"no model: {MODEL.relative_to(ROOT)} is not there")
    card = read_card(MODEL)
    figures = [_picture(seconds)]
    for size in SIZES:
        for threads in THREADS:
            figures += _steps(card, size, threads, seconds)
    return [*figures, *_starts(), *turbo.run(seconds)]


def _picture(seconds: float) -> Figure:
    """All that a frame costs, beside its network alone."""
    size = picture_size(CANVAS)
    prism = Prism(MODEL, seed=7, size=size)
    card = prism.card
    network, inputs = open_step(card, size), example(card, size)
    about = f"one picture of {_named(size)}: walk, condition, memory and network, on one core; SD-Turbo's shape: "
    peer = Peer(f"bare network, {prism.backend}", Work(lambda _: network(inputs)))
    ours = Work(lambda time: prism.generate(CONTROLS, time), _times())
    return compare("model.picture", about + turbo.state(), seconds, ours, peer)


def _steps(card: Card, size: Size, threads: int, seconds: float) -> list[Figure]:
    """One step of each backend and precision there is here, beside plain diffusers with as many threads."""
    plain, inputs = Plain(card, threads), example(card, size)
    graph = prepared(card)
    quick = (OpenvinoStep(graph, size, threads, one) for one in precisions(graph)) if graph else ()
    steps: dict[str, Step] = {step.name.replace(" ", "."): step for step in quick}
    steps["torch"] = open_step(card, size, threads, "torch")
    if turbo.usable():
        steps["cuda"] = open_step(card, size, threads, "cuda")

    def figure_of(name: str, step: Step) -> Figure:
        about = f"one step to {_named(size)}, {step.name}, {threads} threads; the peer: its classes as documented"
        peer = Peer("plain diffusers, torch f32", Work(lambda _: plain(inputs)))
        what = f"model.step.{name}.{_named(size)}.{threads}t"
        return compare(what, about, seconds, Work(lambda _: step(inputs)), peer)

    return [figure_of(name, step) for name, step in steps.items()]


def _starts() -> list[Figure]:
    """From the start of a process to its first picture: with nothing prepared, and as every day."""
    with tempfile.TemporaryDirectory() as cache:
        told = os.environ | {"XDG_CACHE_HOME": cache}
        cold, *warm = (_start(told) for _ in range(1 + WARM_STARTS))
    about = f"a new process to its first picture of {_named(picture_size(CANVAS))}"
    return [
        figure("model.start.cold", f"{about}, converting the model first", "ms", [cold], None, []),
        figure("model.start.warm", f"{about}, the converted model on disk", "ms", warm, None, []),
    ]


def _start(environment: Mapping[str, str]) -> float:
    size = picture_size(CANVAS)
    command = [sys.executable, "-c", START, str(MODEL), *map(str, size)]
    begun = monotonic()
    try:
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=START_LIMIT_S, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"no first picture from {Path(sys.executable).name}: {error}") from error
    return 1e3 * (float(done.stdout) - begun)


def _times() -> Iterator[float]:
    n = 0
    while True:
        yield n / DREAM_HZ
        n += 1


def _named(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
