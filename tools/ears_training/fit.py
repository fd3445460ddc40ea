"""Teaches the networks: random clips of the material, for a number of minutes, going on where it stopped."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tools.ears_training.bodies import embodied
from tools.ears_training.model import EarsNet
from tools.ears_training.targets import HOP_S, fast_targets, slow_targets
from visuals.audio import net

CLIP_HOPS = 1536  # 8.2 s
_WARM_FRAMES = 48  # the slow network is not asked before it has heard a second
_SAVE_EVERY_S, _LOOK_EVERY_S = 120.0, 240.0
_TEST_EVERY = 25
"""One song of this many is kept for testing."""

Song = dict[str, Any]


@dataclass
class Progress:
    """How long and how far it has come."""

    seconds: float = 0.0
    steps: int = 0


def fit(material: Path, work: Path, minutes: float, seed: int, batch: int = 32, peak: float = 3e-3) -> None:
    """Train for `minutes` in all, those of earlier runs included; `work` gets the checkpoint and the log."""
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network, mean = EarsNet(), EarsNet()
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=1e-3, betas=(0.9, 0.98))
    progress = _resume(work, network, mean, optimiser)
    songs, looked = load(material), time.monotonic()
    saved = begun = time.monotonic()
    before, sums = progress.seconds, []
    while progress.seconds < minutes * 60.0:
        if time.monotonic() - looked > _LOOK_EVERY_S:
            songs, looked = load(material, songs), time.monotonic()
        share = progress.seconds / (minutes * 60.0)
        optimiser.param_groups[0]["lr"] = peak * _rate(progress.steps, share)
        sums.append(_step(network, optimiser, [_clip(songs, rng) for _ in range(batch)], rng))
        _follow(mean, network, min(0.995, progress.steps / (progress.steps + 20.0)))
        progress.steps += 1
        progress.seconds = before + time.monotonic() - begun
        if time.monotonic() - saved > _SAVE_EVERY_S or progress.seconds >= minutes * 60.0:
            saved = time.monotonic()
            _save(work, network, mean, optimiser, progress)
            _note(work, progress, np.mean(sums, axis=0), test(mean, material, 8), len(songs))
            sums = []


def _rate(steps: int, share: float) -> float:
    """Of the highest learning rate: a short rise, then half a cosine over the time there is."""
    return float(min(1.0, (steps + 1) / 100) * 0.5 * (1.0 + np.cos(np.pi * share)))


def load(material: Path, known: dict[Path, Song] | None = None) -> dict[Path, Song]:
    """The songs to learn from; those already `known` are not read again."""
    songs = dict(known or {})
    for path in sorted(material.glob("[0-9]*[0-9].npz")):
        if path not in songs and int(path.stem) % _TEST_EVERY:
            with np.load(path) as stored:
                songs[path] = dict(stored)
    return songs


def _clip(songs: dict[Path, Song], rng: np.random.Generator) -> tuple[np.ndarray[Any, Any], ...]:
    latest = rng.random() < 0.5  # songs added while it learns are those it knows least
    paths = list(songs)[-len(songs) // 4 :] if latest else list(songs)
    song = songs[paths[int(rng.integers(len(paths)))]]
    mix = int(rng.integers(len(song["fast"])))
    frames = song["long"].shape[1] - CLIP_HOPS // net.SLOW
    frame = int(rng.integers(0, frames))
    fast, *rest = cut(song, mix, frame, CLIP_HOPS)
    return embodied(fast, song["strokes"], song["present"][mix], frame * net.SLOW * HOP_S, rng), *rest


def cut(song: Song, mix: int, frame: int, hops: int) -> tuple[np.ndarray[Any, Any], ...]:
    """Levels, targets and weights of `hops` hops from slow frame `frame` on."""
    first, frames, start = frame * net.SLOW, hops // net.SLOW, frame * net.SLOW * HOP_S
    fast = song["fast"][mix, first : first + hops].astype(np.float32)
    long = song["long"][mix, frame : frame + frames].astype(np.float32)
    shares = song["shares"][mix, frame : frame + frames].astype(np.float32)
    present = song["present"][mix]
    return (
        fast,
        long,
        *fast_targets(song["strokes"], present, start, hops),
        *slow_targets(song["beats"], shares, start),
    )


def _step(
    network: EarsNet, optimiser: torch.optim.Optimizer, clips: list[Any], rng: np.random.Generator
) -> list[float]:
    network.train()
    fast, long, *truths = (torch.from_numpy(np.stack(part)) for part in zip(*clips, strict=True))
    fast, long = _varied(fast, long, rng)
    loss, parts = _loss(network(fast, long, drop=0.1), truths)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return parts


def _varied(fast: Tensor, long: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The same clips, louder or softer, through another equaliser."""
    gain = rng.normal(0.0, 4.0, (len(fast), 1, 1))
    return _louder(fast, gain + _wobble(rng, fast.shape)), _louder(long, gain + _wobble(rng, long.shape))


def _wobble(rng: np.random.Generator, shape: Any) -> np.ndarray[Any, Any]:
    knots = rng.normal(0.0, 2.5, (shape[0], 6))
    at = np.linspace(0.0, 5.0, shape[2])
    return np.array([np.interp(at, np.arange(6.0), row) for row in knots])[:, None, :]


def _louder(level: Tensor, db: np.ndarray[Any, Any]) -> Tensor:
    factor = torch.from_numpy(10.0 ** (db / 20.0)).float()
    return torch.log1p(torch.expm1(level) * factor)


def _loss(said: tuple[Tensor, Tensor], truths: list[Tensor]) -> tuple[Tensor, list[float]]:
    fast_target, fast_weight, slow_target, slow_weight = truths
    error = nn.functional.binary_cross_entropy_with_logits
    fast = (error(said[0], fast_target, reduction="none") * fast_weight)[:, 32:].mean(dim=(0, 1))
    slow = (error(said[1], slow_target, reduction="none") * slow_weight)[:, _WARM_FRAMES:].mean(dim=(0, 1))
    return fast.sum() + slow.sum(), [*fast.tolist(), *slow.tolist()]


@torch.no_grad()
def test(network: EarsNet, material: Path, songs: int) -> list[float]:
    """The losses by head on songs never learnt from."""
    network.eval()
    paths = [p for p in sorted(material.glob("[0-9]*[0-9].npz")) if int(p.stem) % _TEST_EVERY == 0][:songs]
    clips = []
    for path in paths:
        with np.load(path) as stored:
            song = dict(stored)
        clips += [cut(song, mix, 400, 3 * CLIP_HOPS) for mix in range(len(song["fast"]))]
    if not clips:
        return []
    fast, long, *truths = (torch.from_numpy(np.stack(part)) for part in zip(*clips, strict=True))
    return _loss(network(fast, long), truths)[1]


@torch.no_grad()
def _follow(mean: EarsNet, network: EarsNet, keep: float) -> None:
    for ours, theirs in zip(mean.parameters(), network.parameters(), strict=True):
        ours.lerp_(theirs, 1.0 - keep)


def _resume(work: Path, network: EarsNet, mean: EarsNet, optimiser: torch.optim.Optimizer) -> Progress:
    path = work / "ears.pt"
    if not path.exists():
        mean.load_state_dict(network.state_dict())
        return Progress()
    stored = torch.load(path, weights_only=True)
    network.load_state_dict(stored["network"])
    mean.load_state_dict(stored["mean"])
    optimiser.load_state_dict(stored["optimiser"])
    return Progress(stored["seconds"], stored["steps"])


def _save(work: Path, network: EarsNet, mean: EarsNet, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    part = work / "ears.pt.part"
    states = {"network": network.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(states | {"seconds": progress.seconds, "steps": progress.steps}, part)
    part.rename(work / "ears.pt")


def _note(work: Path, progress: Progress, learnt: Any, tested: list[float], songs: int) -> None:
    heads = [*net.FAST_HEADS, *net.SLOW_HEADS]
    figures = {
        name: [round(float(a), 4), round(b, 4)] for name, a, b in zip(heads, learnt, tested or learnt, strict=True)
    }
    line = {"minutes": round(progress.seconds / 60.0, 1), "steps": progress.steps, "songs": songs, **figures}
    logging.info(" ".join(f"{k}={v}" for k, v in line.items()))
    with (work / "log.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
