"""What all entries are: fixed keys; and how one of several kinds is told by the key it has."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Discriminator


class Entry(BaseModel):
    """Something in the file with fixed keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def by(*keys: str) -> Discriminator:
    """Takes the class of the first of `keys` that the entry has, or else nearly has."""

    def tag(entry: Any) -> str | None:
        if not isinstance(entry, dict):
            return f"<{keys[0]}>"
        exact = [key for key in keys if key in entry]
        near = [close for key in entry for close in get_close_matches(str(key), keys, 1, 0.7)]
        return f"<{(exact or near)[0]}>" if exact or near else None

    text = f"an entry with {', '.join(f'`{k}`' for k in keys[:-1])} or `{keys[-1]}`"
    return Discriminator(tag, custom_error_type="entry", custom_error_message=text)
