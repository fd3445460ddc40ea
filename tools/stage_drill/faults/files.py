"""Files that are broken, hostile, gone, or do not fit on the disk any more."""

from __future__ import annotations

import signal
from pathlib import Path

from tools.stage_drill.faults import hostile
from tools.stage_drill.faults.fault import (
    COVERED,
    UNTOUCHED,
    WHOLE,
    Absent,
    Act,
    Fault,
    Moments,
    Must,
    Over,
    save,
    telling,
)
from tools.stage_drill.scenery import DISK_BYTES, HERE
from tools.stage_drill.stage import Stage

DISK = frozenset({"disk"})
SHOW = (HERE / "show" / "show.yaml").read_text()
VEIL = (HERE / "show" / "shaders" / "veil.fs").read_text()
WRONG = VEIL.replace("vec4(", "vec5(")
BOMB = "/*{}*/\n#define A0 TIME\n" + "".join(f"#define A{n + 1} A{n}+A{n}\n" for n in range(15))
BOMB += "void main() { gl_FragColor = vec4(A15); }\n"
"""A sum of 32,768 terms, of which compilers die or despair."""
ENDLESS = """/*{}*/
void main() {
    float sum = TIME;
    for (int n = 0; n < 100000000; n++) sum = fract(sin(sum) * 43758.5);
    gl_FragColor = vec4(sum);
}
"""
RULE = "      - {drive: wave.ear, from: loudness}\n"
MANY = SHOW.replace("    rules:\n", "    rules:\n" + 400_000 * RULE)
NAN = SHOW.replace("attack: 10ms", "attack: .nan")
UNKNOWN = SHOW.replace("layers:", "leyers:")


def edit(name: str, text: str, good: str, lasts: float = 1.0) -> dict[str, Act | float | Over]:
    """Save a bad file, then the good one again."""
    return {"act": save(name, text), "undo": save(name, good), "lasts": lasts, "over": taken}


def taken(stage: Stage, moments: Moments) -> bool:
    """The good show was taken up again."""
    return stage.told("reload", moments.undone) is not None


def _shader(number: str, name: str, how: str, text: str, told_s: float, lasts: float) -> Fault:
    must: Must = {**UNTOUCHED, "told_s": told_s}
    measures = {"told_s": telling("error", text="veil.fs")}
    return Fault(
        number,
        name,
        how,
        save("shaders/veil.fs", text),
        must,
        save("shaders/veil.fs", VEIL),
        lasts,
        over=taken,
        measures=measures,
        patience=15.0,
    )


def _show(number: str, name: str, text: str, lasts: float = 1.5, told_s: float = 0.2) -> Fault:
    must: Must = {**UNTOUCHED, "told_s": told_s}
    measures = {"told_s": telling("error", text="show.yaml:")}
    return Fault(
        number,
        name,
        "saved while it plays",
        save("show.yaml", text),
        must,
        save("show.yaml", SHOW),
        lasts,
        over=taken,
        measures=measures,
        patience=15.0,
    )


def fill(stage: Stage) -> None:
    (stage.scenery.folder / "disk" / "full").touch()
    try:
        (stage.scenery.folder / "disk" / "full").write_bytes(bytes(DISK_BYTES))
    except OSError:
        return


def empty(stage: Stage) -> None:
    (stage.scenery.folder / "disk" / "full").unlink()


def take_away(stage: Stage) -> None:
    """The loop and a shader gone, then the engine and the player fall: they come back without."""
    folder = stage.scenery.show.parent
    (folder / "loop.mp4").rename(folder / "loop.gone")
    (folder / "shaders" / "veil.fs").unlink()
    stage.signal("engine", signal.SIGKILL)


def bring_back(stage: Stage) -> None:
    folder = stage.scenery.show.parent
    (folder / "loop.gone").rename(folder / "loop.mp4")
    save("shaders/veil.fs", VEIL)(stage)


def judge_hostile(stage: Stage) -> None:
    """Have each of the hostile shows read by a process of its own; the worst of them are the figures."""
    folder = Path(stage.scenery.folder) / "hostile"
    stage.notes |= hostile.judged(folder, stage.run)


FAULTS: tuple[Fault | Absent, ...] = (
    _shader("10", "shader with a mistake", "saved while it plays", WRONG, 0.2, 1.0),
    _shader("11", "shader that breaks compilers", "a macro bomb, saved while it plays", BOMB, 20.0, 3.0),
    _shader("12", "shader that hangs", "10^8 turns a pixel, saved while it plays", ENDLESS, 20.0, 6.0),
    _show("26", "show cut short", SHOW[: len(SHOW) // 2] + "\n  - {"),
    _show("26a", "show with an unknown key", UNKNOWN),
    _show("26b", "show with NaN", NAN),
    _show("26c", "show of 400,000 rules", MANY, 3.0, 1.0),
    Fault(
        "27", "disk full", "the log's and the recording's, for 5 s", fill, UNTOUCHED, undo=empty, lasts=5.0, needs=DISK
    ),
    Fault(
        "27a",
        "files gone",
        "the loop and a shader deleted, then the engine killed",
        take_away,
        {**COVERED, "live_s": 3.0},
        undo=bring_back,
        lasts=3.0,
    ),
    Fault(
        "35",
        "hostile shows",
        "each read by a process with limits, while another show plays",
        judge_hostile,
        {**WHOLE, "untyped": 0.0, "worst_s": 1.0, "most_mb": 200.0, "written": 0.0},
    ),
)
