"""Beat, bar and phrase from what is heard and from the operator's hands."""

from visuals.audio.beat.clock import BeatClock, Position, Tempo

__all__ = ["BeatClock", "Position", "Tempo"]
