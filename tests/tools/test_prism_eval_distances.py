"""tools/prism_eval: distances against closed forms and known answers."""

from __future__ import annotations

import numpy as np
import pytest

from tools.prism_eval import distances


def normal(seed: int, count: int = 300, length: int = 8, mean: float = 0.0, spread: float = 1.0) -> np.ndarray:
    return (mean + spread * np.random.default_rng(seed).standard_normal((count, length))).astype(np.float32)


def test_kid_of_one_distribution_is_unbiased() -> None:
    found = np.array([distances.kid(normal(2 * i, 60), normal(2 * i + 1, 60)).value for i in range(40)])
    standard_error = found.std() / np.sqrt(len(found))
    assert abs(found.mean()) < 3.0 * standard_error
    assert (found < 0.0).any(), "an estimate that cannot fall below 0 is biased"


def test_kid_grows_with_the_distance() -> None:
    reference = normal(1)
    far = [distances.kid(normal(2, mean=mean), reference).value for mean in (0.0, 0.5, 1.0, 2.0)]
    assert far == sorted(far)
    assert far[3] > 10.0 * abs(far[0])


def test_the_interval_of_kid_holds_the_truth() -> None:
    low, high = distances.kid(normal(1), normal(2)).interval
    assert low < 0.0 < high
    low, high = distances.kid(normal(1, mean=0.7), normal(2)).interval
    assert 0.0 < low < high


def test_a_set_over_itself_is_one_without_doubt() -> None:
    kid = distances.kid(normal(1, mean=1.0), normal(2))
    assert kid.over(kid) == pytest.approx((1.0, 1.0, 1.0))


def test_frechet_distance_of_gaussians_in_closed_form() -> None:
    a = normal(1, 40_000, 3)
    b = normal(2, 40_000, 3, spread=2.0) + np.array([1.0, -2.0, 0.0], np.float32)
    # Of means (1, -2, 0) apart and of spreads 1 and 2 along three axes: 5 + 3.
    assert distances.frechet(a, b) == pytest.approx(8.0, rel=0.03)
    assert distances.frechet(a, a) == pytest.approx(0.0, abs=1e-6)


def test_frechet_distance_sees_a_turned_covariance() -> None:
    stretched = normal(1, 20_000, 2) * np.array([2.0, 1.0], np.float32)
    # tr(A + B - 2 (A^1/2 B A^1/2)^1/2) with A = diag(4, 1), B = diag(1, 4): 10 - 2 * (2 + 2).
    assert distances.frechet(stretched, stretched[:, ::-1]) == pytest.approx(2.0, rel=0.05)


def test_fidelity_and_variety_tell_their_faults_apart() -> None:
    reference = normal(1)
    same = distances.manifold(normal(2), reference)
    collapsed = distances.manifold(np.resize(normal(3, 4), (300, 8)), reference)
    outside = distances.manifold(normal(4, mean=4.0), reference)
    assert same.precision > 0.9
    assert same.recall > 0.9
    assert same.density == pytest.approx(1.0, abs=0.25)
    assert collapsed.precision > 0.5
    assert collapsed.recall < 0.1
    assert collapsed.coverage < 0.3 < same.coverage
    assert outside.precision < 0.1
    assert outside.density < 0.1


def test_copies_are_nearest() -> None:
    training = normal(1)
    assert distances.nearest(training[:50], training) < 0.01
    assert distances.nearest(normal(2, 50), training) > 1.0


def test_rank_correlation() -> None:
    x = np.arange(20.0)
    assert distances.spearman(x, np.exp(x)) == pytest.approx(1.0)
    assert distances.spearman(x, -(x**3)) == pytest.approx(-1.0)
    assert distances.spearman(x, np.zeros(20)) == 0.0
    # Ties share their mean rank: d = (0, .5, .5, 0), by the product moment of the ranks 3 / sqrt(10).
    assert distances.spearman(np.array([1, 2, 3, 4]), np.array([1, 2, 2, 4])) == pytest.approx(3.0 / np.sqrt(10.0))


def test_correlation_of_turns_goes_round() -> None:
    rng = np.random.default_rng(5)
    turns = rng.random(200)
    assert distances.turn_correlation(turns, (turns + 0.8) % 1.0) == pytest.approx(1.0, abs=0.01)
    assert distances.turn_correlation(turns, -turns % 1.0) == pytest.approx(-1.0, abs=0.01)
    assert abs(distances.turn_correlation(turns, rng.random(200))) < 0.15
