"""tools/export_prism on a model of prism's kind with random weights: the same pictures from every file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tools.prism_export import export, feeds, graph, int8, measures, portable
from tools.prism_training import networks
from tools.prism_training.export import INDEX
from visuals.errors import ModelError
from visuals.generator import backends, condition, latents
from visuals.generator.backends import int8 as quick
from visuals.generator.backends.conversion import convert, whole
from visuals.generator.backends.openvino import GRAPH, OpenvinoStep, read
from visuals.generator.card import SKETCH, read_card

TOOL = Path(__file__).parents[2] / "tools/export_prism"
SIZE, OTHER = (128, 64), (96, 64)
STYLES = ["aurora", "smoke"]


def build(folder: Path) -> Path:
    """The smallest model of prism's architecture."""
    from diffusers import AutoencoderTiny, UNet2DConditionModel

    torch.manual_seed(3)
    told = {"projection_class_embeddings_input_dim": condition.length(STYLES), "attention_head_dim": 8}
    unet = {**networks.unet_config("small"), **told, "block_out_channels": (8, 16, 16), "norm_num_groups": 4}
    widths = {f"{side}_block_out_channels": (8, 8, 8) for side in ("encoder", "decoder")}
    vae = {**networks.autoencoder_config("small"), **widths, "num_decoder_blocks": (1, 1, 1)}
    vae |= {"scaling_factor": 1.2, "shift_factor": -0.1}
    # Where the networks begin they draw next to nothing; a bias makes a picture.
    net, decoder = UNet2DConditionModel(**unet), AutoencoderTiny(**vae)
    decoder.decoder.layers[-1].weight.data.mul_(4.0)
    for part, name in ((net, "unet"), (decoder, "vae")):
        part.half().save_pretrained(folder / name, safe_serialization=True)
    (folder / "model_index.json").write_text(json.dumps(INDEX))
    described = {"styles": STYLES, "structure": condition.STRUCTURE, "picture_of": SKETCH, "picture": SIZE}
    (folder / "cond.json").write_text(json.dumps({**described, "noise": latents.description()}))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edge")


@pytest.fixture(scope="module")
def source(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a show converts it."""
    folder = tmp_path_factory.mktemp("source")
    convert(read_card(model), folder)
    return folder


@pytest.fixture(scope="module")
def figures(model: Path, out: Path) -> Any:
    """OpenVINO's two formats of the model, as the tool makes them."""
    plan = export.Plan(model, out, (export.OPENVINO, export.INT8), SIZE, 4, 2, 4, kid=0, seconds=0.05)
    return export.export(plan)


def test_the_files_draw_the_original_s_pictures_at_another_size(model: Path, out: Path, figures: Any) -> None:
    card = read_card(model)
    reference = backends.open_step(card, OTHER, 1, "torch")
    inputs = feeds.draw(card, OTHER, 4, "validation", 9, reference)
    truth = measures.pictures(reference, inputs)
    assert truth.std() > 1.0
    for name, limit in ((export.OPENVINO, 1e-3), (export.INT8, 3e-2)):
        step = OpenvinoStep(out / name, OTHER, 1, "f32")
        assert backends.apart(measures.pictures(step, inputs), truth) <= limit


def test_the_graphs_are_whole_small_and_the_show_s_own(out: Path, figures: Any) -> None:
    for name in (export.OPENVINO, export.INT8):
        assert whole(out / name)
    made = figures["formats"]
    assert made[export.OPENVINO]["errors"]["f32"] <= 1e-3
    assert max(made[export.INT8]["errors"][way] for way in ("f32", "as run here")) <= 2e-2
    assert made[export.INT8]["share_of_sums"] > 0.0
    asked = read(out / export.INT8).inputs
    assert [x.get_partial_shape() for x in asked] == [x.get_partial_shape() for x in read(out / export.OPENVINO).inputs]
    assert (out / export.INT8 / "step.bin").stat().st_size < (out / export.OPENVINO / "step.bin").stat().st_size
    assert set(made[export.INT8]["speeds"]) == {"1", "2"}


def test_the_card_s_lines_say_what_was_measured(figures: Any) -> None:
    said = export.lines(figures | {"kid": {"int8": {"kid": 0.0123, "interval": (0.01, 0.02), "ratio": (1, 1, 1)}}})
    assert said["KID ×1000 in E3, int8"] == "12.3 (10.0 to 20.0)"
    assert f"{figures['formats'][export.INT8]['megabytes']:.1f} MB" in said["int8, 128 x 64"]


def test_the_same_seed_makes_the_same_int8(model: Path, source: Path, tmp_path: Path) -> None:
    card = read_card(model)
    reference = backends.open_step(card, SIZE, 1, "torch")
    drawn = [feeds.draw(card, SIZE, 4, "train", 1, reference) for _ in range(2)]
    assert all(np.array_equal(a, b) for x, y in zip(*drawn, strict=True) for a, b in zip(x, y, strict=True))
    known = int8.ranges(source, SIZE, drawn[0])
    for name in "ab":
        made = read(source)
        quick.quantise(made, known)
        graph.write(made, tmp_path / name)
    assert (tmp_path / "a" / "step.bin").read_bytes() == (tmp_path / "b" / "step.bin").read_bytes()


def test_layers_are_chosen_by_what_they_cost_in_error() -> None:
    found = [int8.Layer("big", 1000), int8.Layer("small", 10), int8.Layer("wrong", 500)]
    errors = {"big": 0.01, "small": 0.005, "wrong": 0.7}
    assert [layer.name for layer in int8.choose(found, errors, 0.02)] == ["big", "small"]
    assert [layer.name for layer in int8.choose(found, errors, 0.011)] == ["big"]
    assert int8.choose(found, errors, 1e-4) == []


def test_a_model_of_which_no_layer_bears_it_is_refused(model: Path, source: Path, tmp_path: Path) -> None:
    known = [backends.example(read_card(model), SIZE)]
    with pytest.raises(ModelError, match="no layer can be int8"):
        int8.export(source, tmp_path / "int8", SIZE, known, lambda *_: 0.5, 0.02)
    assert not (tmp_path / "int8").exists()


def test_onnx_draws_them_too_in_a_foreign_program(model: Path, tmp_path: Path) -> None:
    found = export.export(export.Plan(model, tmp_path, (export.ONNX,), SIZE, 2, 2, 2, kid=0, seconds=0.0))
    assert found["formats"][export.ONNX]["errors"]["f32"] <= 1e-3
    card = read_card(model)
    inputs = feeds.draw(card, OTHER, 2, "test", 3, backends.open_step(card, OTHER, 1, "torch"))
    truth = measures.pictures(backends.open_step(card, OTHER, 1, "torch"), inputs)
    assert backends.apart(measures.pictures(portable.OnnxStep(tmp_path / export.FILE, 1), inputs), truth) <= 1e-3


def test_a_size_that_cannot_be_drawn_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="found 100x64, expected multiples of 32"):
        export.export(export.Plan(model, tmp_path, (export.OPENVINO,), (100, 64)))


def test_a_bad_folder_is_one_line_and_exit_1(tmp_path: Path) -> None:
    told = [sys.executable, TOOL, tmp_path / "nothing", "--openvino", "--out", tmp_path / "out"]
    done = subprocess.run(told, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(tmp_path / "nothing") in done.stderr
    assert not (tmp_path / "out" / GRAPH).exists()
