"""What a rule, a key or a desk may do."""

from __future__ import annotations

from pydantic import Field

from visuals.show.schema.entry import Entry
from visuals.show.schema.values import Command, CueNumber, Inputs, Name, Range, Time
from visuals.types import CUT, At, Duration


class PulseAction(Entry):
    """Add to a control and let it fall back."""

    pulse: str
    amount: float = 1.0
    decay: Time = Duration(0.25, "beat")


class SetAction(Entry):
    """Give a control a new base value."""

    set: str
    to: float
    fade: Time = CUT


class ThroughEntry(Entry):
    """A transition and base values of its inputs."""

    shader: str
    inputs: Inputs = Field(default_factory=dict)


class GoAction(Entry):
    """Change to a scene: a cut without `fade`, a crossfade, or `through` a transition; `at` the next beat or bar."""

    go: Name
    fade: Time | None = None
    through: str | ThroughEntry | None = None
    at: At = "now"


class CueAction(Entry):
    """Fire a cue."""

    cue: CueNumber


class FollowAction(Entry):
    """A control follows the desk's value."""

    drive: str
    range: Range = (0.0, 1.0)


class PressAction(Entry):
    """An operator's word."""

    press: Command
