"""What a show can hear, as a table: complete, current, and the same everywhere."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from visuals.errors import VisualsError
from visuals.glossary import GROUPS, markdown, pick, rows, show_table
from visuals.library import find_show, open_show
from visuals.vocabulary import ENGINE_SIGNALS, EVENTS, SHOW_EVENTS, SIGNALS

PAGE = Path(__file__).parents[1] / "shows" / "SIGNALS.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == markdown(rows()), "run: visuals signals --markdown > shows/SIGNALS.md"


def test_every_name_has_a_row_and_every_group_a_name() -> None:
    signals = [row.name for row in rows() if row.kind == "signal"]
    events = [row.name for row in rows() if row.kind == "event"]
    assert signals == [*SIGNALS, *ENGINE_SIGNALS]
    assert events == [*EVENTS, *SHOW_EVENTS]
    assert set(GROUPS) <= set(signals)
    assert len({row.group for row in rows()}) == len(GROUPS) + 1


def test_confidence_is_a_signal() -> None:
    assert {row.confidence for row in rows()} <= {"", *SIGNALS}


def test_the_table_fits_a_terminal_and_says_it_all() -> None:
    out = StringIO()
    show_table(rows(), Console(width=80, file=out))
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert all(row.name in text for row in rows())
    assert "20 to 400 1/min" in text


def test_of_a_show_only_what_it_reads() -> None:
    show, _ = open_show(find_show("first-light"), None)
    names = {row.name for row in rows(show)}
    assert {"energy", "bass", "kick", "drop", "note.class"} <= names
    assert "chroma.c" not in names


def test_names_are_picked_by_pattern() -> None:
    assert [row.name for row in pick(rows(), "*.phase")] == ["beat.phase", "bar.phase", "phrase.phase"]
    with pytest.raises(VisualsError, match=r"expected a pattern such as"):
        pick(rows(), "nothing*")
