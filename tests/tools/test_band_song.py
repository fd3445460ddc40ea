"""The composer: songs that are songs, and a truth that is true."""

from __future__ import annotations

import dataclasses
import shutil
from random import Random

import numpy as np
import pytest

from tools.band import compose as composing
from tools.band import sampled
from tools.band.compose import compose
from tools.band.form import Clock
from tools.band.song import CLASSES, Note, Song, hits, onsets
from tools.band.styles import STYLES

SEEDS = range(100)


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [compose(seed) for seed in SEEDS]


def to_grid(times: np.ndarray, song: Song, parts: tuple[int, ...]) -> np.ndarray:
    """Seconds from each time to the nearest of the places that divide its beat into any of these many parts."""
    beats = np.interp(times, song.beats[:, 0], np.arange(len(song.beats)))
    gaps = np.stack([np.abs(beats * n - np.round(beats * n)) / n for n in parts]).min(axis=0)
    return gaps * 60 / np.interp(times, song.beats[:, 0], song.bpm)


def inside(times: np.ndarray, song: Song) -> np.ndarray:
    return times[(times >= song.beats[0, 0]) & (times <= song.beats[-1, 0])]


def test_the_seed_decides_everything() -> None:
    one, two, other = compose(5, "funk"), compose(5, "funk"), compose(6, "funk")
    assert one.notes == two.notes
    assert one.chords == two.chords
    assert dict(one.instruments) == dict(two.instruments)
    assert np.array_equal(one.beats, two.beats)
    assert one.notes != other.notes


def test_a_style_nobody_knows() -> None:
    with pytest.raises(KeyError):
        compose(0, "no such style")


@pytest.mark.parametrize("style", STYLES)
def test_every_style_makes_a_song(style: str) -> None:
    table = STYLES[style]
    for seed in range(3):
        song = compose(seed, style, seconds=30)
        assert song.notes
        assert {note.part for note in song.notes} <= set(song.instruments)
        assert ("drums" in song.instruments) == (table.form != "free")
        assert {note.part for note in song.notes} == {"drums"} or table.form != "solo"
        assert song.metre == table.metre
        starts = [note.time for note in song.notes]
        assert starts == sorted(starts)
        for note in song.notes:
            assert 0 <= note.time < 30
            assert 0 < note.duration <= 30 - note.time + 1e-9
            assert 0 < note.velocity <= 1
            assert 24 <= note.pitch <= 108
        assert song.sections[0][0] in (0.0, song.beats[0, 0])
        assert [time for time, _ in song.sections] == sorted({time for time, _ in song.sections})
        assert [time for time, *_ in song.chords] == sorted(time for time, *_ in song.chords)


def test_beats_keep_metre_and_tempo(songs: list[Song]) -> None:
    for song in songs:
        times, positions = song.beats.T
        assert np.array_equal(positions[1:], positions[:-1] % song.metre + 1)
        assert np.allclose(np.diff(times), 60 / song.bpm[:-1], atol=1e-9)
        assert song.bpm.min() >= 55
        assert song.bpm.max() <= 210
        assert times[0] < 2.1 + 60 / song.bpm[0]
        assert song.duration - times[-1] <= 60 / song.bpm[-1] + 1e-9


def test_tempi_and_metres_are_those_of_music(songs: list[Song]) -> None:
    tempi = np.array([np.median(song.bpm) for song in songs])
    assert 0.5 < np.mean((tempi >= 80) & (tempi <= 160)) < 0.9
    assert tempi.min() < 70
    assert tempi.max() > 170
    assert 0.75 < np.mean([song.metre == 4 for song in songs]) < 0.95
    assert any(song.bpm.max() > 1.045 * song.bpm.min() for song in songs), "no song changes its tempo"
    assert any(np.ptp(song.bpm) < 1e-9 for song in songs)
    assert np.mean([song.beats[0, 1] != 1 for song in songs]) > 0.2, "songs are never met in the middle of a bar"


def test_sequenced_hits_are_on_the_grid() -> None:
    for seed in range(6):
        song = compose(seed, "techno")
        drums = inside(np.concatenate(list(hits(song).values())), song)
        assert to_grid(drums, song, (8, 3)).max() < 0.006


def test_played_hits_are_on_the_grid_as_far_as_hands_can() -> None:
    far = 0.006 * 1.6 + composing.LATEST * composing.FARTHEST
    gaps = []
    for seed in range(10):
        song = compose(seed, "straight eighths", bpm=75)
        drums = inside(np.concatenate([hits(song)[name] for name in ("kick", "snare", "hat")]), song)
        gaps.append(to_grid(drums, song, (4,)))
    together = np.concatenate(gaps)
    assert np.mean(together < far) > 0.95  # the rest are fills in triplets and drags
    assert 0.002 < np.median(together) < 0.02


def test_swing_moves_the_off_beat() -> None:
    clock = Clock(np.arange(9) * 0.5, np.full(8, 120.0), 2 / 3, 0.5)
    assert clock.at(2.0) == pytest.approx(1.0)
    assert clock.at(2.5) == pytest.approx(1.0 + 0.5 * 2 / 3)
    assert clock.at(2.75) == pytest.approx(1.0 + 0.5 * 5 / 6)
    sixteenths = Clock(np.arange(9) * 0.5, np.full(8, 120.0), 0.6, 0.25)
    assert sixteenths.at(1.25) == pytest.approx(0.5 + 0.25 * 0.6)
    assert sixteenths.at(1.5) == pytest.approx(0.75)


def test_hands_stay_within_their_reach() -> None:
    for name in ("rock", "house", "jazz swing"):
        hands = composing.Hands(STYLES[name], Random(3))
        slips = [hands.place(10.0, "voice") - 10.0 for _ in range(500)]
        assert max(map(abs, slips)) <= 0.02 + composing.LATEST * composing.FARTHEST
        assert np.std(slips) <= composing.LATEST


def test_four_on_the_floor_is() -> None:
    song = compose(3, "house")
    kicks = inside(hits(song)["kick"], song)
    assert len(kicks) > 20
    assert np.mean(to_grid(kicks, song, (1,)) < 0.006) > 0.9


def test_backbeats_fall_on_two_and_four() -> None:
    counts = np.zeros(5)
    for seed in range(8):
        song = compose(seed, "straight eighths")
        snares = inside(hits(song)["snare"], song)
        beat = np.round(np.interp(snares, song.beats[:, 0], np.arange(len(song.beats)))).astype(int)
        on = to_grid(snares, song, (1,)) < 0.05
        counts += np.bincount(song.beats[beat[on], 1].astype(int), minlength=5)
    assert counts[2] + counts[4] > 2 * (counts[1] + counts[3])


def test_the_song_is_in_its_key(songs: list[Song]) -> None:
    shares = []
    for song in songs:
        scale = {0, 2, 3, 5, 7, 8, 10, 11} if song.minor else {0, 2, 4, 5, 7, 9, 11, 10}
        tones = [(round(note.pitch) - song.key) % 12 for note in song.notes if note.part != "drums"]
        if tones:
            shares.append(np.mean([tone in scale for tone in tones]))
    assert np.mean(shares) > 0.9
    assert np.percentile(shares, 5) > 0.75


def test_melodies_leave_the_drums_grid(songs: list[Song]) -> None:
    """A learner must be able to tell melody from drums: enough melodic onsets are far from every hit."""
    far = []
    for song in songs:
        drums = np.sort(np.concatenate(list(hits(song).values())))
        voice = onsets(song, "voice")
        if len(drums) and len(voice):
            far += [np.abs(drums - time).min() > 0.03 for time in voice]
    assert np.mean(far) > 0.25


def test_drums_are_as_dense_as_in_songs(songs: list[Song]) -> None:
    rates = {name: [] for name in CLASSES}
    for song in songs:
        if "drums" in song.instruments and STYLES[song.style].form == "song":
            for name, times in hits(song).items():
                if name in rates:
                    rates[name].append(60 * len(times) / song.duration)
    assert 55 < np.median(rates["kick"]) < 120
    assert 45 < np.median(rates["snare"]) < 120
    assert 60 < np.median(np.add(rates["hat"], rates["cymbal"])) < 260
    assert np.mean(np.array(rates["tom"]) > 0) > 0.5


def test_hits_know_their_class() -> None:
    keys = {
        36: "kick",
        35: "kick",
        37: "snare",
        39: "snare",
        42: "hat",
        46: "hat",
        51: "cymbal",
        49: "cymbal",
        45: "tom",
        70: "other",
    }
    notes = tuple(Note(float(n), 0.1, float(key), 1.0, "drums") for n, key in enumerate(keys))
    song = dataclasses.replace(compose(0, "rock"), notes=(*notes, Note(3.3, 1.0, 36.0, 1.0, "bass")))
    found = hits(song)
    for n, (key, name) in enumerate(keys.items()):
        assert n in found[name], key
    assert sum(map(len, found.values())) == len(keys)


def read_midi(data: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """The division and the channel messages, each with its tick, of a one-track file."""
    assert data[:4] == b"MThd"
    assert int.from_bytes(data[18:22], "big") == len(data) - 22
    place, tick, messages = 22, 0, []
    while place < len(data):
        step = 0
        while True:
            step = step << 7 | data[place] & 127
            place += 1
            if data[place - 1] < 128:
                break
        tick += step
        size = 3 + data[place + 2] if data[place] == 0xFF else 2 if data[place] >> 4 == 0xC else 3
        messages.append((tick, data[place : place + size]))
        place += size
    return int.from_bytes(data[12:14], "big"), messages


def test_the_midi_file_says_what_the_song_says() -> None:
    song = compose(4, "pop", seconds=12)
    division, messages = read_midi(sampled.midi_file(song, ["drums", "bass"]))
    assert (0, b"\xff\x51\x03\x07\xa1\x20") in messages  # half a second a quarter
    for part, start, channel in (("drums", 0.0, 9), ("bass", 12 + sampled.GAP, 1)):
        struck = sorted(
            (tick * 0.5 / division, message[1]) for tick, message in messages if message[0] == 0x90 | channel
        )
        wanted = sorted((max(0, n.time - sampled.LATE) + start, n.pitch) for n in song.notes if n.part == part)
        assert len(struck) == len(wanted) > 5
        assert np.allclose([time for time, _ in struck], [time for time, _ in wanted], atol=0.0003)
    assert messages[-1][1] == b"\xff\x2f\x00"


def test_no_fluidsynth_is_said_clearly(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(sampled.NoSynthesiser, match="install the package fluidsynth"):
        sampled.render(compose(0, "rock", seconds=2), sampled.Rendering(tmp_path / "none.sf2"))
    with pytest.raises(sampled.NoSynthesiser, match="no soundfont"):
        sampled.choose(1, [])


def smallest_font() -> sampled.Rendering:
    fonts = sampled.soundfonts()
    if shutil.which("fluidsynth") is None:
        pytest.skip("fluidsynth is not installed")
    if not fonts:
        pytest.skip("no soundfont is installed")
    return sampled.Rendering(min(fonts, key=lambda path: path.stat().st_size))


def test_sampled_stems_sound_where_they_should() -> None:
    rendering = smallest_font()
    song = compose(2, "new wave", seconds=10)
    stems = sampled.render(song, rendering)
    assert set(stems) == {note.part for note in song.notes}
    for part, sound in stems.items():
        assert sound.dtype == np.float32
        assert sound.shape == (10 * sampled.RATE,)
        assert np.abs(sound).max() > 0.01, part
        first = min(note.time for note in song.notes if note.part == part)
        assert np.abs(sound[: int(max(0.0, first - 0.01) * sampled.RATE)]).max(initial=0) < 1e-3, part


def test_sampled_drums_speak_at_once() -> None:
    rendering = smallest_font()
    times = 0.4 + 0.71 * np.arange(8)
    notes = tuple(Note(float(time), 0.1, (36.0, 38.0)[n % 2], 0.9, "drums") for n, time in enumerate(times))
    song = dataclasses.replace(compose(0, "rock", seconds=7), notes=notes, instruments={"drums": 0})
    sound = np.abs(sampled.render(song, rendering)["drums"])
    for time in times:
        start = round((time - 0.02) * sampled.RATE)
        heard = sound[start : start + 5000]
        rise = np.argmax(heard > 0.1 * heard.max()) / sampled.RATE - 0.02
        assert -0.003 < rise < 0.004
