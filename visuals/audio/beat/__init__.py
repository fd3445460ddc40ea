"""Beat, bar and phrase from what is heard and from the operator's hands."""

from visuals.audio.beat.beats import Beats, Heard
from visuals.audio.beat.clock import Position

__all__ = ["Beats", "Heard", "Position"]
