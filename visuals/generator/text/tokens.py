"""Text to the numbers a text encoder reads: CLIP's byte-pair vocabulary (`vocab.json`, `merges.txt`).

After OpenAI's simple_tokenizer: NFC, one space for many, lower case, split by class of character, the
bytes of each word joined in the order the merges were learnt. Data only: nothing of it is executed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import regex  # type: ignore[import-untyped]

from visuals.errors import ModelError
from visuals.generator.folder import read_json

START, END = "<|startoftext|>", "<|endoftext|>"
WORD = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")
WORD_END = "</w>"


class Tokenizer:
    """Turns texts into `length` numbers each. Raises ModelError when the vocabulary is broken."""

    def __init__(self, folder: Path, length: int) -> None:
        self.length = length
        numbers = read_json(folder / "vocab.json")
        wrong = next((word for word, n in numbers.items() if isinstance(n, bool) or not isinstance(n, int)), None)
        if wrong is not None or not numbers:
            raise ModelError(f"{folder / 'vocab.json'}: found {wrong!r:.60}, expected words with their whole numbers")
        self.numbers: dict[str, int] = numbers
        self._ranks = {pair: rank for rank, pair in enumerate(_merges(folder / "merges.txt"))}
        self._bytes = _byte_letters()
        for word in (START, END):
            if word not in numbers:
                raise ModelError(f"{folder / 'vocab.json'}: {word} is missing, expected CLIP's vocabulary")
        self.end = numbers[END]
        self.padding = numbers.get(_padding(folder), self.end)

    def __call__(self, text: str) -> list[int]:
        """Start, the words, the first end, padding. A text that is too long loses its last words."""
        words = self.words(text)[: self.length - 2]
        padding = [self.padding] * (self.length - 2 - len(words))
        return [self.numbers[START], *words, self.end, *padding]

    def words(self, text: str) -> list[int]:
        """The numbers of a text's pieces, however many."""
        plain = " ".join(unicodedata.normalize("NFC", text).split()).lower()
        return [self.numbers.get(piece, self.end) for word in WORD.findall(plain) for piece in self._pieces(word)]

    def _pieces(self, word: str) -> Sequence[str]:
        """The word's bytes, the pair that was learnt first joined wherever it is, until none is left."""
        pieces = [self._bytes[b] for b in word.encode()]
        pieces[-1] += WORD_END
        while len(pieces) > 1:
            rank, pair = min((self._ranks.get(pair, len(self._ranks)), pair) for pair in pairwise(pieces))
            if rank == len(self._ranks):
                break
            pieces = _joined(pieces, pair)
        return pieces


def _joined(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    """The pieces with `pair` as one wherever it stands, from the left."""
    joined = list(pieces[:1])
    free = True
    for piece in pieces[1:]:
        if free and (joined[-1], piece) == pair:
            joined[-1] += piece
            free = False
        else:
            joined.append(piece)
            free = True
    return joined


def _merges(path: Path) -> list[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except ValueError as error:
        raise ModelError(f"{path}: not UTF-8 text: {error}") from error
    pairs = [tuple(line.split()) for line in lines if line.strip() and not line.startswith("#version")]
    if any(len(pair) != 2 for pair in pairs):
        raise ModelError(f"{path}: found {next(p for p in pairs if len(p) != 2)!r:.60}, expected two pieces a line")
    return [(pair[0], pair[1]) for pair in pairs]


def _padding(folder: Path) -> str:
    """What fills a text up: the end again in the first models, `!` in later ones."""
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            entry = read_json(folder / name).get("pad_token")
            if entry is not None:
                return str(entry["content"] if isinstance(entry, dict) and "content" in entry else entry)
    return END


@lru_cache(maxsize=1)
def _byte_letters() -> dict[int, str]:
    """A letter that can be printed for each byte: its own, or one from 256 on for those that have none."""
    own = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [b for b in range(256) if b not in own]
    return {b: chr(b) for b in own} | {b: chr(256 + n) for n, b in enumerate(others)}
