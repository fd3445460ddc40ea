"""What a lighting server holds, against the frame that left the player, slot by slot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.drills.stage import FLASH, on_stage
from tests.wall.ola import olad, slots
from visuals.types import Flag
from visuals.wall.layout import load_rig
from visuals.wall.raster import Mapper

RIG = Path(__file__).with_name("lights.yaml")
PIXELS_A_UNIVERSE, SLOTS = 170, 512


def lights(folder: Path) -> dict[str, Any]:
    """Hold a show still and compare every slot of every universe with what the player sent."""
    wall = load_rig(RIG).walls[0]
    count = -(-wall.size[0] * wall.size[1] // PIXELS_A_UNIVERSE)
    universes = list(range(1, count + 1))
    with olad(universes), on_stage(FLASH, folder, rig=str(RIG)) as stage:
        stage.until_live()
        stage.run(1.0)
        stage.supervisor.rings["override"].write(0, flags=int(Flag.FREEZE))
        stage.run(1.5)
        reading = stage.supervisor.rings["sent"].read()
        assert reading is not None
        held = np.array(slots(universes))
    pixels = Mapper(wall, (512, 256)).map(reading.data)[..., :3].reshape(-1, 3)
    wanted = np.zeros((count, SLOTS), int)
    for n in range(count):
        part = pixels[n * PIXELS_A_UNIVERSE : (n + 1) * PIXELS_A_UNIVERSE].ravel()
        wanted[n, : len(part)] = part
    equal = (held == wanted).sum(axis=1)
    return {"universes": count, "slots_equal": equal.tolist(), "different_values": len(np.unique(wanted))}
