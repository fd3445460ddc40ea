"""Prompts blended on the sphere: exact at the ends, slerp between two, the same in any order."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visuals.generator.text.prompts import blend, shares

VECTORS = torch.randn(4, 5, 24, generator=torch.Generator().manual_seed(3))


def slerp(a: torch.Tensor, b: torch.Tensor, t: float) -> torch.Tensor:
    """Shoemake 1985, for vectors of any length: directions turned, lengths mixed."""
    long_a, long_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    angle = torch.acos((a / long_a * b / long_b).sum(-1, keepdim=True))
    way = (torch.sin((1 - t) * angle) * a / long_a + torch.sin(t * angle) * b / long_b) / torch.sin(angle)
    return way * ((1 - t) * long_a + t * long_b)


@pytest.mark.parametrize("n", range(4))
def test_a_prompt_alone_is_as_it_was_encoded(n: int) -> None:
    weights = [0.0] * 4
    weights[n] = 1.0
    assert torch.equal(blend(VECTORS, weights), VECTORS[n])


@pytest.mark.parametrize("t", [0.1, 0.5, 0.75])
def test_two_prompts_are_slerped(t: float) -> None:
    assert torch.allclose(blend(VECTORS[:2], [1 - t, t]), slerp(VECTORS[0], VECTORS[1], t), atol=1e-5)


def test_the_order_of_the_prompts_changes_nothing() -> None:
    weights = [0.1, 0.2, 0.3, 0.4]
    first = blend(VECTORS, weights)
    for order in itertools.permutations(range(4)):
        mixed = blend(VECTORS[list(order)], [weights[n] for n in order])
        assert torch.allclose(mixed, first, atol=1e-5)


def test_the_mean_is_where_the_arcs_balance() -> None:
    weights = torch.tensor([0.2, 0.5, 0.3]).view(3, 1, 1)
    mean = blend(VECTORS[:3], weights.flatten().tolist())
    unit = mean / mean.norm(dim=-1, keepdim=True)
    others = VECTORS[:3] / VECTORS[:3].norm(dim=-1, keepdim=True)
    cosine = (others * unit).sum(-1, keepdim=True)
    away = others - cosine * unit
    pull = (weights * torch.acos(cosine) * away / away.norm(dim=-1, keepdim=True)).sum(0)
    assert pull.norm(dim=-1).max() < 1e-5


@pytest.mark.parametrize("other", [VECTORS[0], 2.0 * VECTORS[0], -VECTORS[0], torch.zeros(5, 24)])
def test_equal_opposite_and_empty_vectors_blend_to_numbers(other: torch.Tensor) -> None:
    assert torch.isfinite(blend(torch.stack([VECTORS[0], other]), [0.5, 0.5])).all()


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=6))
def test_shares_add_to_one_whatever_is_asked(weights: list[float]) -> None:
    found = shares(weights)
    assert len(found) == len(weights)
    assert math.isclose(sum(found), 1.0)
    assert min(found) >= 0.0


def test_shares_of_nothing_are_the_first_prompt() -> None:
    assert shares([0.0, 0.0]) == (1.0, 0.0)
    assert shares([0.0, 0.4]) == (0.0, 1.0)
    assert shares([1e-9, 1.0]) == (0.0, 1.0)
