"""`visuals isf check`: what becomes of each file of a library, in a child that may die of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from visuals.cli import app
from visuals.render.judging import sweep

PLAYS = ("ok", "nan", "slow")
"""What shows a picture."""

FLOAT = '{"INPUTS": [{"NAME": "x", "TYPE": "float"}]}'
IMAGE = '{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}'
TINT = '{"INPUTS": [{"NAME": "tint", "TYPE": "color", "DEFAULT": [1, 0, 0, 1]}]}'
EVENT = '{"INPUTS": [{"NAME": "hit", "TYPE": "event"}]}'
FEEDBACK = '{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "FLOAT": true}, {}]}'
CUBE = '{"INPUTS": [{"NAME": "n", "TYPE": "long", "VALUES": [1]}], "IMPORTED": {"m": {"PATH": "no_picture.png"}}}'
BOMB = "#define A0 x\n" + "".join(f"#define A{n + 1} A{n} + A{n}\n" for n in range(17))
RAMP = "vec4(isf_FragNormCoord, 0.0, 1.0)"

LIBRARY = {
    "ramp": ("{}", f"gl_FragColor = {RAMP};", "ok"),
    "high_only": (FLOAT, f"gl_FragColor = x > 0.9 ? {RAMP} : vec4(0.0);", "ok"),
    "low_only": (FLOAT, f"gl_FragColor = x < 0.1 ? {RAMP} : vec4(0.0);", "ok"),
    "event_only": (EVENT, f"gl_FragColor = hit ? {RAMP} : vec4(0.0);", "ok"),
    "late": ("{}", f"gl_FragColor = FRAMEINDEX > 30 ? {RAMP} : vec4(0.0);", "ok"),
    "flat_colour": (TINT, "gl_FragColor = tint;", "ok"),
    "alpha": (IMAGE, "gl_FragColor = vec4(vec3(IMG_THIS_PIXEL(inputImage).a), 1.0);", "ok"),
    "one_colour": ("{}", "gl_FragColor = vec4(0.4, 0.2, 0.1, 1.0);", "blank"),
    "unseen": (TINT, "gl_FragColor = vec4(tint.rgb, 0.0);", "blank"),
    "black": ("{}", "gl_FragColor = vec4(0.0, 0.0, 0.0, 1.0);", "blank"),
    "nan": ("{}", f"gl_FragColor = {RAMP} + sqrt(0.5 - isf_FragNormCoord.x);", "nan"),
    "nan_at_high": (FLOAT, f"gl_FragColor = {RAMP} + (x > 0.9 ? 1.0 / (TIME - TIME) : 0.0);", "nan"),
    "nan_within": (FEEDBACK, f"gl_FragColor = PASSINDEX == 0 ? vec4(log(-TIME)) : {RAMP};", "nan"),
    "no_code": ("{}", "gl_FragColor = nothing;", "compile"),
    "no_header": ("[]", "", "parse"),
    "no_picture": (CUBE, f"gl_FragColor = {RAMP} + IMG_THIS_PIXEL(m);", "compile"),
    "bomb": (FLOAT, "gl_FragColor = vec4(A17);", "crash"),
    "after": ("{}", f"gl_FragColor = {RAMP};", "ok"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    (folder / "no_picture.png").write_text("no picture")
    for n, (name, (header, main, _)) in enumerate(LIBRARY.items()):
        macros = BOMB if name == "bomb" else ""
        (folder / f"{n:02} {name}.fs").write_text(f"/*{header}*/\n{macros}void main() {{ {main} }}\n")
    return folder


def check(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["isf", "check", *map(str, arguments)])
    return done.exit_code, done.output


def test_every_file_is_judged_and_only_what_is_new_counts(library: Path, tmp_path: Path) -> None:
    table = tmp_path / "swept.csv"
    status, said = check(library, "--csv", table)
    found = sweep.read_baseline(table)
    assert {name[3:-3]: category for name, category in found.items()} == {
        name: c for name, (_, _, c) in LIBRARY.items()
    }
    assert status == 1
    assert "gives NaN or infinity" in said
    assert f"{library / '13 no_code.fs'}:2: `nothing' undeclared" in said
    assert check(library / "13 no_code.fs", "--baseline", table)[0] == 0
    assert check(library / "10 nan.fs")[0] == 1
    assert check(library / "00 ramp.fs")[0] == 0


@pytest.mark.timeout(4 * 3600)
def test_a_library_of_one_s_own() -> None:
    """Every file shows a picture, or is as it was in the CSV that `VISUALS_ISF_BASELINE` names."""
    if "VISUALS_ISF_LIBRARY" not in os.environ:
        pytest.skip("VISUALS_ISF_LIBRARY names no folder of shaders")
    folder, baseline = Path(os.environ["VISUALS_ISF_LIBRARY"]), os.environ.get("VISUALS_ISF_BASELINE")
    results = list(sweep.Sweep(folder).run(sweep.files(folder)))
    known = sweep.read_baseline(Path(baseline)) if baseline else {}
    faults = sweep.new_faults(results, known, lambda result: sweep.named(result, folder))
    assert results
    assert not [fault for fault in faults if fault.category not in PLAYS]
