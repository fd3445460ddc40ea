"""The schema for editors is current, and its closed lists are the vocabulary's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from visuals.show import schema
from visuals.vocabulary import COMMANDS, CURVES, ENGINE_SIGNALS, EVENTS, MODEL_CONTROLS, SHOW_EVENTS, SIGNALS

FILE = Path(__file__).parents[2] / "shows" / "show.schema.json"


def test_the_file_is_current() -> None:
    assert FILE.read_text() == schema.schema_json(), "run: python -m visuals.show.schema > shows/show.schema.json"


def test_closed_lists_are_the_vocabulary() -> None:
    assert get_args(schema.Curve) == tuple(CURVES)
    assert get_args(schema.Command) == tuple(COMMANDS)


def test_the_schema_knows_what_editors_complete() -> None:
    made = json.loads(schema.schema_json())
    assert set(made["$defs"]["Dream"]["properties"]) == {"style", "prompt", *MODEL_CONTROLS}
    assert set(made["$defs"]["Source"]["anyOf"][0]["examples"]) == {*SIGNALS, *ENGINE_SIGNALS}
    assert set(made["$defs"]["Happening"]["examples"]) == {*EVENTS, *SHOW_EVENTS, *COMMANDS}
    assert {"from", "range", "curve", "attack"} <= set(made["$defs"]["DriveRule"]["properties"])
    assert made["additionalProperties"] is False
