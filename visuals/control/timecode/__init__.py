"""Time that a desk or a tape sends: what frame it is, and where the show is because of it."""

from visuals.control.timecode.chase import Chase, Place
from visuals.control.timecode.frames import RATES, Rate, Reading, Timecode
from visuals.control.timecode.ltc import LtcReader
from visuals.control.timecode.mtc import MtcReader
from visuals.control.timecode.timeline import Timeline

__all__ = ["RATES", "Chase", "LtcReader", "MtcReader", "Place", "Rate", "Reading", "Timecode", "Timeline"]
