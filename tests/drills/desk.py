"""What desks send, through real servers and another network, to the player's frames."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.control.jack import Desk, JackServer, desk, jack_server
from tests.drills.latency import desk_latency, path_latency
from tests.drills.peers import grandma, oscsend, show_control
from tests.drills.sound import environment
from tests.drills.stage import FLASH, Stage, on_stage, spread
from tests.wall import ola
from tests.wall.outputs.nodes import NODE_ADDRESS, OUR_ADDRESS, Cable, cable

MSC_PORT, OSC_PORT = 6004, 7000
SACN_UNIVERSE, ARTNET_UNIVERSE = 1, 2
DARK, LIGHT = 1, 2
"""The places of the drill's scenes in its file: what a fixture calls them by."""
FULL = (255, 255, 128, 0, 0, 0)
"""Master, speed, hue and switches of a fixture that shows all."""
BACK_S = 5.0
"""After which a port counts as not back."""

DESKS = f"""
msc: {{udp: {MSC_PORT}}}
osc: {{port: {OSC_PORT}}}
"""
SACN = f"dmx: {{sacn: {{universe: {SACN_UNIVERSE}}}, hold: hold}}\n"
ARTNET = f"dmx: {{artnet: {{universe: 0:0:{ARTNET_UNIVERSE}}}, hold: hold}}\n"


def desk_to_light(folder: Path, repeats: int) -> dict[str, Any]:
    """Latency from another JACK client's message to the changed frame that left the player."""
    with (
        jack_server(folder) as env,
        environment(env),
        desk("desk") as hands,
        on_stage(FLASH, folder, midi="desk", midi_api="jack") as stage,
    ):
        return desk_latency(stage, lambda message: hands.send(list(message)), repeats)


# ---- every path -------------------------------------------------------------------------------


class Rig(NamedTuple):
    """A show that plays, and the desks that reach it."""

    stage: Stage
    server: JackServer
    hands: Desk
    wire: Cable


Do = Callable[[], object]


class Way(NamedTuple):
    """What makes the picture light by one way, and what makes it dark."""

    light: Do
    dark: Do


def show_with(folder: Path, more: str, cues: str = "") -> Path:
    """The drill's show with `more` in its file and `cues` in its list."""
    show = folder / "show"
    shutil.copytree(FLASH.parent, show)
    file = show / "show.yaml"
    file.write_text(file.read_text().replace("midi:\n", cues + "midi:\n") + more)
    return file


@contextmanager
def rig(folder: Path, more: str, cues: str = "") -> Iterator[Rig]:
    """Play such a show; a JACK server and a cable lead to it."""
    file = show_with(folder, more, cues)
    with (
        cable() as wire,
        jack_server(folder) as env,
        environment(env),
        desk("desk") as hands,
        on_stage(file, folder, midi="desk", midi_api="jack") as stage,
    ):
        yield Rig(stage, env, hands, wire)


def network_paths(rig: Rig, stack: ExitStack) -> dict[str, Way]:
    """Show control and OSC, each by a sender that somebody else wrote."""
    go = [{"deviceId": 1, "commandFormat": "lighting.general", "command": "go", "cue": cue} for cue in ("2", "1")]
    light, dark = show_control(*go)
    gma = stack.enter_context(grandma(MSC_PORT, OUR_ADDRESS, rig.wire.there))
    send = partial(oscsend, there=rig.wire.there)
    udp, tcp = (f"osc.{kind}://{OUR_ADDRESS}:{OSC_PORT}" for kind in ("udp", "tcp"))
    return {
        "show control, MIDI": Way(partial(rig.hands.send, light), partial(rig.hands.send, dark)),
        "show control, UDP": Way(partial(gma.say, "goto", "2"), partial(gma.say, "goto", "1")),
        "OSC, UDP": Way(partial(send, udp, "/show/scene/light", 1), partial(send, udp, "/show/scene/dark", 1)),
        "OSC, TCP": Way(partial(send, tcp, "/show/scene/light", 1), partial(send, tcp, "/show/scene/dark", 1)),
    }


def light_paths(name: str, universe: int, lights: ola.Desk) -> dict[str, Way]:
    """A fixture's dimmer, and the scene that it calls."""

    def put(*slots: int) -> Do:
        return partial(lights.set, universe, slots)

    return {
        f"{name}, scene": Way(put(LIGHT, *FULL), put(DARK, *FULL)),
        f"{name}, dimmer": Way(put(LIGHT, *FULL), put(LIGHT, 0, 0, *FULL[2:])),
    }


def every_desk(folder: Path, repeats: int) -> dict[str, Any]:
    """Latency from each desk's message to the changed frame that left the player."""
    figures = {}
    for name, more, universe in (("sACN", SACN, SACN_UNIVERSE), ("Art-Net", ARTNET, ARTNET_UNIVERSE)):
        own = folder / name
        own.mkdir()
        with rig(own, DESKS + more) as found, ExitStack() as stack:
            found.stage.until_live()
            paths = network_paths(found, stack) if more is SACN else {}
            for path, (light, dark) in paths.items():
                figures[path] = path_latency(found.stage, light, dark, repeats)
            lights = stack.enter_context(ola.desk(found.wire.there, NODE_ADDRESS, SACN_UNIVERSE, ARTNET_UNIVERSE))
            lights.set_dmx(universe, (LIGHT, *FULL))
            found.stage.until(lambda frame: frame.mean > 150, 5.0)
            for path, (light, dark) in light_paths(name, universe, lights).items():
                figures[path] = path_latency(found.stage, light, dark, repeats)
    return figures


# ---- what is unplugged ------------------------------------------------------------------------


def replugged(folder: Path, repeats: int) -> dict[str, Any]:
    """How long each port is away after it is plugged in again, and whether the picture stood meanwhile."""
    figures: dict[str, Any] = {}
    with rig(folder, DESKS + SACN) as found, ExitStack() as stack:
        found.stage.until_live()
        paths = network_paths(found, stack)
        lights = stack.enter_context(ola.desk(found.wire.there, NODE_ADDRESS, SACN_UNIVERSE, ARTNET_UNIVERSE))
        lights.set(SACN_UNIVERSE, (DARK, *FULL))
        paths |= light_paths("sACN", SACN_UNIVERSE, lights)
        del paths["sACN, dimmer"], paths["show control, MIDI"]
        for name, path in paths.items():
            figures[name] = _away(found.stage, path, found.wire.cut, found.wire.mend, repeats)
        figures |= _midi_away(found, repeats)
    return figures


def _midi_away(found: Rig, repeats: int) -> dict[str, Any]:
    hands = [found.hands]

    def unplug() -> None:
        hands[0].close()

    def plug() -> None:
        hands[0] = Desk("desk")

    def crash() -> None:
        unplug()
        found.server.kill()

    def start() -> None:
        found.server.start()
        plug()

    note = Way(lambda: hands[0].send([0x90, 36, 100]), lambda: hands[0].send([0x90, 37, 100]))
    figures = {"MIDI port": _away(found.stage, note, unplug, plug, repeats)}
    figures["JACK server"] = _away(found.stage, note, crash, start, repeats)
    hands[0].close()
    return figures


def _away(stage: Stage, path: Way, unplug: Do, plug: Do, repeats: int) -> dict[str, Any]:
    back: list[float] = []
    held = 0
    for _ in range(repeats):
        _until_obeyed(stage, path.light, True)
        before = stage.seen[-1].mean
        unplug()
        stage.run(0.5)
        held += abs(stage.seen[-1].mean - before) < 20
        plug()
        back.append(_until_obeyed(stage, path.dark, False))
    return {"repeats": repeats, "held": held, "back_s": spread(back)}


def _until_obeyed(stage: Stage, act: Do, light: bool) -> float:
    """Act again and again until the picture is so; how long that took."""
    start, acted = stage.now, -1.0
    while stage.now - start < BACK_S:
        if stage.now - acted > 0.05:
            acted = stage.now
            act()
        stage.run(0.02)
        if (stage.seen[-1].mean > 90) is light:
            return stage.seen[-1].time - start
    raise AssertionError(f"not obeyed within {BACK_S:g} s")
