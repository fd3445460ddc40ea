"""One step of ours, held against diffusers' own pipelines, opened on the same folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.generator.text import tiny
from visuals.generator.libraries import diffusers
from visuals.generator.text.diffusion import Diffusion
from visuals.generator.text.folder import read_text_folder
from visuals.generator.text.network import encode_texts, load_step
from visuals.generator.text.schedule import Schedule

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning",  # diffusers with NumPy 2
)
PROMPT = "The Sea, of fire!"
ONE_STEP = {"num_inference_steps": 1, "guidance_scale": 0.0}
LCM = {"num_inference_steps": 1, "guidance_scale": 8.5}
KINDS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({}, "StableDiffusionPipeline", ONE_STEP),
    ({"prediction_type": "v_prediction"}, "StableDiffusionPipeline", ONE_STEP),
    ({"tiny": True}, "StableDiffusionPipeline", ONE_STEP),
    ({"xl": True}, "StableDiffusionXLPipeline", ONE_STEP),
    ({"lcm": True}, "LatentConsistencyModelPipeline", LCM),
]


def opened(kind: str, folder: Path) -> Any:
    more = {} if "XL" in kind else {"safety_checker": None, "requires_safety_checker": False}
    pipe = getattr(diffusers(), kind).from_pretrained(folder, local_files_only=True, use_safetensors=True, **more)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


@pytest.mark.parametrize(("more", "kind", "asked"), KINDS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_text_becomes_the_pipelines_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], kind: str, asked: dict[str, Any]
) -> None:
    folder = tiny.build(tmp_path / "model", **more)
    generator = Diffusion(folder, 5, {"one": "fire", "other": PROMPT})
    monkeypatch.setattr(generator, "_steps", 1)
    frame = generator.generate({"prompt.other": 1.0}, 0.0)
    noise = torch.from_numpy(generator._noise.now())[None]
    pipe = opened(kind, folder)
    told = {"prompt": PROMPT, "height": 64, "width": 64, **asked}
    expected = pipe(**told, latents=noise.clone(), output_type="latent").images[0].numpy()
    assert generator._last is not None
    assert apart(generator._last, expected) < 1e-5
    otherwise = pipe(**told | {"prompt": "fire"}, latents=noise.clone(), output_type="latent").images[0].numpy()
    assert apart(otherwise, expected) > 1e-3
    picture = pipe(**told, latents=noise.clone(), output_type="np").images[0]
    assert frame is not None
    assert np.abs(frame.pixels[..., :3] - 255.0 * picture).max() < 0.51


@pytest.mark.parametrize("name", ["", "XL"])
def test_a_picture_becomes_the_pipelines_picture(tmp_path: Path, name: str) -> None:
    folder = tiny.build(tmp_path / "model", xl=bool(name))
    found, cpu = read_text_folder(folder), torch.device("cpu")
    step = load_step(found, (64, 64), cpu, torch.float32)
    texts = encode_texts(found, [PROMPT], cpu)
    pixels = torch.from_numpy(np.random.default_rng(2).integers(0, 256, (64, 64, 4), np.uint8))
    start = step.encode(pixels)
    time = 499.0  # of two steps the second
    signal, grain = Schedule(found.schedule).levels(time)
    noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(3))
    path = torch.tensor([[time, signal, grain, grain]])
    with torch.inference_mode():
        ours = step(start, noise, path, texts.words, texts.whole)[0].numpy()
    pipe = opened(f"StableDiffusion{name}Img2ImgPipeline", folder)
    theirs = pipe(
        prompt=PROMPT,
        image=start,
        generator=torch.Generator().manual_seed(3),
        num_inference_steps=2,
        strength=0.5,
        guidance_scale=0.0,
        output_type="latent",
    ).images.numpy()
    assert apart(ours, theirs) < 1e-5
    picture = pixels[None, ..., :3].permute(0, 3, 1, 2) / 127.5 - 1.0
    mode = pipe.vae.encode(picture).latent_dist.mode() * pipe.vae.config.scaling_factor
    assert apart(start.numpy(), mode.detach().numpy()) < 1e-5
