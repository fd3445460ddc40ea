"""Shaders of other worlds: Shadertoy, gl-transitions, plain fragments, Synesthesia's names. Exact to 1 of 255."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.render.conftest import Write
from visuals.errors import ShaderError
from visuals.render.gpu import Gpu
from visuals.render.isf import load, terms
from visuals.render.isf.program import Program
from visuals.render.still import still
from visuals.types import Features

SIZE = (16, 8)


def near(pixels: np.ndarray, *rgba: float) -> None:
    assert np.abs(pixels.astype(float) - np.multiply(rgba, 255.0)).max() <= 1.0, (pixels.reshape(-1, 4)[0], rgba)


def test_a_gl_transition_says_who_made_it_and_what_moves_it() -> None:
    isf = load(Path(__file__).parent / "fixtures" / "gl_transition.glsl")
    assert (isf.kind, isf.description, isf.credit) == ("transition", "Slide", "visuals, GPL-3.0")
    assert {name: term.rest for name, term in terms(isf).items()} == {
        "progress": 0.0,
        "by.x": 0.5,
        "by.y": -0.25,
        "count": 3.0,
        "hard": 1.0,
        "cells.x": 4.0,
        "cells.y": 4.0,
    }


SHADERTOY = """void mainImage( out vec4 fragColor, in vec2 fragCoord ) {
    fragColor = vec4(fragCoord.x / iResolution.x, iTime, float(iFrame) / 10.0, 0.0);
}
"""


def test_a_shadertoy(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "toy.glsl"
    path.write_bytes(b"\xef\xbb\xbf" + SHADERTOY.replace("\n", "\r\n").encode())
    found = still(gpu, load(path), SIZE, time=0.4, frames=3)
    near(found[:, 0], 0.5 / 16, 0.4, 0.2, 1.0)


def test_shadertoy_s_buffers_and_common_tab(gpu: Gpu, tmp_path: Path) -> None:
    tabs = {
        "Common": "float tenth(float x) { return x / 10.0; }",
        "Buffer A": "void mainImage(out vec4 c, in vec2 p) { c = texelFetch(iChannel0, ivec2(p), 0) + tenth(1.0); }",
        "Buffer B": '#iChannel0 "file://Buffer A.glsl"\nvoid mainImage(out vec4 c, in vec2 p) '
        "{ c = 2.0 * texture(iChannel0, p / iResolution.xy); }",
        "Image": "void mainImage(out vec4 c, in vec2 p) { c = vec4(texture(iChannel0, p / iResolution.xy).r, "
        "texture(iChannel1, p / iResolution.xy).r, iChannelResolution[1].x / 32.0, 0.0); }",
    }
    for name, text in tabs.items():
        (tmp_path / f"{name}.glsl").write_text(text)
    near(still(gpu, load(tmp_path / "Image.glsl"), SIZE, frames=3), 0.3, 0.6, 0.5, 1.0)
    (tmp_path / "Common.glsl").write_text("\n\nfloat tenth(float x) { return nothing; }")
    with pytest.raises(ShaderError) as caught:
        Program(gpu, load(tmp_path / "Image.glsl"))
    assert f"{tmp_path / 'Common.glsl'}:3: " in str(caught.value)


def test_shadertoy_s_pictures_stay_in_the_pack(tmp_path: Path) -> None:
    path = tmp_path / "pack" / "toy.glsl"
    path.parent.mkdir()
    path.write_text(f'#iChannel0 "file://../m.png"\n{SHADERTOY}'.replace("iTime", "texture(iChannel0, fragCoord).r"))
    assert load(path, tmp_path).imports[0].paths == (path.parent / "../m.png",)
    with pytest.raises(ShaderError, match="leads out of"):
        load(path)


def test_shadertoy_hears(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "toy.glsl"
    path.write_text(
        "void mainImage(out vec4 c, in vec2 p) { c = vec4(texture(iChannel0, vec2(0.1, 0.25)).r, "
        "texture(iChannel0, vec2(0.5, 0.75)).r, iChannelResolution[0].xy / vec2(1024.0, 4.0)); }"
    )
    features = Features(0.0, {}, (), np.full(256, 0.25, np.float32), np.full(512, 0.5, np.float32))
    near(still(gpu, load(path), SIZE, features=features), 0.25, 0.75, 0.5, 1.0)


def test_shadertoy_s_own_json(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    code = [
        "void mainImage(out vec4 c, in vec2 p) { c = vec4(0.4); }",
        SHADERTOY.replace("iTime", "texture(iChannel2, fragCoord / iResolution.xy).r"),
    ]
    path.write_text(
        json.dumps(
            {
                "Shader": {
                    "info": {"name": "Toy", "username": "someone"},
                    "renderpass": [
                        {"type": "image", "code": code[1], "inputs": [{"id": 257, "channel": 2, "ctype": "buffer"}]},
                        {
                            "type": "buffer",
                            "name": "Buf A",
                            "code": code[0],
                            "inputs": [],
                            "outputs": [{"id": 257, "channel": 0}],
                        },
                    ],
                }
            }
        )
    )
    isf = load(path)
    assert (isf.description, isf.credit) == ("Toy", "someone")
    near(still(gpu, isf, SIZE)[:, 0], 0.5 / 16, 0.4, 0.0, 1.0)
    path.write_text('{"renderpass": [{"type": "buffer"}]}')
    with pytest.raises(ShaderError, match=r"no shader as shadertoy\.com gives it"):
        load(path)


def test_a_plain_fragment(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "plain.frag"
    path.write_text(
        "#ifdef GL_ES\nprecision mediump float;\n#endif\nuniform vec2 u_resolution, u_mouse;\nuniform float u_time;\n"
        "uniform float speed; // = 0.8\nvoid main() {\n"
        "gl_FragColor = vec4(gl_FragCoord.x / u_resolution.x, u_time, speed, u_mouse.x / u_resolution.x); }"
    )
    isf = load(path)
    assert list(terms(isf)) == ["mouse.x", "mouse.y", "speed"]
    near(still(gpu, isf, SIZE, time=0.2, inputs={"mouse.x": 0.6})[:, 0], 0.5 / 16, 0.2, 0.8, 0.6)


def test_a_plain_filter(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "plain.frag"
    path.write_text(
        "uniform sampler2D u_tex0;\nuniform vec2 u_resolution;\nvoid main() { "
        "gl_FragColor = texture2D(u_tex0, gl_FragCoord.xy / u_resolution).grba; }"
    )
    isf = load(path)
    assert isf.kind == "filter"
    texture = gpu.texture((1, 1))
    texture.write(np.array([[[255, 0, 51, 255]]], np.uint8))
    near(still(gpu, isf, SIZE, images={"inputImage": texture}), 0.0, 1.0, 0.2, 1.0)
    texture.release()


def test_what_is_no_shader_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.glsl"
    path.write_text("float f() { return 1.0; }")
    with pytest.raises(ShaderError, match=r"no ISF header, no mainImage\(\), no transition\(\) and no main\(\)"):
        load(path)


def test_synesthesia_s_names(gpu: Gpu, write: Write) -> None:
    isf = load(write("{}", "gl_FragColor = vec4(syn_BassLevel, syn_BPM / 200.0, syn_ToggleOnBeat, 1.0);"))
    assert isf.heard == ("syn_BPM", "syn_BassLevel", "syn_ToggleOnBeat")
    program, target = Program(gpu, isf), gpu.target(SIZE)
    for n, phase in enumerate((0.1, 0.9, 0.05, 0.5)):
        signals = {"bass": 0.4, "bpm": 120.0, "beat.phase": phase}
        heard = Features(n / 60, signals, (), np.zeros(256, np.float32), np.zeros(512, np.float32))
        program.draw(target, time=n / 60, features=heard)
        near(target.read(), 0.4, 0.6, float(n >= 2), 1.0)
    program.release()
    target.release()
