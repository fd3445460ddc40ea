"""What flashes on purpose: pictures for the guard, made from a number of frame and a rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Source = Callable[[float], Picture]
SIZE = (48, 27)
WHITE, BLACK, RED, BLUE = (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 0, 255)
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255)]


def flat(colour: tuple[int, int, int], size: tuple[int, int] = SIZE) -> Picture:
    picture = np.full((size[1], size[0], 4), 255, np.uint8)
    picture[..., :3] = colour
    return picture


def square(hz: float, on: tuple[int, int, int] = WHITE, off: tuple[int, int, int] = BLACK) -> Source:
    return lambda t: flat(on if (t * hz + 1e-6) % 1.0 < 0.5 else off)


def sine(hz: float) -> Source:
    def draw(t: float) -> Picture:
        v = round(127.5 + 127.5 * np.sin(2 * np.pi * hz * t))
        return flat((v, v, v))

    return draw


def part(share: float, hz: float, over: tuple[int, int, int] = BLACK) -> Source:
    def draw(t: float) -> Picture:
        picture = flat(over)
        picture[:, : int(np.ceil(SIZE[0] * share))] = flat(WHITE if (t * hz + 1e-6) % 1.0 < 0.5 else BLACK)[:, :1]
        return picture

    return draw


def halves(hz: float) -> Source:
    def draw(t: float) -> Picture:
        left = (t * hz + 1e-6) % 1.0 < 0.5
        picture = flat(WHITE if left else BLACK)
        picture[:, SIZE[0] // 2 :] = flat(BLACK if left else WHITE)[:, :1]
        return picture

    return draw


def chequers(hz: float, cell: int) -> Source:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] // cell

    def draw(t: float) -> Picture:
        picture = flat(BLACK)
        picture[(x + y + int(t * hz * 2 + 1e-6)) % 2 == 0] = 255
        return picture

    return draw


def wandering(hz: float) -> Source:
    """A flash of a third of the picture that moves on, so that no pixel flashes often."""

    def draw(t: float) -> Picture:
        picture = flat((20, 20, 20))
        if (t * hz + 1e-6) % 1.0 < 0.5:
            third = int(t * hz + 1e-6) % 3 * SIZE[0] // 3
            picture[:, third : third + SIZE[0] // 3] = 255
        return picture

    return draw


def cuts(every: int, fps: float) -> Source:
    """Scenes of coarse random colours, a new one each `every` frames."""

    def draw(t: float) -> Picture:
        random = np.random.default_rng(1 + round(t * fps) // every)
        coarse = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        picture = flat(BLACK)
        picture[..., :3] = coarse.repeat(9, 0).repeat(12, 1)
        return picture

    return draw


def clipped(fps: float) -> Source:
    """A strobe driven by a clipped signal: full on or off at irregular times."""
    random = np.random.default_rng(5)
    on = np.cumsum(random.random(4000) < 18.0 / fps) % 2
    return lambda t: flat(WHITE if on[round(t * fps)] else BLACK)


def decays(fps: float) -> Source:
    """Flashes at irregular times, each dying away over a quarter of a second."""
    random = np.random.default_rng(6)
    hits = random.random(4000) < 7.0 / fps

    def draw(t: float) -> Picture:
        now = round(t * fps)
        last = next((now - k for k in range(now, -1, -1) if hits[k]), 10**6)
        v = round(255 * np.exp(-last / fps / 0.08))
        return flat((v, v, v))

    return draw


def colours(hz: float) -> Source:
    return lambda t: flat(COLOURS[int(t * hz + 1e-6) % len(COLOURS)])


def noise(fps: float, hz: float) -> Source:
    def draw(t: float) -> Picture:
        random = np.random.default_rng(round(t * fps) // max(1, round(fps / hz)))
        picture = flat(BLACK)
        picture[random.random(picture.shape[:2]) < 0.5] = 255
        return picture

    return draw


def bars(sweeps: float, count: int) -> Source:
    """Bars that sweep over the picture, `sweeps` times a second each."""

    def draw(t: float) -> Picture:
        picture = flat(BLACK)
        picture[:, ((np.arange(SIZE[0]) / SIZE[0] - t * sweeps) * count) % 1.0 < 0.5] = 255
        return picture

    return draw


def drifting(hz: float) -> Source:
    """Three small areas that flash in step, and wander."""

    def draw(t: float) -> Picture:
        picture = flat((30, 30, 30))
        if (t * hz + 1e-6) % 1.0 < 0.5:
            for k in range(3):
                x = int(6 + 14 * k + 5 * np.sin(t + k))
                y = int(8 + 6 * np.cos(0.7 * t + k))
                picture[max(0, y - 7) : y + 8, max(0, x - 6) : x + 7] = 255
        return picture

    return draw


def changing(fps: float) -> Source:
    """A second that passes, two that fail, two that pass, and again."""
    fast, slow = square(12.0), sine(0.5)
    return lambda t: fast(t) if 1.0 <= t % 5.0 < 3.0 else slow(t)


def everything(fps: float) -> Iterator[tuple[str, Source]]:
    for hz in (4.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0):
        if hz <= fps / 2:
            yield f"square {hz:g} Hz", square(hz)
    yield "sine 6 Hz", sine(6.0)
    yield "red and blue 8 Hz", square(8.0, RED, BLUE)
    yield "red and black 5 Hz", square(5.0, RED)
    yield "grey and dark 9 Hz", square(9.0, (140, 140, 140), (90, 90, 90))
    yield "26 % 10 Hz", part(0.26, 10.0)
    yield "26 % on white 10 Hz", part(0.26, 10.0, WHITE)
    yield "halves 8 Hz", halves(8.0)
    yield "scene cuts", cuts(5, fps)
    yield "scene cuts, quick", cuts(2, fps)
    yield "clipped", clipped(fps)
    yield "decays", decays(fps)
    yield "colours 12 a second", colours(12.0)
    yield "noise", noise(fps, fps)
    yield "noise 10 Hz", noise(fps, 10.0)
    yield "chequers", chequers(10.0, 3)
    yield "fine chequers", chequers(7.5, 1)
    yield "bars", bars(1.0, 6)
    yield "quick bars", bars(4.0, 2)
    yield "drifting", drifting(9.0)
    yield "changing", changing(fps)
