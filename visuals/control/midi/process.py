"""The process that holds the MIDI ports of one system, and listens or sends there.

`python -m visuals.control.midi.process SYSTEM [--in=PATTERN] [--all]` writes a JSON line per look, and per port that
sent, to its stdout, and ends when its stdin closes or its MIDI system does; `--all` is with clocks and active
sensing. `--send=PATTERN` sends instead what comes in JSON lines by its stdin: another process, so that an output that
hangs keeps no input from being heard. Knows nothing of events or of what a message means. The reasons, all measured:

* To open a JACK client holds the interpreter for 8 ms, and for ever while the server hangs.
* A callback makes JACK's process thread wait for the interpreter: beside a busy loop 36 % (64 frames
  a period) to 99 % (1024) of the messages were lost; fetched from rtmidi's queue, none of 10 000.
* rtmidi notices nothing when a sender or a server vanishes, and to free the clients of a dead server
  after a new one was reached crashes in libjack. One server's life is one process's life.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from visuals.control.midi.lines import Outbox
from visuals.control.midi.listening import listen
from visuals.control.midi.ports import SYSTEMS
from visuals.control.midi.sending import deliver
from visuals.errors import DeviceError


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("system")
    parser.add_argument("--in", dest="pattern")
    parser.add_argument("--all", dest="everything", action="store_true")
    parser.add_argument("--send")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """The process. A terminal's Ctrl-C is not for it; stdout is kept clean of what libraries say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outbox = Outbox(os.dup(1))
    os.dup2(2, 1)
    asked = _asked(arguments)
    system = next(s for s in SYSTEMS if s.name == asked.system)
    identity = system.identity()
    try:
        if asked.send is not None:
            deliver(system, asked.send, outbox, 0)
        else:
            listen(system, asked.pattern, asked.everything, outbox, 0)
    except DeviceError as error:
        # A server that has just gone is no trouble: the owner waits for the next one.
        if identity is not None and system.identity() == identity:
            outbox.put("error", str(error))
            outbox.flush()
    except BrokenPipeError:
        pass
    return 0


if __name__ == "__main__":
    # Without the interpreter's and libjack's farewells, which crash where the server is dead.
    os._exit(main(sys.argv[1:]))
