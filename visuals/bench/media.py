"""What a video costs: the answer to a frame that asks, and decoding, beside bare PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from visuals.bench.figures import Figure, Peer, Work, compare_rate, figure, take_turns
from visuals.render.media.decoding import THREADS
from visuals.render.media.reading import Reader
from visuals.render.media.scaling import Scaler
from visuals.render.media.video import Video

SIZE = (512, 256)
RATE_HZ = 30
FRAMES = 120


def run(seconds: float) -> list[Figure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        _write(path)
        return [_answer(path, seconds), _read(path, seconds)]


def _write(path: Path) -> None:
    """Coloured waves that move, as H.264."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] / SIZE[1]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE_HZ, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for n in range(FRAMES):
            waves = [127.5 + 127.0 * np.sin(9.0 * x + 0.2 * n + k) * np.cos(7.0 * y - 0.1 * n) for k in range(3)]
            picture = np.stack(waves, axis=-1).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def _answer(path: Path, seconds: float) -> Figure:
    video = Video(path, SIZE)
    try:
        own, _ = take_turns(seconds, Work(video.at, _positions()), None)
    finally:
        video.close()
    about = f"a frame asks a video of {SIZE[0]}x{SIZE[1]} for its picture, at 1x"
    return figure("media.at", about, "us", [1e6 * s for s in own], None, [])


def _positions() -> Iterator[float]:
    return (n / 60.0 for n in count())


def _read(path: Path, seconds: float) -> Figure:
    about = f"H.264 of {SIZE[0]}x{SIZE[1]} opened, measured and decoded to RGBA, {FRAMES} pictures"
    ours, peer = Work(lambda _: _ours(path)), Peer("bare PyAV", Work(lambda _: _bare(path)))
    return compare_rate("media.read", about, "pictures/s", FRAMES, seconds, ours, peer)


def _ours(path: Path) -> None:
    reader = Reader(path)
    scale = Scaler(reader.size, SIZE, reader.turns)
    while (decoded := reader.read()) is not None:
        scale(decoded.picture)
    reader.close()


def _bare(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "AUTO", THREADS
        reformatter = VideoReformatter()  # a frame's own `reformat` begins anew with each: 8 times slower
        for picture in container.decode(stream):
            reformatter.reformat(picture, *SIZE, "rgba", interpolation=Interpolation.AREA).to_ndarray()
