"""Beat, bar and phrase from what is heard and from the operator's hands."""

from visuals.audio.beat.beats import Beats, Heard
from visuals.audio.beat.clock import Position
from visuals.audio.beat.observer import BeatClock, Tempo

__all__ = ["BeatClock", "Beats", "Heard", "Position", "Tempo"]
