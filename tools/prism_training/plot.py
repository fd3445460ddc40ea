"""The logs of all stages on one page: what fell, and when."""

from __future__ import annotations

import json
from pathlib import Path

STAGES = ("autoencoder", "teacher", "student", "finish")


def draw(folder: Path) -> Path:
    """Write `log.png` beside the logs."""
    from matplotlib.figure import Figure

    logs = {stage: _read(folder / f"{stage}.jsonl") for stage in STAGES if (folder / f"{stage}.jsonl").exists()}
    columns = max([len(_names(log)) for log in logs.values()], default=1)
    figure = Figure(figsize=(5.0 * columns, 3.0 * max(1, len(logs))), layout="constrained")
    for row, (stage, log) in enumerate(logs.items()):
        for column, name in enumerate(_names(log)):
            axes = figure.add_subplot(len(logs), columns, row * columns + column + 1)
            axes.plot([line["seconds"] / 60.0 for line in log], [line[name] for line in log], linewidth=0.8)
            axes.set(title=f"{stage}: {name}", xlabel="minutes")
    path = folder / "log.png"
    figure.savefig(path, dpi=80)
    return path


def _read(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _names(log: list[dict[str, float]]) -> list[str]:
    return [name for name in log[-1] if name not in {"step", "samples", "seconds"}] if log else []
