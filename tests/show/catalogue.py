"""A catalogue over plain dictionaries: two shaders, one of them torn, a model of styles and one that is told a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from visuals.errors import ModelError, ShaderError
from visuals.show.catalogue import Offer, ShaderOffer
from visuals.vocabulary import MODEL_CONTROLS, Term

LEVEL = Term(0.0, 1.0, "", 0.5, "")
SHADERS: dict[str, Mapping[str, Term]] = {
    "generators/haze": {
        "density": LEVEL,
        "flash": Term(0.0, 1.0, "", 0.0, ""),
        **{f"tint.{c}": LEVEL for c in "rgba"},
        **{f"at.{c}": LEVEL for c in "xy"},
    },
    "filters/glow": {"amount": LEVEL},
    "transitions/wipe": {"progress": LEVEL, "angle": LEVEL},
}
MOTION = {name: MODEL_CONTROLS[name] for name in ("walk", "strength", "memory")}
MODELS = {"prism": Offer(MODEL_CONTROLS, ("aurora", "ink", "neon")), "turbo": Offer(MOTION, told_text=True)}


class Shelf:
    """What there is to show."""

    def shader(self, name: str) -> ShaderOffer | None:
        if name == "generators/torn":
            raise ShaderError("generators/torn.fs:3: no JSON header")
        return ShaderOffer(name.split("s/")[0], SHADERS[name]) if name in SHADERS else None

    def shaders(self) -> Sequence[str]:
        return list(SHADERS)

    def model(self, name: str) -> Offer | None:
        if name == "pickled":
            raise ModelError("models/pickled: found weights.bin, expected safetensors only")
        return MODELS.get(name)

    def models(self) -> Sequence[str]:
        return list(MODELS)

    def media(self, folder: Path, name: str) -> Path | None:
        path = folder / name
        return path if path.is_file() else None
