"""Fréchet distance between two sets of vectors, each taken for a Gaussian.

``|m1 - m2|² + tr S1 + tr S2 - 2 tr (S1 S2)^½`` (Dowson and Landau 1982; FID: Heusel et al. 2017).
With S1 = AᵀA and S2 = BᵀB, the eigenvalues of S1 S2 that are not zero are those of K Kᵀ with
K = A Bᵀ, so the last trace is the sum of the singular values of K. A and B are

* the centred rows over the square root of their number, where a set has fewer items than
  dimensions: K has one entry a pair of items;
* the Cholesky factors of S1 and S2 otherwise.

No matrix square root is formed: S1 S2 is not symmetric, its root is slow (`scipy.linalg.sqrtm`)
and may come out complex. A distance takes the singular values of K themselves. The many distances
that are wanted for a standard error alone take the roots of the eigenvalues of K Kᵀ, which takes a
third of the time and loses the digits of the smallest ones.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from metrics.feature_sets import (
    DistanceError,
    Features,
    FloatArray,
    Groups,
    TooFewItems,
    check_groups,
    check_sets,
)

TOLERANCE = 1e-10
"""Rounding, relative to ``tr S1 + tr S2``. Identical sets are nearer to 0 than this (measured:
2e-11); a value that is further below 0 is an error, not a distance."""

QUICK_TOLERANCE = 1e-6
"""The same for a distance without a group (measured: 6e-8)."""

_BLOCK = 4096  # rows that are turned into float64 at a time


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Count, mean and scatter of a set of vectors, in float64; sets can be joined and taken apart.

    Attributes:
        count: Number of vectors.
        mean: ``(D,)``.
        scatter: ``(D, D)``: sum of the outer products of the deviations from the mean.
    """

    count: int
    mean: FloatArray
    scatter: FloatArray

    @classmethod
    def of(cls, features: Features) -> Self:
        """Return the moments of ``(N, D)`` features, summed by blocks of rows in their order."""
        total = cls._block(features[:_BLOCK])
        for start in range(_BLOCK, len(features), _BLOCK):
            total = total.merged(cls._block(features[start : start + _BLOCK]))
        return total

    @classmethod
    def _block(cls, features: Features) -> Self:
        if len(features) == 0:
            return cls.nothing(features.shape[1])
        rows = features.astype(np.float64)
        mean = rows.mean(axis=0)
        rows -= mean
        return cls(len(rows), mean, rows.T @ rows)

    @classmethod
    def nothing(cls, width: int) -> Self:
        """Return the moments of no vector of ``width`` numbers."""
        return cls(0, np.zeros(width), np.zeros((width, width)))

    def merged(self, other: Self) -> Self:
        """Return the moments of both sets together (Chan, Golub and LeVeque 1983)."""
        if other.count == 0 or self.count == 0:
            return self if other.count == 0 else other
        count = self.count + other.count
        apart = other.mean - self.mean
        scatter = self.scatter + other.scatter
        scatter += np.outer(apart * (self.count * other.count / count), apart)
        return type(self)(count, self.mean + apart * (other.count / count), scatter)

    def without(self, part: Self) -> Self:
        """Return the moments of the set without ``part``.

        Raises:
            ValueError: If ``part`` has more vectors than the set.
        """
        count = self.count - part.count
        if count < 0:
            raise ValueError(f"{part.count} vectors are no part of {self.count}")
        if part.count == 0 or count == 0:
            return self if part.count == 0 else self.nothing(len(self.mean))
        apart = (part.mean - self.mean) * (self.count / count)  # from the mean of what is left
        scatter = self.scatter - part.scatter
        scatter -= np.outer(apart * (count * part.count / self.count), apart)
        return type(self)(count, self.mean - apart * (part.count / self.count), scatter)

    def covariance(self, ddof: int = 1) -> FloatArray:
        """Return ``(D, D)``: scatter over ``count - ddof``."""
        return self.scatter / (self.count - ddof)


@dataclass(frozen=True, slots=True)
class Frechet:
    """The Fréchet distance as a `metrics.feature_sets.Distance`.

    Attributes:
        ddof: What is taken from the number of items under the covariance: 1 as numpy.cov,
            torch-fidelity, pytorch-fid and the TensorFlow FVD; 0 as StyleGAN-V.
    """

    ddof: int = 1

    def __call__(self, x: Features, y: Features) -> float:
        """Return the distance of ``(N, D)`` and ``(M, D)`` features; each set needs two items."""
        check_sets(x, y)
        with np.errstate(over="ignore", invalid="ignore"):
            if _few(x, y):
                return _from_rows(_Rows.of(x, y), self.ddof)
            return from_moments(Moments.of(x), Moments.of(y), self.ddof)

    def leave_out(self, x: Features, y: Features, groups: Groups) -> tuple[float, FloatArray]:
        """Return the distance, and ``(count,)`` without each group, to `QUICK_TOLERANCE`."""
        check_sets(x, y)
        check_groups(x, y, groups)
        with np.errstate(over="ignore", invalid="ignore"):
            if _few(x, y):
                return self._leave_out_rows(_Rows.of(x, y), groups)
            return self._leave_out_moments(x, y, groups)

    def _leave_out_rows(self, rows: "_Rows", groups: Groups) -> tuple[float, FloatArray]:
        left = (rows.kept(groups.x != g, groups.y != g) for g in range(groups.count))
        replicates = [_from_rows(part, self.ddof, quick=True) for part in left]
        return _from_rows(rows, self.ddof), np.array(replicates)

    def _leave_out_moments(
        self, x: Features, y: Features, groups: Groups
    ) -> tuple[float, FloatArray]:
        all_x, all_y = Moments.of(x), Moments.of(y)
        replicates = []
        for group in range(groups.count):
            left_x = all_x.without(Moments.of(x[groups.x == group]))
            left_y = all_y.without(Moments.of(y[groups.y == group]))
            replicates.append(from_moments(left_x, left_y, self.ddof, quick=True))
        return from_moments(all_x, all_y, self.ddof), np.array(replicates)


def _few(x: Features, y: Features) -> bool:
    return bool(min(len(x), len(y)) < x.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Two sets near the origin, and the inner products between them, ``(N, M)``."""

    x: FloatArray
    y: FloatArray
    inner: FloatArray

    @classmethod
    def of(cls, x: Features, y: Features) -> Self:
        origin = y.mean(axis=0, dtype=np.float64)  # so that centring later cancels no digits
        near_x, near_y = x - origin, y - origin
        return cls(near_x, near_y, near_x @ near_y.T)

    def kept(self, x: NDArray[np.bool_], y: NDArray[np.bool_]) -> Self:
        return type(self)(self.x[x], self.y[y], self.inner[np.ix_(x, y)])


def _from_rows(rows: _Rows, ddof: int, quick: bool = False) -> float:
    mean_x, mean_y = rows.x.mean(axis=0), rows.y.mean(axis=0)
    over_x, over_y = len(rows.x) - ddof, len(rows.y) - ddof
    trace_x = float(np.sum((rows.x - mean_x) ** 2)) / over_x
    trace_y = float(np.sum((rows.y - mean_y) ** 2)) / over_y
    centred = rows.inner - rows.inner.mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    shared = _singular_sum(centred, quick) / float(over_x * over_y) ** 0.5
    return _assemble(mean_x - mean_y, trace_x + trace_y, shared, quick)


def from_moments(x: Moments, y: Moments, ddof: int = 1, quick: bool = False) -> float:
    """Return the Fréchet distance of two sets from their moments.

    Args:
        x: Moments of the first set.
        y: Moments of the second.
        ddof: Taken from the number of items under the covariances.
        quick: Whether `QUICK_TOLERANCE` is enough.

    Raises:
        TooFewItems: If a set has fewer than two.
        DistanceError: If the result is not finite.
    """
    if min(x.count, y.count) < 2:
        raise TooFewItems(f"a set needs two items; these have {x.count} and {y.count}")
    over_x, over_y = x.count - ddof, y.count - ddof
    traces = float(np.trace(x.scatter)) / over_x + float(np.trace(y.scatter)) / over_y
    if not np.isfinite(traces):
        raise DistanceError("the features are too large")
    shared = _root_sum(x.scatter, y.scatter, quick) / float(over_x * over_y) ** 0.5
    return _assemble(x.mean - y.mean, traces, shared, quick)


def _root_sum(first: FloatArray, second: FloatArray, quick: bool) -> float:
    """Return the sum of the roots of the eigenvalues of ``first @ second``."""
    from scipy.linalg import eigh

    if quick:
        # One Cholesky factor and LAPACK's own way to A S2 Aᵀ. Transposed, so that nothing is
        # copied into another order; "gv", because "gvd" takes twice as long without vectors.
        with suppress(np.linalg.LinAlgError):  # the first is of lower rank
            values = eigh(
                second.T, first.T, type=2, driver="gv", eigvals_only=True, check_finite=False
            )
            return _sum_of_roots(values)
    return _singular_sum(_factor(first).T @ _factor(second), quick)


def _sum_of_roots(values: Features) -> float:
    return float(np.sqrt(values.clip(0.0)).sum())


def _factor(scatter: FloatArray) -> FloatArray:
    """Return ``(D, R)``, whose product with its transpose is ``scatter``; R is its rank or D.

    The ordinary Cholesky factor, or, where that fails, the pivoted one, which is four times as
    slow: constant dimensions (a ReLU that never fires) and sets that lost a group leave scatters
    of lower rank.
    """
    from scipy.linalg.lapack import dpstrf

    try:
        return np.asarray(np.linalg.cholesky(scatter), dtype=np.float64)
    except np.linalg.LinAlgError:
        lower, pivots, rank, info = dpstrf(scatter, lower=1)
    if info < 0:
        raise DistanceError("the covariance could not be factored")
    factor = np.empty((len(scatter), int(rank)))
    factor[pivots - 1] = np.tril(lower[:, :rank])
    return factor


def _singular_sum(matrix: FloatArray, quick: bool) -> float:
    """Return the sum of the singular values."""
    if not np.isfinite(matrix).all():
        raise DistanceError("the features are too large")
    try:
        if not quick:
            return float(np.linalg.svd(matrix, compute_uv=False).sum())
        flat = matrix if len(matrix) <= matrix.shape[1] else matrix.T
        return _sum_of_roots(np.linalg.eigvalsh(flat @ flat.T))
    except np.linalg.LinAlgError as error:
        raise DistanceError(f"the Fréchet distance cannot be computed: {error}") from error


def _assemble(apart: FloatArray, traces: float, shared: float, quick: bool = False) -> float:
    value = float(apart @ apart) + traces - 2.0 * shared
    if not np.isfinite(value):
        raise DistanceError("the features are too large")
    if value < -(QUICK_TOLERANCE if quick else TOLERANCE) * traces:
        raise DistanceError(f"the Fréchet distance came out as {value:.3g}: rounding got too large")
    return max(value, 0.0)
