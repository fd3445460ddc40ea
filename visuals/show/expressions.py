"""Expressions of a show file: arithmetic over signal names, from a closed table, compiled once.

Python's grammar is used to parse, never to run: a node that is not in the tables below is refused.
Evaluation never raises; what has no finite value (1/0, a NaN) is 0. A condition holds when it is
not 0. It does not know which signals exist: `names` says which are read, and where.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from visuals.errors import ShowError
from visuals.types import Signals

MAX_LENGTH = 500
MAX_DEPTH = 40
MAX_EXPONENT = 16.0

Value = Callable[[Signals], float]


class ExpressionError(ShowError):
    """An expression that cannot be read; `offset` counts its characters from 0."""

    def __init__(self, offset: int, text: str) -> None:
        self.offset, self.text = offset, text
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `names` are the signals it reads, each with its offset in `text`."""

    text: str
    names: tuple[tuple[str, int], ...]
    _value: Value

    def __call__(self, signals: Signals) -> float:
        """Its value, always finite. A signal that is missing counts as 0."""
        value = self._value(signals)
        return value if math.isfinite(value) else 0.0


# ---- what an expression may do --------------------------------------------------------------------


def _power(base: float, exponent: float) -> float:
    value = base ** max(-MAX_EXPONENT, min(MAX_EXPONENT, exponent))
    return value if isinstance(value, float) else 0.0  # a root of a negative number is complex


def _clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    return max(low, min(high, x))


def _smoothstep(low: float, high: float, x: float) -> float:
    t = _clamp((x - low) / (high - low)) if high != low else float(x >= high)
    return t * t * (3.0 - 2.0 * t)


OPERATORS: dict[type[ast.AST], tuple[str, Callable[..., float]]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("-", lambda a, b: a - b),
    ast.Mult: ("*", lambda a, b: a * b),
    ast.Div: ("/", lambda a, b: a / b),
    ast.Mod: ("%", lambda a, b: a % b),
    ast.Pow: ("**", _power),
    ast.UAdd: ("+", lambda a: a),
    ast.USub: ("-", lambda a: -a),
    ast.Not: ("not", lambda a: float(not a)),
    ast.Lt: ("<", lambda a, b: float(a < b)),
    ast.LtE: ("<=", lambda a, b: float(a <= b)),
    ast.Gt: (">", lambda a, b: float(a > b)),
    ast.GtE: (">=", lambda a, b: float(a >= b)),
    ast.Eq: ("==", lambda a, b: float(a == b)),
    ast.NotEq: ("!=", lambda a, b: float(a != b)),
}
FUNCTIONS: dict[str, tuple[int, int, Callable[..., float]]] = {
    "min": (2, 8, min),
    "max": (2, 8, max),
    "abs": (1, 1, abs),
    "clamp": (1, 3, _clamp),
    "mix": (3, 3, lambda a, b, t: a + (b - a) * t),
    "step": (2, 2, lambda edge, x: float(x >= edge)),
    "smoothstep": (3, 3, _smoothstep),
    "sin": (1, 1, math.sin),
    "cos": (1, 1, math.cos),
    "floor": (1, 1, lambda x: float(math.floor(x))),
    "fract": (1, 1, lambda x: x - math.floor(x)),
    "sqrt": (1, 1, lambda x: math.sqrt(max(0.0, x))),
    "sign": (1, 1, lambda x: float((x > 0.0) - (x < 0.0))),
    "pow": (2, 2, _power),
}
"""Fewest and most arguments, and what it does. Names and order of arguments are GLSL's."""

_EXACT = (ast.Add, ast.Sub, ast.Mult, ast.UAdd, ast.USub, ast.Not, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
"""Operators that never raise on floats."""


def _guarded(act: Callable[..., float]) -> Callable[..., float]:
    def guarded(*values: float) -> float:
        try:
            return act(*values)
        except (ArithmeticError, ValueError):
            return 0.0

    return guarded


# ---- reading --------------------------------------------------------------------------------------

_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
_DOT = "·"
"""Stands for the dot of a name while Python parses, so that `note.class` is one plain name."""


def parse(text: str) -> Expression:
    """Compile an expression. Raises ExpressionError."""
    tree, indent = _tree(text)
    compiler = _Compiler(text, indent)
    value = compiler.value(tree, 1)
    return Expression(text, tuple(compiler.names), value)


def _tree(text: str) -> tuple[ast.expr, int]:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(0, f"expected an expression of at most {MAX_LENGTH} characters, found {len(text)}")
    odd = next((i for i, c in enumerate(text) if not (" " <= c <= "~" or c in "\n\t")), None)
    if odd is not None:
        raise ExpressionError(odd, f"found {text[odd]!r}, expected names, numbers and operators")
    flat = re.sub(r"\s", " ", text).rstrip()
    start = len(flat) - len(flat.lstrip())
    source = _DOTTED.sub(lambda m: m[0].replace(".", _DOT), flat[start:])
    if not source:
        raise ExpressionError(0, "found nothing, expected an expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(source, mode="eval").body, start
    except SyntaxError as e:
        said = (e.msg or "invalid syntax").replace(_DOT, ".").split(". ")[0]
        at = e.offset - 1 if e.offset else len(source)  # none at the end of the text
        raise ExpressionError(start + min(at, len(source)), f"not an expression: {said}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise ExpressionError(start, "not an expression") from None


class _Compiler:
    """Turns Python's tree into closures, refusing all that is not in the tables."""

    def __init__(self, text: str, indent: int) -> None:
        self._text, self._indent = text, indent
        self.names: list[tuple[str, int]] = []

    def value(self, node: ast.expr, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise self._refuse(node, f"nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp():
                return self._apply(node, node.op, [node.left, node.right], depth)
            case ast.UnaryOp():
                return self._apply(node, node.op, [node.operand], depth)
            case ast.Compare():
                return self._compare(node, depth)
            case ast.BoolOp():
                return self._bool(node, depth)
            case ast.IfExp():
                return self._choose(node, depth)
            case ast.Call():
                return self._call(node, depth)
        raise self._refuse(
            node, f"found {_KINDS.get(type(node), 'something else')}, expected names, numbers, operators"
        )

    def _constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._refuse(node, f"found {node.value!r:.40}, expected a number")
        try:
            number = float(node.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._refuse(node, "found a number without end, expected a finite one")
        return lambda signals: number

    def _name(self, node: ast.Name) -> Value:
        name = node.id.replace(_DOT, ".")
        self.names.append((name, self._offset(node)))
        return lambda signals: signals.get(name, 0.0)

    def _apply(self, node: ast.expr, operator: ast.AST, operands: list[ast.expr], depth: int) -> Value:
        if isinstance(operator, ast.Pow):
            self._bound_exponent(operands[1])
        return _call(self._operator(node, operator), [self.value(o, depth + 1) for o in operands])

    def _operator(self, node: ast.expr, operator: ast.AST) -> Callable[..., float]:
        if type(operator) not in OPERATORS:
            raise self._refuse(node, f"found an unknown operator, expected one of {_operators()}")
        act = OPERATORS[type(operator)][1]
        return act if isinstance(operator, _EXACT) else _guarded(act)

    def _bound_exponent(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value > MAX_EXPONENT:
            raise self._refuse(node, f"found the exponent {node.value:.3g}, expected at most {MAX_EXPONENT:g}")

    def _compare(self, node: ast.Compare, depth: int) -> Value:
        sides = [self.value(side, depth + 1) for side in (node.left, *node.comparators)]
        acts = [self._operator(node, operator) for operator in node.ops]
        if len(acts) == 1:
            return _call(acts[0], sides)

        def chain(signals: Signals) -> float:
            values = [side(signals) for side in sides]
            return float(all(act(a, b) for act, a, b in zip(acts, values, values[1:], strict=False)))

        return chain

    def _bool(self, node: ast.BoolOp, depth: int) -> Value:
        values = [self.value(v, depth + 1) for v in node.values]
        join = all if isinstance(node.op, ast.And) else any
        return lambda signals: float(join(value(signals) for value in values))

    def _choose(self, node: ast.IfExp, depth: int) -> Value:
        test, then, other = (self.value(v, depth + 1) for v in (node.test, node.body, node.orelse))
        return lambda signals: then(signals) if test(signals) else other(signals)

    def _call(self, node: ast.Call, depth: int) -> Value:
        if not isinstance(node.func, ast.Name):
            raise self._refuse(node, "found a call of something that is no function's name")
        name = node.func.id
        if name not in FUNCTIONS:
            close = get_close_matches(name, FUNCTIONS, 1, 0.5)
            near = f"nearest is `{close[0]}`" if close else f"expected one of {', '.join(FUNCTIONS)}"
            raise self._refuse(node, f"found the unknown function `{name.replace(_DOT, '.')[:40]}`; {near}")
        fewest, most, act = FUNCTIONS[name]
        if node.keywords or not fewest <= len(node.args) <= most:
            span = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise self._refuse(node, f"`{name}` takes {span} values, found {len(node.args) + len(node.keywords)}")
        return _call(_guarded(act), [self.value(a, depth + 1) for a in node.args])

    def _offset(self, node: ast.expr) -> int:
        """The node's place in the text; Python counts bytes, in which the stand-in dot is two."""
        source = _DOTTED.sub(lambda m: m[0].replace(".", _DOT), self._text[self._indent :])
        return self._indent + len(source.encode()[: node.col_offset].decode(errors="ignore"))

    def _refuse(self, node: ast.expr, text: str) -> ExpressionError:
        return ExpressionError(self._offset(node), text)


def _call(act: Callable[..., float], values: list[Value]) -> Value:
    """A closure that applies `act` to its operands' values."""
    match values:
        case [a]:
            return lambda signals: act(a(signals))
        case [a, b]:
            return lambda signals: act(a(signals), b(signals))
    return lambda signals: act(*(value(signals) for value in values))


def _operators() -> str:
    return " ".join(dict.fromkeys(sign for sign, _ in OPERATORS.values()))


_KINDS: Mapping[type[ast.AST], str] = {
    ast.Attribute: "a dot behind a value",
    ast.Subscript: "square brackets",
    ast.Lambda: "a function's definition",
    ast.ListComp: "a loop",
    ast.GeneratorExp: "a loop",
    ast.JoinedStr: "text",
    ast.Tuple: "a comma",
    ast.List: "a list",
    ast.Dict: "braces",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
}
