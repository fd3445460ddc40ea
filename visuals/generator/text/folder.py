"""A text-to-image folder as Stable Diffusion's family has it, checked part by part before anything is loaded.

UNet, autoencoder, one text encoder or two with their vocabularies, scheduler. Knows the layout and
what the parts must agree on; the networks themselves are built elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visuals.errors import ModelError
from visuals.generator.folder import CONFIG, INDEX, read_json, refuse_code
from visuals.generator.weights import Shapes, read_shapes

KINDS: Mapping[str, str] = {
    "StableDiffusionPipeline": "text to a picture: SD-Turbo and other one-step models",
    "StableDiffusionImg2ImgPipeline": "the same parts, made for pictures from pictures",
    "StableDiffusionXLPipeline": "text to a picture with two text encoders: SDXL-Turbo",
    "StableDiffusionXLImg2ImgPipeline": "the same parts, made for pictures from pictures",
    "LatentConsistencyModelPipeline": "text to a picture in a few steps",
    "LatentConsistencyModelImg2ImgPipeline": "the same parts, made for pictures from pictures",
}
"""The pipelines that are told a text, by the `_class_name` of their `model_index.json`."""

SCHEDULERS = (
    *("DDIMScheduler", "DDPMScheduler", "PNDMScheduler", "LMSDiscreteScheduler", "HeunDiscreteScheduler"),
    *("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "DEISMultistepScheduler", "UniPCMultistepScheduler"),
    *("DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "LCMScheduler", "TCDScheduler"),
)
"""Those whose noise levels are the products of 1 - beta; they differ in the steps between, which we do not take."""
PREDICTIONS = ("epsilon", "v_prediction", "sample")
STEPS = {"LCMScheduler": 4}
"""Steps a picture takes: one, but for latent consistency models, whose paper (arXiv 2310.04378) uses four."""
AUTOENCODERS = ("AutoencoderKL", "AutoencoderTiny")
TINY_NAMES = ("taesd", "vae_tiny")
MODELS = Path(__file__).resolve().parents[3] / "models"
LARGEST = 2048
"""Pixels of a side."""


@dataclass(frozen=True, slots=True)
class Part:
    """One network: its folder, its configuration, its weights and their shapes."""

    folder: Path
    config: Mapping[str, Any]
    weights: Path
    shapes: Shapes

    def number(self, key: str) -> int:
        """A whole number of the configuration, 1 or more. Raises ModelError."""
        value = self.config.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ModelError(f"{self.folder / CONFIG}: found {key} {value!r:.60}, expected a whole number, 1 or more")
        return value

    def widths(self, key: str) -> int:
        """How many stages a list of the configuration names. Raises ModelError."""
        value = self.config.get(key)
        if not isinstance(value, list) or not value:
            raise ModelError(f"{self.folder / CONFIG}: found {key} {value!r:.60}, expected a list of widths")
        return len(value)

    def real(self, key: str, rest: float) -> float:
        value = self.config.get(key)
        if value is None:
            return rest
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ModelError(f"{self.folder / CONFIG}: found {key} {value!r:.60}, expected a number")
        return float(value)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A text encoder with its vocabulary's folder; `projected` when it also gives one vector for a whole text."""

    part: Part
    vocabulary: Path
    projected: bool


@dataclass(frozen=True, slots=True)
class TextFolder:
    """A checked folder. `downsampling`: pixels along a latent's side; `size`: the model's own picture."""

    folder: Path
    unet: Part
    vae: Part
    speakers: tuple[Speaker, ...]
    schedule: Mapping[str, Any]

    @property
    def downsampling(self) -> int:
        return 1 << (self.vae.widths("encoder_block_out_channels" if self.tiny else "block_out_channels") - 1)

    @property
    def tiny(self) -> bool:
        return self.vae.config.get("_class_name") == "AutoencoderTiny"

    @property
    def multiple(self) -> int:
        """What a picture's sides are multiples of: the network halves its latents at every stage but the last."""
        return self.downsampling << (self.unet.widths("block_out_channels") - 1)

    @property
    def size(self) -> tuple[int, int]:
        side = self.unet.number("sample_size") * self.downsampling
        return side, side

    @property
    def steps(self) -> int:
        return STEPS.get(str(self.schedule.get("_class_name")), 1)

    @property
    def latent_norm(self) -> tuple[float, float]:
        """Factor and offset from the autoencoder's latents to the network's: (z - offset) * factor."""
        return self.vae.real("scaling_factor", 1.0 if self.tiny else 0.18215), self.vae.real("shift_factor", 0.0)


def read_text_folder(folder: Path) -> TextFolder:
    """Check everything that can be checked without building a network. Raises ModelError."""
    refuse_code(folder)
    index = read_json(folder / INDEX)
    names = ["", "_2"] if index.get("text_encoder_2") else [""]
    found = TextFolder(
        folder,
        read_part(folder / "unet"),
        _autoencoder(folder, large="text_encoder_2" in index),
        tuple(_speaker(folder, index, name) for name in names),
        _schedule(folder / "scheduler" / "scheduler_config.json"),
    )
    _check_agreement(found)
    return found


def read_part(folder: Path) -> Part:
    """A network's configuration and the header of its weights, in half precision where only that is there."""
    config = read_json(folder / CONFIG)
    stem = "model" if "vocab_size" in config else "diffusion_pytorch_model"
    weights = folder / f"{stem}.safetensors"
    half = weights.with_suffix(".fp16.safetensors")
    if half.is_file() and not weights.is_file():
        weights = half
    return Part(folder, config, weights, read_shapes(weights))


def _autoencoder(folder: Path, large: bool) -> Part:
    """The tiny autoencoder where there is one, beside the large models' own sort: 60 times fewer multiplications."""
    beside = "taesdxl" if large else "taesd"
    places = [*(folder / name for name in TINY_NAMES), folder.parent / beside, MODELS / beside]
    place = next((p for p in places if (p / CONFIG).is_file()), folder / "vae")
    refuse_code(place)
    part = read_part(place)
    kind = part.config.get("_class_name")
    if kind not in AUTOENCODERS:
        raise ModelError(f"{place / CONFIG}: a {kind!s:.60}, expected one of: {', '.join(AUTOENCODERS)}")
    return part


def _speaker(folder: Path, index: Mapping[str, Any], suffix: str) -> Speaker:
    name, vocabulary = f"text_encoder{suffix}", folder / f"tokenizer{suffix}"
    entry = index.get(name)
    kind = str(entry[1]) if isinstance(entry, list) and len(entry) == 2 else "nothing"
    if kind not in {"CLIPTextModel", "CLIPTextModelWithProjection"}:
        raise ModelError(f"{folder / INDEX}: found {kind:.60} as {name}, expected CLIPTextModel or one with projection")
    for part in ("vocab.json", "merges.txt"):
        if not (vocabulary / part).is_file():
            raise ModelError(f"{vocabulary / part}: missing, expected the text encoder's vocabulary")
    config = read_json(folder / name / CONFIG)
    if "vocab_size" not in config:
        raise ModelError(f"{folder / name / CONFIG}: vocab_size is missing, expected a text encoder's configuration")
    return Speaker(read_part(folder / name), vocabulary, kind.endswith("Projection"))


def _schedule(path: Path) -> Mapping[str, Any]:
    config = read_json(path)
    kind, prediction = str(config.get("_class_name")), str(config.get("prediction_type", "epsilon"))
    if kind not in SCHEDULERS:
        raise ModelError(f"{path}: a {kind:.60}, expected one of: {', '.join(SCHEDULERS)}")
    if prediction not in PREDICTIONS:
        raise ModelError(f"{path}: found prediction_type {prediction:.60}, expected one of: {', '.join(PREDICTIONS)}")
    return config


def _check_agreement(found: TextFolder) -> None:
    """What one part gives must be what the next one takes."""
    unet = found.unet
    channels, told = found.vae.number("latent_channels"), sum(s.part.number("hidden_size") for s in found.speakers)
    for key, expected, why in (
        ("in_channels", channels, "the autoencoder's latents; models for filling in or upscaling take more"),
        ("out_channels", channels, "the autoencoder's latents"),
        ("cross_attention_dim", told, "the text encoders' widths together"),
    ):
        if unet.config.get(key) != expected:
            raise ModelError(
                f"{unet.folder / CONFIG}: found {key} {unet.config.get(key)!r:.60}, expected {expected}: {why}"
            )
    added = unet.config.get("addition_embed_type")
    if added != ("text_time" if found.speakers[-1].projected else None):
        raise ModelError(
            f"{unet.folder / CONFIG}: found addition_embed_type {added!r:.60}, expected text_time with a projected "
            "text encoder and none without"
        )
    if not found.size[0] <= LARGEST:
        raise ModelError(f"{unet.folder / CONFIG}: a picture of {found.size[0]} pixels, expected at most {LARGEST}")
