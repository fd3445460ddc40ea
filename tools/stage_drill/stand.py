"""`visuals play` as the drill starts it: the same performance, its processes in shims, its clock set.

python -m tools.stage_drill.stand SETTINGS.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.stage_drill.orders import Order, Orders
from tools.stage_drill.shims import shimmed, wrap
from visuals import perform, supervisor
from visuals.clock import RealClock


@dataclass(frozen=True, slots=True)
class StandSettings:
    """What to play with which options of `session.resolve`; `epoch` is where the show's clock begins."""

    show: str
    rig: str
    log: str
    orders: str
    epoch: float
    old: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))


def prepare(settings: StandSettings) -> None:
    """Put the shims around the processes and the drill's hand into the supervisor."""
    page, orders = Path(settings.orders), Orders(Path(settings.orders))

    def plan(original: Any) -> Any:
        def planned(*arguments: Any) -> Any:
            children, rings = original(*arguments)
            return shimmed(children, page, settings.old), rings

        return planned

    def watch(original: Any) -> Any:
        def watched(self: Any) -> Any:
            if orders.read("supervisor")[0] is Order.FORGIVE:
                self.forgive()
            return original(self)

        return watched

    def clock(original: Any) -> Any:
        return lambda epoch=None: RealClock(settings.epoch if epoch is None else epoch)

    wrap(perform, "plan", plan)
    wrap(supervisor.Supervisor, "watch", watch)
    wrap(supervisor, "RealClock", clock)


def main() -> None:
    settings = StandSettings(**json.loads(Path(sys.argv[1]).read_text()))
    prepare(settings)
    options = settings.options
    if record := options.get("record"):
        options["record"] = Path(record)
    console = Console(stderr=True, soft_wrap=True)
    perform.play(Path(settings.show), console, rig=settings.rig, log=Path(settings.log), **options)


if __name__ == "__main__":
    main()
