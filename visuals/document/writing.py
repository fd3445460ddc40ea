"""Writes one entry of a YAML file that a person wrote, and leaves every other character as it is."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def amend(path: Path, key: str, value: str, check: Callable[[Path], object]) -> None:
    """Set the top-level `key` of the file at `path` to `value`, which is YAML on one line.

    The new file takes the old one's place in one step, and only after `check` has read it without
    raising: whoever reads meanwhile reads a whole file. Raises what `check` raises, and OSError.
    """
    target = path.resolve()
    text = amended(target.read_text(encoding="utf-8"), key, value)
    handle, name = tempfile.mkstemp(suffix=target.suffix, prefix=f".{target.stem}-", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, fresh)
        check(fresh)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def amended(text: str, key: str, value: str) -> str:
    """`text` with the line `key: value` in the place of the entry `key`, or else after the first entry.

    A comment behind the entry's first line stays; one that stood inside a replaced block goes with it.
    """
    found = re.search(rf"^{re.escape(key)}[ \t]*:[^\n]*\n?(?:[ \t]+[^\n]*\n?)*", text, re.MULTILINE)
    if found:
        comment = re.search(r"[ \t]+#[^\n]*", found[0].split("\n", 1)[0])
        end = "\n" if found[0].endswith("\n") else ""
        return f"{text[: found.start()]}{key}: {value}{comment[0] if comment else ''}{end}{text[found.end() :]}"
    first = re.search(r"^\w[^\n]*(?:\n|\Z)(?:[ \t-][^\n]*(?:\n|\Z))*", text, re.MULTILINE)
    at = first.end() if first else len(text)
    gap = "" if text[:at].endswith("\n") or not text[:at] else "\n"
    return f"{text[:at]}{gap}{key}: {value}\n{text[at:]}"
