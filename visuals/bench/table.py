"""A report of benchmarks as a table for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def show_report(report: dict[str, Any], say: Console) -> None:
    """Print what `visuals.bench.report` gave."""
    machine = report["machine"]
    say.print(f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']:.1f}", markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for title in ("median", "p5", "p95", "p99", "", "peer", "ratio"):
        table.add_column(title, justify="left" if title == "" else "right")
    table.add_column("")
    for figure in report["figures"]:
        table.add_row(*_row(figure))
    say.print(table)
    for figure in report["figures"]:
        say.print(f"{figure['name']}: {figure['about']}", style="dim", markup=False)
    for name, reason in report["left_out"].items():
        say.print(f"{name} is left out: {reason}", markup=False)


def _row(figure: dict[str, Any]) -> list[str]:
    ours, peer = figure["ours"], figure["peer"]
    beside = [_number(peer["median"]), f"{figure['ratio']:.2f}", figure["peer_name"]] if peer else ["", "", ""]
    return [figure["name"], *(_number(ours[key]) for key in ("median", "p5", "p95", "p99")), figure["unit"], *beside]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:.3g}"
