"""What a shader has besides its fragments: a vertex shader, pictures, older and other dialects. Exact to 1 of 255."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.conftest import Write
from visuals.errors import ShaderError
from visuals.render.gpu import Gpu
from visuals.render.isf import load, terms
from visuals.render.isf.program import Program
from visuals.render.still import still
from visuals.types import Features

SIZE = (16, 8)
MAIN = "gl_FragColor = {};"


def near(pixels: np.ndarray, *rgba: float) -> None:
    assert np.abs(pixels.astype(float) - np.multiply(rgba, 255.0)).max() <= 1.0, (pixels.reshape(-1, 4)[0], rgba)


def picture(path: Path, *colours: tuple[int, int, int]) -> None:
    """A row of pixels."""
    Image.fromarray(np.array([colours], np.uint8)).save(path)


def corners(path: Path, main: str, declared: str = "") -> None:
    words = "#if __VERSION__ <= 120\nvarying vec2 seen;\n#else\nout vec2 seen;\n#endif\n"
    path.with_suffix(".vs").write_text(f"{words}{declared}\nvoid main() {{\n isf_vertShaderInit();\n{main}\n}}\n")


def with_corners(write: Write, header: str, expression: str, main: str) -> Path:
    path = write(header, MAIN.format(expression))
    path.write_text(path.read_text().replace("void main()", "in vec2 seen;\nvoid main()", 1))
    corners(path, main)
    return path


def test_what_a_vertex_shader_sets_lies_between_the_corners(gpu: Gpu, write: Write) -> None:
    found = still(gpu, load(with_corners(write, "{}", "vec4(seen, 0, 1)", "seen = isf_FragNormCoord;")), SIZE)
    across, up = (np.arange(16) + 0.5) / 16.0, 1.0 - (np.arange(8) + 0.5) / 8.0
    assert np.abs(found[..., 0] - 255.0 * across).max() <= 1.0
    assert np.abs(found[..., 1] - 255.0 * up[:, None]).max() <= 1.0


def test_a_vertex_shader_clamps_at_the_corners_of_the_picture(gpu: Gpu, write: Write) -> None:
    path = with_corners(write, "{}", "vec4(seen, 0, 1)", "seen = clamp(isf_FragNormCoord * 2.0, 0.25, 0.75);")
    found = still(gpu, load(path), SIZE)
    assert np.abs(found[0, :, 0] - 255.0 * (0.25 + 0.5 * (np.arange(16) + 0.5) / 16.0)).max() <= 1.0


def test_a_vertex_shader_has_the_uniforms_and_the_pictures(gpu: Gpu, write: Write) -> None:
    header = '{"INPUTS": [{"NAME": "x", "TYPE": "float"}, {"NAME": "inputImage", "TYPE": "image"}]}'
    main = "seen = vec2(x, IMG_SIZE(inputImage).x / 10.0 + IMG_NORM_PIXEL(inputImage, vec2(0.5)).g);"
    texture = gpu.texture((2, 1))
    texture.write(np.full((1, 2, 4), 51, np.uint8))
    path = with_corners(write, header, "vec4(seen, 0, 1)", main)
    near(still(gpu, load(path), SIZE, inputs={"x": 0.6}, images={"inputImage": texture}), 0.6, 0.4, 0.0, 1.0)
    texture.release()


def test_a_vertex_shader_may_move_the_coordinate(gpu: Gpu, write: Write) -> None:
    path = with_corners(write, "{}", "vec4(isf_FragNormCoord.x)", "isf_FragNormCoord *= 0.5; seen = vec2(0.0);")
    found = still(gpu, load(path), SIZE)
    assert np.abs(found[0, :, 0] - 127.5 * (np.arange(16) + 0.5) / 16.0).max() <= 1.0


def test_a_fault_in_a_vertex_shader_has_its_file_and_line(gpu: Gpu, write: Write) -> None:
    path = with_corners(write, "{}", "vec4(seen, 0, 1)", "seen = nothing;")
    with pytest.raises(ShaderError) as caught:
        Program(gpu, load(path))
    assert str(caught.value).startswith(f"{path.with_suffix('.vs')}:9: ")


@pytest.mark.parametrize("imported", ['{"mask": {"PATH": "m.png"}}', '[{"NAME": "mask", "PATH": "m.png"}]'])
def test_a_picture_is_brought(gpu: Gpu, write: Write, imported: str) -> None:
    path = write(f'{{"IMPORTED": {imported}}}', MAIN.format("IMG_NORM_PIXEL(mask, vec2(0.99, 0.5))"))
    picture(path.with_name("m.png"), (255, 0, 0), (0, 51, 102))
    near(still(gpu, load(path), SIZE), 0.0, 0.2, 0.4, 1.0)


def test_a_brought_picture_stands_upright(gpu: Gpu, write: Write) -> None:
    path = write('{"IMPORTED": {"mask": {"PATH": "m.png"}}}', MAIN.format("IMG_THIS_PIXEL(mask)"))
    Image.fromarray(np.array([[(255, 0, 0)], [(0, 0, 255)]], np.uint8)).save(path.with_name("m.png"))
    found = still(gpu, load(path), SIZE)
    near(found[0], 1.0, 0.0, 0.0, 1.0)
    near(found[-1], 0.0, 0.0, 1.0, 1.0)


def test_a_missing_picture_is_transparent_and_noted(gpu: Gpu, write: Write) -> None:
    isf = load(write('{\n"IMPORTED": {"mask": {"PATH": "m.png"}}}', MAIN.format("IMG_THIS_PIXEL(mask)")))
    near(still(gpu, isf, SIZE), 0.0, 0.0, 0.0, 0.0)
    assert [(note.line, "no picture m.png" in note.text) for note in isf.notes] == [(2, True)]


def test_a_picture_outside_the_pack_is_refused_also_through_a_link(write: Write, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    picture(tmp_path / "m.png", (1, 2, 3))
    (pack / "link.png").symlink_to(tmp_path / "m.png")
    for told in ("../m.png", "link.png"):
        path = write(f'{{"IMPORTED": {{"mask": {{"PATH": "{told}"}}}}}}', "", "pack/fixture.fs")
        with pytest.raises(ShaderError, match="leads out of"):
            load(path)
    assert load(write('{"IMPORTED": {"mask": {"PATH": "../m.png"}}}', "", "pack/fixture.fs"), tmp_path).imports


def test_six_pictures_are_a_cube(gpu: Gpu, write: Write) -> None:
    names = ", ".join(f'"{n}.png"' for n in range(6))
    header = f'{{"IMPORTED": {{"sky": {{"TYPE": "cube", "PATH": [{names}]}}}}}}'
    path = write(header, MAIN.format("textureCube(sky, vec3(0.0, gl_FragCoord.x < 8.0 ? 1.0 : -1.0, 0.0))"))
    for n in range(6):
        Image.new("RGB", (4, 4), (51 * n, 0, 0)).save(path.with_name(f"{n}.png"))
    found = still(gpu, load(path), SIZE)
    near(found[:, 0], 0.4, 0.0, 0.0, 1.0)
    near(found[:, -1], 0.6, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("kept", ['["sum"]', '{"sum": {"WIDTH": "4", "FLOAT": true}}'])
def test_isf_1_tells_kept_targets_apart(gpu: Gpu, write: Write, kept: str) -> None:
    header = f'{{"PERSISTENT_BUFFERS": {kept}, "PASSES": [{{"TARGET": "sum"}}, {{}}]}}'
    main = "gl_FragColor = IMG_THIS_PIXEL(sum) + (PASSINDEX == 0 ? vec4(0.2, 0.0, 0.0, 1.0) : vec4(0.0));"
    isf = load(write(header, main))
    assert isf.passes[0].persistent
    near(still(gpu, isf, SIZE, frames=3), 0.6, 0.0, 0.0, 1.0)


def test_isf_1_s_coordinate(gpu: Gpu, write: Write) -> None:
    near(still(gpu, load(write("{}", MAIN.format("vec4(vv_FragNormCoord, 0, 1)"))), SIZE)[0, 0], 1 / 32, 15 / 16, 0, 1)


@pytest.mark.parametrize(("samples", "value"), [(1, 0.25), (2, 0.5), (1024, 0.5)])
def test_a_sound_is_as_wide_as_asked(gpu: Gpu, write: Write, samples: int, value: float) -> None:
    header = f'{{"INPUTS": [{{"NAME": "fft", "TYPE": "audioFFT", "MAX": {samples}}}]}}'
    main = MAIN.format(f"vec4(IMG_SIZE(fft).x / {samples}.0, IMG_NORM_PIXEL(fft, vec2(0.1, 0.5)).r, 0, 1)")
    spectrum = np.repeat([0.5, 0.0], 128).astype(np.float32)
    features = Features(0.0, {}, (), spectrum, np.zeros(512, np.float32))
    near(still(gpu, load(write(header, main)), SIZE, features=features), 1.0, value, 0.0, 1.0)


@pytest.mark.parametrize("word", ["smooth", "filter", "sample", "half", "input"])
def test_a_word_of_the_language_may_be_a_name(gpu: Gpu, write: Write, word: str) -> None:
    own = write("{}", f"float {word} = 0.4; gl_FragColor = vec4({word});")
    near(still(gpu, load(own), SIZE), 0.4, 0.4, 0.4, 0.4)
    asked = write(f'{{"INPUTS": [{{"NAME": "{word}", "TYPE": "float"}}]}}', MAIN.format(f"vec4({word})"), "asked.fs")
    near(still(gpu, load(asked), SIZE, inputs={word: 0.8}), 0.8, 0.8, 0.8, 0.8)


@pytest.mark.parametrize(
    ("before", "main", "value"),
    [
        ("#define A 0.2\n#define A 0.4\n", "gl_FragColor = vec4(A);", 0.4),
        ("uniform float TIME;\n", "gl_FragColor = vec4(TIME);", 0.6),
        ("varying vec2 isf_FragNormCoord;\n", "gl_FragColor = vec4(isf_FragNormCoord.x * 0.0 + 0.2);", 0.2),
        ("", "gl_FragCoord.x = 3.2; gl_FragColor = vec4(gl_FragCoord.x / 8.0);", 0.4),
        (
            "float max(float a, float b, float c) { return max(max(a, b), c); }\n",
            MAIN.format("vec4(max(.1,.8,.2))"),
            0.8,
        ),
        (
            "vec2 max(vec2 a, vec2 b) { return a; }\n",
            MAIN.format("vec4(max(vec2(0.2), vec2(1.0)), max(0.2, 0.1), 0.2)"),
            0.2,
        ),
        ("", "gl_FragData[0] = vec4(0.6);", 0.6),
    ],
)
def test_what_only_some_drivers_take(gpu: Gpu, write: Write, before: str, main: str, value: float) -> None:
    path = write("{}", main)
    path.write_text(path.read_text().replace("void main", before + "void main"))
    near(still(gpu, load(path), SIZE, time=0.6), value, value, value, value)


def test_a_mended_shader_s_fault_keeps_its_line(gpu: Gpu, write: Write) -> None:
    path = write("{}", "\ngl_FragColor = vec4(nothing);")
    path.write_text(path.read_text().replace("void main", "#define A 1\n#define A 2\nvoid main"))
    with pytest.raises(ShaderError) as caught:
        Program(gpu, load(path))
    assert f"{path}:6: " in str(caught.value)


TRANSITION = """\
// Name: Slide
// Author: nobody
// License: MIT
uniform vec2 by; // = vec2(0.5, -.25)
uniform int count;  // = 3
uniform bool hard /* ? */; // = true
uniform ivec2 cells; // = ivec2(4)
vec4 transition(vec2 p) {
  if (p.x < 0.5) return mix(getFromColor(p), getToColor(p), progress);
  return vec4(by.x, by.y + 0.5, float(count) / 10.0, ratio / 4.0 * float(cells.y) / 4.0);
}
"""


def test_a_gl_transition(gpu: Gpu, tmp_path: Path) -> None:
    path = tmp_path / "slide.glsl"
    path.write_text(TRANSITION.replace(" /* ? */", ""))
    isf = load(path)
    assert (isf.kind, isf.description, isf.credit) == ("transition", "Slide", "nobody, MIT")
    assert terms(isf)["by.y"].rest == -0.25
    assert terms(isf)["hard"].rest == 1.0
    first, second = gpu.texture((1, 1)), gpu.texture((1, 1))
    first.write(np.array([[[255, 0, 0, 255]]], np.uint8))
    second.write(np.array([[[0, 255, 0, 255]]], np.uint8))
    images = {"startImage": first, "endImage": second}
    for progress in (0.0, 0.4, 1.0):
        found = still(gpu, isf, SIZE, inputs={"progress": progress}, images=images)
        near(found[:, 0], 1.0 - progress, progress, 0.0, 1.0)
    near(found[:, -1], 0.5, 0.25, 0.3, 0.5)
    first.release()
    second.release()


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
