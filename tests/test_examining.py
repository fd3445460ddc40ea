"""What is saved while a show plays is told of, good or broken, by a judge that waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from visuals.clock import monotonic, sleep
from visuals.errors import ShaderError, ShowError
from visuals.examining import READY_AFTER_S, Examiner
from visuals.keeping import Keeper
from visuals.saving import SaveWatch
from visuals.session import Accepted, resolve
from visuals.types import Show

SHOW = """show: t
canvas: [64, 32]
scenes: {a: {layers: [{name: x, shader: solid}]}}
"""
SOLID = "/*{}*/\nvoid main() {\n    gl_FragColor = vec4(1.0);\n}\n"


class Play:
    """A show's files and their examiner, as `perform` has them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.show, self.shader = folder / "show.yaml", folder / "shaders" / "solid.fs"
        self.shader.parent.mkdir()
        self.show.write_text(SHOW)
        self.shader.write_text(SOLID)
        session = resolve(self.show, rig="null", audio="none")
        save = stack.enter_context(SaveWatch(session.files))
        self.accepted, keeper = Accepted(session.show), stack.enter_context(Keeper())
        self.examiner = stack.enter_context(Examiner(session, self.accepted, save, keeper, 0.0))

    def verdict(self) -> object:
        """What the examiner tells within ten seconds, None for nothing."""
        end = monotonic() + 10.0
        while monotonic() < end:
            if told := self.examiner.turn(READY_AFTER_S):
                return told
            sleep(0.01)
        return None


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ExitStack() as stack:
        yield Play(tmp_path, stack)


def test_tells_a_shaders_mistake_by_file_and_line_and_then_that_it_is_good(play: Play) -> None:
    assert play.examiner.turn(READY_AFTER_S) is None
    play.shader.write_text(SOLID.replace("vec4", "vec5"))
    told = play.verdict()
    assert isinstance(told, ShaderError)
    assert str(told).startswith(f"{play.shader}:3: ")
    play.shader.write_text(SOLID + "\n")
    assert isinstance(play.verdict(), Show)


def test_tells_an_unknown_key(play: Play) -> None:
    play.show.write_text(SHOW.replace("canvas", "canvass"))
    told = play.verdict()
    assert isinstance(told, ShowError)
    assert f"{play.show}:2:1" in str(told)


def test_what_cannot_change_while_it_plays_is_refused(play: Play) -> None:
    play.show.write_text(SHOW.replace("[64, 32]", "[64, 64]"))
    assert "the canvas cannot change" in str(play.verdict())
