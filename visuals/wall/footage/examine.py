"""Reads a video and judges how it flashes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np

from visuals.errors import MediaError
from visuals.types import Pixels
from visuals.wall.flash.report import DISCLAIMER, Analysis, Finding, Standard


@dataclass(frozen=True, slots=True)
class Examined:
    """A video's findings, and how many turns each frame's last second had (time, general, red)."""

    video: Path
    standard: Standard
    nits: float
    findings: tuple[Finding, ...]
    counts: tuple[tuple[float, int, int], ...]

    @property
    def fails(self) -> bool:
        return any(found.level == "fail" for found in self.findings)

    def text(self) -> str:
        """The verdict in plain lines."""
        lines = [f"{self.video}: {'fails' if self.fails else 'passes'} ({self.standard}, {len(self.counts)} frames)"]
        lines += [f"{'' if found.level == 'fail' else 'warning: '}{found}" for found in self.findings]
        return "\n".join([*lines, DISCLAIMER])

    def json(self) -> str:
        """The same as one object for programs."""
        told = {
            "file": str(self.video),
            "standard": self.standard,
            "nits": self.nits,
            "verdict": "fail" if self.fails else "pass",
            "frames": len(self.counts),
            "findings": [asdict(found) | {"text": str(found)} for found in self.findings],
            "note": DISCLAIMER,
        }
        return json.dumps(told)


def examine(video: Path, standard: Standard, nits: float, progress: Callable[[float], None]) -> Examined:
    """Judge a file; `progress` is called with 0..1. Raises MediaError when it cannot be read as a video."""
    analysis: Analysis | None = None
    for picture, time, share in _frames(video):
        if analysis is None:
            analysis = Analysis((picture.shape[1], picture.shape[0]), standard, nits)
        analysis.see(picture, time)
        progress(share)
    if analysis is None:
        raise MediaError(f"{video}: found no picture in it, expected a video")
    return Examined(video, standard, nits, tuple(analysis.findings), tuple(analysis.counts))


def _frames(video: Path) -> Iterator[tuple[Pixels, float, float]]:
    """Each picture [height, width, 4], its time (s), and how much of the file was read by then."""
    try:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            length = (container.duration or 0) / av.time_base
            start, size = None, None
            for frame in container.decode(stream):
                if frame.time is None:
                    continue
                start = frame.time if start is None else start
                size = size or (frame.width, frame.height)
                picture = frame.to_ndarray(format="rgba", width=size[0], height=size[1])
                yield (
                    np.ascontiguousarray(picture),
                    frame.time - start,
                    min(1.0, frame.time / length) if length else 0.0,
                )
    except (OSError, av.FFmpegError, IndexError) as error:
        raise MediaError(f"{video}: cannot be read as a video: {error}") from error
