"""The whole export: files, each held against the original step; figures as plain JSON."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.prism_training.samples import Split
from visuals.errors import ModelError
from visuals.generator.backends import Inputs, Step, open_step
from visuals.generator.backends.conversion import convert
from visuals.generator.backends.openvino import OpenvinoStep, read
from visuals.generator.card import Card, read_card

from . import feeds, graph, int8, measures, portable
from .feeds import Size

ONNX, OPENVINO, INT8 = "onnx", "openvino", "int8"
LIMITS = {ONNX: 1e-3, OPENVINO: 1e-3, INT8: 2e-2}
"""Relative errors of the pictures; the first two in float32, int8 also as this machine runs it."""
MARGIN = 0.8
"""Of int8's limit: what its layers are chosen within, on pictures that do not count in the end."""
FILE = "prism.onnx"
THREADS = (1, 2)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is made of `model` in `out`, for which size; counts of pictures, seconds a speed takes. 0 leaves it out.

    `keep` lays int8's ranges beside the weights.
    """

    model: Path
    out: Path
    formats: tuple[str, ...] = tuple(LIMITS)
    size: Size = (512, 256)
    calibration: int = 48
    judged: int = 12
    held: int = 24
    kid: int = 256
    seconds: float = 4.0
    seed: int = 1
    keep: bool = False


def export(plan: Plan) -> dict[str, Any]:
    """Write the files and measure them.

    Raises ModelError for a folder or a size that cannot be exported and for a file whose pictures are
    not the original's, DeviceError when a package is missing.
    """
    card = _checked(plan)
    plan.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as draft:
        # Converted here, not in a process of its own as in a show: PyTorch is loaded in any case.
        convert(card, Path(draft))
        return _Export(plan, card, Path(draft)).run()


def _checked(plan: Plan) -> Card:
    card = read_card(plan.model)
    if card.told_text:
        raise ModelError(f"{plan.model}: found a model that is told a text, expected one of prism's kind")
    if any(side <= 0 or side % card.multiple for side in plan.size):
        width, height = plan.size
        raise ModelError(f"--size: found {width}x{height}, expected multiples of {card.multiple}")
    if ONNX in plan.formats:
        portable.require()
    return card


class _Export:
    """One plan, carried out format by format; `source` is the folder of the converted graph."""

    def __init__(self, plan: Plan, card: Card, source: Path) -> None:
        self.plan, self.card, self.source = plan, card, source
        self.original = open_step(card, plan.size, max(THREADS), "torch")
        self.exam = measures.exam(self._draw(plan.held, "test"), self.original)

    def run(self) -> dict[str, Any]:
        """The figures."""
        plan, formats = self.plan, dict[str, Any]()
        makers = {ONNX: self._onnx, OPENVINO: self._openvino, INT8: self._int8}
        for name in plan.formats:
            logger.info("%s", name)
            formats[name] = makers[name]()
        if plan.seconds > 0.0:
            self._speeds(formats)
        return {
            "model": self.card.folder.name,
            "digest": self.card.digest()[:16],
            "size": list(plan.size),
            "pictures": plan.held,
            "machine": platform.machine(),
            "versions": {name: version(name) for name in ("openvino", "torch", "diffusers")},
            "formats": formats,
            "kid": self._kids() if plan.kid and INT8 in formats else {},
        }

    def _draw(self, count: int, split: Split) -> list[Inputs]:
        return feeds.draw(self.card, self.plan.size, count, split, self.plan.seed, self.original)

    def _onnx(self) -> dict[str, Any]:
        path = self.plan.out / FILE
        portable.write(self.card, self.plan.size, path)
        return self._proven(ONNX, [path], {"f32": self._step(ONNX, 1)})

    def _openvino(self) -> dict[str, Any]:
        folder = self.plan.out / OPENVINO
        graph.write(read(self.source), folder)
        return self._proven(OPENVINO, sorted(folder.iterdir()), {"f32": self._exact(folder)})

    def _int8(self) -> dict[str, Any]:
        plan, folder = self.plan, self.plan.out / INT8
        judges = measures.exam(self._draw(plan.judged, "validation"), self.original)

        def judge(draft: Path, precision: str | None) -> float:
            return judges.error(OpenvinoStep(draft, plan.size, max(THREADS), precision))

        known, limit = self._draw(plan.calibration, "train"), MARGIN * LIMITS[INT8]
        choice = int8.export(self.source, folder, plan.size, known, judge, limit)
        steps = {"f32": self._exact(folder), "as run here": self._step(INT8, 1)}
        proven = self._proven(INT8, sorted(folder.iterdir()), steps)
        if plan.keep:
            int8.keep(self.card, choice.ranges)
        return proven | {
            "share_of_sums": round(choice.share, 4),
            "int8": [layer.name for layer in choice.chosen],
            "kept": [layer.name for layer in choice.kept],
            "layer_errors": choice.errors,
        }

    def _proven(self, name: str, files: list[Path], steps: dict[str, Step]) -> dict[str, Any]:
        """Sizes and errors, all within the limit."""
        errors = {way: self.exam.error(step) for way, step in steps.items()}
        for way, error in errors.items():
            if not error <= LIMITS[name]:
                hint = ", more pictures with --calibration may help" if name == INT8 else ""
                raise ModelError(f"{files[-1]}: pictures differ by {error:.2g} ({way}), at most {LIMITS[name]:g}{hint}")
        return {
            "files": {str(file.relative_to(self.plan.out)): file.stat().st_size for file in files},
            "megabytes": round(sum(file.stat().st_size for file in files) / 1e6, 2),
            "errors": errors,
        }

    def _exact(self, folder: Path) -> Step:
        return OpenvinoStep(folder, self.plan.size, 1, "f32")

    def _step(self, name: str, threads: int, size: Size | None = None) -> Step:
        """An exported format as this machine runs it best."""
        if name == ONNX:
            return portable.OnnxStep(self.plan.out / FILE, threads)
        return OpenvinoStep(self.plan.out / name, size or self.plan.size, threads)

    def _speeds(self, formats: dict[str, Any]) -> None:
        """By threads, each beside the step the show plays now."""
        for threads in THREADS:
            peer = OpenvinoStep(self.source, self.plan.size, threads)
            for name, found in formats.items():
                logger.info("speed of %s, %d threads", name, threads)
                step = self._step(name, threads)
                figure = measures.speed(f"{name}, {threads} threads", step, peer, self.exam.inputs, self.plan.seconds)
                found.setdefault("speeds", {})[str(threads)] = figure

    def _kids(self) -> dict[str, Any]:
        logger.info("KID of %d pictures", self.plan.kid)
        original = "original, float32"
        steps: dict[str, Step] = {original: open_step(self.card, measures.WINDOW, max(THREADS), "torch")}
        steps[INT8] = self._step(INT8, max(THREADS), measures.WINDOW)
        return measures.kids(self.card, steps, original, self.plan.kid)


def lines(figures: dict[str, Any]) -> dict[str, str]:
    """What the model's card says of it, as `tools/eval_prism card --speeds` takes it."""
    width, height = figures["size"]
    found = {}
    for name, one in figures["formats"].items():
        errors = ", ".join(f"{error:.1e} {way}" for way, error in one["errors"].items())
        words = [f"{one['megabytes']:.1f} MB", f"pictures differ by {errors}"]
        for threads, speed in one.get("speeds", {}).items():
            ours = speed["ours"]
            spread = f"{ours['median']:.1f} ms ({ours['p5']:.1f} to {ours['p95']:.1f})"
            words.append(f"threads {threads}: {spread}, {speed['ratio']:.2f} of {speed['peer_name']}")
        found[f"{name}, {width} x {height}"] = "; ".join(words)
    if INT8 in figures["formats"]:
        one = figures["formats"][INT8]
        kept = ", ".join(one["kept"]) or "nothing"
        found["int8 holds"] = (
            f"{100 * one['share_of_sums']:.0f} % of the multiplications of convolutions, doublings aside; kept: {kept}"
        )
    for name, kid in figures.get("kid", {}).items():
        low, high = (1000 * x for x in kid["interval"])
        found[f"KID ×1000 in E3, {name}"] = f"{1000 * kid['kid']:.1f} ({low:.1f} to {high:.1f})"
    return found
