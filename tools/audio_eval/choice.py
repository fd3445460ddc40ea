"""Which songs of a set may be heard: those for development, unless acceptance is asked for by name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch

Songs = str
"""`dev`, `all`, a pattern for names among those of `dev` (`closed_0*`, `Beatles`), or `all:PATTERN`."""


def wanted(name: str, songs: Songs, development: Sequence[str] = ("*",)) -> bool:
    """Whether `name` is asked for. What matches none of `development` is reached only by saying `all`.

    So a pattern that is too wide never lets acceptance clips into the work.
    """
    scope, _, pattern = songs.partition(":")
    if scope not in ("dev", "all"):
        scope, pattern = "dev", songs
    allowed = scope == "all" or any(fnmatch(name, own) for own in development)
    return allowed and fnmatch(name, pattern or "*")
