"""Sound from outside: a device by name, a file, or silence, all as `Source[Block]` of 256 samples.

The only door to sounddevice (PortAudio). PortAudio's callbacks copy into a bounded queue and return;
a keeper thread of each device opens, watches and reopens it, because opening can block for as long
as a hung sound server likes. Knows nothing of what the sound means.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from visuals.audio.silence import AudioSource, SilentSource, Unbroken
from visuals.audio.track import CHANNELS, HOP_S, Track, TrackSource
from visuals.clock import Clock
from visuals.errors import DeviceError, MediaError
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Float32s

__all__ = [
    "AudioSource",
    "Device",
    "DeviceSource",
    "Monitor",
    "SilentSource",
    "Track",
    "TrackSource",
    "Unbroken",
    "check_device",
    "check_source",
    "devices",
    "open_source",
]

log = logging.getLogger(__name__)

APT_LINE = "apt-get install -y libportaudio2 libasound2-plugins"
_QUEUE_BLOCKS = 64  # 0.34 s: what is older is of no use to a live show
_GRACE_S = 2.0  # the first callback took 0.8 to over 1 s after start on PulseAudio
_STALL_S = 0.25  # a hung server gives no callback and no error
_OPENS_S, _CLOSES_S = 5.0, 1.0  # to open takes PulseAudio a second; a call into PortAudio beyond these never ends
_GIVE_UP_S = 3.0  # a stalled stream is reopened after this long, in case it never comes back
_BACKOFF_S = (0.25, 0.5, 1.0, 1.0, 2.0)
_MEDIA = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".aif", ".mp4", ".mkv", ".mov", ".webm"}
_RESYNC_S = 0.1  # an arrival this far off its expected time is a gap, not jitter
_DRIFT_GAIN = 0.01  # how much of an arrival's jitter the sample clock follows


# ---- PortAudio ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    """A sound input: PortAudio's index and name, channels it offers, whether it is the default."""

    index: int
    name: str
    channels: int
    default: bool


@contextmanager
def _quiet() -> Iterator[None]:
    """Send file descriptor 2 nowhere: ALSA prints a page about every card that is not there."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _portaudio() -> Any:
    try:
        with _quiet():
            import sounddevice
    except OSError as error:
        raise DeviceError(f"sound devices need PortAudio ({error}): {APT_LINE}") from None
    return sounddevice


def _refresh(sd: Any) -> None:
    """Read the device list anew; PortAudio caches it. Ends every stream of this process."""
    with _quiet():
        sd._terminate()
        sd._initialize()


def devices() -> list[Device]:
    """The inputs PortAudio offers. Raises `DeviceError` when it is not installed."""
    sd = _portaudio()
    default = sd.default.device[0]
    return [
        Device(i, str(d["name"]), int(d["max_input_channels"]), i == default)
        for i, d in enumerate(sd.query_devices())
        if d["max_input_channels"] > 0
    ]


def check_device(name: str | None) -> Device:
    """The input called `name`: exactly, else as a part of its name, upper or lower case alike.

    None is the default input. Raises `DeviceError` that lists those there are.
    """
    there = devices()
    if name is None:
        found = [d for d in there if d.default] or there
    else:
        wanted = name.casefold()
        found = [d for d in there if d.name.casefold() == wanted] or [d for d in there if wanted in d.name.casefold()]
    if found:
        return found[0]
    names = ", ".join(d.name for d in there) or "none"
    near = get_close_matches(name or "", [d.name for d in there], 1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise DeviceError(f"no sound input {f'named {name!r}' if name else 'at all'}; there are: {names}{hint}")


# ---- devices ------------------------------------------------------------------------------------


class DeviceSource:
    """A sound input, first two channels, mono doubled; taken back by name when it returns.

    Block times follow the arrival of the sound on `clock`, smoothed, and never go back. `name` None
    is the default input. Raises `DeviceError` when the device is not there, unless `patient`.
    """

    def __init__(self, name: str | None, clock: Clock, *, patient: bool = False) -> None:
        if not patient:
            check_device(name)
        self.name = name
        self.ended = False
        self.overruns = 0
        self.reason = ""
        self._clock = clock
        self._chunks: deque[tuple[float, Float32s]] = deque(maxlen=_QUEUE_BLOCKS)
        self._hops = _Hops()
        self._opened_at = self._called_at = -np.inf
        self._open = False
        self._call_ends = np.inf
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keep-device", daemon=True)
        self._keeper.start()

    @property
    def alive(self) -> bool:
        """Whether sound arrives: open, and called within the last 250 ms (2 s after opening)."""
        return self._open and not self._stalled_for(_STALL_S)

    @property
    def stuck(self) -> bool:
        """Whether PortAudio does not come back from opening or closing: only another process can.

        A device that goes while it is being opened leaves its ALSA code in such a loop.
        """
        return self._clock.now() > self._call_ends

    @property
    def failed(self) -> bool:
        """Whether it was tried and there was a reason why no sound came."""
        return bool(self.reason)

    def drain(self) -> Sequence[Block]:
        blocks: list[Block] = []
        while self._chunks:
            arrival, samples = self._chunks.popleft()
            blocks += self._hops.push(arrival, samples)
        return blocks

    def close(self) -> None:
        """Let the device go. A hung server is not waited for beyond half a second."""
        self._closing.set()
        self._keeper.join(0.0 if self.stuck else 0.5)
        if self._keeper.is_alive():
            atexit.unregister(_portaudio()._exit_handler)

    def _stalled_for(self, limit: float) -> bool:
        now = self._clock.now()
        return now - self._called_at > limit and now - self._opened_at > max(limit, _GRACE_S)

    def _on_sound(self, samples: Float32s, frames: int, times: object, status: Any) -> None:
        now = self._clock.now()
        if len(self._chunks) == _QUEUE_BLOCKS or status.input_overflow:
            self.overruns += 1
        self._called_at = now
        self._chunks.append((now, samples.copy()))

    def _keep(self) -> None:
        failures = 0
        while not self._closing.is_set():
            try:
                with self._calling(_OPENS_S):
                    stream = self._start(fresh=failures > 0 or self._called_at > -np.inf)
            except Exception as error:  # PortAudio raises its own error, ValueError and OSError alike
                self.reason = str(error).splitlines()[0]
                self._closing.wait(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1
                continue
            failures = 0
            self._watch(stream)
            self._open = False
            with self._calling(_CLOSES_S), _quiet():
                stream.close(ignore_errors=True)

    @contextmanager
    def _calling(self, limit: float) -> Iterator[None]:
        """A call into PortAudio; beyond `limit` seconds it counts as one that never ends."""
        self._call_ends = self._clock.now() + limit
        try:
            yield
        finally:
            self._call_ends = np.inf

    def _start(self, fresh: bool) -> Any:
        sd = _portaudio()
        if fresh:
            _refresh(sd)
        device = check_device(self.name)
        with _quiet():
            stream = sd.InputStream(
                device=device.index,
                channels=min(CHANNELS, device.channels),
                samplerate=SAMPLE_RATE_HZ,
                blocksize=HOP,
                latency="low",
                dtype="float32",
                callback=self._on_sound,
            )
            stream.start()
        self._opened_at, self._open = self._clock.now(), True
        return stream

    def _watch(self, stream: Any) -> None:
        """Return when the stream has ended, or has been silent for so long that it must be reopened."""
        while not self._closing.wait(0.05):
            if not stream.active:
                self.reason = "the device went away"
                return
            if self._stalled_for(_STALL_S):
                self.reason = "no sound arrives: the sound server hangs"
            if self._stalled_for(_GIVE_UP_S):
                return


class _Hops:
    """Cuts what arrives into hops and gives them times on the show clock.

    The sample clock advances by the samples' own length and is drawn towards the arrival times by
    1 %, so the jitter of callbacks (10 ms and more) does not reach the times.
    """

    def __init__(self) -> None:
        self._rest = np.zeros((0, CHANNELS), np.float32)
        self._end: float | None = None

    def push(self, arrival: float, samples: Float32s) -> list[Block]:
        if samples.shape[1] < CHANNELS:
            samples = np.repeat(samples[:, :1], CHANNELS, axis=1)
        expected = arrival if self._end is None else self._end + len(samples) / SAMPLE_RATE_HZ
        error = arrival - expected
        if error > _RESYNC_S:
            self._rest, expected, error = self._rest[:0], arrival, 0.0
        self._end = expected + _DRIFT_GAIN * error
        data = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        start = self._end - len(data) / SAMPLE_RATE_HZ
        whole = len(data) // HOP
        self._rest = data[whole * HOP :]
        return [Block(start + i * HOP_S, data[i * HOP : (i + 1) * HOP]) for i in range(whole)]


# ---- choosing -----------------------------------------------------------------------------------


def _looks_like_file(spec: str) -> bool:
    path = Path(spec)
    return path.is_file() or path.suffix.lower() in _MEDIA or (os.sep in spec and bool(path.suffix))


def check_source(spec: str) -> None:
    """Raise `MediaError` or `DeviceError` when `open_source` could not open `spec` now."""
    if _looks_like_file(spec):
        Track(spec)
    elif spec != "none":
        check_device(spec or None)


def open_source(spec: str, clock: Clock, *, patient: bool = False) -> AudioSource:
    """`none`, a sound file, a part of an input's name, or nothing for the default input.

    A `patient` device may be missing now and is taken when it comes. Raises `MediaError` for a file
    without sound and `DeviceError` for an input that is not there.
    """
    if spec == "none":
        return SilentSource(clock)
    if _looks_like_file(spec):
        return TrackSource(spec, clock)
    try:
        return DeviceSource(spec or None, clock, patient=patient)
    except DeviceError as error:
        if Path(spec).exists():
            raise MediaError(f"{spec}: not a sound file (it is a folder)") from None
        raise error


# ---- listening ----------------------------------------------------------------------------------


class Monitor:
    """Plays blocks on the default output, so that whoever runs a show from a file hears it.

    Without an output it does nothing. `play` never waits: up to 16 blocks are queued, the oldest
    dropped; opening happens in a thread of its own.
    """

    def __init__(self) -> None:
        self._blocks: deque[Float32s] = deque(maxlen=16)
        self._stream: Any = None
        self._filled = False
        self._opener = threading.Thread(target=self._open, name="open-monitor", daemon=True)
        self._opener.start()

    @property
    def audible(self) -> bool:
        """Whether an output plays."""
        return self._stream is not None

    def play(self, block: Block) -> None:
        if self._stream is not None:
            self._blocks.append(block.samples)

    def close(self) -> None:
        """Stop playing. An output that does not answer is not waited for."""
        self._opener.join(0.2)
        stream, self._stream = self._stream, None
        if stream is not None:
            closer = threading.Thread(target=lambda: stream.close(ignore_errors=True), daemon=True)
            closer.start()
            closer.join(0.3)
            if closer.is_alive():
                atexit.unregister(_portaudio()._exit_handler)

    def _open(self) -> None:
        try:
            sd = _portaudio()
            with _quiet():
                stream = sd.OutputStream(
                    channels=CHANNELS,
                    samplerate=SAMPLE_RATE_HZ,
                    blocksize=HOP,
                    dtype="float32",
                    callback=self._on_need,
                )
                stream.start()
        except Exception as error:  # no output, no PortAudio, a server that refuses: all mean silence
            log.info("nothing to listen on: %s", error)
            return
        self._stream = stream

    def _on_need(self, out: Float32s, frames: int, times: object, status: object) -> None:
        # Four blocks in hand before it starts, and again after it ran dry: 21 ms of slack.
        self._filled = len(self._blocks) > 0 if self._filled else len(self._blocks) >= 4
        out[:] = self._blocks.popleft() if self._filled and frames == HOP else 0.0
