"""Annotated sets as clips. A reader knows one layout by looking at the folder; `READERS` lists them.

    for name, samples, rate, truth in readers.read([folder]): ...

Development sees only the clips and songs its readers name; what is left waits until the work is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from . import medley
from .bands import read_bands
from .choice import Songs, wanted
from .clips import Clip, Float32s, Floats, Part, Truth
from .clips import read as read_sound

Reader = Callable[[Path, Songs, Sequence[Path]], Iterator[Clip]]
"""From a folder, the songs wanted, and all folders given: its clips, none when it is of another layout."""


def read(folders: Sequence[Path], songs: Songs = "dev") -> Iterator[tuple[str, Float32s, int, Truth]]:
    """Name, mono float32 samples [n], rate Hz and truth (see `clips.Truth`) of every clip, one after another."""
    for clip in clips(folders, songs):
        yield clip.name, *clip.samples(), clip.truth


def clips(folders: Sequence[Path], songs: Songs = "dev") -> list[Clip]:
    """The clips of all folders, unread. Raises `OSError` for a folder that is not there or of no known layout."""
    found = []
    for folder in folders:
        if not folder.is_dir():
            raise OSError(f"{folder}: no such folder")
        own = [clip for reader in READERS for clip in reader(folder, songs, folders)]
        expected = songs in ("dev", "all") and not any(folder.glob("**/Annotations/Pitch"))  # f0 goes with MDB's tracks
        if not own and expected:
            layouts = ", ".join(reader.__name__.removeprefix("read_") for reader in READERS)
            raise OSError(f"{folder}: no clips for --songs {songs} in it; layouts known: {layouts}")
        found += own
    return found


# ---- real music ---------------------------------------------------------------------------------

_CUP = re.compile(r"(open|closed|challenge)_\d{3}")


def read_sp_cup(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """IEEE SP Cup 2017: NAME.wav with NAME.txt of beat times; `challenge` clips are for acceptance.

    A folder `*Annotations_Updated` beside or within holds the later, corrected annotation of the
    closed clips: 20 of 25 differ, mostly by a shift of the whole clip of 5 to 125 ms, and the beats
    that were at another level there were mended. It is the one used; it alone has the challenge clips.
    One of these is annotated with zeros only, and left out.
    """
    root = folder.parent if folder.name == "all" else folder
    updated = next(iter(sorted(root.glob("*Annotations_Updated"))), None)
    homes = [updated] if updated else []
    homes += [folder / "all" if (folder / "all").is_dir() else folder]
    seen = set()
    for home in homes:
        for path in sorted(home.glob("*.wav")):
            name, beats = path.stem, path.with_suffix(".txt")
            if not _CUP.fullmatch(name) or name in seen or not beats.is_file():
                continue
            if not wanted(name, songs, ("open_*", "closed_*")):
                continue
            seen.add(name)
            times = _times(beats)
            if len(times) > 1 and times[-1] > 0.0:
                yield Clip(name, "SP Cup clips", (Part(path),), {"beats": times})


def read_mdb(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """MDB Drums, with MedleyDB's f0 where that is one of the folders or lies beside this one."""
    root = medley.find_mdb(folder)
    if root is None:
        return
    beside = [f for f in sorted(folder.resolve().parent.glob("*medleydb*")) if f.is_dir()]
    f0 = medley.find_f0([*folders, *beside])
    for song in medley.songs_of(root):
        if wanted(song, songs, medley.DEVELOPMENT):
            yield from medley.read_song(root, song, f0)


def read_sung(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """Solo singing: a folder `onset_time` of NAME.onset.txt, and NAME.wav in some folder beside it."""
    for home in sorted(folder.glob("**/onset_time")):
        sounds = {path.stem: path for path in sorted(home.parent.glob("**/*.wav"))}
        for path in sorted(home.glob("*.onset.txt")):
            name = path.name.removesuffix(".onset.txt")
            if name in sounds and wanted(name, songs):
                yield Clip(name, "sung takes", (Part(sounds[name]),), {"onsets": _times(path)})


def read_plain(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """Any sound with NAME.onsets, .beats (a second column: place in the bar), .kick … beside it."""
    for path in sorted(folder.glob("*.wav")):
        truth: Truth = {}
        for kind in ("onsets", "kick", "snare", "hat", "beats", "downbeats"):
            listed = path.with_suffix(f".{kind}")
            if listed.is_file():
                truth[kind] = _times(listed)
                if kind == "beats" and (bars := _downbeats(listed)) is not None:
                    truth["downbeats"] = bars
        if truth and wanted(path.stem, songs):
            yield Clip(path.stem, folder.name, (Part(path),), truth)


# ---- single sounds ------------------------------------------------------------------------------

SHOTS = {"bd": "kick", "sd": "snare", "cp": "snare", "hh": "hat", "oh": "hat"}
"""Folder names of one-shots and the event that names them: the vocabulary counts a clap as a snare."""

_OTHER_DRUMS = ("rim", "lt", "mt", "ht", "cr", "rd", "cb", "tb", "sh", "perc")
_PER_FOLDER, _LONGEST_S, _GAP_S = 2, 1.0, 0.4


def read_drum_machines(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """One-shots in folders MACHINE/NAME-bd, -sd, -hh …: a clip per machine, its shots one after another.

    Two of each folder, 1 s of each at most, 0.4 s apart, after 2 s in which the same kick is struck
    four times so that the automatic gain has something to go by; these four are not scored.
    """
    for machine in sorted(p for p in folder.glob("**/machines/*") if p.is_dir()):
        shots = [(kind, path) for kind, path in _shots(machine) if kind in SHOTS or kind in _OTHER_DRUMS]
        if shots and wanted(machine.name, songs):
            yield _row(machine.name, shots)


def _shots(machine: Path) -> Iterator[tuple[str, Path]]:
    for home in sorted(p for p in machine.iterdir() if p.is_dir()):
        for path in sorted(home.glob("*.[wW][aA][vV]"))[:_PER_FOLDER]:
            yield home.name.rsplit("-", 1)[-1], path


def _row(machine: str, shots: list[tuple[str, Path]]) -> Clip:
    warm = next((path for kind, path in shots if kind == "bd"), shots[0][1])
    parts = [Part(warm, start_s=0.5 * i, longest_s=0.4) for i in range(4)]
    struck, now = [], 2.0
    for kind, path in shots:
        mono, rate = read_sound(path)
        if not np.any(mono):
            continue
        parts.append(Part(path, start_s=now, longest_s=_LONGEST_S))
        struck.append((now + _attack(mono) / rate, SHOTS.get(kind, "other")))
        now += min(_LONGEST_S, len(mono) / rate) + _GAP_S
    return Clip(machine, "drum machines", tuple(parts), {"shots": struck})


def _attack(mono: Float32s) -> int:
    """The first sample within 30 dB of the peak."""
    loud = np.abs(mono)
    return int(np.argmax(loud > 0.03 * loud.max()))


_CROWD = re.compile(r"crowd|applau|cheer|clap|audience|stadium|ovation", re.IGNORECASE)


def read_crowd(folder: Path, songs: Songs, folders: Sequence[Path]) -> Iterator[Clip]:
    """Sounds labelled by their names, crowd or not, in folders of which at least one name tells of a crowd.

    A word for a crowd in the file's name, or in that of a folder on the way to it, is the label.
    """
    sounds = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in (".wav", ".mp3", ".ogg", ".flac")]
    labels = {path: bool(_CROWD.search(str(path.relative_to(folder)))) for path in sounds}
    annotated = any(path.with_suffix(kind).is_file() for path in sounds for kind in (".txt", ".json"))
    if annotated or not any(labels.values()) or any(folder.glob("**/machines")):
        return
    for path, crowd in labels.items():
        if wanted(path.stem, songs):
            yield Clip(str(path.relative_to(folder)), "crowd or music", (Part(path),), {"crowd": crowd})


# ---- small change -------------------------------------------------------------------------------


def _rows(path: Path) -> list[list[str]]:
    lines = (line.split("#")[0].replace(",", " ").split() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def _times(path: Path) -> Floats:
    """The first column, sorted. Raises `OSError` where it is not a number."""
    try:
        return np.array(sorted(float(row[0]) for row in _rows(path)))
    except ValueError as error:
        raise OSError(f"{path}: {error}, expected a time in seconds in each line") from None


def _downbeats(path: Path) -> Floats | None:
    rows = _rows(path)
    if not rows or any(len(row) < 2 for row in rows):
        return None
    return np.array([float(row[0]) for row in rows if float(row[1]) == 1.0])


READERS: tuple[Reader, ...] = (
    read_sp_cup,
    read_mdb,
    read_bands,
    read_sung,
    read_drum_machines,
    read_plain,
    read_crowd,
)
