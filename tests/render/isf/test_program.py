"""Shaders whose right answer can be computed: exact to one step of 255."""

from __future__ import annotations

import numpy as np
import pytest

from tests.render.conftest import Write
from visuals.errors import ShaderError
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.isf.program import TIME_PERIOD, Program
from visuals.render.still import still
from visuals.types import Features

SIZE = (16, 8)


def near(pixels: np.ndarray, *rgba: float) -> None:
    assert np.abs(pixels.astype(float) - np.multiply(rgba, 255.0)).max() <= 1.0, (pixels.reshape(-1, 4)[0], rgba)


@pytest.mark.parametrize(
    ("declared", "expression", "inputs", "rgba"),
    [
        ('{"NAME": "x", "TYPE": "float"}', "vec4(x)", {}, (0.5,) * 4),
        ('{"NAME": "x", "TYPE": "float"}', "vec4(x)", {"x": 0.2}, (0.2,) * 4),
        ('{"NAME": "x", "TYPE": "bool", "DEFAULT": false}', "vec4(x ? 0.8 : 0.4)", {}, (0.4,) * 4),
        ('{"NAME": "x", "TYPE": "bool"}', "vec4(x ? 0.8 : 0.4)", {}, (0.8,) * 4),
        ('{"NAME": "x", "TYPE": "long", "VALUES": [2, 5]}', "vec4(float(x) / 10.0)", {"x": 5.0}, (0.5,) * 4),
        ('{"NAME": "x", "TYPE": "event"}', "vec4(x ? 1.0 : 0.2)", {"x": 1.0}, (1.0,) * 4),
        ('{"NAME": "x", "TYPE": "point2D"}', "vec4(x, 0, 1)", {"x.x": 0.2, "x.y": 0.6}, (0.2, 0.6, 0.0, 1.0)),
        (
            '{"NAME": "x", "TYPE": "color", "DEFAULT": [0.1, 0.2, 0.3, 1]}',
            "x",
            {"x.g": 0.9},
            (0.1, 0.9, 0.3, 1.0),
        ),
        ("", "vec4(RENDERSIZE / 100.0, float(PASSINDEX), 1)", {}, (0.16, 0.08, 0.0, 1.0)),
        ("", "vec4(TIME / 10.0, TIMEDELTA, float(FRAMEINDEX), 1)", {}, (0.3, 0.0, 0.0, 1.0)),
        ("", "vec4(DATE.x / 4000.0, DATE.yz / 10.0, 1)", {}, (0.5, 0.1, 0.1, 1.0)),
    ],
)
def test_inputs(
    gpu: Gpu, write: Write, declared: str, expression: str, inputs: dict[str, float], rgba: tuple[float, ...]
) -> None:
    isf = load(write(f'{{"INPUTS": [{declared}]}}', f"gl_FragColor = {expression};"))
    near(still(gpu, isf, SIZE, time=3.0, inputs=inputs), *rgba)


def test_row_0_is_on_top(gpu: Gpu, write: Write) -> None:
    picture = still(gpu, load(write("{}", "gl_FragColor = vec4(isf_FragNormCoord, 0.0, 1.0);")), SIZE)
    near(picture[0, 0], 0.5 / 16, 7.5 / 8, 0.0, 1.0)
    near(picture[-1, -1], 15.5 / 16, 0.5 / 8, 0.0, 1.0)


def test_images_are_read_by_their_own_size(gpu: Gpu, write: Write) -> None:
    texture = gpu.texture((2, 1))
    texture.write(np.array([[[255, 0, 0, 255], [0, 0, 255, 255]]], np.uint8))
    header = '{"INPUTS": [{"NAME": "image", "TYPE": "image"}]}'
    main = """gl_FragColor = gl_FragCoord.x < 8.0 ? IMG_PIXEL(image, vec2(1.5, 0.5))
        : vec4(IMG_SIZE(image) / 10.0, IMG_NORM_PIXEL(image, vec2(0.0)).r, _image_imgSize.x / 10.0);"""
    picture = still(gpu, load(write(header, main)), SIZE, images={"image": texture})
    near(picture[:, 0], 0.0, 0.0, 1.0, 1.0)
    near(picture[:, -1], 0.2, 0.1, 1.0, 0.2)
    texture.release()


def test_a_missing_image_is_transparent(gpu: Gpu, write: Write) -> None:
    isf = load(
        write('{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}', "gl_FragColor = IMG_THIS_PIXEL(inputImage);")
    )
    near(still(gpu, isf, SIZE), 0.0, 0.0, 0.0, 0.0)


def test_an_event_is_true_for_one_frame(gpu: Gpu, write: Write) -> None:
    isf = load(write('{"INPUTS": [{"NAME": "hit", "TYPE": "event"}]}', "gl_FragColor = vec4(hit ? 1.0 : 0.0);"))
    program, target = Program(gpu, isf), gpu.target(SIZE)
    seen = []
    for value in (0.0, 1.0, 0.9, 0.4, 0.6):
        program.draw(target, time=0.0, inputs={"hit": value})
        seen.append(int(target.read()[0, 0, 0]) // 255)
    assert seen == [0, 1, 0, 0, 1]
    program.release()
    target.release()


def test_sound_textures(gpu: Gpu, write: Write) -> None:
    header = '{"INPUTS": [{"NAME": "wave", "TYPE": "audio"}, {"NAME": "fft", "TYPE": "audioFFT"}]}'
    main = "gl_FragColor = vec4(IMG_NORM_PIXEL(wave, vec2(0.9, 0.5)).rg, IMG_NORM_PIXEL(fft, vec2(0.1, 0.5)).ba);"
    isf = load(write(header, main))
    features = Features(0.0, {}, (), np.full(256, 0.25, np.float32), np.full(512, -0.5, np.float32))
    near(still(gpu, isf, SIZE, features=features), 0.25, 0.25, 0.25, 1.0)
    near(still(gpu, isf, SIZE), 0.5, 0.5, 0.0, 1.0)


def test_later_passes_see_what_earlier_ones_drew(gpu: Gpu, write: Write) -> None:
    header = '{"PASSES": [{"TARGET": "a", "WIDTH": "4", "HEIGHT": "$HEIGHT/4"}, {"TARGET": "b", "FLOAT": true}, {}]}'
    main = """if (PASSINDEX == 0) gl_FragColor = vec4(RENDERSIZE / 10.0, 0.0, 1.0);
        else if (PASSINDEX == 1) gl_FragColor = IMG_THIS_PIXEL(a) * 3.0;
        else gl_FragColor = IMG_THIS_PIXEL(b) / 3.0;"""
    near(still(gpu, load(write(header, main)), SIZE), 0.4, 0.2, 0.0, 1.0)


def test_a_persistent_pass_reads_its_last_frame(gpu: Gpu, write: Write) -> None:
    header = '{"PASSES": [{"TARGET": "sum", "PERSISTENT": true, "FLOAT": true}, {}]}'
    main = """if (PASSINDEX == 0) gl_FragColor = IMG_THIS_PIXEL(sum) + vec4(0.1, 0.0, 0.0, 1.0);
        else gl_FragColor = vec4(IMG_THIS_PIXEL(sum).rgb, 1.0);"""
    isf = load(write(header, main))
    near(still(gpu, isf, SIZE, frames=7), 0.7, 0.0, 0.0, 1.0)
    near(still(gpu, isf, SIZE, frames=1), 0.1, 0.0, 0.0, 1.0)


def test_a_temporary_target_starts_empty(gpu: Gpu, write: Write) -> None:
    header = '{"PASSES": [{"TARGET": "sum"}, {}]}'
    main = "gl_FragColor = IMG_THIS_PIXEL(sum) + (PASSINDEX == 0 ? vec4(0.1, 0.0, 0.0, 1.0) : vec4(0.0));"
    near(still(gpu, load(write(header, main)), SIZE, frames=3), 0.1, 0.0, 0.0, 1.0)


def test_a_last_pass_with_a_target_is_shown_and_kept(gpu: Gpu, write: Write) -> None:
    header = '{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "WIDTH": "4", "HEIGHT": "4"}]}'
    isf = load(write(header, "gl_FragColor = IMG_THIS_PIXEL(kept) + vec4(0.2, 0.0, 0.0, 0.5);"))
    near(still(gpu, isf, SIZE, frames=2), 0.4, 0.0, 0.0, 1.0)


def test_an_input_sizes_a_target_and_a_new_size_starts_empty(gpu: Gpu, write: Write) -> None:
    header = """{"INPUTS": [{"NAME": "n", "TYPE": "float", "MIN": 1, "MAX": 9}],
        "PASSES": [{"TARGET": "kept", "PERSISTENT": true, "WIDTH": "$n", "HEIGHT": "1"}]}"""
    isf = load(write(header, "gl_FragColor = vec4(RENDERSIZE.x / 10.0, IMG_THIS_PIXEL(kept).g + 0.1, 0.0, 1.0);"))
    program, target = Program(gpu, isf), gpu.target(SIZE)
    for n, green in ((3.0, 0.1), (3.0, 0.2), (6.0, 0.1)):
        program.draw(target, time=0.0, inputs={"n": n})
        near(target.read(), n / 10.0, green, 0.0, 1.0)
    program.release()
    target.release()


def test_what_is_discarded_shows_no_older_frame(gpu: Gpu, write: Write) -> None:
    isf = load(write("{}", "if (gl_FragCoord.x < 8.0 && FRAMEINDEX > 0) discard; gl_FragColor = vec4(1.0);"))
    picture = still(gpu, isf, SIZE, frames=2)
    near(picture[:, :8], 0.0, 0.0, 0.0, 0.0)
    near(picture[:, 8:], 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("poison", ["sqrt(-1.0 - TIME)", "1.0 / (TIME - TIME)", "log(TIME - TIME)"])
def test_what_is_no_number_becomes_zero(gpu: Gpu, write: Write, poison: str) -> None:
    header = '{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "FLOAT": true}, {}]}'
    main = f"""if (PASSINDEX == 0) gl_FragColor = vec4({poison}, 0.4, 0.0, 1.0);
        else gl_FragColor = vec4(IMG_THIS_PIXEL(kept).rg * 0.5 + 0.25, {poison}, 1.0);"""
    near(still(gpu, load(write(header, main)), SIZE, time=1.0), 0.25, 0.45, 0.0, 1.0)


def test_time_stays_exact_for_hours(gpu: Gpu, write: Write) -> None:
    isf = load(write("{}", "gl_FragColor = vec4(fract(TIME), fract(TIME * 16.0), 0.0, 1.0);"))
    near(still(gpu, isf, SIZE, time=4 * 3600 + 0.53125), 0.53125, 0.5, 0.0, 1.0)
    near(still(gpu, isf, SIZE, time=1000 * TIME_PERIOD + 0.53125), 0.53125, 0.5, 0.0, 1.0)


def test_a_slow_gradient_has_no_bands(gpu: Gpu, write: Write) -> None:
    """Over 512 pixels from 0 to 8/255 every 8-bit step would be a band 64 pixels wide."""
    picture = still(gpu, load(write("{}", "gl_FragColor = vec4(isf_FragNormCoord.x * 8.0 / 255.0);")), (512, 16))
    means = picture[..., 0].mean(axis=0).reshape(-1, 16).mean(axis=1)
    assert np.abs(means - (np.arange(32) + 0.5) / 4.0).max() < 0.2


@pytest.mark.parametrize(
    ("main", "line", "words"),
    [
        ("\n\ngl_FragColor = vec4(nothing);", 5, "nothing"),
        ("gl_FragColor = vec3(1.0);", 3, "vec"),
        ("gl_FragColor = vec4(1.0)", 4, "syntax"),
    ],
)
def test_the_driver_complains_about_the_files_line(gpu: Gpu, write: Write, main: str, line: int, words: str) -> None:
    path = write("{}", main)
    with pytest.raises(ShaderError) as caught:
        Program(gpu, load(path))
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_a_newer_glsl_is_tried(gpu: Gpu, write: Write) -> None:
    """An int becomes a uint by itself only from GLSL 4.00 on."""
    near(still(gpu, load(write("{}", "uint n = 1; gl_FragColor = vec4(float(n));")), SIZE), 1.0, 1.0, 1.0, 1.0)


def test_programs_are_shared_and_freed(gpu: Gpu, write: Write) -> None:
    isf = load(write("{}", "gl_FragColor = vec4(0.123);"))
    first, second = Program(gpu, isf), Program(gpu, isf)
    pipeline = gpu.pipeline(isf.fragment())
    assert pipeline.users == 3
    first.release()
    second.release()
    gpu.drop(pipeline)
    again = gpu.pipeline(isf.fragment())
    assert again is not pipeline
    gpu.drop(again)
