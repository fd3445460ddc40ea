"""Size expressions of a pass: `floor($WIDTH / 4.0)`. A parser of their own; nothing is executed.

The grammar is what shaders in the wild use: numbers, `$NAME`, `+ - * /`, parentheses, and the
functions of `FUNCTIONS`. It does not know what the names mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

Expression = Callable[[Mapping[str, float]], float]

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(\$?[A-Za-z_]\w*)|([-+*/(),]))")
FUNCTIONS: Mapping[str, tuple[int, Callable[..., float]]] = {
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "round": (1, round),
    "abs": (1, abs),
    "sqrt": (1, lambda x: math.sqrt(max(x, 0.0))),
    "min": (2, min),
    "max": (2, max),
    "pow": (2, math.pow),
}
DEEPEST, LONGEST = 64, 400
"""Brackets within brackets; characters."""


def parse(text: str) -> tuple[Expression, frozenset[str]]:
    """The expression and the names it uses, without the `$`. Raises ValueError saying what is wrong."""
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters: found {len(text)} in '{text[:40]}…'")
    parser = _Parser(text)
    expression = parser.sum(0)
    if parser.token:
        raise ValueError(f"unexpected '{parser.token}' in '{text}'")
    return expression, frozenset(parser.names)


def pixels(expression: Expression, names: Mapping[str, float], most: int = 4096) -> int:
    """Evaluate to whole pixels, at least 1; what cannot be computed counts as 1, as in the reference host."""
    try:
        value = expression(names)
        return max(1, min(most, int(value)))
    except (ArithmeticError, ValueError):
        return 1


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"cannot read '{text[at:].strip()}' in '{text}'")
        yield found.group().strip()
        at = found.end()


class _Parser:
    """Recursive descent with one token of look-ahead; each rule gives a function of the names."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = _tokens(text)
        self.names: set[str] = set()
        self.token = ""
        self._next()

    def _next(self) -> str:
        taken, self.token = self.token, next(self._rest, "")
        return taken

    def _expect(self, token: str) -> None:
        if self.token != token:
            raise ValueError(f"expected '{token}' before '{self.token or 'the end'}' in '{self._text}'")
        self._next()

    def sum(self, level: int) -> Expression:
        left = self._product(level)
        while self.token in ("+", "-"):
            left = _plus(left, self._product(level), 1.0) if self._next() == "+" else _plus(left, self._product(level))
        return left

    def _product(self, level: int) -> Expression:
        left = self._factor(level)
        while self.token in ("*", "/"):
            left = _times(left, self._factor(level)) if self._next() == "*" else _over(left, self._factor(level))
        return left

    def _factor(self, level: int) -> Expression:
        if level > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} in '{self._text[:40]}…'")
        token = self._next()
        if token in ("+", "-"):
            sign, inner = (1.0 if token == "+" else -1.0), self._factor(level + 1)
            return lambda names: sign * inner(names)
        if token == "(":
            inner = self.sum(level + 1)
            self._expect(")")
            return inner
        if token[:1].isdigit() or token[:1] == ".":
            number = float(token)
            return lambda names: number
        if token.startswith("$"):
            name = token[1:]
            self.names.add(name)
            return lambda names: names[name]
        return self._call(token, level)

    def _call(self, name: str, level: int) -> Expression:
        if name not in FUNCTIONS:
            raise ValueError(f"unknown '{name or 'end'}' in '{self._text}', expected one of {', '.join(FUNCTIONS)}")
        count, function = FUNCTIONS[name]
        self._expect("(")
        arguments = [self.sum(level + 1)]
        while self.token == ",":
            self._next()
            arguments.append(self.sum(level + 1))
        self._expect(")")
        if len(arguments) != count:
            raise ValueError(f"{name} takes {count}, found {len(arguments)} in '{self._text}'")
        return lambda names: float(function(*(a(names) for a in arguments)))


def _plus(left: Expression, right: Expression, sign: float = -1.0) -> Expression:
    return lambda names: left(names) + sign * right(names)


def _times(left: Expression, right: Expression) -> Expression:
    return lambda names: left(names) * right(names)


def _over(left: Expression, right: Expression) -> Expression:
    return lambda names: left(names) / right(names)
