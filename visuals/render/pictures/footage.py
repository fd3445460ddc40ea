"""Moving pictures from outside, a video or a camera: the newest frame there is, placed on the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from visuals.render.beat import Beat
from visuals.render.gpu import Gpu, Texture
from visuals.render.lay import Onto
from visuals.render.media.footage import Footage, beat_position
from visuals.render.media.video import Video
from visuals.render.pictures.picture import Lasting, Moment, rest
from visuals.render.pictures.place import Placer
from visuals.types import Controls, Fit, Pixels
from visuals.vocabulary import KIND_CONTROLS

ON = 0.5
"""A `jump` is done each time it rises over this."""


class Screen:
    """A texture that takes frames of any size; nothing is uploaded twice."""

    def __init__(self, gpu: Gpu, fit: Fit) -> None:
        self._gpu, self._placer = gpu, Placer(gpu, fit)
        self._texture: Texture | None = None
        self._shown: Pixels | None = None

    def lay(self, pixels: Pixels | None, onto: Onto, values: Controls) -> None:
        """Lay the newest frame, or without one the last; nothing before the first."""
        if pixels is not None and pixels is not self._shown:
            self._take(pixels)
        if self._texture is not None:
            self._placer.lay(self._texture, onto, values)

    def _take(self, pixels: Pixels) -> None:
        size = (pixels.shape[1], pixels.shape[0])
        if self._texture is None or self._texture.size != size:
            self._forget()
            self._texture = self._gpu.texture(size)
        self._texture.write(pixels)
        self._shown = pixels

    def _forget(self) -> None:
        if self._texture is not None:
            self._texture.release()

    def release(self) -> None:
        self._forget()
        self._placer.release()


class CameraPicture(Lasting):
    """What a camera sees now."""

    wants: Literal[""] = ""
    inputs: Mapping[str, float] = rest(KIND_CONTROLS["camera"])

    def __init__(self, gpu: Gpu, camera: Footage, fit: Fit) -> None:
        self._camera, self._screen = camera, Screen(gpu, fit)

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        self._screen.lay(self._camera.at(0.0), onto, values)

    def release(self) -> None:
        self._camera.close()
        self._screen.release()


class VideoPicture:
    """A clip in a loop, at its own speed or on the beat: see `vocabulary.VIDEO_CONTROLS`."""

    wants: Literal[""] = ""
    inputs: Mapping[str, float] = rest(KIND_CONTROLS["video"])

    def __init__(self, gpu: Gpu, video: Video, fit: Fit) -> None:
        self._video, self._screen = video, Screen(gpu, fit)
        self._beat = Beat()
        self._position = 0.0
        self._jumps = False

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        self._advance(values, moment)
        self._screen.lay(self._video.at(self._position), onto, values)

    def _advance(self, values: Controls, moment: Moment) -> None:
        """Move on by the clock, or by the beat where the clip is to last some beats."""
        duration, beats = self._video.duration, values["beats"]
        if moment.features is not None:
            self._beat.follow(moment.features.signals.get("beat.phase", 0.0))
        if values["jump"] > ON and not self._jumps:
            self._position = values["start"] * duration
        elif beats > 0.0:
            self._position = beat_position(self._beat.time, beats, duration)
        else:
            self._position = (self._position + moment.elapsed * values["speed"]) % duration
        self._jumps = values["jump"] > ON

    def enter(self) -> None:
        pass

    def rewind(self) -> None:
        self._position = 0.0

    def release(self) -> None:
        self._video.close()
        self._screen.release()
