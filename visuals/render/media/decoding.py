"""PyAV's decoders as files and cameras need them: which stream, which decoder, what is damaged left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
from av.stream import Disposition

FAULTS = (av.FFmpegError, OSError, ValueError)
"""All that PyAV raises for what is wrong with a file or a device."""

THREADS = 4
"""Of a decoder: by default it has one a core, each with a picture in hand."""

WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave the transparency out that WebM keeps beside the picture."""


def moving(container: Any) -> Any:
    """The first stream of pictures that can be decoded: not the cover of a record. Raises ValueError."""
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic:
            return stream
    kinds = ", ".join(sorted({str(stream.type) for stream in container.streams})) or "nothing"
    raise ValueError(f"found {kinds}, expected moving pictures")


def decoder_of(stream: Any) -> Any:
    """The stream's own, or one that gives its transparency too."""
    told = {name.casefold(): value for name, value in stream.metadata.items()}
    decoder = stream.codec_context
    if told.get("alpha_mode") == "1" and decoder.name in WITH_ALPHA:
        with suppress(ValueError):  # an FFmpeg without libvpx shows it opaque
            decoder = av.CodecContext.create(WITH_ALPHA[decoder.name], "r")
    decoder.thread_type, decoder.thread_count = "AUTO", THREADS
    return decoder


def decoded(container: Any, stream: Any, decoder: Any) -> Iterator[Any]:
    """Its pictures in order, from where it stands. Damaged ones are left out."""
    for packet in packets(container, stream):
        try:
            yield from (picture for picture in decoder.decode(packet) if not picture.is_corrupt)
        except FAULTS:
            continue


def packets(container: Any, stream: Any) -> Iterator[Any]:
    """Its coded pictures, those cut short left out; an empty one at the end."""
    try:
        yield from (packet for packet in container.demux(stream) if not packet.is_corrupt)
    except IndexError:
        return  # PyAV's, at the end of a damaged file that told of one more stream on the way


def reason(error: Exception) -> str:
    """One line of what PyAV found."""
    return str(getattr(error, "strerror", None) or error).partition("\n")[0]
