"""Everything that can be wrong with what a user gave us, named after whose fault it is.

    VisualsError                exit 1
    ├── ShowError               a show file, at file:line:column
    ├── RigError                a rig file, at file:line:column
    ├── ShaderError             a shader, at file:line
    ├── ModelError              a model folder
    ├── MediaError              a sound or picture file
    ├── OutputError             an output refused its settings
    └── DeviceError             exit 3: a device or a dependency is missing

Each carries one line a user can act on; several at once travel in `problems`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. `line` and `column` count from 1; 0 means the whole file.

    `quote` is what stands there, where that helps to see it; it is shown in a line of its own.
    """

    file: str
    line: int
    column: int
    text: str
    quote: str = ""

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return f"{place}: {self.text}" + (f"\n    {self.quote}" if self.quote else "")


class VisualsError(Exception):
    """The input is wrong; the message says what was found and what was expected."""

    exit_code = 1

    def __init__(self, text: str = "", problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(text or "\n".join(map(str, self.problems)))


class ShowError(VisualsError):
    """A show file cannot be played as written."""


class RigError(VisualsError):
    """A rig file does not describe walls we can drive."""


class ShaderError(VisualsError):
    """A shader cannot be parsed, compiled or drawn."""


class ModelError(VisualsError):
    """A model folder is missing, unsafe or not of a kind we can run."""


class MediaError(VisualsError):
    """A sound or picture file cannot be decoded."""


class OutputError(VisualsError):
    """An output cannot be opened with these settings."""


class DeviceError(VisualsError):
    """A device, a server or a system library is not there."""

    exit_code = 3
