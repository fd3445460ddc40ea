"""Complete text-to-image folders of Stable Diffusion's shape, a few thousand random weights each, built on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from visuals.generator.libraries import diffusers, transformers

MERGES = ("s e", "se a</w>", "t h", "th e</w>", "f i", "fi r", "fir e</w>", "o f</w>")
START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 16
UNET = "diffusion_pytorch_model.safetensors"


def write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))


def vocabulary(folder: Path, padding: str = "!") -> int:
    """A byte-pair vocabulary of every byte and a few words; how many there are."""
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(n) for n in (*printed, *range(256, 256 + 256 - len(printed)))]
    joined = [merge.replace(" ", "") for merge in MERGES]
    words = [*letters, *(letter + "</w>" for letter in letters), *joined, START, END]
    write(folder / "vocab.json", {word: n for n, word in enumerate(words)})
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(MERGES) + "\n")
    write(folder / "tokenizer_config.json", {"pad_token": padding, "model_max_length": LENGTH})
    return len(words)


def text_encoder(folder: Path, words: int, width: int, projection: int | None) -> None:
    config = {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": LENGTH,
        "hidden_act": "quick_gelu" if projection is None else "gelu",
        "projection_dim": projection or width,
        "eos_token_id": words - 1,
    }
    torch.manual_seed(width)
    kind = transformers().CLIPTextModelWithProjection if projection else transformers().CLIPTextModel
    kind(transformers().CLIPTextConfig(**config)).save_pretrained(folder)


def autoencoder(folder: Path, tiny: bool) -> None:
    torch.manual_seed(2)
    if tiny:
        widths = {"encoder_block_out_channels": [8, 8, 8, 8], "decoder_block_out_channels": [8, 8, 8, 8]}
        blocks = {"num_encoder_blocks": [1, 1, 1, 1], "num_decoder_blocks": [1, 1, 1, 1]}
        net = diffusers().AutoencoderTiny(**widths, **blocks)
    else:
        stages = {
            "down_block_types": ["DownEncoderBlock2D"] * 4,
            "up_block_types": ["UpDecoderBlock2D"] * 4,
            "block_out_channels": [8, 8, 8, 8],
        }
        net = diffusers().AutoencoderKL(**stages, norm_num_groups=4, layers_per_block=1)
    net.save_pretrained(folder)


def build(folder: Path, *, xl: bool = False, lcm: bool = False, tiny: bool = False, **schedule: Any) -> Path:
    """A folder that can be played; `tiny` gives it an AutoencoderTiny as its `vae`."""
    names = ["", "_2"] if xl else [""]
    index: dict[str, Any] = {"_class_name": "StableDiffusionXLPipeline" if xl else "StableDiffusionPipeline"}
    if lcm:
        index["_class_name"] = "LatentConsistencyModelPipeline"
    for n, name in enumerate(names):
        projected = n == 1
        words = vocabulary(folder / f"tokenizer{name}", "!" if projected else END)
        text_encoder(folder / f"text_encoder{name}", words, 16 + 8 * n, 12 if projected else None)
        index[f"text_encoder{name}"] = ["transformers", "CLIPTextModelWithProjection" if projected else "CLIPTextModel"]
        index[f"tokenizer{name}"] = ["transformers", "CLIPTokenizer"]
    more: dict[str, Any] = {"time_cond_proj_dim": 8} if lcm else {}
    if xl:
        more = {"addition_embed_type": "text_time", "addition_time_embed_dim": 4}
        more["projection_class_embeddings_input_dim"] = 6 * 4 + 12
    torch.manual_seed(1)
    unet = diffusers().UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=2,
        cross_attention_dim=40 if xl else 16,
        **more,
    )
    unet.save_pretrained(folder / "unet")
    autoencoder(folder / "vae", tiny)
    scheduler: dict[str, Any] = {
        "_class_name": "LCMScheduler" if lcm else "EulerDiscreteScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
        "timestep_spacing": "trailing",
        "steps_offset": 1,
    }
    parts = {"unet": "UNet2DConditionModel", "vae": "AutoencoderTiny" if tiny else "AutoencoderKL"}
    parts["scheduler"] = scheduler["_class_name"]
    write(folder / "model_index.json", index | {name: ["diffusers", kind] for name, kind in parts.items()})
    write(folder / "scheduler" / "scheduler_config.json", scheduler | schedule)
    return folder
