"""All signals as live bars in the terminal, with the events that flash: what the ears hear now.

It draws what it is given and knows nothing of how any of it is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import groupby

from rich.console import Console
from rich.live import Live
from rich.text import Text

from visuals.audio.analysis import Analyser
from visuals.audio.capture import Monitor, TrackSource, open_source
from visuals.clock import RealClock, ticks
from visuals.control.keys import TerminalKeys
from visuals.glossary import Row
from visuals.types import Features, Listening
from visuals.vocabulary import EVENTS, SIGNALS

HEAR_HZ, DRAWN_EVERY = 60.0, 4
FLASH_S = 0.15
AFTERGLOW_S = 1.0
COLUMN = 26
"""Characters of one meter: three stand side by side in a terminal of 80."""
NAME, BAR = 16, 8
EIGHTHS = " ▏▎▍▌▋▊▉█"
TURNS = {"key.right": 1, "key.space": 1, "key.page_down": 1, "key.left": -1, "key.page_up": -1}


class Meters:
    """Draws `rows` of the glossary in `width` by `height` characters; `hear` first, then `draw`.

    What does not fit stands on further pages; `turn` goes from one to the next. The engine's own
    signals and the desk's are left out: nobody hears those.
    """

    def __init__(self, rows: Sequence[Row], width: int = 80, height: int = 24) -> None:
        rows = [row for row in rows if row.name in SIGNALS or row.name in EVENTS]
        self._events = [row.name for row in rows if row.kind == "event"]
        self._page = 0
        self._came: dict[str, float] = {}
        self._values: Mapping[str, float] = {}
        self._lines = _lines([row for row in rows if row.kind == "signal"])
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Lay the meters out anew."""
        self._columns = max(1, (width + 1) // (COLUMN + 1))
        per_line = max(1, width // (max(map(len, self._events), default=0) + 2))
        self._event_lines = [self._events[i : i + per_line] for i in range(0, len(self._events), per_line)]
        self._rows = max(1, height - len(self._event_lines) - 2)
        size = self._columns * self._rows
        self._pages = [self._lines[i : i + size] for i in range(0, len(self._lines), size)] or [[]]
        self._page = min(self._page, len(self._pages) - 1)

    def turn(self, pages: int) -> None:
        self._page = (self._page + pages) % len(self._pages)

    def hear(self, features: Features) -> None:
        self._values = features.signals
        self._came |= {event.name: features.time for event in features.events}

    def draw(self, now: float) -> Text:
        """The page at `now` (s), one line each for as much as fits."""
        text = Text(no_wrap=True, overflow="crop")
        for names in self._event_lines:
            for name in names:
                text.append(f" {name} ", _glow(now - self._came.get(name, -AFTERGLOW_S)))
            text.append("\n")
        page = self._pages[self._page]
        for i in range(min(self._rows, len(page))):
            text.append_text(Text(" ").join(self._meter(line) for line in page[i :: self._rows]))
            text.append("\n")
        pages = f"page {self._page + 1}/{len(self._pages)}, arrows turn it; " if len(self._pages) > 1 else ""
        text.append(f"{pages}Ctrl-C ends", "dim")
        return text

    def _meter(self, line: Row | str) -> Text:
        if isinstance(line, str):
            return Text(f"{line:<{COLUMN}}", "bold")
        value = self._values.get(line.name, 0.0)
        shown = _bar(value) if (line.low, line.high) == (0.0, 1.0) else Text(_number(value, line.unit))
        return Text(f"{line.name:<{NAME}.{NAME}}  ").append_text(shown)


def _lines(signals: Sequence[Row]) -> list[Row | str]:
    """The signals with their groups' names between them."""
    return [line for group, rows in groupby(signals, lambda row: row.group) for line in (group, *rows)]


def _bar(share: float) -> Text:
    eighths = round(min(max(share, 0.0), 1.0) * BAR * 8)
    full = "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
    return Text(f"{full:<{BAR}}", "green on grey15")


def _number(value: float, unit: str) -> str:
    """Eight characters: the number, and its unit where there is room for it."""
    number = f"{value:.0f}" if value == round(value) or abs(value) >= 1000.0 else f"{value:.1f}"
    both = f"{number} {unit}"
    return f"{both if len(both) <= BAR else number:<{BAR}}"


def _glow(age: float) -> str:
    if age < FLASH_S:
        return "bold black on yellow"
    return "yellow" if age < AFTERGLOW_S else "dim"


# ---- live ---------------------------------------------------------------------------------------


def listen(rows: Sequence[Row], audio: str, listening: Listening, say: Console) -> None:
    """Show the meters of a device or a file until it ends or Ctrl-C comes."""
    clock = RealClock()
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        source = open_source(audio, clock)
        stack.callback(source.close)
        speaker = Monitor() if isinstance(source, TrackSource) else None
        if speaker:
            stack.callback(speaker.close)
        keys = stack.enter_context(TerminalKeys(clock))
        meters, analyser = Meters(rows), Analyser(listening.by_ear)
        live = stack.enter_context(Live(console=say, auto_refresh=False, screen=say.is_terminal))
        for n, _ in enumerate(ticks(clock, HEAR_HZ)):
            for block in source.drain():
                meters.hear(analyser.hear(block))
                if speaker:
                    speaker.play(block)
            for event in keys.drain():
                meters.turn(TURNS.get(event.name, 0))
            if source.ended:
                return
            if n % DRAWN_EVERY == 0:
                meters.resize(*say.size)
                live.update(meters.draw(clock.now()), refresh=True)
