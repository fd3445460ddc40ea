"""What a program does besides drawing what its file says, which `test_conformance` proves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.render.conftest import Write
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.isf.program import Program
from visuals.render.still import still

SIZE = (16, 8)


def near(pixels: np.ndarray, *rgba: float) -> None:
    assert np.abs(pixels.astype(float) - np.multiply(rgba, 255.0)).max() <= 1.0, (pixels.reshape(-1, 4)[0], rgba)


def test_row_0_is_on_top(gpu: Gpu, write: Write) -> None:
    picture = still(gpu, load(write("{}", "gl_FragColor = vec4(isf_FragNormCoord, 0.0, 1.0);")), SIZE)
    near(picture[0, 0], 0.5 / 16, 7.5 / 8, 0.0, 1.0)
    near(picture[-1, -1], 15.5 / 16, 0.5 / 8, 0.0, 1.0)


def test_a_slow_gradient_has_no_bands(gpu: Gpu, write: Write) -> None:
    """Over 512 pixels from 0 to 8/255 every 8-bit step would be a band 64 pixels wide."""
    picture = still(gpu, load(write("{}", "gl_FragColor = vec4(isf_FragNormCoord.x * 8.0 / 255.0);")), (512, 16))
    means = picture[..., 0].mean(axis=0).reshape(-1, 16).mean(axis=1)
    assert np.abs(means - (np.arange(32) + 0.5) / 4.0).max() < 0.2


@pytest.mark.parametrize(("told", "value"), [(2.4, 2), (1e12, 2**31 - 1), (-np.inf, 1 - 2**31), (np.nan, 0)])
def test_a_whole_number_stays_one(gpu: Gpu, write: Write, told: float, value: int) -> None:
    header = '{"INPUTS": [{"NAME": "n", "TYPE": "long", "VALUES": [1000000000000]}]}'
    isf = load(write(header, f"gl_FragColor = vec4(n == {value} ? 1.0 : 0.2);"))
    near(still(gpu, isf, SIZE, inputs={"n": told}), 1.0, 1.0, 1.0, 1.0)


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
