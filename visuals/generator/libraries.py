"""The libraries that models are built and read with, each imported when a model is opened and no sooner.

transformers adds a second to a start, also to diffusers' own, which looks whether it is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from visuals.errors import ModelError
from visuals.generator.folder import CONFIG


def diffusers() -> Any:
    """UNets and autoencoders; kept off the network, and its advice to itself."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    return diffusers


def transformers() -> Any:
    """Text encoders and vocabularies; kept off the network, and its advice to itself."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def described(folder: Path, make: Callable[[], Any]) -> Any:
    """The network that `make` builds from a configuration, on no device: shapes without memory. Raises ModelError."""
    try:
        with torch.device("meta"):
            return make()
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, ZeroDivisionError) as error:
        raise ModelError(f"{folder / CONFIG}: describes no network we can build: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    """What a library found wrong, fit for a report."""
    text = " ".join(f"{type(error).__name__.lower()}: {error}".split())
    return text[:200]
