"""The command line as a user meets it: real processes, exit codes, one clear line for each mistake."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from visuals import pressing
from visuals.clock import monotonic, sleep
from visuals.errors import VisualsError
from visuals.shm import PREFIX

ROOT = Path(__file__).resolve().parents[1]
VISUALS = str(Path(sys.executable).with_name("visuals"))
FLASH = str(ROOT / "tests" / "drills" / "flash")
QUIET = ["--rig", "null", "--audio", "none", "--headless"]
DEADLY = "#define A0 TIME\n" + "".join(f"#define A{n + 1} A{n}+A{n}\n" for n in range(15))
"""A sum of 32,768 terms, of which compilers die or despair."""


def visuals(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VISUALS, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def shared_memory(pid: int) -> list[Path]:
    return list(Path("/dev/shm").glob(f"visuals-{pid}-*"))


def left_of(supervisor: int) -> list[int]:
    """The processes that still hold the shared memory of a supervisor's show; the dead hold none."""
    left = []
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with suppress(OSError):
            if f"/visuals-{supervisor}-" in maps.read_text():
                left.append(int(maps.parent.name))
    return left


@pytest.fixture(autouse=True)
def ended(tmp_path: Path) -> Iterator[None]:
    """What a test that failed left playing would be in the way of all others."""
    yield
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if cwd.readlink() == tmp_path:
                os.kill(int(cwd.parent.name), signal.SIGKILL)


def wait_for(log: Path, text: str, limit_s: float = 20.0) -> None:
    deadline = monotonic() + limit_s
    while not (log.exists() and text in log.read_text()):
        assert monotonic() < deadline, f"{text} never came: {log.read_text() if log.exists() else 'no log'}"
        sleep(0.05)


def test_help_names_every_verb() -> None:
    done = visuals("--help")
    assert done.returncode == 0
    for verb in ("play", "render", "loop", "check", "analyse", "signals", "calibrate", "devices", "doctor"):
        assert verb in done.stdout


@pytest.mark.parametrize("group", [[], ["isf"], ["wall"], ["midi"], ["calibrate"], ["dmx"], ["flash"]])
@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_help_says_every_sentence_to_its_end(group: list[str], columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = visuals(*group, "--help")
    assert done.returncode == 0
    assert "..." not in done.stdout.replace("[ARGS]...", "")
    assert "…" not in done.stdout


def test_play_leaves_log_recording_and_contact_sheet(tmp_path: Path) -> None:
    record = tmp_path / "wall.mp4"
    done = visuals("play", FLASH, *QUIET, "--for", "5s", "--record", str(record), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "player" in done.stdout
    assert record.stat().st_size > 10_000
    assert (tmp_path / "contact.png").stat().st_size > 1_000
    lines = [json.loads(line) for line in (tmp_path / "out" / "flash" / "show.jsonl").read_text().splitlines()]
    assert {"audio", "engine", "player"} == {line["name"] for line in lines if line["type"] == "process"}
    assert [line["what"] for line in lines if line["type"] == "scene"] == ["scene dark"]
    assert lines[-1]["t"] <= 6.0
    stats = [line for line in lines if line["type"] == "stats"][-1]["processes"]
    assert stats["player"]["fps"] > 50


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_the_end_takes_under_two_seconds_and_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [VISUALS, "play", FLASH, *QUIET, "--record", str(tmp_path / "wall.mp4")],
        cwd=tmp_path,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    log = tmp_path / "out" / "flash" / "show.jsonl"
    deadline = monotonic() + 20
    while not (log.exists() and '"to": "live"' in log.read_text()):
        assert monotonic() < deadline
        os.read(controller, 4096)
        sleep(0.02)
    assert shared_memory(process.pid)
    start = monotonic()
    # A terminal sends Ctrl-C to the whole group; a service manager tells the parent alone.
    (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
    code = process.wait(10)
    assert monotonic() - start < 2.0
    assert code == 0
    while left_of(process.pid):
        assert monotonic() - start < 2.0, f"still there: {left_of(process.pid)}"
        sleep(0.02)
    assert not shared_memory(process.pid)
    os.close(controller)


def test_no_device_by_that_name(tmp_path: Path) -> None:
    done = visuals("play", FLASH, "--rig", "null", "--audio", "No Such Card", cwd=tmp_path)
    assert done.returncode == 3
    assert "No Such Card" in done.stderr


def test_a_file_that_is_no_audio(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("not a sound")
    done = visuals("play", FLASH, "--rig", "null", "--audio", str(tmp_path / "notes.wav"), cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "notes.wav" in done.stderr


def test_a_show_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    done = visuals("play", "first-ligth", cwd=tmp_path)
    assert done.returncode == 1
    assert "did you mean first-light?" in done.stderr


@pytest.mark.parametrize("verb", ["check", "play"])
def test_a_broken_show_is_refused_before_anything_opens(tmp_path: Path, verb: str) -> None:
    show = tmp_path / "show.yaml"
    show.write_text(Path(FLASH, "show.yaml").read_text().replace("shader: level}", "shader: levle}"))
    (tmp_path / "shaders").symlink_to(Path(FLASH, "shaders"))
    done = visuals(verb, str(show), *(QUIET if verb == "play" else []), cwd=tmp_path)
    assert done.returncode == 1
    assert f"{show}:9:31:" in done.stderr
    assert "level" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", ["check", "play"])
def test_a_shader_that_does_not_compile_is_told_with_its_line(tmp_path: Path, verb: str) -> None:
    (tmp_path / "show.yaml").write_text(Path(FLASH, "show.yaml").read_text())
    (tmp_path / "shaders").mkdir()
    text = Path(FLASH, "shaders", "level.fs").read_text()
    shader = tmp_path / "shaders" / "level.fs"
    shader.write_text(text.replace("fract(isf_FragNormCoord.x + TIME);", "fract(isf_FragNormCoord.x + TIME)"))
    done = visuals(verb, str(tmp_path), *(QUIET if verb == "play" else []), cwd=tmp_path)
    assert done.returncode == 1
    assert f"{shader}:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_rig_and_show_are_held_against_each_other(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text("rig: Wide\nwalls:\n  - {name: main, canvas: [0, 0, 600, 64], output: {'null': {}}}\n")
    assert visuals("check", str(rig)).returncode == 0
    done = visuals("check", FLASH, str(rig))
    assert done.returncode == 1
    assert "main" in done.stderr


def test_paths_that_cannot_be_written_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    for arguments in (
        ["render", FLASH, "--audio", "none", "--for", "100ms", "--out", str(tmp_path)],
        ["render", FLASH, "--audio", "none", "--for", "100ms", "--hashes", str(tmp_path / "no" / "h")],
    ):
        done = visuals(*arguments, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_what_a_killed_supervisor_left_playing_is_ended_by_the_next(tmp_path: Path) -> None:
    log = tmp_path / "out" / "flash" / "show.jsonl"
    first = subprocess.Popen(
        [VISUALS, "play", FLASH, *QUIET],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(log, '"to": "live"')
    first.kill()
    first.wait()
    left = left_of(first.pid)
    assert left, "the player must play on without its supervisor"
    done = visuals("play", FLASH, *QUIET, "--for", "3s", cwd=tmp_path)
    assert done.returncode == 0
    assert "an earlier show had left playing" in done.stdout
    deadline = monotonic() + 5
    while left_of(first.pid):
        assert monotonic() < deadline
        sleep(0.05)
    assert not shared_memory(first.pid)


def test_a_killed_supervisor_is_followed_by_one_that_goes_on(tmp_path: Path) -> None:
    """The same processes play on; their light is never made twice; a word from outside is heard."""
    log, rig = tmp_path / "out" / "flash" / "show.jsonl", tmp_path / "rig.yaml"
    rig.write_text(
        "rig: Hall\nwalls:\n  - {name: a, canvas: [0, 0, 8, 8], output: "
        f"{{sacn: {{host: 127.0.0.1, port: 1, universe: {os.getpid() % 60000 + 1}}}}}}}\n"
    )
    asked = ["play", FLASH, "--rig", str(rig), "--audio", "none", "--headless"]
    first = start(asked, tmp_path)
    wait_for(log, '"to": "live"')
    refused = visuals("play", FLASH, "--rig", str(rig), "--audio", "none", cwd=tmp_path)
    assert refused.returncode == 3
    assert f"played by process {first.pid}" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    before = players(log)
    first.kill()
    first.wait()
    second = start(asked, tmp_path)
    try:
        wait_for(log, '"type": "adopted"')
        press(first.pid, "loop")
        wait_for(log, '"flags": ["loop"]')
        assert adopted_player(log) == before[-1]
        assert Path("/proc", str(before[-1])).exists()
    finally:
        second.terminate()
        second.wait(5.0)
    assert not left_of(first.pid)
    assert not shared_memory(first.pid)


def start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.Popen([VISUALS, *arguments], cwd=folder, start_new_session=True, **quiet)  # type: ignore[call-overload]


def press(supervisor: int, word: str) -> None:
    """As `visuals press` does to every show here: other tests play theirs meanwhile."""
    deadline = monotonic() + 5
    while monotonic() < deadline:
        with suppress(VisualsError):  # the one before has fallen, the next does not listen yet
            pressing.press(word, prefix=f"{PREFIX}{supervisor}-")
            return
        sleep(0.02)
    raise AssertionError("nobody listens")


def players(log: Path) -> list[int]:
    """The pids of all that played, in order."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line["pid"] for line in lines if line["type"] == "process" and line["name"] == "player"]


def adopted_player(log: Path) -> int:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return next(int(line["pid"]) for line in lines if line["type"] == "adopted" and line["process"] == "player")


def test_words_that_nobody_knows_cannot_be_pressed(tmp_path: Path) -> None:
    done = visuals("press", "explode", cwd=tmp_path)
    assert done.returncode == 2
    assert "blackout" in done.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    assert visuals("play", FLASH, "--for", "soon", cwd=tmp_path).returncode == 2
    assert visuals("plya", cwd=tmp_path).returncode == 2


def playing(show: Path, log: Path) -> subprocess.Popen[str]:
    """A show on the air, out of sight; what it says is kept."""
    process = subprocess.Popen(
        [VISUALS, "play", str(show), *QUIET, "--log", str(log)],
        cwd=log.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    wait_for(log, '"to": "live"')
    return process


def read(log: Path) -> list[dict[str, Any]]:
    whole_lines = log.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in whole_lines.splitlines()]


def engines(log: Path) -> list[dict[str, Any]]:
    """The lines in which an engine said that it has its turn, in order of time."""
    return [line for line in read(log) if line["type"] == "process" and line["name"] == "engine"]


def live_again_after(log: Path, t: float) -> bool:
    return any(line["t"] > t and line.get("reason") == "the engine gives frames again" for line in read(log))


def test_a_saved_show_takes_over_and_a_broken_one_does_not(tmp_path: Path) -> None:
    show, log = tmp_path / "show.yaml", tmp_path / "log.jsonl"
    good = Path(FLASH, "show.yaml").read_text()
    show.write_text(good)
    (tmp_path / "shaders").symlink_to(Path(FLASH, "shaders"))
    process = playing(show, log)
    show.write_text(good.replace("scene: dark", "scene: drak"))
    wait_for(log, "drak")
    show.write_text(good.replace("amount: 0.9", "amount: 0.8"))
    wait_for(log, '"type": "reload"')
    process.terminate()
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 0, told
    lines = read(log)
    assert sum(line["type"] == "reload" for line in lines) == 1
    assert f"{show}:19:21: found the unknown scene `drak`" in told
    assert [line["what"] for line in lines if line["type"] == "scene"] == ["scene dark"]


def test_a_saved_shader_takes_over_and_what_is_broken_or_deadly_does_not(tmp_path: Path) -> None:
    shutil.copytree(FLASH, tmp_path, dirs_exist_ok=True)
    shader, log = tmp_path / "shaders" / "level.fs", tmp_path / "log.jsonl"
    good = shader.read_text()
    process = playing(tmp_path, log)
    shader.write_text(good.replace("TIME);", "OOPS); // [/red] \x1b[31m"))
    wait_for(log, "OOPS")
    shader.write_text(good.replace("void main", DEADLY + "void main").replace("TIME", "TIME + A15"))
    wait_for(log, "quarantine")
    shader.unlink()
    fresh = tmp_path / "fresh"
    fresh.write_text(good.replace("TIME", "TIME * 2.0"))
    fresh.replace(shader)
    wait_for(log, '"type": "reload"')
    process.terminate()
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 0, told
    lines = read(log)
    assert sum(line["type"] == "reload" for line in lines) == 1
    assert len(engines(log)) == 1, "it never fell"
    assert f"{shader}:11: `OOPS' undeclared" in told
    assert "fract(isf_FragNormCoord.x + OOPS); // [/red]  [31m\n" in told, "no terminal is told what to do"
    assert all(line["text"] for line in lines if line["type"] == "error")


def test_an_engine_that_falls_comes_back_with_the_shaders_that_were_good(tmp_path: Path) -> None:
    """Broken on disk meanwhile, the layer is on the wall as it was, and nothing is tried again."""
    shutil.copytree(FLASH, tmp_path, dirs_exist_ok=True)
    shader, log = tmp_path / "shaders" / "level.fs", tmp_path / "log.jsonl"
    process = playing(tmp_path, log)
    shader.write_text(shader.read_text().replace("TIME);", "OOPS);"))
    wait_for(log, "OOPS")
    os.kill(engines(log)[0]["pid"], signal.SIGKILL)
    deadline = monotonic() + 20
    # A machine that is held up may have told of frames "again" before the engine was killed.
    while len(engines(log)) < 2 or not live_again_after(log, engines(log)[1]["t"]):
        assert monotonic() < deadline, log.read_text()
        sleep(0.1)
    process.terminate()
    process.communicate(timeout=20)
    lines = read(log)
    assert len(engines(log)) == 2
    assert [line for line in lines if "left out" in str(line.get("text"))] == []


def test_check_takes_shader_files_and_folders_of_them(tmp_path: Path) -> None:
    good = Path(FLASH, "shaders", "level.fs").read_text()
    for name, text in {"a.fs": good, "a.frag": "void main() { gl_FragColor = vec4(1.0); }", "notes.txt": "x"}.items():
        (tmp_path / name).write_text(text)
    done = visuals("check", str(tmp_path), str(tmp_path / "a.fs"), FLASH)
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'a.frag'}: a show takes a.fs, of the same name, instead" in done.stderr
    (tmp_path / "b.glsl").write_text("void main() { gl_FragColor = oops; }")
    (tmp_path / "c.fs").write_text("no header")
    done = visuals("check", str(tmp_path))
    assert done.returncode == 1
    assert f"{tmp_path / 'b.glsl'}:1: " in done.stderr
    assert f"{tmp_path / 'c.fs'}:1: no /*{{" in done.stderr


def test_rendering_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    digests = set()
    for n in range(2):
        done = visuals(
            "render", FLASH, "--audio", "none", "--for", "1s", "--hashes", str(tmp_path / f"{n}"), cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        digests.add((tmp_path / f"{n}").read_text())
    assert len(digests) == 1
    assert len(digests.pop().splitlines()) == 60


def test_a_loop_is_as_long_as_asked(tmp_path: Path) -> None:
    out = tmp_path / "loop.mp4"
    done = visuals(
        "loop", FLASH, "--audio", "none", "--for", "1s", "--overlap", "500ms", "--out", str(out), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "30 frames" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "page.xyz"], "expected a file that ends in .png"),
        (["--plot", "folder"], "expected a file that ends in .png"),
        (["--plot", "a.png", "--out", "a.png"], "expected two files"),
        ([], "found neither --out nor --plot"),
    ],
)
def test_where_a_report_cannot_go_is_said_at_once(options: list[str], said: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [VISUALS, "analyse", "nothing.wav", *options], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert said in " ".join(run.stderr.replace("│", " ").split())
    assert not list(tmp_path.iterdir())
