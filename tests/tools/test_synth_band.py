"""The synthesised band says exactly what it plays: sounds begin where their notes do, curves agree with the sound."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tools.band import crowd, drumkit, mix, plucked, room, voice
from tools.band.compose import compose
from tools.band.song import Note, hits
from tools.band.sound import HOP, RATE, Curve, Sound, count, rms
from tools.band.truth import truth

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "kick": 36,
    "snare": 38,
    "side stick": 37,
    "clap": 39,
    "closed": 42,
    "open": 46,
    "tom": 45,
    "crash": 49,
    "ride": 51,
}


def stroke(key: int, time: float, velocity: float = 0.8) -> Note:
    return Note(time, 0.1, float(key), velocity, "drums")


def centroid(sound: Sound) -> float:
    power = np.abs(np.fft.rfft(sound[: count(0.1)])) ** 2
    return float(np.sum(power * np.fft.rfftfreq(min(sound.size, count(0.1)), 1 / RATE)) / np.sum(power))


def fundamental(sound: Sound, at: int, near: float) -> float:
    """f0 in Hz around sample `at`: the autocorrelation nearest to what is expected, less the window's own."""
    size = 2048
    window = np.hanning(size)
    piece = sound[at - size // 2 : at + size // 2].astype(float) * window

    def autocorrelation(x: Curve) -> Curve:
        return np.asarray(np.fft.irfft(np.abs(np.fft.rfft(x, 4 * size)) ** 2)[:size])

    lags = autocorrelation(piece)[:1400] / autocorrelation(window)[:1400]
    low, high = int(RATE / near / 1.2), min(int(RATE / near * 1.2) + 2, 1398)
    top = low + int(np.argmax(lags[low:high]))
    before, here, after = lags[top - 1 : top + 2]
    return float(RATE / (top + (before - after) / (2 * (before - 2 * here + after))))


@cache
def recording() -> mix.Recording:
    return mix.record(compose(4, "pop", 8.0), crowd=True)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
@pytest.mark.parametrize("seed", range(4))
def test_a_stroke_begins_at_its_note(key: int, seed: int) -> None:
    sound = drumkit.drums([stroke(key, 0.25)], 1.5, seed)
    start = count(0.25)
    assert not sound[:start].any()
    assert rms(sound[start : start + count(0.001)]) > 0.05 * np.abs(sound).max()


def test_kits_differ_and_strokes_are_where_they_belong_in_the_spectrum() -> None:
    kits = [drumkit.Kit(seed) for seed in range(12)]
    kicks, snares, hats = (np.array([centroid(kit.stroke(key, 0.8)) for kit in kits]) for key in (36, 38, 42))
    assert np.median(kicks) < 200
    assert 1000 < np.median(snares) < 4000
    assert np.median(hats) > 6000
    assert all(np.ptp(np.log2(each)) > 1 for each in (kicks, snares))
    assert len({kit.kind for kit in kits}) >= 3


@pytest.mark.parametrize("key", [36, 38, 42])
def test_a_harder_stroke_is_louder_and_brighter(key: int) -> None:
    for seed in range(3):
        soft, hard = (drumkit.drums([stroke(key, 0.0, velocity)], 0.5, seed, "acoustic") for velocity in (0.3, 1.0))
        assert rms(hard) > 1.5 * rms(soft)
        assert centroid(hard) > centroid(soft)


def test_the_closed_hat_stops_the_open_one() -> None:
    ringing = drumkit.drums([stroke(46, 0.0)], 0.5, 1, "acoustic")
    stopped = drumkit.drums([stroke(46, 0.0), stroke(44, 0.03, 0.03)], 0.5, 1, "acoustic")
    late = slice(count(0.08), count(0.2))
    assert rms(stopped[late]) < 0.1 * rms(ringing[late])


@pytest.mark.parametrize("kind", plucked.TIMBRES)
def test_tones_have_their_pitch_and_begin_at_their_note(kind: str) -> None:
    for pitch in (45.0, 57.0):
        sound = plucked.play([Note(0.25, 0.8, pitch, 0.8, "keys")], 1.5, 3, kind)
        assert np.isfinite(sound).all()
        assert np.abs(sound[: count(0.25)]).max() < 1e-6
        hz = 440 * 2 ** ((pitch - 69) / 12)
        found = fundamental(sound, count(0.25 + 0.12), hz)
        assert abs(1200 * np.log2(found / hz)) < 40  # vibrato and unison included


@pytest.mark.parametrize("seed", range(3))
def test_f0_of_the_voice_is_its_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    notes = [Note(0.3 + 0.5 * n, 0.45, float(pitch), 0.8, "voice") for n, pitch in enumerate(rng.integers(50, 70, 10))]
    sound, f0 = voice.sing(notes, 6.0, seed)
    assert f0.size == -(-sound.size // HOP)
    # where the pitch stands within the window of the measurement
    steady = [at for at in range(6, f0.size - 6, 5) if f0[at] and np.ptp(f0[at - 5 : at + 6]) < 0.02 * f0[at]]
    cents = [1200 * np.log2(fundamental(sound, at * HOP + HOP // 2, f0[at]) / f0[at]) for at in steady]
    assert len(cents) > 40
    assert np.mean(np.abs(cents) < 20) > 0.95
    assert not f0[: count(0.2) // HOP].any()


def test_speech_pauses_and_moves() -> None:
    sound, f0 = voice.babble(8.0, 2)
    voiced = f0[f0 > 0]
    assert np.isfinite(sound).all()
    assert 0.3 < voiced.size / f0.size < 0.95
    assert np.std(1200 * np.log2(voiced)) > 80


@pytest.mark.parametrize("kind", crowd.KINDS)
def test_crowds_are_heard(kind: str) -> None:
    sound, presence = crowd.crowd(4.0, 5, (kind,))
    assert sound.size == count(4.0)
    assert np.isfinite(sound).all()
    assert rms(sound) == pytest.approx(0.1, rel=1e-3)
    assert presence.max() == 1.0


def test_applause_swells_and_has_no_pitch() -> None:
    sound, _ = crowd.crowd(8.0, 3, ("applause",), near=0.8)
    envelope = np.sqrt(np.mean(sound[: sound.size // 4800 * 4800].reshape(-1, 4800) ** 2, axis=1))
    assert envelope[20:60].mean() > 3 * envelope[:2].mean()
    assert envelope[20:60].mean() > 3 * envelope[-2:].mean()
    middle = sound[3 * RATE : 4 * RATE].astype(float)
    lags = np.fft.irfft(np.abs(np.fft.rfft(middle, 1 << 17)) ** 2)
    assert lags[RATE // 1000 : RATE // 80].max() < 0.3 * lags[0]


def test_far_crowds_are_duller() -> None:
    for kind in ("applause", "cheering"):
        near, far = (
            np.median([centroid(crowd.crowd(3.0, seed, (kind,), near)[0][RATE:]) for seed in range(3)])
            for near in (1.0, 0.0)
        )
        assert far < near


def test_rooms_ring_as_long_as_they_say() -> None:
    for rt60 in (0.3, 1.0, 2.0):
        response = room.impulse_response(np.random.default_rng(1), rt60).astype(float)
        left = np.cumsum(response[::-1] ** 2)[::-1]
        fallen = 10 * np.log10(left / left[0])
        # Schroeder's integral, -5 to -25 dB
        time = 3 * (np.argmax(fallen < -25) - np.argmax(fallen < -5)) / RATE
        assert time == pytest.approx(rt60, rel=0.3)


def test_the_limiter_holds_and_the_compressor_levels() -> None:
    rng = np.random.default_rng(0)
    steps = np.repeat([0.05, 2.0, 0.05], RATE).astype(np.float32) * rng.uniform(-1, 1, 3 * RATE).astype(np.float32)
    assert np.abs(room.limit(steps)).max() <= 0.97
    even = room.compress(steps, -30.0, 4.0)
    loud, quiet = rms(even[int(1.5 * RATE) : 2 * RATE]), rms(even[: RATE // 2])
    assert loud / quiet < 0.5 * 40


def test_the_same_seed_is_the_same_sound() -> None:
    song = compose(2, "rock", 5.0)
    first, again, other = (mix.record(each, in_room=True).sound for each in (song, song, compose(3, "rock", 5.0)))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("crowd", "in_room"), [(False, False), (True, True)])
@pytest.mark.parametrize("style", ["a cappella", "drums alone", "trap", "metal"])
def test_recordings_are_finite_and_within_full_scale(style: str, crowd: bool, in_room: bool) -> None:
    sound = mix.record(compose(7, style, 5.0), crowd, in_room).sound
    assert sound.size == count(5.0)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0
    assert rms(sound) > 1e-4


def test_truth_agrees_with_the_song_as_it_was_heard() -> None:
    made = recording()
    song = made.song
    told = truth(made)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["kick"] == pytest.approx(hits(song)["kick"], abs=1e-4)
    assert [time for time, _ in told["beats"]] == pytest.approx(song.beats[:, 0], abs=1e-4)
    assert set(told["downbeats"]) == {time for time, place in told["beats"] if place == 1}
    attacks = [onset["t"] for onset in told["onsets"]]
    assert np.diff(attacks).min() > 0.03
    for note in song.notes:
        if note.part != "pad":
            assert any(-1e-4 <= note.time - attack <= 0.0301 for attack in attacks)
    assert len(told["chroma"]) == len(told["level_db"]) == 80
    assert len(told["f0"]) == len(told["voice"]) == 1500


def test_applause_follows_the_song() -> None:
    made = recording()
    end = made.song.sections[-1]
    told = truth(made)
    assert end[1] == "end"
    assert max(note.time + note.duration for note in made.song.notes) <= end[0] + 1e-9
    assert np.mean(told["crowd"][-8:]) > 0.9
    assert np.mean(told["crowd"][: int(end[0] * 10) - 12]) < 0.5


def test_breakdowns_and_drops_are_where_the_form_says() -> None:
    told = [
        truth(mix.Recording(song, np.zeros(1, np.float32), {}, np.zeros(1)))
        for song in (compose(n, "house", 90.0) for n in range(3))
    ]
    assert any(each["drops"] for each in told)
    for each in told:
        for start, end in each["breakdowns"]:
            assert end - start >= 2.0
            assert not [hit for hit in each["kick"] if start < hit < end]


def test_the_tool_writes_songs_and_tells_mistakes(tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "tools/synth_band"), str(tmp_path / "out"), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    made = run("--songs", "2", "--seed", "3", "--seconds", "4", "--stems")
    assert made.returncode == 0, made.stderr
    for seed in (3, 4):
        told = json.loads((tmp_path / f"out/song-{seed}.json").read_text())
        assert told["seed"] == seed
        with wave.open(str(tmp_path / f"out/song-{seed}.wav")) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (48000, 2, 1)
            assert file.getnframes() == 4 * RATE
        assert list((tmp_path / f"out/song-{seed}").glob("*.wav"))
    wrong = run("--style", "polka three")
    assert wrong.returncode == 2
    assert "polka three" in wrong.stderr
