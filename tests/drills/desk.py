"""Notes, faders and program changes through a real JACK server to the player's frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rtmidi

from tests.control.jack import jack_server
from tests.drills.latency import desk_latency
from tests.drills.sound import environment
from tests.drills.stage import FLASH, on_stage


def desk_to_light(folder: Path, repeats: int) -> dict[str, Any]:
    """Latency from `send_message` of another JACK client to the changed frame that left the player."""
    with jack_server(folder) as env, environment(env):
        desk = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk")
        desk.open_virtual_port("out")

        def send(message: Sequence[int]) -> None:
            desk.send_message(message)

        try:
            with on_stage(FLASH, folder, midi="desk", midi_api="jack") as stage:
                return desk_latency(stage, send, repeats)
        finally:
            desk.close_port()
            desk.delete()
