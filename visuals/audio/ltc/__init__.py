"""Timecode on a tape, as sound: what frame it is. Knows no sound cards and follows nothing."""

from visuals.audio.ltc.reader import LtcReader

__all__ = ["LtcReader"]
