from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from visuals.errors import ModelError
from visuals.generator.backends import int8
from visuals.generator.card import read_card
from visuals.generator.opening import check_model
from visuals.library import Library
from visuals.offline import frames
from visuals.show.load import load_show

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "prism"))


def test_the_shipped_model_says_what_it_offers(model: Path) -> None:
    card = read_card(model)
    assert len(card.styles) >= 12
    assert {"walk", "memory", "hue", *(f"style.{s}" for s in card.styles)} <= set(card.controls)
    assert card.size == (512, 256)


def test_the_shipped_weights_are_small(model: Path) -> None:
    assert sum(p.stat().st_size for p in model.rglob("*.safetensors")) < 12_000_000


@pytest.mark.parametrize("name", ["unet/weights.bin", "old.pt", "x.ckpt", "vae/a.pkl", "run.py", "unet/link"])
def test_files_that_could_be_code_are_refused(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=r"refused, a model folder holds only \.safetensors"):
        read_card(copy)


def test_a_link_out_of_the_folder_is_refused(copy: Path) -> None:
    (copy / "notes.md").symlink_to("/etc/hostname")
    with pytest.raises(ModelError, match="refused"):
        read_card(copy)


def test_an_unknown_kind_names_what_can_be_played(copy: Path) -> None:
    (copy / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline"}))
    with pytest.raises(ModelError, match="a FluxPipeline model, expected one of: PrismPipeline"):
        read_card(copy)


def test_a_missing_folder_names_the_nearest(copy: Path) -> None:
    with pytest.raises(ModelError, match="did you mean prism"):
        read_card(copy.parent / "prisn")


@pytest.mark.parametrize("part", ["model_index.json", "cond.json", "unet/config.json", f"vae/{WEIGHTS}"])
def test_a_missing_part_is_named(copy: Path, part: str) -> None:
    (copy / part).unlink()
    with pytest.raises(ModelError, match=f"{part}: missing"):
        read_card(copy)


def damage(path: Path, header: bytes, rest: bytes = b"") -> None:
    path.write_bytes(len(header).to_bytes(8, "little") + header + rest)


@pytest.mark.parametrize(
    ("header", "rest", "text"),
    [
        (b"{not json", b"", "not JSON"),
        (b"[]", b"", "expected an object"),
        (b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', b"\0" * 4, "do not fit"),
        (b'{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', b"\0" * 8, "do not fit"),
        (b'{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', b"\0" * 8, "expected F32, F16 or BF16"),
        (b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"\0" * 8, "expected 4"),
    ],
)
def test_damaged_weights_are_refused(copy: Path, header: bytes, rest: bytes, text: str) -> None:
    damage(copy / "unet" / WEIGHTS, header, rest)
    with pytest.raises(ModelError, match=text):
        read_card(copy)


def test_cut_off_weights_are_refused(copy: Path) -> None:
    path = copy / "vae" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="do not fit"):
        read_card(copy)


def test_noise_of_another_kind_is_refused(copy: Path) -> None:
    data = json.loads((copy / "cond.json").read_text())
    data["noise"]["rows"] = 8
    (copy / "cond.json").write_text(json.dumps(data))
    with pytest.raises(ModelError, match="found noise"):
        read_card(copy)


def changed(path: Path, **entries: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_a_part_of_another_class_is_refused(copy: Path) -> None:
    changed(copy / "unet/config.json", _class_name="UNet3DModel")
    with pytest.raises(ModelError, match=r"unet/config.json: found the class UNet3DModel, expected UNet2DCondition"):
        read_card(copy)


def test_styles_and_network_are_held_against_each_other(copy: Path) -> None:
    changed(copy / "cond.json", styles=["aurora", "ink"])
    with pytest.raises(ModelError, match=r"cond.json: found 2 styles, expected 16 by unet/config.json"):
        read_card(copy)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"block_out_channels": [64, 96, 64]}, rf"unet/{WEIGHTS}: tensor .* found the shape .* by config.json"),
        ({"down_block_types": ["DownBlock3D"] * 3}, r"unet/config.json: describes no network we can build"),
    ],
)
def test_weights_that_do_not_fit_are_found_before_a_show(copy: Path, entries: dict[str, object], said: str) -> None:
    check_model(copy)
    changed(copy / "unet/config.json", **entries)
    with pytest.raises(ModelError, match=said):
        check_model(copy)


def test_a_render_of_a_model_that_gives_no_numbers_ends_with_the_reason(copy: Path, tmp_path: Path) -> None:
    path = copy.rename(tmp_path / "mute") / "unet" / WEIGHTS
    (tmp_path / "mute" / int8.FILE).unlink()
    save_file({k: torch.full_like(v, torch.nan) for k, v in load_file(path).items()}, path)
    show = tmp_path / "show.yaml"
    show.write_text("show: Mute\ncanvas: [64, 64]\nmodel: mute\nscenes: {one: {layers: [{name: dream, model: {}}]}}\n")
    with pytest.raises(ModelError, match="the model gives no picture: its numbers are not finite"):
        list(frames(load_show(show, Library(tmp_path)), Library(tmp_path), "none", 0.2))
