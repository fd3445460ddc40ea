"""What a frame of the compositor costs, beside a bare clear and read-back of the same size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from visuals.bench.figures import Figure, Peer, Work, compare
from visuals.bench.tape import TapedGpu
from visuals.library import ROOT, Library
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu, Size
from visuals.render.materials import Materials
from visuals.types import Features, Frame, Layer, Look, Part, Pixels, Scene, Show
from visuals.vocabulary import SIGNALS

CANVAS = (512, 256)
FPS = 60.0
FRAMES_PER_DREAM = 2
LAYERS = (
    Layer("dream", "model", "aurora"),
    Layer("haze", "shader", "generators/haze", blend="screen", opacity=0.6),
    Layer("glow", "shader", "filters/glow"),
)


STACKS = ((512, 256), (1280, 720))
COUNTS = (1, 4, 12)
SHADERS = ("generators/rings", "generators/waves", "generators/haze", "generators/beams")


def run(seconds: float) -> list[Figure]:
    """Raises DeviceError where there is no OpenGL."""
    return [_frame(seconds), *(_stack(size, many, seconds) for size in STACKS for many in COUNTS)]


def _stack(size: Size, many: int, seconds: float) -> Figure:
    """A frame of some layers, and the same GL calls with nothing around them."""
    layers = tuple(Layer(f"l{n}", "shader", SHADERS[n % len(SHADERS)], blend="screen") for n in range(many))
    show = Show("Bench", ROOT, size, FPS, 7, None, None, {"scene": Scene("scene", layers)})
    with TapedGpu() as gpu, Compositor(gpu, Materials(show, Library(ROOT).isf)) as compositor:
        ours = Work(lambda look: compositor.render(look, None, None), _looks())
        gpu.tape.runs = True
        ours.call(next(ours.feed))
        gpu.tape.runs = False
        about = f"{many} layers of {size[0]}x{size[1]}, beside the same GL calls with nothing around them"
        peer = Peer("bare moderngl", Work(lambda _: gpu.tape.play()))
        return compare(f"render.layers.{size[0]}x{size[1]}.{many}", about, seconds, ours, peer)


def _looks() -> Iterator[Look]:
    """Looks at 60 a second in which every layer is moved."""
    for n in count():
        controls = {f"l{k}.opacity": 0.5 + 0.4 * np.sin(n / FPS + k) for k in range(max(COUNTS))}
        yield Look(n / FPS, (Part("scene", 1.0, controls),))


def _frame(seconds: float) -> Figure:
    show = Show("Bench", ROOT, CANVAS, FPS, 7, None, None, {"scene": Scene("scene", LAYERS)})
    with Gpu() as gpu, Compositor(gpu, Materials(show, Library(ROOT).isf)) as compositor:
        target = gpu.target(CANVAS)
        bare = target.framebuffer

        def clear_and_read(_: object) -> bytes:
            bare.clear(0.2, 0.4, 0.6, 1.0)
            return bytes(bare.read(components=4))

        about = f"one frame of {CANVAS[0]}x{CANVAS[1]}, read back: dream, haze, glow; {gpu.name}"
        ours = Work(lambda seen: compositor.render(*seen), _frames())
        measured = compare("render.frame", about, seconds, ours, Peer("bare clear and read", Work(clear_and_read)))
        target.release()
    return measured


def _frames() -> Iterator[tuple[Look, Frame, Features]]:
    """Looks at 60 a second with a new dream for every other one, each made off the clock."""
    signals = {name: term.rest for name, term in SIGNALS.items()}
    chance = np.random.default_rng(7)
    features = Features(0.0, signals, (), chance.random(256, np.float32), chance.random(512, np.float32) * 2 - 1)
    dreams = [_dream(n) for n in range(4)]
    n = 0
    while True:
        time, dream = n / FPS, n // FRAMES_PER_DREAM
        pixels = dreams[dream % len(dreams)]
        controls = {"haze.density": 0.5 + 0.4 * np.sin(time), "dream.opacity": 1.0}
        yield Look(time, (Part("scene", 1.0, controls),)), Frame(dream, time, pixels), features
        n += 1


def _dream(n: int) -> Pixels:
    """Waves of colour, each number others."""
    y, x = np.mgrid[0 : CANVAS[1], 0 : CANVAS[0]] / CANVAS[1]
    waves = [np.sin(5.0 * x + n + k) * np.cos(4.0 * y + k) for k in range(3)]
    pixels = np.full((CANVAS[1], CANVAS[0], 4), 255, np.uint8)
    pixels[..., :3] = np.stack([127.5 + 127.0 * wave for wave in waves], axis=-1)
    return pixels
