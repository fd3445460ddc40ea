"""Time that a desk or a tape sends: where the show is because of it. What frames are: `visuals.timecode`."""

from visuals.control.timecode.chase import Chase, Place
from visuals.control.timecode.mtc import MtcReader
from visuals.control.timecode.timeline import Timeline

__all__ = ["Chase", "MtcReader", "Place", "Timeline"]
