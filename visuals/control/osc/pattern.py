"""Address patterns of OSC 1.0: what one part of a pattern (between two slashes) matches.

Pure. The work is bounded whatever the pattern says: a name is walked once per piece of the pattern, with all
places where the pieces so far may end held as the bits of one number. Nothing is tried twice.
"""

from __future__ import annotations

from dataclasses import dataclass

SPECIAL = frozenset("*?[]{}")


@dataclass(frozen=True, slots=True)
class Piece:
    """One of `texts`; or one character that is among `characters`, or with `negated` one that is not; or,
    with `any_run`, any characters at all."""

    texts: tuple[str, ...] = ()
    characters: frozenset[str] = frozenset()
    negated: bool = False
    any_run: bool = False


def is_pattern(text: str) -> bool:
    return not SPECIAL.isdisjoint(text)


def pieces_of(part: str) -> tuple[Piece, ...] | None:
    """A part of a pattern cut into its pieces; None where a bracket does not close: it matches nothing."""
    pieces: list[Piece] = []
    at = 0
    while at < len(part):
        letter = part[at]
        if letter in "[{":
            end = part.find("]" if letter == "[" else "}", at + 1)
            if end < 0:
                return None
            inside = part[at + 1 : end]
            pieces.append(_class(inside) if letter == "[" else Piece(texts=tuple(inside.split(","))))
            at = end + 1
        elif letter in "*?":
            pieces.append(Piece(any_run=True) if letter == "*" else Piece(negated=True))
            at += 1
        elif letter in "]}":
            return None
        else:
            end = next((i for i in range(at, len(part)) if part[i] in SPECIAL), len(part))
            pieces.append(Piece(texts=(part[at:end],)))
            at = end
    return tuple(pieces)


def _class(inside: str) -> Piece:
    """`a-z` is a range of ASCII, `!` in front turns it round; a minus at the end stands for itself."""
    negated = inside.startswith("!")
    inside = inside[negated:]
    characters: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            first, last = ord(inside[at]), min(ord(inside[at + 2]), 127)
            characters.update(map(chr, range(first, last + 1)))
            at += 3
        else:
            characters.add(inside[at])
            at += 1
    return Piece(characters=frozenset(characters), negated=negated)


def matches(pieces: tuple[Piece, ...], name: str) -> bool:
    """Whether the pieces, one after another, make the whole name."""
    ends = 1  # bit n: the pieces so far may end before character n
    whole = (1 << len(name) + 1) - 1
    for piece in pieces:
        if piece.any_run:
            ends = whole & -(ends & -ends)
        elif piece.texts:
            ends = _after_texts(piece.texts, name, ends)
        else:
            fitting = (i for i, letter in enumerate(name) if (letter in piece.characters) != piece.negated)
            ends = (ends & sum(1 << i for i in fitting)) << 1
        if not ends:
            return False
    return bool(ends >> len(name))


def _after_texts(texts: tuple[str, ...], name: str, ends: int) -> int:
    after = 0
    for text in texts:
        starts = sum(1 << i for i in range(len(name) - len(text) + 1) if ends >> i & 1 and name.startswith(text, i))
        after |= starts << len(text)
    return after


def work(pieces: tuple[Piece, ...], name: str) -> int:
    """How many steps `matches` takes at most, about."""
    return (len(name) + 1) * sum(max(1, len(piece.texts)) for piece in pieces)
