"""Expressions compute what they say, refuse what is not theirs, and never raise once compiled."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from visuals.show.expressions import FUNCTIONS, OPERATORS, ExpressionError, parse

SIGNALS = {"bass": 0.5, "mid": 0.25, "note.class": 6.0, "tempo.confidence": 0.9, "odd": math.nan, "far": math.inf}

VALUES = [
    ("0.7*bass + 0.3*mid", 0.425),
    ("note.class / 12", 0.5),
    ("  tempo.confidence > 0.5 ", 1.0),
    ("bass > 0.4 and mid > 0.4", 0.0),
    ("bass > 0.4 or mid > 0.4", 1.0),
    ("not bass", 0.0),
    ("0 < mid < bass < 1", 1.0),
    ("0 < bass < mid", 0.0),
    ("1 if bass > mid else 2", 1.0),
    ("2 ** 3 - 1", 7.0),
    ("7 % 4", 3.0),
    ("-bass", -0.5),
    ("min(bass, mid, 0.1)", 0.1),
    ("max(bass, mid)", 0.5),
    ("abs(-2)", 2.0),
    ("clamp(3)", 1.0),
    ("clamp(3, 0, 2)", 2.0),
    ("mix(1, 3, bass)", 2.0),
    ("step(0.4, bass)", 1.0),
    ("smoothstep(0, 1, bass)", 0.5),
    ("smoothstep(1, 1, 2)", 1.0),
    ("sin(0)", 0.0),
    ("cos(0)", 1.0),
    ("floor(1.7)", 1.0),
    ("fract(1.75)", 0.75),
    ("sqrt(mid)", 0.5),
    ("sign(-3)", -1.0),
    ("pow(2, 3)", 8.0),
    ("1/0", 0.0),
    ("1 + 1/0", 1.0),
    ("5 % 0", 0.0),
    ("sqrt(-1)", 0.0),
    ("(-1) ** 0.5", 0.0),
    ("0 ** -1", 0.0),
    ("odd", 0.0),
    ("far - far", 0.0),
    ("floor(far)", 0.0),
    ("sin(far)", 0.0),
    ("missing", 0.0),
    ("10 ** bass ** -9", 10.0**16),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_value(text: str, value: float) -> None:
    assert parse(text)(SIGNALS) == pytest.approx(value)


def test_every_function_and_operator_has_a_value_above() -> None:
    texts = " ".join(text for text, _ in VALUES) + " <= >= == !="
    assert all(f"{name}(" in texts for name in FUNCTIONS)
    assert all(sign in texts for sign, _ in OPERATORS.values())


def test_names_have_places() -> None:
    assert parse(" note.class + 2*tempo.confidence - bass").names == (
        ("note.class", 1),
        ("tempo.confidence", 16),
        ("bass", 35),
    )


REFUSED = [
    ("", 0, "found nothing"),
    ("bass +", 6, "not an expression"),
    ("bass @ mid", 0, "unknown operator"),
    ("1 + sine(bass)", 4, "nearest is `sin`"),
    ("sin(bass, 2)", 0, "takes 1 values, found 2"),
    ("clamp(x=1)", 0, "takes 1 to 3 values"),
    ("'a'", 0, "expected a number"),
    ("True", 0, "expected a number"),
    ("1j", 0, "expected a number"),
    ("1e999", 0, "without end"),
    ("2 ** 1000", 5, "at most 16"),
    ("bass[0]", 0, "square brackets"),
    ("(lambda: 1)()", 0, "no function's name"),
    ("__import__('os').system('x')", 0, "no function's name"),
    ("().__class__", 0, "a dot behind a value"),
    ("[x for x in y]", 0, "a loop"),
    ("note.class + 1 +* 2", 16, "not an expression"),
    ("bass + ü", 7, "found 'ü'"),
    ("a; b", 1, "not an expression"),
    ("0 if 1else 2", 0, "not an expression"),
    ("-" * 60 + "1", 40, "nested more than 40"),
    ("1" + "+1" * 300, 0, "at most 500 characters"),
    ("(" * 240 + "1" + ")" * 240, 0, "not an expression"),
]


@pytest.mark.parametrize(("text", "offset", "said"), REFUSED, ids=[r[0][:20] for r in REFUSED])
def test_refused(text: str, offset: int, said: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert said in raised.value.text
    if "not an expression" not in said or text.endswith("+"):
        assert raised.value.offset == offset


def test_a_chain_of_chains_compiles_and_runs_at_once() -> None:
    text = "0<1<2"
    for _ in range(36):
        text = f"0<({text})<2"
    assert parse(text)({}) == 1.0


pieces = st.sampled_from(
    [
        *("bass", "note.class", "1", "0", "1e308", ".5", "+", "-", "*", "/", "%", "**", "(", ")", ",", "<", "=="),
        *(
            " and ",
            " or ",
            "not ",
            " if ",
            " else ",
            "sin",
            "pow(",
            "max(",
            "clamp(",
            "fract(",
            "lambda",
            "[",
            ":",
            "'",
        ),
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(pieces, max_size=25).map("".join), st.lists(pieces).map(" ".join)))
@example("1_0.__class__")
@example("f'{bass}'")
@example("\x00")
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        expression = parse(text)
    except ExpressionError as e:
        assert 0 <= e.offset <= len(text)  # noqa: PT017 (a text that happens to be right raises nothing)
        return
    for signals in (SIGNALS, {}, {"bass": -1e308, "note.class": 1e-308}):
        assert math.isfinite(expression(signals))
