"""How clouds of points lie to each other: neighbours, coverage and density, faith of a map.

Points are rows; distances are Euclidean, computed by differences, so that equal points are at
distance exactly 0. Nothing larger than a block of rows against all points is held.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_BLOCK = 4_000_000
"""Distances held at a time."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What results reach of what they should.

    Attributes:
        coverage: Share of the real points that have a made point within the distance of their
            own k-th nearest real neighbour; in [0, 1], 1 if the made points are the real ones.
        density: Made points within such a distance of real points, over ``k`` times the number of
            made points; 1 is expected of two samples of one distribution, it is not bounded by 1.
        spread: Total variance of the made points over that of the real ones: 0 for a frozen
            result; NaN where the real points are all one.
    """

    coverage: float
    density: float
    spread: float


def neighbours(points: FloatArray, k: int) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the nearest other points, exactly.

    Args:
        points: ``(N, D)``, finite.
        k: How many, below ``N``.

    Returns:
        Indices and distances, ``(N, k)``, nearest first.

    Raises:
        ValueError: If there are not so many other points.
    """
    if not 0 < k < len(points):
        raise ValueError(f"{len(points)} points have no {k} neighbours each")
    indices, distances = [], []
    for rows, block in _blocks(points, points):
        block[np.arange(len(rows)), rows] = np.inf  # not oneself
        near = np.argpartition(block, k - 1, axis=1)[:, :k]
        found = np.take_along_axis(block, near, axis=1)
        order = np.argsort(found, axis=1, kind="stable")
        indices.append(np.take_along_axis(near, order, axis=1))
        distances.append(np.take_along_axis(found, order, axis=1))
    return np.concatenate(indices), np.concatenate(distances)


def reach(real: FloatArray, made: FloatArray, k: int = 5) -> Reach:
    """Return coverage and density of Naeem et al. 2020 (arXiv 2002.09797, section 3), and spread.

    Balls are closed, as in the paper's formula, so that made points equal to the real ones cover
    them all.

    Args:
        real: ``(N, D)`` points to be reached, more than ``k``.
        made: ``(M, D)`` points that should reach them, at least one.
        k: Neighbours that make a ball; the paper takes 5.

    Raises:
        ValueError: If there are too few points.
    """
    if len(made) == 0:
        raise ValueError("no point was made")
    radius = neighbours(real, k)[1][:, -1]
    covered, inside = 0, 0
    for rows, block in _blocks(real, made):
        within = block <= radius[rows, None]
        covered += int(within.any(axis=1).sum())
        inside += int(within.sum())
    whole = float(real.var(axis=0).sum())
    return Reach(
        covered / len(real),
        inside / (k * len(made)),
        float(made.var(axis=0).sum()) / whole if whole > 0.0 else float("nan"),
    )


def trustworthiness(points: FloatArray, placed: FloatArray, k: int = 15) -> float:
    """Return how far neighbours in a map are neighbours in truth (Venna and Kaski 2001).

    ``1 - 2 / (N k (2 N - 3 k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k)``: ``U_k(i)`` are those
    among the ``k`` nearest of ``i`` in the map that are not among its ``k`` nearest in truth, and
    ``r(i, j)`` is the rank of ``j`` there; of points at equal distance all have the best rank.

    Args:
        points: ``(N, D)``.
        placed: ``(N, 2)`` the same points in the map.
        k: Neighbours, below ``N / 2``.

    Returns:
        In [0, 1]; 1 if all neighbours are true.

    Raises:
        ValueError: If there are too few points.
    """
    n = len(points)
    if not 0 < k < n / 2:
        raise ValueError(f"trustworthiness with {k} neighbours needs more than {2 * k} points")
    near = neighbours(placed, k)[0]
    excess = 0
    for rows, block in _blocks(points, points):
        block[np.arange(len(rows)), rows] = np.inf
        for column in near[rows].T:
            own = np.take_along_axis(block, column[:, None], axis=1)
            rank = 1 + (block < own).sum(axis=1)
            excess += int(np.maximum(rank - k, 0).sum())
    return 1.0 - 2.0 * excess / (n * k * (2.0 * n - 3.0 * k - 1.0))


def _blocks(a: FloatArray, b: FloatArray) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
    """Yield rows of ``a`` and their distances to all of ``b``."""
    from scipy.spatial.distance import cdist

    step = max(1, _BLOCK // max(1, len(b)))
    for start in range(0, len(a), step):
        rows = np.arange(start, min(start + step, len(a)))
        yield rows, cdist(a[rows], b)
