"""Opening a model folder: the generator that its kind asks for, or what is wrong with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from visuals.errors import ModelError
from visuals.generator.backends import Step
from visuals.generator.backends.conversion import converted
from visuals.generator.card import read_card
from visuals.generator.text.folder import read_text_folder

if TYPE_CHECKING:
    from visuals.generator.prism import Prism
    from visuals.generator.text.diffusion import Diffusion

CHECK_LIMIT_S = 300.0
"""Importing PyTorch takes 4 s, and a minute on a machine that is busy with other things."""


def open_generator(
    folder: Path,
    seed: int,
    size: tuple[int, int] | None = None,
    threads: int = 1,
    backend: str = "auto",
    prompts: Mapping[str, str] | None = None,
    step: Step | None = None,
) -> Prism | Diffusion:
    """The model in `folder`, ready to dream pictures of `size` (width, height).

    `backend` and `step` are Prism's; a model that is told a text runs on PyTorch, on the graphics
    processor where there is one. Raises ModelError when the folder cannot be played, or when prompts
    are missing or given to a model that reads none.
    """
    if read_card(folder).told_text:
        # Imported where it is needed: with a converted graph, Prism starts without PyTorch.
        from visuals.generator.text.diffusion import Diffusion

        return Diffusion(folder, seed, prompts or {}, size, threads)
    if prompts:
        raise ModelError(f"{folder}: found prompts in the show, this model reads no text")
    from visuals.generator.prism import Prism

    return Prism(folder, seed, size, threads, backend, step)


def check_model(folder: Path) -> None:
    """Hold a model's weights against its configuration, which needs PyTorch and so a process of its own.

    Once for each state of the folder; what was converted for this machine was held so. Raises ModelError.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".safetensors", ".json", ".txt"})
    fault = _fault(folder, tuple((p, p.stat().st_size, p.stat().st_mtime_ns) for p in files))
    if fault:
        raise ModelError(fault)


@lru_cache(maxsize=8)
def _fault(folder: Path, state: tuple[tuple[Path, int, int], ...]) -> str:
    card = read_card(folder)
    if not card.told_text and converted(card):
        return ""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(_misfit, folder).result(CHECK_LIMIT_S)
        except TimeoutError:
            for process in (pool._processes or {}).values():
                process.kill()
            return f"{folder}: not checked within {CHECK_LIMIT_S:.0f} s"
        except BrokenProcessPool:
            return f"{folder}: ended the process that checked it"


def _misfit(folder: Path) -> str:
    try:
        card = read_card(folder)
        if card.told_text:
            from visuals.generator.text import network as text

            text.check_weights(read_text_folder(folder))
        else:
            from visuals.generator.backends import int8, network

            network.check_weights(card)
            int8.read_ranges(card, card.digest())
    except ModelError as error:
        return str(error)
    return ""
