"""The format feature by feature: a small shader for each, beside the picture that arithmetic says it draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from visuals.errors import ShaderError
from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.isf import load
from visuals.render.isf.program import TIME_PERIOD, Program
from visuals.types import Features

FIXTURES = Path(__file__).parent / "fixtures"
Array = npt.NDArray[np.float64]
Channels = Array | Sequence[float | Array]

W, H = SIZE = (16, 8)
X, Y = np.meshgrid((np.arange(W) + 0.5) / W, (np.arange(H) + 0.5) / H)
"""Where the pixels' centres are, 0 to 1; row 0 is at the bottom, as in all arrays here."""
_random = np.random.default_rng(4)
PICTURE, OTHER = _random.integers(0, 256, (2, H, W, 4)) / 255.0
SMALL = _random.integers(0, 256, (2, 4, 4)) / 255.0
IMPORTED = np.array([[[0, 255, 0, 255], [51, 51, 51, 102]], [[255, 0, 0, 255], [0, 51, 102, 255]]]) / 255.0
SPECTRUM, WAVE = np.linspace(0.0, 1.0, 256), np.linspace(-1.0, 0.6, 512)
HEARD = Features(0.0, {}, (), SPECTRUM.astype(np.float32), WAVE.astype(np.float32))
IMAGES = {
    "inputImage": PICTURE,
    "startImage": PICTURE,
    "endImage": OTHER,
    "sample": PICTURE,
    "small": SMALL,
}


@dataclass(frozen=True)
class Frame:
    """What a frame is given, and what it must show: four channels or a picture, 0 to 1."""

    right: Channels
    inputs: Mapping[str, float] = field(default_factory=dict)
    time: float = 0.0
    delta: float = 0.0
    size: Size = SIZE
    date: Sequence[float] = (2000.0, 1.0, 1.0, 0.0)
    images: Mapping[str, Array] = field(default_factory=lambda: IMAGES)
    features: Features | None = HEARD


def at(picture: Array, u: float | Array, v: float | Array) -> Array:
    """A picture read between its pixels, linearly, clamped to its edge."""
    height, width = picture.shape[:2]
    x, y = (np.clip(c * n - 0.5, 0.0, n - 1.0) for c, n in ((np.asarray(u), width), (np.asarray(v), height)))
    left, low = np.floor(x).astype(int), np.floor(y).astype(int)
    right, high = np.minimum(left + 1, width - 1), np.minimum(low + 1, height - 1)
    fx, fy = (x - left)[..., None], (y - low)[..., None]
    below = picture[low, left] * (1 - fx) + picture[low, right] * fx
    return np.asarray(below * (1 - fy) + (picture[high, left] * (1 - fx) + picture[high, right] * fx) * fy)


def row(values: Array) -> Array:
    """A sound's row, read across the picture."""
    return at(values[None, :, None], X, 0.5)[..., 0]


def blocks(picture: Array) -> Array:
    """Two by two pixels, each over a quarter."""
    return picture[(Y * 2).astype(int), (X * 2).astype(int)]


def still(*channels: float | Array) -> list[Frame]:
    return [Frame(channels)]


def picture(right: Array) -> list[Frame]:
    return [Frame(right)]


def sums(*reds: float, rest: Sequence[float] = (0.0, 0.0, 1.0)) -> list[Frame]:
    """Frames in which red grows."""
    return [Frame((red, *rest)) for red in reds]


FACES = np.array([[40 * n, 100 if n in (2, 3) else 200, 50, 255] for n in range(6)]) / 255.0
PLAIN = still(0.2, 0.4, 0.6, 1.0)
LEFT = X < 0.5
BARS = row(SPECTRUM.reshape(4, 64).mean(1))

RIGHT: Mapping[str, list[Frame]] = {
    # Inputs, and what they are where the file does not say.
    "float": [
        Frame((0.5, 0.6, 0.4, 0.8)),
        Frame((0.1, 0.3, 0.2, 0.7), {"bare": 0.1, "half_open": 0.2, "middle": 0.2, "clamped": 0.7}),
    ],
    "bool": [Frame((0.8, 0.2, 0.2, 0.8)), Frame((0.2, 0.8, 0.2, 0.8), {"bare": 0.0, "off": 1.0})],
    "event": [Frame((v,) * 4, {"hit": hit}) for hit, v in ((0, 0.2), (1, 1), (0.9, 0.2), (0.4, 0.2), (0.6, 1))],
    "long": [
        Frame((0.4, 0.3, 0.6, 0.2)),
        Frame((0.7, 0.9, 0.1, 0.8), {"listed": 7, "first": 9, "unlisted": 1, "ranged": 8}),
    ],
    "long_words": [Frame((0.2, 0.0, 0.5, 0.5)), Frame((0.1, 0.1, 0.5, 0.5), {"word": 1, "first": 1})],
    "point2D": [
        Frame((0.1, 0.1, 0.25, 0.75)),
        Frame((0.3, 0.5, 0.25, 0.5), {"bare.x": 0.2, "bare.y": 0.4, "pixels.y": 4}),
    ],
    "color": [Frame((0.1, 0.2, 0.4, 0.8)), Frame((0.1, 0.9, 0.4, 0.8), {"tint.g": 0.9})],
    "color_bare": still(1, 1, 1, 1),
    # Sound.
    "audio": [Frame((0.5,) * 4, features=None), Frame((*[row(WAVE * 0.5 + 0.5)] * 3, 0.5))],
    "audio_fft": [Frame((0, 0, 1, 0.5), features=None), Frame((BARS, BARS, 1, 0.5))],
    "audio_volume": still(WAVE.mean() * 0.5 + 0.5, SPECTRUM.mean(), 0.5, 0.5),
    "shadertoy_sound": still(
        row(np.interp(np.linspace(0, 255, 512), np.arange(256), SPECTRUM)), row(WAVE * 0.5 + 0.5), 0.25, 1
    ),
    # Pictures.
    "image": picture(PICTURE),
    "image_norm": picture(PICTURE[..., [1, 2, 3, 0]]),
    "image_missing": [Frame((0.2, 0, 0, 0), images={})],
    "img_pixel": picture(at(SMALL, X, Y)),
    "img_norm_pixel": picture(at(SMALL, X * 2 - 0.5, Y * 2 - 0.5)),
    "img_size": still(0.4, 0.2, 0, 1),
    "img_bias": picture(PICTURE),
    "img_nested": picture(at(PICTURE, blocks(SMALL)[..., 0], 0.5625)),
    "img_parameter": picture(PICTURE[:, ::-1]),
    "img_macro": picture(PICTURE[::-1]),
    "img_lines": picture(PICTURE[np.maximum(np.arange(H), 4)]),
    "img_uniforms": still(0.5, 0.5, 0.4, 0.2),
    # What is always there.
    "time": [
        Frame((0.0, 0.0, 0.0, 1.0)),
        Frame((0.1, 0.5, 0.1, 1.0), time=1.0, delta=0.5),
        Frame((0.453125, 0.0, 0.2, 1.0), time=3 * TIME_PERIOD + 4.53125),
    ],
    "date": [Frame((0.5065, 0.275, 0.525, 0.75), date=(2026, 11, 21, 64_800))],
    "coordinates": still(X, Y, X * W / 20, Y * H / 20),
    "coordinate_global": still(X / 2, Y / 2, 0.8, 0.4),
    # Passes.
    "pass_order": still(0.6, 0.4, 0, 1),
    "pass_size": still(0.4, 0.3, 0.8, 0.4),
    "pass_keeps": sums(0.2, 0.4, 0.6),
    "pass_forgets": sums(0.2, 0.2, 0.2),
    "pass_words": sums(0.2, 0.4, 0.6, rest=(0, 0, 0)),
    "pass_float": still(0.5, 0.4, 0.6, 0.2),
    "pass_input_size": [
        Frame((0.2, 0.4, 0, 1)),
        Frame((0.4, 0.2, 0, 1), {"count": 9, "tall": 0, "steps": 2}),
        Frame((0.1, 0.1, 0, 1), {"count": 1, "tall": 0}),
    ],
    "pass_plain_size": still(0.4, 0.2, 0.1, 0.7),
    "pass_last_target": [Frame((0.2, 0.1, 0, 0.5)), Frame((0.4, 0.2, 0, 1))],
    "pass_resize": [
        Frame((0.2,) * 4),
        Frame((0.4,) * 4),
        Frame((0.2,) * 4, size=(8, 8)),
        Frame((0.4,) * 4, size=(8, 8)),
    ],
    "pass_twelve": still(*[240 / 255] * 4),
    "pass_discard": [Frame((1,) * 4), Frame([np.where(LEFT, 0, 1)] * 4)],
    # Pictures the file brings.
    "imported_dict": picture(blocks(IMPORTED)),
    "imported_list": still(0, 1, 0, 0.5),
    "imported_missing": still(0, 0.2, 0, 0.4),
    "imported_cube": picture(FACES[(X * 6).astype(int)]),
    # Vertex shaders.
    "vertex_varying": still(0.25 + 0.5 * X, 0.75 * Y, 0, 1),
    "vertex_inputs": [Frame((0.6, 0.2 + SMALL[0, 0, 0], 0, 1), {"x": 0.2}, time=4.0)],
    "vertex_coordinate": still(X / 2 + 0.25, Y / 2 + 0.25, np.clip(X * 2 - 1, 0, 1), Y / 2 + 0.25),
    "vertex_old": still(X / 2, Y / 2, X, Y),
    # ISF 1.
    "isf1_list": [Frame((0.2, 0.2, 0, 0.5)), Frame((0.4, 0.4, 0, 0.5)), Frame((0.5, 0.5, 0, 0.5))],
    "isf1_dict": [Frame((0.2 * n, 0.05 * n, 0, 0.5 * n)) for n in (1, 2)],
    "isf1_coordinate": still(X, Y, 0, 1),
    # The file.
    "file_text_before": still(0.2, 0.4, 0.7, 1),
    "file_bom": PLAIN,
    "file_crlf": PLAIN,
    "file_cr": PLAIN,
    "file_latin1": PLAIN,
    "json_lenient": PLAIN,
    "json_commas": PLAIN,
    # GLSL as it is written.
    "own_uniform": [Frame((0.1, 0.3, 0.25, X), {"x": 0.3}, time=1.0)],
    "frag_data": still(0.2, 0.4, 0.6, 0.8),
    "no_colour": still(0, 0, 0, 0),
    "discard": [Frame((0.6,) * 4), Frame([np.where(LEFT, 0, 0.6)] * 4)],
    "reserved_input": [Frame((0.3, PICTURE[..., 0], 0.6, 0.8), {"filter": 0.3, "default.x": 0.8})],
    "reserved_variable": still(0.2, 0.4, 0.6, 0.8),
    "input_hides_function": still(0.2, 0.25, 0.4, 0.5),
    "macro_twice": still(0.4, 0.6, 0.2, 1),
    "macro_short": still(0.2, 0.8, 0.4, 1),
    "overload": still(0.2, 0.5, 0.5, 0.8),
    "write_coordinate": still(0.16, Y * H / 10, 0.2, 1),
    "version_extension": still(0.2, 0.4, 0.35, 1),
    "version_branch": PLAIN,
    "old_words": still(PICTURE[..., 0], SMALL[1, 0, 0], PICTURE[..., 2], at(SMALL, 0.375, 0.25)[3]),
    "int_for_float": still(1, 0.6, 0.2, 1),
    "own_output": PLAIN,
    "left_over": still(*np.moveaxis(PICTURE[..., :3], -1, 0), PICTURE[-1, 0, 3] / 2),
    # What is no number becomes 0: on the wall, and in what is kept.
    "nan_output": still(0, 0, 0, 0.4),
    "nan_float": [Frame((0.2, g, 0.2, 1)) for g in (0.4, 0.6, 0.8)],
    "nan_persistent": [Frame((0, g, 0.4, 1)) for g in (0.2, 0.4, 0.6)],
    # Transitions.
    "transition": [Frame(PICTURE * (1 - p) + OTHER * p, {"progress": p}) for p in (0.0, 0.4, 1.0)],
    "gl_transition": [
        Frame(
            [
                np.where(LEFT, PICTURE[..., n] * (1 - p) + OTHER[..., n] * p, rest)
                for n, rest in enumerate((0.5, 0.25, 0.3, 0.5))
            ],
            {"progress": p},
        )
        for p in (0.0, 0.4, 1.0)
    ],
}

FAULTS = {
    "fault_fragment.fs": "fault_fragment.fs:7: `nothing' undeclared",
    "fault_vertex.fs": "fault_vertex.vs:3: `nothing' undeclared",
    "fault_include.fs": "fault_include.fs:6: preprocessor error: #error expected all of a shader in one file",
    "fault_common/Image.glsl": "fault_common/Common.glsl:2: `nothing' undeclared",
}


@pytest.fixture(scope="module")
def textures(gpu: Gpu) -> Iterator[dict[str, Texture]]:
    made = {name: gpu.texture((pixels.shape[1], pixels.shape[0])) for name, pixels in IMAGES.items()}
    for name, texture in made.items():
        texture.write(np.round(IMAGES[name] * 255.0).astype(np.uint8))
    yield made
    for texture in made.values():
        texture.release()


@pytest.mark.parametrize("name", RIGHT)
def test_draws_what_is_right(gpu: Gpu, textures: dict[str, Texture], name: str) -> None:
    program = Program(gpu, load(next(FIXTURES.glob(f"{name}.[fg]*")), FIXTURES))
    for n, frame in enumerate(RIGHT[name]):
        target = gpu.target(frame.size)
        given = {image: textures[image] for image in frame.images}
        told = {"time": frame.time, "delta": frame.delta, "frame": n, "date": frame.date}
        program.draw(target, inputs=frame.inputs, images=given, features=frame.features, **told)
        right = frame.right if isinstance(frame.right, np.ndarray) else np.stack(np.broadcast_arrays(*frame.right), -1)
        away = np.abs(target.read() - 255.0 * right).max(axis=(0, 1))
        assert away.max() <= 1.0, f"frame {n}: {away} of 255 away"
        target.release()
    program.release()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_file_and_line(gpu: Gpu, name: str) -> None:
    with pytest.raises(ShaderError) as caught:
        Program(gpu, load(FIXTURES / name))
    assert str(caught.value).startswith(str(FIXTURES / FAULTS[name]))


def test_every_fixture_is_tried() -> None:
    found = {path.relative_to(FIXTURES).as_posix() for end in ("fs", "glsl") for path in FIXTURES.rglob(f"*.{end}")}
    tried = {name for name in found if Path(name).stem in RIGHT} | FAULTS.keys()
    assert found - tried == {"fault_common/Common.glsl"}
    assert len(tried) == len(RIGHT) + len(FAULTS)
