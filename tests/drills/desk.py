"""Notes, faders and program changes through a real JACK server to the player's frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.control.jack import desk, jack_server
from tests.drills.latency import desk_latency
from tests.drills.sound import environment
from tests.drills.stage import FLASH, on_stage


def desk_to_light(folder: Path, repeats: int) -> dict[str, Any]:
    """Latency from another JACK client's message to the changed frame that left the player."""
    with (
        jack_server(folder) as env,
        environment(env),
        desk("desk") as hands,
        on_stage(FLASH, folder, midi="desk", midi_api="jack") as stage,
    ):
        return desk_latency(stage, lambda message: hands.send(list(message)), repeats)
