"""Whole sessions on real servers: sound, desk and lights, at the frames that leave the player.

Bounds here only tell working from broken; `tools/measure` gives the figures.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.audio.pulse import load_sink, pulse_server, unload
from tests.drills.desk import desk_to_light
from tests.drills.lights import lights
from tests.drills.offline import determinism
from tests.drills.sound import environment, kick_to_light
from tests.drills.stage import FLASH, black_frames, on_stage
from visuals.wall.failover import State
from visuals.wire import unpack_features

pytestmark = [pytest.mark.drill]


@pytest.mark.pulse
def test_a_kick_into_a_sound_server_lights_the_wall(tmp_path: Path) -> None:
    result = kick_to_light(tmp_path, 10)
    assert result["heard"] == 10
    assert result["answered"] >= 9
    assert result["latency_s"]["median"] < 0.15


@pytest.mark.jack
def test_the_desk_fires_scenes_cues_and_the_master(tmp_path: Path) -> None:
    for what, result in desk_to_light(tmp_path, 4).items():
        assert result["answered"] == result["sent"], what
        assert result["latency_s"]["median"] < 0.15, what


@pytest.mark.olad
def test_a_lighting_server_holds_what_left_the_player(tmp_path: Path) -> None:
    result = lights(tmp_path)
    assert result["slots_equal"] == [512] * 4
    assert result["different_values"] > 2


def test_a_rendering_does_not_depend_on_the_machine(tmp_path: Path) -> None:
    result = determinism(tmp_path, 2.0)
    assert result["equal"] == result["frames"] == 120
    assert result["different_pictures"] > 100


@pytest.mark.pulse
def test_a_lost_sound_card_leaves_the_picture_moving_and_is_taken_back(tmp_path: Path) -> None:
    with pulse_server(tmp_path) as env, environment(env), on_stage(FLASH, tmp_path, audio="pulse") as stage:
        stage.until_live()
        stage.run(2.0)
        unload(env)
        before = len(stage.seen)
        stage.run(2.0)
        away = stage.seen[before:]
        reading = stage.supervisor.rings["features"].read()
        assert reading is not None
        assert unpack_features(reading.data).signals["loudness"] < 0.05
        assert len({frame.signature for frame in away}) > 50
        assert {frame.state for frame in away} <= {State.LIVE, State.HOLD}
        load_sink(env)
        came = len(stage.lines("audio"))
        stage.until(lambda _: len(stage.lines("audio")) > came, 15.0)


def test_a_restarted_engine_plays_the_show_that_was_accepted(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(FLASH.parent, folder)
    with on_stage(folder / "show.yaml", tmp_path) as stage:
        stage.until_live()
        (folder / "show.yaml").write_text("show: [")
        for _ in range(2):
            at = stage.kill("engine", signal.SIGKILL)
            stage.until(lambda frame, at=at: frame.state is not State.LIVE and frame.time > at, 5.0)
            stage.until_live()


DEADLY = "".join(f"#define A{n + 1} A{n}+A{n}\n" for n in range(15))
DEADLY = f"/*{{}}*/\n#define A0 TIME\n{DEADLY}void main() {{ gl_FragColor = vec4(A15); }}"
"""A sum of 32,768 terms, of which compilers die or despair."""


@pytest.mark.parametrize("text", ["no shader at all", DEADLY], ids=["broken", "deadly"])
def test_a_shader_broken_on_disk_costs_a_restarted_engine_only_its_layer(tmp_path: Path, text: str) -> None:
    """It is the only layer of this scene: the engine plays black, and the walls get the safe picture instead."""
    folder = tmp_path / "mine"
    shutil.copytree(FLASH.parent, folder)
    with on_stage(folder / "show.yaml", tmp_path) as stage:
        stage.until_live()
        (folder / "shaders" / "level.fs").write_text(text)
        stage.kill("engine", signal.SIGKILL)
        stage.until(lambda frame: frame.state is not State.LIVE, 5.0)
        newest = stage.seen[-1].engine
        stage.until(lambda frame: frame.engine > newest + 30)
        assert stage.seen[-1].state is State.SAFE
        assert not black_frames(stage.seen)
        assert any("level.fs" in line.get("text", "") for line in stage.lines("error"))
        assert sum(line["name"] == "engine" for line in stage.lines("process")) == 2, "it fell once, by our hand"
