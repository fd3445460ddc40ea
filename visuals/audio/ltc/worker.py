"""The timecode process: from a sound input of its own to the ring `tape`.

A process of its own, since PortAudio reads its list of devices anew only where no stream is open: a tape
machine that is unplugged must not take the music's input with it.
"""

from __future__ import annotations

from visuals.audio.capture import DeviceSource, Unbroken
from visuals.audio.ltc.reader import LtcReader
from visuals.audio.worker import POLL_S, Watch
from visuals.clock import sleep
from visuals.process import Post, Worker
from visuals.wire import Lines, Readings


def run(post: Post, device: str, channel: int) -> None:
    """Read the timecode on `channel` (1 or 2) of the input `device`, which may come later, until told to end.

    Rings: `tape` and `log` out.
    """
    with Worker(post) as worker:
        source = DeviceSource(device, worker.clock, patient=True)
        blocks, reader = Unbroken(source, worker.clock), LtcReader()
        readings, watch = Readings(Lines(worker.rings["tape"])), Watch(source, worker.log, worker.meter, "timecode")
        try:
            while not worker.ended:
                for block in blocks.drain():
                    readings.write(reader.feed(block.time, block.samples[:, channel - 1]))
                    worker.meter.tick()
                watch.look()
                sleep(POLL_S)
        finally:
            source.close()
