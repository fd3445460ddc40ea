"""Shaders that hurt drivers: each costs its child at most, is named, and is not tried twice."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from visuals.clock import monotonic, sleep
from visuals.render.gpu import Gpu
from visuals.render.isf import load
from visuals.render.judging.judge import Judge
from visuals.render.judging.remote import PATIENCE
from visuals.render.judging.sweep import Sweep
from visuals.render.judging.verdicts import Verdict, Verdicts
from visuals.render.still import still

SIZE = (320, 180)
HASTE = {**PATIENCE, "compile": 3.0}
"""So that the suite is done soon; what is good compiles in a tenth of a second."""


def doubled(times: int) -> str:
    """A sum of 2^times terms from a few lines."""
    lines = "".join(f"#define A{n + 1} A{n}+A{n}\n" for n in range(times))
    return f"#define A0 x\n{lines}void main() {{ float x = TIME; gl_FragColor = vec4(A{times}); }}"


def looping(body: str) -> str:
    return f"void main() {{ float s = 0.0; {body} gl_FragColor = vec4(s); }}"


HEADER = "/*{}*/\n"
TURNS = "for (int i = 0; i < 200000; i++) s += sin(float(i) * gl_FragCoord.x + TIME);"
BIG = ", ".join(f'{{"TARGET": "t{n}", "FLOAT": true, "WIDTH": 4096, "HEIGHT": 4096}}' for n in range(12))
FILL = "float a[4000000]; for (int i = 0; i < 4000000; i++) a[i] = float(i) * TIME; s = a[int(gl_FragCoord.x)];"
NESTED = "for (int i = 0; i < 100000; i++) for (int j = 0; j < 100000; j++) s += sin(float(i * j) + TIME);"
TOO_SLOW = r"gave no picture within 2 s|takes \d\.\d+ s a picture|its first picture took"
HOSTILE: dict[str, tuple[str, str, str]] = {
    "macro bomb": (HEADER + doubled(15), "quarantined", "ended its process by SIGSEGV while it was compiled"),
    "200,000 turns": (
        HEADER + looping(TURNS),
        "quarantined",
        TOO_SLOW,
    ),
    "giant array": (HEADER + looping(FILL), "quarantined", "was not compiled within 3 s"),
    "nested loops": (HEADER + looping(NESTED), "quarantined", TOO_SLOW),
    "three megabytes": (
        HEADER + looping("s += TIME;\n" + "s += sin(s);\n" * 230_000),
        "quarantined",
        "was not compiled within 3 s",
    ),
    "memory hog": (HEADER + doubled(28), "quarantined", "compiled"),
    "many targets": (f'/*{{"PASSES": [{BIG}]}}*/\nvoid main() {{ gl_FragColor = vec4(1.0); }}', "bad", "6144 MiB"),
    "parentheses": (
        f"{HEADER}void main() {{ gl_FragColor = vec4({'(' * 20_000}TIME{')' * 20_000}); }}",
        "bad",
        "memory exhausted",
    ),
}
"""Texts, with what comes of them on a software rasteriser."""


@dataclass(frozen=True)
class Judged:
    folder: Path
    verdicts: dict[str, Verdict]
    tried: int


def shader(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(' ', '-')}.fs"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("hostile")
    for name, (text, _, _) in HOSTILE.items():
        shader(folder, name).write_text(text)
    with Judge(SIZE, Verdicts(folder / "verdicts"), patience=HASTE) as judge:
        found = {name: judge.judge(load(shader(folder, name))) for name in HOSTILE}
        return Judged(folder, found, judge.tried)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_hurts_its_child_at_most_and_is_named(judged: Judged, gpu: Gpu, name: str) -> None:
    verdict = judged.verdicts[name]
    assert verdict.kind != "good"
    assert all(problem.file == str(shader(judged.folder, name)) for problem in verdict.problems)
    if gpu.software:
        _, kind, said = HOSTILE[name]
        assert (verdict.kind, bool(re.search(said, verdict.problems[0].text))) == (kind, True), verdict
    if verdict.kind == "quarantined":
        assert "in quarantine until its text changes" in verdict.problems[0].text
    good = shader(judged.folder, "good")
    good.write_text("/*{}*/\nvoid main() { gl_FragColor = vec4(1.0); }")
    assert (still(gpu, load(good), (8, 8)) == 255).all(), "the live process draws on"


def test_none_is_tried_twice(judged: Judged, gpu: Gpu) -> None:
    assert judged.tried == len(HOSTILE)
    started = monotonic()
    with Judge(SIZE, Verdicts(judged.folder / "verdicts"), driver=gpu.driver) as judge:
        again = {name: judge.judge(load(shader(judged.folder, name))) for name in HOSTILE}
        assert judge.tried == 0
    assert monotonic() - started < 1.0, "no child is started for what is known"
    assert again == judged.verdicts


def test_quarantine_holds_at_every_size_and_under_every_name(judged: Judged, gpu: Gpu) -> None:
    copy = shader(judged.folder, "copy")
    copy.write_text(HOSTILE["macro bomb"][0])
    with Judge((64, 64), Verdicts(judged.folder / "verdicts"), driver=gpu.driver) as judge:
        verdict = judge.judge(load(copy))
        assert judge.tried == 0
    assert verdict.kind == judged.verdicts["macro bomb"].kind
    assert verdict.problems[0].file == str(copy)


def test_a_loop_without_end_ends(tmp_path: Path) -> None:
    path = tmp_path / "forever.fs"
    path.write_text(HEADER + looping("while (true) s += sin(s + TIME);"))
    with Judge(SIZE, Verdicts(tmp_path / "verdicts")) as judge:
        judge.judge(load(path))  # rasterisers break out of it, or its child is ended
        assert judge.tried == 1


def test_what_only_an_input_makes_slow_is_found_out(tmp_path: Path, gpu: Gpu) -> None:
    header = '/*{"INPUTS": [{"NAME": "turns", "TYPE": "float", "DEFAULT": 1, "MIN": 0, "MAX": 1e9}]}*/\n'
    path = tmp_path / "turns.fs"
    path.write_text(
        header + looping("for (int i = 0; i < int(turns); i++) s += sin(float(i) * gl_FragCoord.x + TIME);")
    )
    with Judge(SIZE, Verdicts(tmp_path / "verdicts"), patience={**PATIENCE, "play": 2.0}) as judge:
        verdict = judge.judge(load(path))
    if gpu.software:
        assert verdict.kind == "quarantined"
        assert "gave no pictures with its inputs at their ends within 2 s" in verdict.problems[0].text


def test_a_sweep_outlives_what_it_sweeps(tmp_path: Path) -> None:
    for name, text in {"a": HOSTILE["macro bomb"][0], "b": HOSTILE["parentheses"][0]}.items():
        (tmp_path / f"{name}.fs").write_text(text)
    (tmp_path / "c.fs").write_text(
        "/*{}*/\nvoid main() { gl_FragColor = vec4(gl_FragCoord.xy / RENDERSIZE, 0.0, 1.0); }"
    )
    sweep = Sweep(tmp_path)
    results = list(sweep.run(sorted(tmp_path.glob("*.fs"))))
    assert [result.category for result in results] == ["crash", "compile", "ok"]
    assert sweep.deaths == 1


def test_a_child_ends_with_whoever_asked_it() -> None:
    text = "from visuals.render.judging.remote import Remote; print(Remote()._child.pid, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = Path("/proc", parent.stdout.readline().decode().strip())
        assert child.exists()
        parent.kill()
    deadline = monotonic() + 10.0
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text():
        assert monotonic() < deadline
        sleep(0.02)
