"""What desks send, through real servers and another network, to the player's frames."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.control.jack import Desk, JackServer, desk, jack_server
from tests.drills.latency import desk_latency, first_jump, path_latency
from tests.drills.peers import grandma, oscsend, show_control
from tests.drills.sound import environment
from tests.drills.stage import FLASH, Stage, missed_ticks, on_stage, spread
from tests.wall import ola
from tests.wall.outputs.nodes import NODE_ADDRESS, OUR_ADDRESS, Cable, cable
from visuals.clock import monotonic

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


@contextmanager
def rig(folder: Path, more: str, cues: str = "") -> Iterator[Rig]:
    """Play the drill's show with `more` in its file and `cues` in its list; a JACK server and a cable lead to it."""
    show = folder / "show"
    shutil.copytree(FLASH.parent, show)
    file = show / "show.yaml"
    file.write_text(file.read_text().replace("midi:\n", cues + "midi:\n") + more)
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


# ---- floods -----------------------------------------------------------------------------------

MIDI_FLOOD = """
import rtmidi, sys, time
rate, seconds = int(sys.argv[1]), float(sys.argv[2])
kinds = [
    lambda n: [0x90, 60 + n % 12, 1 + n % 100],
    lambda n: [0xB0, 20 + n % 40, n % 128],
    lambda n: [0xE0, 0, n % 128],
]
messages = [kinds[n % 3](n) for n in range(3000)]
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk-flood")
out.open_virtual_port("out")
print("ready", flush=True)
sys.stdin.readline()
start, sent = time.monotonic(), 0
while (now := time.monotonic() - start) < seconds:
    while sent < rate * now:
        out.send_message(messages[sent % len(messages)])
        sent += 1
    time.sleep(0.0005)
print(sent, flush=True)
time.sleep(0.2)
"""

OSC_FLOOD = r"""
import socket, sys, time
host, port, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect((host, port))
packets = [b"/show/speed\0,f\0\0\x3f\0\0" + bytes([n]) for n in range(64)]
print("ready", flush=True)
sys.stdin.readline()
start, sent = time.monotonic(), 0
while (now := time.monotonic() - start) < seconds:
    while sent < rate * now:
        try:
            out.send(packets[sent % 64])
        except OSError:
            pass
        sent += 1
    time.sleep(0.0005)
print(sent, flush=True)
"""


def flood(found: Rig, command: Sequence[str], seconds: float, tries: int) -> dict[str, Any]:
    """Let a command flood the show: ticks lost meanwhile, and how late a note is obeyed right after."""
    stage = found.stage
    stage.until_live()
    stage.run(2.0)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flooding:
        assert flooding.stdin is not None
        assert flooding.stdout is not None
        assert flooding.stdout.readline() == "ready\n"
        stage.run(1.0)  # the port of a flood is found, too
        flooding.stdin.write("\n")
        flooding.stdin.flush()
        frames = stage.run(seconds + 0.2)
        sent = int(flooding.stdout.readline())
    light, dark = partial(found.hands.send, [0x90, 36, 100]), partial(found.hands.send, [0x90, 37, 100])
    after = path_latency(stage, light, dark, tries, settle_s=0.0)
    return {
        "sent": sent,
        "lost_ticks": missed_ticks(frames),
        "frames": len(frames),
        "engine_frames": len({frame.engine for frame in frames}),
        "restarts": len(stage.lines("process")) - len({line["name"] for line in stage.lines("process")}),
        "note_after": after,
    }


def midi_flood(folder: Path, rate: int = 50_000, seconds: float = 10.0, tries: int = 20) -> dict[str, Any]:
    """A note or fader message every 20 us from another JACK client."""
    with rig(folder, "") as found:
        return flood(found, [sys.executable, "-c", MIDI_FLOOD, str(rate), str(seconds)], seconds, tries)


def osc_flood(folder: Path, rate: int = 100_000, seconds: float = 10.0, tries: int = 20) -> dict[str, Any]:
    """An OSC packet every 10 us through the cable."""
    with rig(folder, DESKS) as found:
        words = [OUR_ADDRESS, str(OSC_PORT), str(rate), str(seconds)]
        return flood(found, [*found.wire.there, sys.executable, "-c", OSC_FLOOD, *words], seconds, tries)


# ---- timecode ---------------------------------------------------------------------------------

RATE = 25
START_H = 10
CUE_EVERY = 12
"""Frames from one cue to the next: light and dark in turn."""

MTC = """
import rtmidi, sys, time
hours, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
kinds = {24: 0, 25: 1, 30: 3}
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk-time")
out.open_virtual_port("out")
time.sleep(1.0)
start = time.monotonic() + 0.05
print(start, flush=True)
for piece in range(int(seconds * rate * 4)):
    frame = piece // 8 * 2
    s, f = divmod(frame, rate)
    numbers = (f, s % 60, s // 60, hours)
    nibbles = [n >> 4 * half & 15 for n in numbers for half in (0, 1)]
    nibbles[7] |= kinds[rate] << 1
    time.sleep(max(0.0, start + piece / (4 * rate) - time.monotonic()))
    out.send_message([0xF1, piece % 8 << 4 | nibbles[piece % 8]])
"""


def _taped(cues: int) -> str:
    """Lines of a show's list for cues in timecode, from two seconds after its start."""
    lines = []
    for n in range(cues):
        seconds, frame = divmod(2 * RATE + n * CUE_EVERY, RATE)
        label = f"{START_H:02}:{seconds // 60:02}:{seconds % 60:02}:{frame:02}"
        lines.append(f"  - {{cue: {100 + n}, scene: {('light', 'dark')[n % 2]}, fade: cut, timecode: {label}}}\n")
    return "".join(lines)


def _lateness(stage: Stage, start: float, cues: int) -> dict[str, Any]:
    """How long after its frame each cue was on the wall; the tape began at `start` (show time, s)."""
    due = [start + (2 * RATE + n * CUE_EVERY) / RATE for n in range(cues)]
    jumps = [first_jump(stage.seen, at - 0.2, at + 0.25, rising=n % 2 == 0) for n, at in enumerate(due)]
    late = [jump - at for jump, at in zip(jumps, due, strict=True) if jump is not None]
    return {"cues": cues, "fired": len(late), "late_s": spread(late) if late else None}


def mtc(folder: Path, cues: int = 20) -> dict[str, Any]:
    """Quarter frames through JACK: how long after its frame each cue is on the wall."""
    seconds = 3.0 + cues * CUE_EVERY / RATE
    with rig(folder, f"timecode: {{source: mtc, rate: {RATE}}}\n", _taped(cues)) as found:
        found.stage.until_live()
        command = [sys.executable, "-c", MTC, str(START_H), str(RATE), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tape:
            assert tape.stdout is not None
            start = float(tape.stdout.readline()) + found.stage.now - monotonic()
            found.stage.run(seconds + 0.5)
        return _lateness(found.stage, start, cues)


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
