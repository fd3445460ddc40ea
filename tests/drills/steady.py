"""All processes of the demo show on this machine for a while: rates, and how late the player's ticks are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.drills.stage import FIRST_LIGHT, black_frames, longest_still, missed_ticks, on_stage


def steady(folder: Path, seconds: float, show: Path = FIRST_LIGHT, **options: Any) -> dict[str, Any]:
    """Rates over `seconds` of live play, counted from the rings themselves."""
    with on_stage(show, folder, audio=None, **options) as stage:
        stage.until_live()
        rings = stage.supervisor.rings
        if "dream" in rings:
            stage.until(lambda _: rings["dream"].count > 30)
        stage.run(2.0)
        start = stage.now
        counts = {name: rings[name].count for name in ("sent", "canvas", "dream") if name in rings}
        late = dict(stage.supervisor.stats["player"])
        frames = stage.run(seconds)
        passed = stage.now - start
        rates = {name: (rings[name].count - count) / passed for name, count in counts.items()}
        stage.run(1.1)
        after = stage.supervisor.stats["player"]
    ticks = after["ticks"] - late["ticks"]
    return {
        "player_hz": round(rates["sent"], 2),
        "engine_fps": round(rates["canvas"], 2),
        "generator_fps": round(rates.get("dream", 0.0), 2),
        "late_ticks": after.get("late_ticks", 0) - late.get("late_ticks", 0),
        "ticks": ticks,
        "late_share": round((after.get("late_ticks", 0) - late.get("late_ticks", 0)) / ticks, 5),
        "missed_ticks_max": missed_ticks(frames),
        "black_frames": black_frames(frames),
        "still_s": round(longest_still(frames), 3),
    }
