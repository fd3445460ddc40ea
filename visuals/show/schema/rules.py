"""Rules of a scene: what follows what, and what happens when."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag, model_validator

from visuals.show.schema.actions import CueAction, GoAction, PulseAction, SetAction
from visuals.show.schema.entry import Entry, by
from visuals.show.schema.values import Curve, Happening, Range, Source, Time
from visuals.types import CUT, At


class DriveRule(Entry):
    """A control follows an expression."""

    drive: str
    source: Source = Field(alias="from")
    range: Range = (0.0, 1.0)
    curve: Curve = "linear"
    attack: Time | None = None
    release: Time | None = None
    smooth: Time | None = None

    @model_validator(mode="after")
    def _one_smoothing(self) -> DriveRule:
        if self.smooth is not None and (self.attack is not None or self.release is not None):
            raise ValueError("expected either `smooth` or `attack` and `release`")
        return self


class WhenRule(Entry):
    """What a `when` rule has beside its action."""

    when: Happening
    condition: Source | None = Field(None, alias="if")
    cooldown: Time = CUT
    at: At = "now"


class PulseRule(WhenRule, PulseAction):
    """When an event comes, pulse a control."""


class SetRule(WhenRule, SetAction):
    """When an event comes, set a control."""


class GoRule(WhenRule, GoAction):
    """When an event comes, go to a scene."""


class CueRule(WhenRule, CueAction):
    """When an event comes, fire a cue."""


AnyRule = Annotated[
    Annotated[DriveRule, Tag("<drive>")]
    | Annotated[PulseRule, Tag("<pulse>")]
    | Annotated[SetRule, Tag("<set>")]
    | Annotated[GoRule, Tag("<go>")]
    | Annotated[CueRule, Tag("<cue>")],
    by("drive", "pulse", "set", "go", "cue"),
]
