"""What a hop of sound costs to hear, beside the textbook use of aubio's onset, pitch and tempo."""

from __future__ import annotations

from collections.abc import Iterator

import aubio
import numpy as np

from visuals.audio.analysis import Analyser
from visuals.bench.figures import Figure, Peer, Work, compare
from visuals.bench.music import music
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Float32s

STEP = 128
TEMPO_WINDOW, TEMPO_HOP = 1024, 557  # 557 samples at 48 kHz last as long as 512 at 44.1


def run(seconds: float) -> list[Figure]:
    samples = music()
    ours = Work(Analyser().hear, blocks(samples))
    peer = Peer("bare aubio", Work(_Aubio(samples).hear, hops(samples)))
    about = "one hop of 256 samples heard: all signals and events of the audio room"
    return [compare("audio.hop", about, seconds, ours, peer)]


def hops(samples: Float32s) -> Iterator[Float32s]:
    """The music, hop by hop, round and round."""
    while True:
        for start in range(0, len(samples) - HOP + 1, HOP):
            yield samples[start : start + HOP]


def blocks(samples: Float32s) -> Iterator[Block]:
    """The same as blocks of two channels, in time that goes on."""
    for n, hop in enumerate(hops(samples)):
        yield Block(n * HOP / SAMPLE_RATE_HZ, np.repeat(hop[:, None], 2, axis=1))


class _Aubio:
    """aubio's onset, two pitches and tempo at their best settings, and nothing around them."""

    def __init__(self, samples: Float32s) -> None:
        self._onset = aubio.onset("hfc", 512, STEP, SAMPLE_RATE_HZ)
        self._pitches = [aubio.pitch(method, 1024, HOP, SAMPLE_RATE_HZ) for method in ("yinfft", "yinfast")]
        self._tempo = aubio.tempo("default", TEMPO_WINDOW, TEMPO_HOP, SAMPLE_RATE_HZ)
        self._tempo_hops = self._gathered(samples)
        self._waiting = 0

    @staticmethod
    def _gathered(samples: Float32s) -> Iterator[Float32s]:
        while True:
            for start in range(0, len(samples) - TEMPO_HOP + 1, TEMPO_HOP):
                yield samples[start : start + TEMPO_HOP]

    def hear(self, hop: Float32s) -> None:
        for start in range(0, HOP, STEP):
            self._onset(hop[start : start + STEP])
        for pitch in self._pitches:
            pitch(hop)
        self._waiting += HOP
        if self._waiting >= TEMPO_HOP:
            self._waiting -= TEMPO_HOP
            self._tempo(next(self._tempo_hops))
