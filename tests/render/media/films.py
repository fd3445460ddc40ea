"""Videos whose frames say which they are: frame n is grey of 10 + 5 n, in 48 greys."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from visuals.types import Pixels

SIZE = (64, 48)
RATE_HZ = 30
KINDS = 48


def grey(n: int) -> int:
    return 10 + 5 * (n % KINDS)


def number(pixels: Pixels | None) -> int:
    """The frame's number modulo 48; −1 for no picture. Fails when it is not one grey."""
    if pixels is None:
        return -1
    middle = pixels[..., :3].astype(float)
    assert middle.std() < 2.0
    assert (pixels[..., 3] == 255).all()
    n = (middle.mean() - 10.0) / 5.0
    assert abs(n - round(n)) < 0.45, f"between two greys: {n}"
    return round(n)


def film(
    path: Path,
    frames: int = 30,
    *,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 12,
    times_ms: Sequence[int] | None = None,
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Write it, the frames 1/30 s apart or at `times_ms`."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE_HZ, options=options or {})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *size, pix_fmt, gop
        if rotation:
            stream.set_display_rotation(rotation)
        if times_ms is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for n in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), grey(n), np.uint8), format="rgb24")
            if times_ms is not None:
                picture.pts, picture.time_base = times_ms[n], Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
