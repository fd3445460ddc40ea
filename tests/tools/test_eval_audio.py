"""tools/eval_audio: scores known by hand, readers on layouts made on the spot, the tool on clicks."""

from __future__ import annotations

import json
import sys
import wave
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import numpy as np
import pytest

from tools.audio_eval import clips, medley, peers, readers, score, subjects, table
from tools.audio_eval.heard import Heard, told

TOOL = Path(__file__).parents[2] / "tools/eval_audio"
RATE = 44_100


def write(path: Path, mono: np.ndarray, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def clicks(times: np.ndarray, seconds: float, rate: int = RATE) -> np.ndarray:
    """Bursts of noise that die away in 30 ms."""
    rng = np.random.default_rng(1)
    mono = np.zeros(int(seconds * rate))
    burst = rng.uniform(-0.8, 0.8, rate // 10) * np.exp(-np.arange(rate // 10) / (0.01 * rate))
    for time in times:
        start = int(time * rate)
        mono[start : start + len(burst)] += burst[: len(mono) - start]
    return mono


def lines(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# ---- scores -------------------------------------------------------------------------------------


def test_an_onset_counts_when_it_was_known() -> None:
    truth = np.arange(1.0, 9.0)
    told_late = score.onset_scores(truth, truth + 0.060, truth)
    assert told_late["f"] == 0.0
    assert told_late["f_stamp"] == 1.0
    assert told_late["p50_ms"] == pytest.approx(60.0)
    assert score.onset_scores(truth, truth + 0.010)["f"] == 1.0


def test_a_false_onset_costs_precision_and_a_missed_one_recall() -> None:
    scores = score.onset_scores([1.0, 2.0, 3.0, 4.0], [1.01, 2.01, 2.5])
    assert scores["precision"] == pytest.approx(2 / 3)
    assert scores["recall"] == 0.5
    assert scores["f"] == pytest.approx(4 / 7)


def test_without_truth_there_is_no_figure() -> None:
    assert np.isnan(score.onset_scores([], [1.0])["f"])


def test_a_predicted_beat_falls_when_it_is_known_and_due() -> None:
    assert score.lit([0.9, 2.1], [1.0, 2.0]).tolist() == [1.0, 2.1]


@pytest.mark.parametrize(
    ("factor", "octave"), [(1.0, "ok"), (2.0, "x2"), (0.5, "x1/2"), (1.5, "other"), (1.03, "ok"), (1.06, "other")]
)
def test_octaves_of_the_tempo(factor: float, octave: str) -> None:
    truth = np.arange(0.0, 40.0, 0.5)
    assert score.beat_scores(truth, np.arange(0.0, 40.0, 0.5 / factor))["octave"] == octave


def test_right_beats_score_full_and_lock_at_once() -> None:
    truth = np.arange(1.0, 30.0, 0.5)
    scores = score.beat_scores(truth, truth - 0.2, truth + 0.004)
    assert (scores["f"], scores["cmlt"], scores["amlt"]) == (1.0, 1.0, 1.0)
    assert scores["lock_s"] == pytest.approx(1.004)
    assert np.median(scores["error_ms"]) == pytest.approx(4.0)
    assert scores["bias"] == pytest.approx(0.0, abs=1e-6)


def test_a_lock_is_four_right_beats_in_a_row() -> None:
    truth = np.arange(0.0, 20.0, 0.5)
    wrong = np.arange(0.25, 10.0, 0.5)
    right = truth[truth >= 10.0]
    assert score.beat_scores(truth, np.concatenate([wrong, right]))["lock_s"] == pytest.approx(10.0)
    double = np.arange(0.0, 20.0, 0.25)
    assert score.beat_scores(truth, double)["lock_s"] == np.inf
    assert score.relock_s(truth, np.concatenate([wrong, right]), 6.0) == pytest.approx(4.0)


def test_tempo_bias_is_found_to_a_tenth_of_a_per_cent() -> None:
    truth = np.arange(0.0, 60.0, 0.5)
    hops = 256 / 48_000
    emitted = np.ceil(np.arange(0.0, 60.0, 0.5 / 1.018) / hops) * hops
    assert score.beat_scores(truth, emitted)["bias"] == pytest.approx(1.8, abs=0.1)


def test_pitch_is_what_was_published_by_then() -> None:
    times = np.arange(100) * 0.01
    hz = np.where(times < 0.5, 220.0, 0.0)
    right = score.pitch_scores((times, hz), (times, hz))
    assert (right["rpa"], right["voicing"], right["alarm"]) == (1.0, 1.0, 0.0)
    late = score.pitch_scores((times, hz), (times + 0.105, hz))
    assert late["rpa"] == pytest.approx(39 / 50)
    assert late["alarm"] == pytest.approx(11 / 50)
    octave = score.pitch_scores((times, hz), (times, 2.0 * hz))
    assert (octave["rpa"], octave["rca"]) == (0.0, 1.0)
    assert score.pitch_scores((times, hz), (times, hz * 2 ** (60 / 1200)))["rpa"] == 0.0


def test_recall_at_false_alarms_counts_windows_above_the_level_few_others_reach() -> None:
    negative = np.arange(100) / 100.0
    assert score.recall_at_alarms([0.93, 0.95, 0.96, 0.99], negative) == 0.75
    assert np.isnan(score.recall_at_alarms([], negative))


def test_a_shot_is_named_exactly_when_no_other_name_is_raised() -> None:
    shots = [(1.0, "kick"), (2.0, "snare"), (3.0, "other"), (4.0, "hat")]
    events = {"kick": np.array([1.01, 2.02]), "snare": np.array([2.01]), "hat": np.array([4.2])}
    scores = {name: tuple(pair) for name, pair in score.shot_scores(shots, events).items()}
    assert scores == {"kick": (1, 1), "snare": (1, 1), "hat": (0, 1), "exact": (1, 3)}


def test_hits_are_balanced_over_the_two_classes() -> None:
    subject = next(subject for subject in subjects.SUBJECTS if subject.name == "hits")
    events = {"hit.drum": told([(1.0, 1.0, 1.0)] * 3), "hit.melodic": told([(1.0, 1.0, 1.0)])}
    heard = Heard(5.0, 0.0, {**events, "onset": told([(1.0, 1.0, 1.0)] * 8)})
    rows = [subject.score({"hit": hit, "role": role}, heard) for hit, role in (("drum", "drums"), ("melodic", "bass"))]
    figures = {column.title: column.fold([row for row in rows if row]) for column in subject.columns}
    assert (figures["drum"], figures["bass"], figures["balanced"], figures["told"]) == (0.75, 0.25, 0.5, 0.5)


# ---- sound --------------------------------------------------------------------------------------


def test_sound_is_read_at_its_own_rate_and_changed_to_another(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    mono, rate = clips.read(write(tmp_path / "a.wav", tone))
    assert (rate, len(mono), mono.dtype) == (RATE, RATE, np.float32)
    assert np.abs(mono - tone).max() < 1e-3
    other = clips.at_rate(mono, rate, 48_000)
    assert abs(len(other) - 48_000) <= 32
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(other)) / 48_000)
    assert np.abs(other - wanted)[100:-100].max() < 0.01
    with pytest.raises(OSError, match="not a sound file"):
        clips.read(Path(__file__))


def test_spoilers_keep_the_length_and_do_what_they_say(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", clicks(np.array([0.5]), 3.0))
    plain = clips.Clip("a", "set", (clips.Part(path),))
    dry, _ = plain.samples()
    quiet, _ = plain.spoil("-40 dB").samples()
    wet, _ = plain.spoil("reverb").samples()
    assert np.allclose(quiet, dry * 0.01)
    assert len(wet) == len(dry)
    assert np.abs(wet[: int(0.49 * RATE)]).max() < 1e-3
    early, late = (float(np.mean(wet[int(a * RATE) : int((a + 0.1) * RATE)] ** 2)) for a in (0.7, 1.1))
    assert 10 * np.log10(early / late) == pytest.approx(30.0, abs=4.0)


# ---- readers ------------------------------------------------------------------------------------


def test_sp_cup_takes_the_later_annotation_and_hides_the_challenge(tmp_path: Path) -> None:
    mended = tmp_path / "Closed_And_Challenge_Annotations_Updated"
    for home, name, text in (
        (tmp_path / "all", "open_001", "1.0\n2.0\n"),
        (tmp_path / "all", "closed_001", "1.0\n2.0\n"),
        (mended, "closed_001", "1.1\n2.1\n"),
        (mended, "challenge_001", "3.0\n4.0\n"),
        (mended, "challenge_012", "0.0\n0.0\n"),
        (tmp_path / "all", "aphex", "1.0\n"),
    ):
        write(home / f"{name}.wav", np.zeros(100))
        lines(home / f"{name}.txt", text)
    found = {clip.name: clip.truth["beats"].tolist() for clip in readers.clips([tmp_path])}
    assert found == {"closed_001": [1.1, 2.1], "open_001": [1.0, 2.0]}
    assert [clip.name for clip in readers.clips([tmp_path / "all"])] == ["closed_001", "open_001"]
    assert "challenge_001" in {clip.name for clip in readers.clips([tmp_path], "all")}
    assert "challenge_012" not in {clip.name for clip in readers.clips([tmp_path], "all")}
    assert [clip.name for clip in readers.clips([tmp_path], "c*_001")] == ["closed_001"]
    assert [clip.name for clip in readers.clips([tmp_path], "all:ch*")] == ["challenge_001"]


@pytest.fixture
def mdb(tmp_path: Path) -> Path:
    """Two songs of MDB Drums: Hendrix with stems and mix, Beatles with raw tracks only; f0 of its singer."""
    root, noise = tmp_path / "mdb" / "MDB Drums", np.random.default_rng(2).uniform(-1, 1, RATE)
    for song in ("Hendrix", "Beatles", "Reggae"):
        name, lead = f"MusicDelta_{song}", "male singer"
        lines(root / f"annotations/class/{name}_class.txt", "0.100\tKD\n0.120\tHH\n0.500\tSD\n")
        lines(root / f"annotations/beats/{name}_MIX.beats", "0.1\t1\n0.5\t2\n")
        write(root / f"audio/drum_only/{name}_Drum.wav", 0.5 * noise)
        folder = root / f"audio/multi-tracks/{name}"
        stems = "".join(
            f"  S0{i}:\n    instrument: {what}\n    raw:\n      R01:\n        filename: {name}_RAW_0{i}_01.wav\n"
            for i, what in ((1, "drum set"), (2, "electric bass"), (3, lead), (4, lead))
        )
        lines(folder / f"{name}_METADATA.yaml", f"stems:\n{stems}")
        for i in (1, 2, 3, 4):
            write(folder / f"{name}_RAW/{name}_RAW_0{i}_01.wav", 0.5 * noise)
            if song == "Hendrix":
                write(folder / f"{name}_STEMS/{name}_STEM_0{i}.wav", 0.1 * i * noise)
    write(root / "audio/full_mix/MusicDelta_Hendrix_MIX.wav", noise)
    f0 = tmp_path / "medleydb/medleydb/data/Annotations/Pitch/MusicDelta_Beatles_STEM_03.csv"
    lines(f0, f"{256 / RATE * 10:.9f},220.0\n{256 / RATE * 11:.9f},0,[1]\n{256 / RATE * 12:.9f},221.0\n")
    return tmp_path / "mdb"


def test_mdb_gives_drums_mix_tracks_and_f0_of_the_development_songs(mdb: Path) -> None:
    found = readers.clips([mdb])
    assert {clip.name.split()[0] for clip in found} == {"Beatles", "Hendrix"}
    by = {(clip.name, clip.corpus): clip for clip in found}
    drums = by["Beatles", "MDB solo drums"].truth
    assert drums["onsets"].tolist() == [0.1, 0.5]
    assert (drums["kick"].tolist(), drums["hat"].tolist()) == ([0.1], [0.12])
    assert by["Beatles", "MDB band mix"].truth["downbeats"].tolist() == [0.1]
    assert by["Beatles 01 drums", "MDB tracks"].truth["hit"] == "drum"
    assert by["Beatles 03 voice", "MDB tracks"].truth["hit"] == "melodic"
    times, hz = by["Beatles 03 voice", "MedleyDB voice"].truth["f0"]
    assert np.flatnonzero(hz).tolist() == [10, 12]
    assert times[10] == pytest.approx(2560 / RATE)
    assert sum(clip.corpus == "MedleyDB voice" for clip in found) == 1


def test_a_mix_is_rebuilt_at_the_levels_of_stems(mdb: Path) -> None:
    by = {(clip.name, clip.corpus): clip for clip in readers.clips([mdb])}
    assert len(by["Hendrix", "MDB band mix"].parts) == 1
    parts = by["Beatles", "MDB band mix"].parts
    voices = np.sqrt((0.3**2 + 0.4**2) / 2)  # the two of Hendrix share their power
    assert [part.gain for part in parts] == pytest.approx([0.2, 0.4, 2 * voices, 2 * voices], rel=1e-3)


def test_onsets_within_30_ms_are_one() -> None:
    assert medley.merged(np.array([1.0, 1.02, 1.029, 1.04, 2.0])).tolist() == [1.0, 1.04, 2.0]


def test_drum_machines_become_a_row_of_shots(tmp_path: Path) -> None:
    for kind in ("bd", "sd", "hh", "cp", "fx"):
        shot = np.concatenate([np.zeros(441), clicks(np.array([0.0]), 0.2)])
        write(tmp_path / f"machines/TR1/tr1-{kind}/a.wav", shot)
    (clip,) = readers.clips([tmp_path])
    shots = {kind: time for time, kind in clip.truth["shots"]}
    assert set(shots) == {"kick", "snare", "hat"}
    mono, rate = clip.samples()
    for time in shots.values():
        assert np.abs(mono[int((time - 0.005) * rate) : int((time - 0.0005) * rate)]).max() < 0.02
        assert np.abs(mono[int(time * rate) : int((time + 0.005) * rate)]).max() > 0.1


def test_sung_takes_crowds_and_plain_folders(tmp_path: Path) -> None:
    write(tmp_path / "sung/wav/a.wav", np.zeros(100))
    lines(tmp_path / "sung/onset_time/a.onset.txt", "0.5\n1.5\n")
    (take,) = readers.clips([tmp_path / "sung"])
    assert take.truth["onsets"].tolist() == [0.5, 1.5]
    write(tmp_path / "room/applause-1.wav", np.zeros(100))
    write(tmp_path / "room/song.wav", np.zeros(100))
    labels = {clip.name: clip.truth["crowd"] for clip in readers.clips([tmp_path / "room"])}
    assert labels == {"applause-1.wav": True, "song.wav": False}
    write(tmp_path / "mine/b.wav", np.zeros(100))
    lines(tmp_path / "mine/b.beats", "0.5 1\n1.0 2\n")
    (plain,) = readers.clips([tmp_path / "mine"])
    assert plain.truth["downbeats"].tolist() == [0.5]


def test_the_band_s_truth_is_read(tmp_path: Path) -> None:
    write(tmp_path / "song-1.wav", np.zeros(4800), 48_000)
    truth = {
        **{name: [0.5] for name in ("kick", "snare", "hat", "downbeats")},
        "onsets": [{"t": 0.5, "hit": "drum", "strength": 1.0}],
        "beats": [[0.5, 1], [1.0, 2], [1.4, 3]],
        "bpm": [120.0, 150.0, 150.0],
        "sections": [[0.0, "intro"], [1.0, "verse"]],
        "drops": [],
        "key": 9,
        "minor": True,
        "step_s": 0.1,
        "crowd": [0.9] * 10 + [0.0] * 10 + [0.4] * 10,
    }
    lines(tmp_path / "song-1.json", json.dumps(truth))
    (clip,) = readers.clips([tmp_path])
    assert clip.truth["key"] == (9, True)
    assert clip.truth["section"].tolist() == [1.0]
    assert clip.truth["tempo_changes"].tolist() == [1.0]
    assert clip.truth["crowd"][:2].tolist() == [1.0, 0.0]
    assert np.isnan(clip.truth["crowd"][2])


def test_a_folder_without_a_known_layout_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no clips for --songs dev"):
        readers.clips([tmp_path])
    with pytest.raises(OSError, match="no such folder"):
        readers.clips([tmp_path / "missing"])


# ---- the tool -----------------------------------------------------------------------------------


@pytest.fixture
def metronome(tmp_path: Path) -> Path:
    beats = np.arange(0.5, 9.5, 0.5)
    write(tmp_path / "set/click.wav", clicks(beats, 10.0))
    for kind in ("onsets", "beats"):
        lines(tmp_path / f"set/click.{kind}", "\n".join(map(str, beats)))
    return tmp_path / "set"


def test_aubio_s_default_fires_late_and_its_best_in_time(metronome: Path) -> None:
    (clip,) = readers.clips([metronome])
    textbook, best = (
        score.onset_scores(clip.truth["onsets"], (said := found.events["onset"]).emit, said.stamp)
        for found in (peers.listen(name, clip, ("onsets",), Path(sys.executable)) for name in peers.AUBIO)
    )
    assert textbook["f_stamp"] > 0.9
    assert textbook["p50_ms"] > 30.0 > best["p50_ms"]
    assert best["f"] > 0.95


def test_robust_adds_spoilt_copies_and_sounds_without_a_beat(metronome: Path) -> None:
    spread = table.spread(readers.clips([metronome]), ("onsets", "robust"))
    assert [clip.spoilt for clip in spread] == ["", "-40 dB", "reverb", "", "pink noise", "hum"]
    assert [s.name for s in table.subjects_of(spread[0], ("onsets", "robust"))] == ["onsets"]
    assert [s.name for s in table.subjects_of(spread[1], ("onsets", "robust"))] == ["onsets", "beats"]
    assert [s.name for s in table.subjects_of(spread[-1], ("onsets", "robust"))] == ["false beats"]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`tools/eval_audio` in this process: it has no extension, so it is loaded by hand."""
    loader = SourceFileLoader("eval_audio", str(TOOL))
    spec = spec_from_loader("eval_audio", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)

    def run(*arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["eval_audio", *map(str, arguments)])
        module.main()

    return run


def test_the_tool_tells_figures_of_ours_and_of_aubio(
    metronome: Path, tmp_path: Path, tool: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    out, kept = tmp_path / "f.json", tmp_path / "kept"
    tool(metronome, "--json", out, "--peers", "aubio", "--keep", kept, "--verbose")
    assert "onsets within ±50 ms" in capsys.readouterr().out
    rows = {(row["subject"], row["listener"]): row for row in json.loads(out.read_text())["figures"]}
    assert set(rows) == {(subject, who) for subject in ("onsets", "beats") for who in ("visuals", "aubio")}
    assert rows["onsets", "visuals"]["F"] > 0.9
    assert rows["onsets", "visuals"]["late p50 ms"] < 30.0
    assert rows["beats", "visuals"]["ok"] == 1
    assert 0.0 < rows["onsets", "visuals"]["cpu"] < 20.0
    first = json.loads((kept / "set/click.jsonl").read_text().splitlines()[0])
    assert {"type", "t", "emit"} <= first.keys()


def test_a_peer_that_is_not_there_is_left_out(
    metronome: Path, tool: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    tool(metronome, "--only-peers", "--peers", "aubio,btrack", "--what", "beats")
    told = capsys.readouterr()
    assert "btrack is not to be had" in told.err.replace("\n", " ")
    assert "aubio" in told.out


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["missing"], 1, "no such folder"),
        (["set", "--peers", "essentia"], 2, "expected of aubio"),
        (["set", "--what", "colour"], 2, "found colour"),
        (["set", "--songs", "none*"], 1, "nothing in there"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    metronome: Path,
    tool: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        tool(metronome.parent / arguments[0], *arguments[1:])
    told = capsys.readouterr().err if status == 2 else str(ended.value)
    assert says in told
    assert (ended.value.code == 2) is (status == 2)
