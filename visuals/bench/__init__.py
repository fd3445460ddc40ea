"""Benchmarks of the hot paths, each beside the bare library it is built on, in the same run.

A section that this machine cannot run (no graphics, no model) is left out with its reason. It judges
nothing: how fast is fast enough stands in the tests and drills of a whole show.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from visuals.bench.figures import Figure
from visuals.document import nearest
from visuals.errors import VisualsError

DISTRIBUTIONS = (
    "visuals",
    "numpy",
    "aubio-ledfx",
    "ruamel.yaml",
    "moderngl",
    "openvino",
    "torch",
    "av",
    "sacn",
    "mido",
    "python-osc",
)

Section = Callable[[float], list[Figure]]


def _audio(seconds: float) -> list[Figure]:
    from visuals.bench.audio import run

    return run(seconds)


def _show(seconds: float) -> list[Figure]:
    from visuals.bench.show import run

    return run(seconds)


def _model(seconds: float) -> list[Figure]:
    from visuals.bench.model import run

    return run(seconds)


def _render(seconds: float) -> list[Figure]:
    from visuals.bench.render import run

    return run(seconds)


def _media(seconds: float) -> list[Figure]:
    from visuals.bench.media import run

    return run(seconds)


def _wall(seconds: float) -> list[Figure]:
    from visuals.bench.wall import run

    return run(seconds)


def _desk(seconds: float) -> list[Figure]:
    from visuals.bench.desk import run

    return run(seconds)


SECTIONS: dict[str, Section] = {
    "audio": _audio,
    "show": _show,
    "desk": _desk,
    "model": _model,
    "render": _render,
    "media": _media,
    "wall": _wall,
}


def report(sections: Sequence[str], seconds: float) -> dict[str, Any]:
    """Run the named sections, all when there is none, each figure for about `seconds`.

    Plain JSON: `machine`, `versions`, `figures`, and `left_out` with each missing section's reason.
    Raises VisualsError for an unknown section, and the section's own error when none could run.
    """
    for name in sections:
        if name not in SECTIONS:
            raise VisualsError(f"found the section `{name}`{nearest(name, SECTIONS)}")
    load_before = os.getloadavg()[0]
    figures: list[Figure] = []
    left_out: dict[str, str] = {}
    reason: VisualsError | None = None
    for name in dict.fromkeys(sections or SECTIONS):
        try:
            figures += SECTIONS[name](seconds)
        except VisualsError as error:
            left_out[name], reason = str(error), error
    if reason is not None and not figures:
        raise reason
    return {
        "machine": machine() | {"load_before": load_before, "load_after": os.getloadavg()[0]},
        "versions": versions(),
        "figures": [asdict(figure) for figure in figures],
        "left_out": left_out,
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on. The load is the system's mean over the last minute."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
    }


def versions() -> dict[str, str]:
    """Versions of what is timed; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    """The model as Linux names it; the architecture where it names none."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
