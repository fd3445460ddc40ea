from __future__ import annotations

import numpy as np

from visuals.generator.guard import RELOADS_APART_S, Guard, Verdict, is_picture

K, D, R, E = Verdict.KEEP, Verdict.DROP, Verdict.RELOAD, Verdict.END


def judged(goods: str, guard: Guard, start: float = 0.0) -> list[Verdict]:
    return [guard.judge(good == "+", start + n / 30.0) for n, good in enumerate(goods)]


def test_a_bad_picture_is_dropped_and_the_third_in_a_row_reloads() -> None:
    assert judged("+-+--+---+", Guard()) == [K, D, K, D, D, K, D, D, R, K]


def test_three_more_end_it() -> None:
    assert judged("------", Guard()) == [D, D, R, D, D, E]
    assert judged("---+++---", Guard())[-1] is E


def test_a_model_that_was_well_for_long_may_be_made_anew_again() -> None:
    guard = Guard()
    assert judged("---", guard)[-1] is R
    assert judged("+---", guard, RELOADS_APART_S + 1.0)[-1] is R


def test_one_colour_all_over_is_no_picture() -> None:
    pixels = np.full((128, 256, 4), 9, np.uint8)
    assert not is_picture(pixels)
    pixels[..., 3] = 255
    assert not is_picture(pixels)
    pixels[65, 129, 1] = 200
    assert is_picture(pixels)
