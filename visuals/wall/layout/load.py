"""A rig file to a `Rig`, with everything that is wrong with it at its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visuals.document import Document, Keys, read, validate
from visuals.errors import Problem, RigError
from visuals.types import Cabinet, FlashLimit, Light, Rectangle, Rig, Wall
from visuals.wall.layout.fit import rig_faults, wall_faults
from visuals.wall.layout.grid import Fault, Laid, lay
from visuals.wall.layout.schema import RigPart, WallPart
from visuals.wall.outputs.settings import KINDS, Settings


def load_rig(path: Path) -> Rig:
    """Read a rig file. Raises RigError with every problem at its line and column."""
    document = read(path, RigError)
    part = validate(document, RigPart)
    walls: list[Wall] = []
    faults: list[tuple[Keys, Fault]] = []
    for n, wall in enumerate(part.walls):
        made, wrong = _wall(document, ("walls", n), wall)
        faults += [(("walls", n), fault) for fault in wrong]
        walls += [made] if made else []
    if not part.walls:
        faults.append(((), (("walls",), "found no wall, expected one or more")))
    if not faults:
        faults = [((), fault) for fault in rig_faults(walls)]
    if faults:
        raise RigError(problems=[_problem(document, (*at, *keys), text) for at, (keys, text) in faults])
    return Rig(part.rig, tuple(walls), part.sound.gain, part.sound.noise, _flash(part))


def _problem(document: Document, keys: Keys, text: str) -> Problem:
    """At the value, or at the key of a block that begins below it."""
    below = document.place(keys)[0] > document.key_place(keys)[0]
    return document.problem(keys, text, at_key=below)


def _wall(document: Document, at: Keys, part: WallPart) -> tuple[Wall | None, list[Fault]]:
    given = list(document.node((*at, "output")).inside)
    if len(given) != 1:
        found = " and ".join(map(str, given)) or "nothing"
        return None, [(("output",), f"found {found}, expected one of {', '.join(KINDS)}")]
    laid, faults = lay(part)
    if faults:
        return None, faults
    output = _output(part)
    wall = _made(part, laid, output)
    unfit = output[1].misfit(wall.size)
    carried: list[Fault] = [(("output", output[0]), unfit)] if unfit else []
    return wall, [*carried, *wall_faults(part, wall, laid)]


def _output(part: WallPart) -> tuple[str, Settings]:
    """The kind that is given, its defaults when nothing follows it."""
    for kind in part.output.model_fields_set:
        name = kind.removesuffix("_")
        settings: Settings | None = getattr(part.output, kind)
        return name, settings or KINDS[name]()
    raise AssertionError("an output was checked to be there")


# ---- from what is written to the nouns ----------------------------------------------------------


def _made(part: WallPart, laid: Sequence[Laid], output: tuple[str, Settings]) -> Wall:
    cabinets = tuple(one.cabinet for one in laid)
    return Wall(
        name=part.name,
        canvas=part.canvas,
        size=_raster(part, cabinets),
        output=(output[0], output[1].model_dump()),
        light=_light(part, cabinets),
        latency=part.latency,
        delay=part.delay,
        cabinets=cabinets,
        stage=_stage(part, cabinets),
        gaps=part.gaps,
        port_pixels=part.ports.pixels if part.ports else 0,
    )


def _raster(part: WallPart, cabinets: Sequence[Cabinet]) -> tuple[int, int]:
    """What the file says, unless a fold makes another of it; the box around the cabinets if it says nothing."""
    if cabinets and (part.fold or not part.size):
        return _reach([cabinet.raster for cabinet in cabinets])
    return part.size or (part.canvas[2], part.canvas[3])


def _reach(rectangles: Sequence[Rectangle]) -> tuple[int, int]:
    return max(r[0] + r[2] for r in rectangles), max(r[1] + r[3] for r in rectangles)


def _stage(part: WallPart, cabinets: Sequence[Cabinet]) -> tuple[float, float, float, float] | None:
    if part.stage is None or len(part.stage) == 4:
        return part.stage
    width = max((cabinet.stage[0] + cabinet.stage[2] for cabinet in cabinets), default=0.0)
    height = max((cabinet.stage[1] + cabinet.stage[3] for cabinet in cabinets), default=0.0)
    return (*part.stage, width, height)


def _light(part: WallPart, cabinets: Sequence[Cabinet]) -> Light:
    kind, power = part.cabinet, part.power
    summed = kind.watts * sum(cabinet.enabled for cabinet in cabinets) if kind else 0.0
    watts = summed if power is None or power.watts is None else power.watts
    return Light(
        gamma=part.gamma,
        brightness=part.brightness,
        white=part.white,
        gain=part.gain,
        lift=part.lift,
        nits=part.nits or (kind.nits if kind else None) or Light().nits,
        watts=watts,
        limit_watts=power.limit if power and power.abl else None,
        window=power.window if power else Light().window,
        dither=part.dither,
    )


def _flash(part: RigPart) -> FlashLimit:
    flash = part.flash
    return FlashLimit(flash.flashes, flash.distance, flash.reference, flash.waived or "")
