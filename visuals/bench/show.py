"""What the show costs: a step of the director at 60 a second, and reading a show file.

Plays the demo show where it and its model are, a small one of its own elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML

from visuals.audio.analysis import Analyser
from visuals.bench.audio import blocks
from visuals.bench.figures import Figure, Peer, Work, compare
from visuals.bench.music import SECONDS, music
from visuals.library import ROOT, Library
from visuals.show.director import Director
from visuals.show.load import load_show
from visuals.types import HOP, SAMPLE_RATE_HZ, Features, Look, Show

FPS = 60.0
DEMO = ROOT / "shows" / "first-light" / "show.yaml"
MODEL = ROOT / "models" / "prism"

OWN = """\
show: Bench
scenes:
  dawn:
    layers:
      - {name: haze, shader: generators/haze, inputs: {density: 0.2}}
      - {name: glow, shader: filters/glow}
    rules:
      - {drive: haze.density, from: 0.7*bass + 0.3*mid, range: [0.1, 0.9], attack: 10ms, release: 250ms}
      - {drive: haze.hue, from: note.class / 12, smooth: 300ms}
      - {drive: haze.shafts, from: lfo.bar, curve: smooth}
      - {drive: glow.amount, from: energy, range: [0.2, 1.5]}
      - {when: kick, pulse: haze.flash, amount: 0.8, decay: 1/4 beat, cooldown: 100ms}
      - {when: snare, pulse: glow.size, amount: 0.5, decay: 150ms}
      - {when: drop, go: inferno, fade: 1 bar, at: bar, if: tempo.confidence > 0.5}
  inferno:
    layers: [{name: beams, shader: generators/beams}]
    rules:
      - {drive: beams.opacity, from: loudness, range: [0.4, 1]}
cues:
  - {cue: 1, scene: dawn}
  - {cue: 2, scene: inferno, fade: 2 bars}
midi:
  - {cc: 1/7, drive: master}
  - {program: 1/0, cue: 2}
keys: {b: blackout, space: tap, g: go}
"""

Heard = list[tuple[float, list[Features]]]


def run(seconds: float) -> list[Figure]:
    with TemporaryDirectory() as folder:
        path = DEMO if DEMO.is_file() and MODEL.is_dir() else _own(Path(folder))
        show, text = _load(path), path.read_text()
        step = compare(
            "show.step", f"one step of the director, 60 a second: {show.name}", seconds, Work(_Playing(show).step)
        )
        bare = Peer("bare ruamel.yaml", Work(lambda _: YAML(typ="safe", pure=True).load(text)))
        about = f"{show.name} read and proved, {len(text.splitlines())} lines"
        return [step, compare("show.load", about, seconds, Work(lambda _: _load(path)), bare)]


def _own(folder: Path) -> Path:
    path = folder / "show.yaml"
    path.write_text(OWN)
    return path


def _load(path: Path) -> Show:
    return load_show(path, Library(path.parent))


class _Playing:
    """A show under the music; at the music's end both begin anew."""

    def __init__(self, show: Show) -> None:
        self._show, self._heard = show, heard()
        self._frames = self._forever()

    def step(self, _: object) -> Look:
        director, (now, features) = next(self._frames)
        return director.step(features, (), now)

    def _forever(self) -> Iterator[tuple[Director, tuple[float, list[Features]]]]:
        while True:
            director = Director(self._show)
            for frame in self._heard:
                yield director, frame


def heard() -> Heard:
    """What the ears make of the music, by the frame at whose time it is there."""
    analyser = Analyser()
    hops = round(SECONDS * SAMPLE_RATE_HZ) // HOP
    frames: Heard = [(n / FPS, []) for n in range(1, round(SECONDS * FPS) + 2)]
    for block in islice(blocks(music()), hops):
        features = analyser.hear(block)
        frames[int(features.time * FPS)][1].append(features)
    return frames
