"""Text-to-image folders, complete but tiny, from the folder to the pictures."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.generator.text import tiny
from visuals.errors import ModelError
from visuals.generator.card import read_card
from visuals.generator.opening import check_model, open_generator
from visuals.generator.prism import Prism
from visuals.generator.text.diffusion import Diffusion
from visuals.generator.text.folder import read_text_folder
from visuals.generator.text.network import check_weights
from visuals.types import Frame, Generator

TEXTS = {"sea": "the sea of fire", "fire": "fire"}
VELOCITY, SAMPLE = {"prediction_type": "v_prediction"}, {"prediction_type": "sample"}
HALF = np.full((64, 64, 4), 128, np.uint8)


@pytest.fixture(scope="session")
def turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("models") / "turbo")


@pytest.fixture
def copy(turbo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(turbo, tmp_path / "turbo"))


def play(folder: Path, count: int = 4, seed: int = 5, **controls: Any) -> list[Frame]:
    """Frames at 30 a second; `prompt_sea` and `shift_x` stand for names with a dot."""
    source = controls.pop("source", None)
    asked = {name.replace("_", ".", 1): value for name, value in controls.items()}
    generator: Generator = Diffusion(folder, seed, TEXTS)
    frames = [generator.generate(asked, n / 30.0, source) for n in range(count)]
    return [frame for frame in frames if frame is not None]


def far(a: Frame, b: Frame) -> float:
    return float(np.abs(a.pixels.astype(float) - b.pixels).mean())


def test_the_folder_says_what_it_offers(turbo: Path) -> None:
    card = read_card(turbo)
    assert (card.kind, card.size, card.multiple, card.styles) == ("StableDiffusionPipeline", (64, 64), 16, ())
    assert {"walk", "jump", "strength", "memory", "zoom", "rotate", "shift.x", "shift.y"} <= set(card.controls)
    assert not {"hue", "density", "symmetry"} & set(card.controls)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"tiny": True},
        {"prediction_type": "v_prediction"},
        {"prediction_type": "sample"},
        {"lcm": True},
        {"xl": True},
    ],
    ids=lambda more: " ".join(more) or "plain",
)
def test_every_kind_dreams(tmp_path: Path, more: dict[str, Any]) -> None:
    folder = tiny.build(tmp_path / "model", **more)
    check_weights(read_text_folder(folder))
    frames = play(folder, 2, walk=1.0, memory=0.5, source=HALF, strength=0.8)
    for frame in frames:
        assert frame.pixels.shape == (64, 64, 4)
        assert frame.pixels.dtype == np.uint8
        assert (frame.pixels[..., 3] == 255).all()
        assert frame.pixels[..., :3].std() > 5.0
    assert [frame.index for frame in frames] == [0, 1]


def test_one_history_gives_one_sequence_byte_for_byte(turbo: Path) -> None:
    hashes = [
        hashlib.sha256(b"".join(f.pixels.tobytes() for f in play(turbo, walk=1.0, memory=0.6, zoom=0.5))).hexdigest()
        for _ in range(2)
    ]
    assert hashes[0] == hashes[1]


def test_walk_seed_jump_and_prompt_change_the_picture(turbo: Path) -> None:
    still, walked, jumped = (play(turbo, **c) for c in ({"walk": 0.0}, {"walk": 2.0}, {"walk": 0.0, "jump": 1.0}))
    assert far(still[0], still[-1]) == 0.0
    assert far(walked[0], walked[-1]) > 0.5
    assert far(jumped[0], jumped[-1]) > 0.5
    assert far(still[0], play(turbo, 1, seed=6, walk=0.0)[0]) > 5.0
    assert far(still[0], play(turbo, 1, walk=0.0, prompt_fire=1.0)[0]) > 0.1


def test_the_first_prompt_is_dreamt_when_none_is_asked_for(turbo: Path) -> None:
    assert far(play(turbo, 1)[0], play(turbo, 1, prompt_sea=1.0)[0]) == 0.0


def test_a_change_of_prompt_glides_and_arrives(turbo: Path) -> None:
    generator = Diffusion(turbo, 5, TEXTS)
    frames = [
        generator.generate({"walk": 0.0, f"prompt.{'sea' if n < 2 else 'fire'}": 1.0}, n / 30.0) for n in range(40)
    ]
    fire = play(turbo, 1, walk=0.0, prompt_fire=1.0)[0]
    seen = [frame for frame in frames if frame is not None]
    steps = [far(a, b) for a, b in itertools.pairwise(seen)]
    assert far(seen[-1], fire) == 0.0
    assert max(steps) < 0.7 * far(seen[0], fire)


def test_strength_mixes_the_source_in(turbo: Path) -> None:
    other = np.random.default_rng(1).integers(0, 256, (64, 64, 4), np.uint8)
    free = play(turbo, 1, strength=1.0)[0]
    assert far(free, play(turbo, 1, strength=1.0, source=other)[0]) == 0.0
    half, other_half = (play(turbo, 1, strength=0.5, source=s)[0] for s in (HALF, other))
    assert far(half, other_half) > 0.2
    low, other_low = (play(turbo, 1, strength=0.0, source=s)[0] for s in (HALF, other))
    assert far(low, other_low) > far(half, other_half)


def test_a_source_of_another_size_is_refused(turbo: Path) -> None:
    with pytest.raises(ValueError, match="expected \\(64, 64, 4\\)"):
        play(turbo, 1, strength=0.5, source=HALF[:32])


def test_memory_keeps_and_moves_the_last_picture(turbo: Path) -> None:
    fresh, kept, drift = (play(turbo, walk=2.0, **c) for c in ({}, {"memory": 1.0}, {"memory": 1.0, "shift_x": 1.0}))
    assert far(fresh[-1], kept[-1]) > 1.0
    assert far(drift[-1], kept[-1]) > 0.5


def test_a_step_without_a_finite_picture_keeps_the_last(turbo: Path) -> None:
    generator = Diffusion(turbo, 5, TEXTS)
    first = generator.generate({}, 0.0)
    bias = generator._step.unet.conv_out.bias
    kept = bias.clone()
    bias.fill_(float("nan"))
    assert generator.generate({}, 0.1) is first
    bias.copy_(kept)
    assert generator.generate({}, 0.2) is not first


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e9])
def test_controls_that_are_no_numbers_do_no_harm(turbo: Path, value: float) -> None:
    names = ("walk", "jump", "strength", "memory", "zoom", "rotate", "shift.x", "prompt.sea", "prompt.fire")
    generator = Diffusion(turbo, 5, TEXTS)
    for n in range(3):
        assert generator.generate(dict.fromkeys(names, value), n / 30.0, HALF) is not None
    last = generator.generate({}, 0.2)
    assert last is not None
    assert last.pixels.std() > 5.0


def test_a_tiny_autoencoder_beside_is_taken(copy: Path) -> None:
    tiny.autoencoder(copy / "taesd", tiny=True)
    assert read_text_folder(copy).vae.folder == copy / "taesd"
    assert Diffusion(copy, 5, TEXTS).generate({}, 0.0) is not None
    shutil.move(copy / "taesd", copy.parent / "taesd")
    assert read_text_folder(copy).vae.folder == copy.parent / "taesd"


def test_half_precision_weights_alone_are_taken(copy: Path) -> None:
    path = copy / "unet" / tiny.UNET
    tensors = {name: tensor.half() for name, tensor in load_file(path).items()}
    save_file(tensors, path.with_suffix(".fp16.safetensors"))
    path.unlink()
    assert Diffusion(copy, 5, TEXTS).generate({}, 0.0) is not None


def test_opening_takes_the_generator_of_the_kind(turbo: Path, model: Path) -> None:
    assert isinstance(open_generator(turbo, 1, prompts=TEXTS), Diffusion)
    assert isinstance(open_generator(model, 1, backend="torch"), Prism)
    with pytest.raises(ModelError, match="expected `prompts:"):
        open_generator(turbo, 1)
    with pytest.raises(ModelError, match="reads no text"):
        open_generator(model, 1, prompts=TEXTS)


# ---- what is wrong with a folder, told before anything is loaded


def change(path: str, key: str, value: Any) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        data = json.loads((folder / path).read_text())
        tiny.write(folder / path, data | {key: value})

    return act


def drop(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def add(path: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / path).write_bytes(b"\x80\x04.")

    return act


INDEX, SCHEDULER = "model_index.json", "scheduler/scheduler_config.json"


@pytest.mark.parametrize(
    ("act", "file", "text"),
    [
        (add("unet/diffusion_pytorch_model.bin"), "model.bin", "refused, expected weights as .safetensors only"),
        (add("sd-turbo.ckpt"), "sd-turbo.ckpt", "refused"),
        (add("vae/old.PT"), "old.PT", "refused"),
        (add("pipeline.py"), "pipeline.py", "refused"),
        (drop("unet/config.json"), "unet/config.json", "missing, expected a model in diffusers' layout"),
        (drop(f"vae/{tiny.UNET}"), f"vae/{tiny.UNET}", "missing, expected the weights as safetensors"),
        (drop("text_encoder/model.safetensors"), "text_encoder/model.safetensors", "missing"),
        (drop("tokenizer/merges.txt"), "tokenizer/merges.txt", "missing, expected the text encoder's vocabulary"),
        (drop(SCHEDULER), SCHEDULER, "missing"),
        (change(INDEX, "_class_name", "StableDifusionPipeline"), "turbo", "nearest is StableDiffusionPipeline"),
        (change(INDEX, "text_encoder", ["x", "T5EncoderModel"]), INDEX, "found T5EncoderModel as text_encoder"),
        (
            change(SCHEDULER, "_class_name", "FlowMatchEulerDiscreteScheduler"),
            "sched",
            "a Flow",
        ),
        (change(SCHEDULER, "prediction_type", "flow"), SCHEDULER, "found prediction_type flow"),
        (change("unet/config.json", "in_channels", 9), "unet/config.json", "found in_channels 9, expected 4"),
        (change("unet/config.json", "cross_attention_dim", 32), "unet/config.json", "expected 16"),
        (change("unet/config.json", "sample_size", None), "unet/config.json", "found sample_size None"),
        (change("unet/config.json", "sample_size", 4096), "unet/config.json", "expected at most 2048"),
        (change("vae/config.json", "_class_name", "VQModel"), "vae/config.json", "expected one of: AutoencoderKL"),
        (change("vae/config.json", "scaling_factor", "much"), "vae/config.json", "expected a number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_with_the_file(copy: Path, act: Callable[[Path], None], file: str, text: str) -> None:
    act(copy)
    with pytest.raises(ModelError) as caught:
        read_card(copy)
    assert len(str(caught.value).splitlines()) == 1
    assert file in str(caught.value)
    assert text in str(caught.value)


def reshape(path: str, name: str, *shape: int) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        tensors = load_file(folder / path)
        save_file(tensors | {name: torch.zeros(shape)}, folder / path)

    return act


def rename(path: str, old: str, new: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        tensors = load_file(folder / path)
        tensors[new] = tensors.pop(old)
        save_file(tensors, folder / path)

    return act


TEXT = "text_encoder/model.safetensors"


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (reshape(f"unet/{tiny.UNET}", "conv_in.weight", 8, 9, 3, 3), "found the shape 8x9x3x3, expected 8x4x3x3"),
        (
            rename(f"unet/{tiny.UNET}", "conv_in.weight", "conv_im.weight"),
            "is missing, config.json beside it asks for it",
        ),
        (reshape(f"vae/{tiny.UNET}", "extra.weight", 2), "tensor extra.weight has no place in the network"),
        (reshape(TEXT, "text_model.final_layer_norm.weight", 7), "found the shape 7, expected 16"),
        (change("unet/config.json", "layers_per_block", 2), "is missing, config.json beside it asks for it"),
        (change("unet/config.json", "norm_num_groups", 5), "describes no network we can build"),
        (change("unet/config.json", "down_block_types", ["Odd", "DownBlock2D"]), "describes no network we can build"),
        (change("text_encoder/config.json", "hidden_act", "odd"), "describes no network we can build"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_weights_that_do_not_fit_are_told(copy: Path, act: Callable[[Path], None], text: str) -> None:
    act(copy)
    with pytest.raises(ModelError) as caught:
        check_weights(read_text_folder(copy))
    assert len(str(caught.value).splitlines()) == 1
    assert str(copy) in str(caught.value)
    assert text in str(caught.value)


def test_names_of_older_files_are_taken(copy: Path) -> None:
    path = copy / "vae" / tiny.UNET
    older = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    tensors = load_file(path)
    for new, old in older.items():
        for name in [n for n in tensors if f".{new}." in n]:
            tensors[name.replace(f".{new}.", f".{old}.")] = tensors.pop(name)
    save_file(tensors, path)
    numbers = copy / TEXT
    positions = {"text_model.embeddings.position_ids": torch.arange(tiny.LENGTH)[None]}
    save_file(load_file(numbers) | positions, numbers)
    check_weights(read_text_folder(copy))
    assert Diffusion(copy, 5, TEXTS).generate({}, 0.0) is not None


def test_the_check_runs_in_a_process_of_its_own(copy: Path) -> None:
    check_model(copy)
    reshape(f"unet/{tiny.UNET}", "conv_in.weight", 8, 9, 3, 3)(copy)
    with pytest.raises(ModelError, match="found the shape 8x9x3x3, expected 8x4x3x3"):
        check_model(copy)
