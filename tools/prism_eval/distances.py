"""How far apart two sets of pictures are, told from their features [pictures, length].

KID: Binkowski et al., Demystifying MMD GANs, ICLR 2018. Frechet distance: Heusel et al., NeurIPS 2017.
Precision and recall: Kynkaanniemi et al., NeurIPS 2019. Density and coverage: Naeem et al., ICML 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visuals.types import Float32s

NEIGHBOURS = 5
RESAMPLINGS = 400
INTERVAL = (2.5, 97.5)


def gram(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The kernel of KID, (a.b / length + 1)^3, between all rows."""
    return np.asarray((a.astype(np.float64) @ b.T.astype(np.float64) / a.shape[1] + 1.0) ** 3)


@dataclass(frozen=True)
class Kid:
    """Unbiased squared MMD of one set to the reference, and what it comes to when the pictures are drawn again."""

    value: float
    resampled: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        low, high = np.percentile(self.resampled, INTERVAL)
        return float(low), float(high)

    def farther(self, other: Kid) -> bool:
        """Whether this is larger than another one, also when other pictures are drawn, the same ones for both."""
        return bool(np.percentile(self.resampled - other.resampled, INTERVAL[0]) > 0.0)

    def over(self, other: Kid) -> tuple[float, float, float]:
        """This over another one, with its 95 % interval; the same pictures are drawn in both each time."""
        low, high = np.percentile(self.resampled / np.maximum(other.resampled, 1e-12), INTERVAL)
        return self.value / max(other.value, 1e-12), float(low), float(high)


def kid(found: np.ndarray, reference: np.ndarray, seed: int = 0) -> Kid:
    """KID over all pairs: the mean of subsets in the paper is an estimate of this.

    The interval is a bootstrap over pictures that leaves out each picture's pair with itself, also when it is
    drawn twice: so it stays unbiased. One seed draws the same pictures for sets of the same size.
    """
    inside, across, outside = gram(found, found), gram(found, reference), gram(reference, reference)
    np.fill_diagonal(inside, 0.0)
    np.fill_diagonal(outside, 0.0)
    rng = np.random.default_rng(seed)
    ours, theirs = (np.vstack([np.ones(len(x)), _draws(rng, len(x))]) for x in (found, reference))
    values = (
        _pairs(ours, inside)
        + _pairs(theirs, outside)
        - 2.0 * ((ours @ across) * theirs).sum(1) / (ours.sum(1) * theirs.sum(1))
    )
    return Kid(float(values[0]), values[1:])


def _draws(rng: np.random.Generator, count: int) -> np.ndarray:
    """How often each picture is drawn, with replacement [resamplings, count]."""
    return rng.multinomial(count, np.full(count, 1.0 / count), RESAMPLINGS).astype(np.float64)


def _pairs(weights: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Weighted mean of a kernel without its diagonal, for each row of weights."""
    total = weights.sum(1) ** 2 - (weights**2).sum(1)
    return np.asarray(((weights @ kernel) * weights).sum(1) / total)


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Wasserstein distance of the two Gaussians with the sets' means and covariances."""
    (mean_a, cov_a), (mean_b, cov_b) = _moments(a), _moments(b)
    root = _root(cov_a)
    cross = np.linalg.eigvalsh(root @ cov_b @ root)
    overlap = 2.0 * np.sqrt(np.maximum(cross, 0.0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - overlap)


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    wide = x.astype(np.float64)
    return wide.mean(0), np.cov(wide, rowvar=False)


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def away(a: np.ndarray, b: np.ndarray) -> Float32s:
    """Euclidean distances [len(a), len(b)]."""
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2.0 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float32)


@dataclass(frozen=True)
class Manifold:
    """Fidelity (precision, density) and variety (recall, coverage) of one set beside the reference."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(found: np.ndarray, reference: np.ndarray, k: int = NEIGHBOURS) -> Manifold:
    """Sets are taken for the union of balls around their pictures, as wide as the k-th neighbour is away."""
    apart = away(reference, found)
    wide, ours = _radii(reference, k)[:, None], _radii(found, k)[None]
    inside = apart < wide
    return Manifold(
        precision=float(inside.any(0).mean()),
        recall=float((apart < ours).any(1).mean()),
        density=float(inside.sum(0).mean() / k),
        coverage=float(inside.any(1).mean()),
    )


def _radii(x: np.ndarray, k: int) -> Float32s:
    """Distance to the k-th nearest other picture."""
    return np.asarray(np.partition(away(x, x), k, axis=1)[:, k])


def nearest(found: np.ndarray, others: np.ndarray) -> float:
    """Median distance from a picture to the nearest of the others."""
    return float(np.median(away(found, others).min(1)))


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation, ties sharing their mean rank; 0 when one of the two never changes."""
    a, b = _ranks(np.asarray(x)), _ranks(np.asarray(y))
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 0.0 else 0.0


def _ranks(x: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - 0.5 * (count - 1))[place], np.float64)


def turn_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation of two sets of turns: Fisher and Lee, Biometrika 1983, on their circular ranks; -1..1."""
    a, b = (2.0 * np.pi * _ranks(np.asarray(v) % 1.0) / len(v) for v in (x, y))
    sines = [np.sin(v[:, None] - v[None]) for v in (a, b)]
    spread = float(np.sqrt((sines[0] ** 2).sum() * (sines[1] ** 2).sum()))
    return float((sines[0] * sines[1]).sum()) / spread if spread > 0.0 else 0.0
