"""Every section gives figures that are figures; how large they are is nobody's business here."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from visuals import bench
from visuals.bench import SECTIONS, model, report, turbo, wall
from visuals.bench.figures import BATCH, FEWEST, Peer, Work, compare, compare_rate, compare_share, spread, take_turns
from visuals.bench.music import SECONDS, music
from visuals.bench.plain import Plain
from visuals.bench.show import heard
from visuals.cli import app, main
from visuals.clock import sleep
from visuals.errors import DeviceError, VisualsError
from visuals.generator.backends import example
from visuals.generator.backends.cuda import Recorded
from visuals.generator.backends.reference import TorchStep
from visuals.generator.card import read_card
from visuals.wall.outputs import datagrams

SHORT = 0.02
NAMES = {
    "audio": {"audio.hop"},
    "show": {"show.step", "show.load"},
    "desk": {"desk.midi", "desk.osc", "desk.sacn", "desk.clock", "desk.ltc"},
    "model": {
        "model.picture",
        "model.step.openvino.f32.128x64.1t",
        "model.step.torch.128x64.1t",
        "model.start.cold",
        "model.start.warm",
    },
    "render": {"render.frame", *(f"render.layers.{size}.{n}" for size in ("512x256", "1280x720") for n in (1, 4, 12))},
    "media": {"media.at", "media.read"},
    "wall": {
        "wall.tick",
        "wall.map",
        "wall.venue.1920x1080.passing",
        "wall.venue.1920x1080.softened",
        "wall.ring",
        "wall.sacn",
        "wall.artnet",
        "wall.ddp",
    },
}
OF_SOME = {f"model.step.openvino.{precision}.128x64.1t" for precision in ("int8", "bf16")}
"""What not every processor has."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def assert_sound(figure: dict[str, Any]) -> None:
    for measured in filter(None, (figure["ours"], figure["peer"])):
        assert all(math.isfinite(value) and value > 0.0 for value in measured.values())
        assert measured["p5"] <= measured["median"] <= measured["p95"] <= measured["p99"]
        assert measured["n"] >= (1 if ".start." in figure["name"] else FEWEST)
    if figure["peer"]:
        assert figure["ratio"] == pytest.approx(figure["ours"]["median"] / figure["peer"]["median"])


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_gives_its_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "model" and not model.MODEL.is_dir():
        pytest.skip("models/prism is not here; make it with tools/train_prism")
    for what, less in {"CANVAS": (64, 32), "SIZES": ((128, 64),), "THREADS": (1,), "WARM_STARTS": 1}.items():
        monkeypatch.setattr(model, what, less)
    monkeypatch.setattr(wall, "VENUES", wall.VENUES[:1])
    monkeypatch.setattr(turbo, "usable", lambda: False)
    found = report([name], SHORT)
    assert json.loads(json.dumps(found)) == found
    assert {figure["name"] for figure in found["figures"]} - OF_SOME == NAMES[name]
    assert found["left_out"] == {}
    for figure in found["figures"]:
        assert_sound(figure)
    assert name != "model" or "not measured: no CUDA device" in found["figures"][0]["about"]


def test_a_section_that_cannot_run_is_left_out_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "MODEL", tmp_path / "models" / "prism")
    found = report(["model", "audio"], SHORT)
    assert found["left_out"] == {"model": "no model: models/prism is not there"}
    assert [figure["name"] for figure in found["figures"]] == ["audio.hop"]


def test_when_nothing_can_run_the_reason_is_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(seconds: float) -> list[Any]:
        raise DeviceError("no OpenGL")

    monkeypatch.setitem(SECTIONS, "render", fail)
    with pytest.raises(DeviceError, match="no OpenGL"):
        report(["render"], SHORT)


def test_an_unknown_section_is_told_with_the_nearest() -> None:
    with pytest.raises(VisualsError, match=r"found the section `rendr`.*nearest is `render`"):
        report(["rendr"], SHORT)


def test_the_report_says_what_it_was_measured_on() -> None:
    found = report(["audio"], SHORT)
    assert found["machine"]["cores"] >= 1
    assert found["machine"]["processor"]
    assert {"python", "numpy", "aubio-ledfx"} <= set(found["versions"])


def test_the_command_prints_one_json_object() -> None:
    result = CliRunner().invoke(app, ["bench", "audio", "--json", "--seconds", "20ms"])
    assert result.exit_code == 0, result.output
    assert [f["name"] for f in json.loads(result.stdout)["figures"]] == ["audio.hop"]


def test_the_command_prints_a_table() -> None:
    result = CliRunner().invoke(app, ["bench", "audio", "--seconds", "20ms"])
    assert result.exit_code == 0, result.output
    assert "audio.hop" in result.stdout
    assert "bare aubio" in result.stdout


# ---- the peers of the model -----------------------------------------------------------------------

TINY = {
    "sample_size": 8,
    "cross_attention_dim": 32,
    "attention_head_dim": (4, 4),
    "block_out_channels": (32, 32),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "layers_per_block": 1,
    "use_linear_projection": True,
}


def test_plain_diffusers_draws_the_same_picture_as_ours() -> None:
    card = read_card(model.MODEL)
    told = example(card, (128, 64))
    ours = TorchStep(card, 1)(told)[1][..., :3].astype(int)
    assert np.abs(Plain(card, 1)(told) - ours).max() <= 1


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers with NumPy 2
def test_the_ways_of_calling_a_turbo_model_give_pictures_of_bytes() -> None:
    unet, vae = turbo.networks("cpu", torch.float32, TINY)
    told = torch.randn(1, turbo.WORDS, 32)
    for way in (turbo.Diffusers(unet, vae, told), turbo.Stream(unet, vae, told)):
        picture = way(None)
        assert (picture.shape, picture.dtype) == ((1, 64, 64, 3), np.uint8)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers with NumPy 2
def test_our_turbo_frame_walks_and_is_diffusers_own_step(monkeypatch: pytest.MonkeyPatch) -> None:
    unet, vae = turbo.networks("cpu", torch.float32, TINY)
    told = torch.randn(1, turbo.WORDS, 32)
    plain = turbo.Diffusers(unet, vae, told)
    frame = turbo.Frame(unet, vae, told)
    recorded = Recorded(frame, [(2,)], torch.device("cpu"))
    picture = recorded([np.array([0.6, 0.8], np.float32)])[0].view(np.uint8).reshape(64, 64, 4).copy()
    noise = 0.6 * frame.noise[:1] + 0.8 * frame.noise[1:]
    monkeypatch.setattr(torch, "randn", lambda *_, **__: noise.detach())
    assert np.abs(plain(None)[0].astype(int) - picture[..., :3]).max() <= 1
    assert (recorded([np.array([0.8, 0.6], np.float32)])[0].view(np.uint8).reshape(64, 64, 4) != picture).any()


# ---- the way of measuring -----------------------------------------------------------------------


def noting(log: list[str], name: str) -> Callable[[object], None]:
    return lambda _: log.append(name)


def test_ours_and_the_peer_take_turns_and_the_first_of_a_batch_is_not_counted() -> None:
    log: list[str] = []
    own, other = take_turns(0.0, Work(noting(log, "ours")), Work(noting(log, "peer")))
    assert log == (["ours"] * (BATCH + 1) + ["peer"] * (BATCH + 1)) * (FEWEST // BATCH)
    assert len(own) == len(other) == FEWEST


def test_each_call_gets_the_next_item_of_its_feed() -> None:
    got: list[int] = []
    take_turns(0.0, Work(got.append, count()), None)
    assert got == list(range(len(got)))


def test_a_figure_without_a_peer_has_no_ratio() -> None:
    figure = compare("x", "nothing", 0.0, Work(lambda _: None))
    assert (figure.peer, figure.peer_name, figure.ratio) == (None, None, None)


def test_a_rate_is_better_when_higher() -> None:
    figure = compare_rate(
        "x", "work", "things/s", 10, 0.0, Work(lambda _: None), Peer("slow", Work(lambda _: sum(range(20_000))))
    )
    assert figure.better == "higher"
    assert figure.ratio is not None
    assert figure.ratio > 1.0


def test_a_spread_is_median_and_outer_percentiles() -> None:
    found = spread([float(n) for n in range(101)])
    assert (found.median, found.p5, found.p95, found.n) == (50.0, 5.0, 95.0, 101)


def test_the_music_is_sound() -> None:
    samples = music()
    assert len(samples) == SECONDS * 48_000
    assert 0.7 < abs(samples).max() <= 0.8 + 1e-6
    assert (samples == music()).all()


def test_the_ears_find_the_drums_in_the_music_and_every_frame_hears_something() -> None:
    frames = heard()
    names = {event.name for _, features in frames for f in features for event in f.events}
    assert {"onset", "kick", "snare", "hat", "beat"} <= names
    assert all(features for _, features in frames[:-1])
    assert all(f.time < now for now, features in frames for f in features)


def test_packets_go_to_the_loopback_and_both_ways_send_the_same_universes(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[bytes, tuple[str, int]]] = []

    class Spy(socket.socket):
        def sendto(self, data: Any, address: Any) -> int:  # type: ignore[override]
            sent.append((bytes(data), address))
            return super().sendto(data, address)

    monkeypatch.setattr(socket, "socket", Spy)
    # The way of other systems, which a socket can be asked about.
    monkeypatch.setattr(datagrams, "_Many", lambda packets: None)
    wall._sacn(0.0)
    groups = {address for packet, address in sent if len(packet) != 638}
    assert {address[0] for address in groups} == {"239.255.250.214"}
    data = [(packet, address) for packet, address in sent if len(packet) == 638]
    assert {address[0] for _, address in data} == {"127.0.0.1"}
    assert 5568 not in {address[1] for _, address in sent}
    for slots in (slice(0, 16), slice(38, 44), slice(113, 126)):  # root layer, framing vector, universe and DMP layer
        heads = {(packet[113:115], packet[slots]) for packet, _ in data}
        assert len(heads) == 200


def test_a_share_of_a_core_is_time_by_rate() -> None:
    figure = compare_share("x", "work", 50.0, 0.0, Work(lambda _: sleep(0.002)))
    assert figure.unit == "% of a core"
    assert 10.0 <= figure.ours.median < 50.0


def test_the_sections_are_those_of_the_command() -> None:
    assert list(bench.SECTIONS) == list(NAMES)


def test_the_command_without_a_duration_refuses_an_unknown_section(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["visuals", "bench", "rendr"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "nearest is `render`" in capsys.readouterr().err
