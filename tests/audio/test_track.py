from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.audio.pulse import write_wav
from tests.audio.sounds import at, click, tone
from visuals.audio.track import HOP_S, Track, TrackSource
from visuals.clock import RealClock, SteppedClock, monotonic, sleep
from visuals.errors import MediaError
from visuals.types import HOP, Block


def joined(blocks: list[Block]) -> np.ndarray:
    return np.concatenate([b.samples for b in blocks])


def encode(path: Path, samples: np.ndarray, codec: str, rate: int) -> Path:
    """Write mono float samples with a real encoder."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format.name, layout="mono", rate=rate, frame_size=stream.frame_size or 1024
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def test_a_wav_at_48_khz_comes_through_unchanged(tmp_path: Path) -> None:
    samples = np.stack([tone(440.0, 1.0), tone(660.0, 1.0)], axis=1)
    track = Track(write_wav(tmp_path / "a.wav", samples))
    blocks = list(track)
    assert track.duration == pytest.approx(1.0)
    assert [b.time for b in blocks] == pytest.approx([i * HOP_S for i in range(188)])
    assert all(b.samples.shape == (HOP, 2) and b.samples.dtype == np.float32 for b in blocks)
    assert np.abs(joined(blocks)[:48_000] - samples).max() < 1e-4
    assert not joined(blocks)[48_000:].any()


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"),
    [
        ("flac", "flac", 44_100),
        ("mp3", "libmp3lame", 44_100),
        ("m4a", "aac", 48_000),
        ("opus", "libopus", 48_000),
    ],
)
def test_any_format_keeps_level_and_time(tmp_path: Path, suffix: str, codec: str, rate: int) -> None:
    seconds = 2.0
    source = np.zeros(int(seconds * rate))
    source[rate // 2 :] = 0.4 * np.sin(2 * np.pi * 440.0 * np.arange(len(source) - rate // 2) / rate)
    mono = joined(list(Track(encode(tmp_path / f"a.{suffix}", source, codec, rate))))[:, 0]
    assert np.sqrt(np.mean(mono[36_000:84_000] ** 2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.06)
    begins = np.argmax(np.abs(mono) > 0.2) / 48_000
    assert begins == pytest.approx(0.5, abs=0.03)


def test_joining_in_the_middle_gives_the_same_samples(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000 * 4)
    track = Track(write_wav(tmp_path / "a.wav", sound))
    whole, part = list(track), list(track.blocks(2.5))
    first = int(2.5 / HOP_S)
    assert part[0].time == pytest.approx(first * HOP_S)
    assert len(part) == len(whole) - first
    assert np.array_equal(joined(part), joined(whole[first:]))


@pytest.mark.parametrize("step", [1 / 60, 1 / 25, 0.7])
def test_a_source_gives_what_has_sounded_at_any_step(tmp_path: Path, step: float) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000 * 2)
    path = write_wav(tmp_path / "a.wav", sound)
    clock = SteppedClock()
    source = TrackSource(path, clock, start=0.25)
    blocks: list[Block] = []
    for _ in range(int(3.0 / step) + 2):
        new = source.drain()
        assert all(b.time + HOP_S <= clock.time + 1e-6 for b in new)
        blocks += new
        assert len(blocks) == min(375, max(0, int((clock.time - 0.25) / HOP_S + 1e-6)))
        clock.time += step
    assert source.ended
    assert blocks[0].time == pytest.approx(0.25)
    assert np.array_equal(joined(blocks), joined(list(Track(path))))
    source.close()


def test_a_late_source_joins_where_the_track_would_be(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", at([0.5, 9.0], click(), 12.0))
    source = TrackSource(path, SteppedClock(8.0))
    assert source.drain() == []
    source._clock.time = 8.5
    blocks = source.drain()
    assert blocks[0].time == pytest.approx(8.0, abs=HOP_S)
    source.close()


def test_a_real_clock_paces_the_track(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(440.0, 2.0))
    source = TrackSource(path, RealClock())
    sleep(0.5)
    worst = 0.0
    for _ in range(50):
        start = monotonic()
        source.drain()
        worst = max(worst, monotonic() - start)
        sleep(0.004)
    assert worst < 0.05
    source.close()


def test_files_without_sound_say_so_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("this is not sound\n" * 50)
    (tmp_path / "empty.wav").touch()
    for name, what in (("gone.wav", "no such file"), ("notes.wav", "not a sound file"), ("empty.wav", "not a sound")):
        with pytest.raises(MediaError, match=what) as caught:
            Track(tmp_path / name)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value)


def test_a_picture_is_not_a_track(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="no sound in it"):
        Track(path)


def test_a_damaged_file_plays_on(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(440.0, 3.0), "libmp3lame", 48_000)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 700] = bytes(700)
    path.write_bytes(data)
    sound = joined(list(Track(path)))
    assert len(sound) > 2.5 * 48_000
    assert np.abs(sound[-24_000:-6_000]).max() > 0.2
