"""Kernel distance between two sets of vectors: the maximum mean discrepancy, squared, unbiased.

``mean of k(x, x') over pairs x ≠ x' + mean of k(y, y') over pairs y ≠ y' - 2 mean of k(x, y)``
with k(a, b) = (aᵀb / D + 1)³ (KID: Binkowski et al. 2018; KVD: the same on features of videos).

torch-fidelity takes the mean of this over 100 random subsets of 1000 items of each set and has no
value for smaller sets. That mean only approximates the same quantity on all items, to save time.
So where a set has fewer items than a subset, all items of both are taken, once: the same estimator,
equally unbiased, without the noise of drawing; for equal sets of exactly 1000 items both are equal.

Inner products keep the precision of the features; everything after is float64. torch-fidelity adds
in float32 too, where a thousand kernels near 1 lose the digits that matter: its KID of sets that
hardly differ is off by 1e-5 (measured), and equal to this one where it is given float64.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from metrics.feature_sets import (
    DistanceError,
    Features,
    FloatArray,
    Groups,
    Labels,
    TooFewItems,
    check_groups,
    check_sets,
)

_STORED = 4096  # items of a set up to which all kernels are held for its subsets: 128 MiB a table
_TILE = 2**23  # kernels computed at a time where they are not held: 64 MiB

Items = Labels | slice


@dataclass(frozen=True, slots=True)
class KernelDistance:
    """The unbiased squared MMD as a `metrics.feature_sets.Distance`; may be below 0.

    Attributes:
        subsets: How many random subsets are drawn.
        size: Items of each set in a subset, without replacement; where a set has fewer, all
            items of both sets form the only subset.
        seed: Of ``numpy.random.RandomState``, whose stream numpy keeps the same for ever.
    """

    subsets: int = 100
    size: int = 1000
    seed: int = 2020

    def __call__(self, x: Features, y: Features) -> float:
        """Return the distance of ``(N, D)`` and ``(M, D)`` features; each set needs two items."""
        check_sets(x, y)
        one = Groups(np.zeros(len(x), np.intp), np.zeros(len(y), np.intp), 1)
        return float(self._mean(x, y, one, _Sums.whole))

    def leave_out(self, x: Features, y: Features, groups: Groups) -> tuple[float, FloatArray]:
        """Return the distance, and ``(count,)`` without each group.

        The group's items are left out of each subset; the subsets are not drawn anew.
        """
        check_sets(x, y)
        check_groups(x, y, groups)
        both = self._mean(x, y, groups, lambda sums: np.append(sums.whole(), sums.without_each()))
        return float(both[0]), both[1:]

    def _mean(
        self, x: Features, y: Features, groups: Groups, of: Callable[["_Sums"], FloatArray]
    ) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            mean: FloatArray = np.mean([of(sums) for sums in self._sums(x, y, groups)], axis=0)
        if not np.isfinite(mean).all():
            raise DistanceError("the features are too large")
        return mean

    def _sums(self, x: Features, y: Features, groups: Groups) -> Iterator["_Sums"]:
        """Yield the sums of each subset, in torch-fidelity's order of drawing."""
        subsets = list(self._draw(len(x), len(y)))
        stored = len(subsets) > 1 and max(len(x), len(y)) <= _STORED
        xx, yy, xy = _Kernel.of(x, x, stored), _Kernel.of(y, y, stored), _Kernel.of(x, y, stored)
        itself_x, itself_y = _with_itself(x), _with_itself(y)
        for i, j in subsets:
            of_x = _members(groups.x[i], groups.count)
            of_y = _members(groups.y[j], groups.count)
            yield _Sums(
                xx.sums(i, i, of_x, of_x),
                yy.sums(j, j, of_y, of_y),
                xy.sums(i, j, of_x, of_y),
                of_x @ itself_x[i],
                of_y @ itself_y[j],
                of_x.sum(axis=1),
                of_y.sum(axis=1),
            )

    def _draw(self, first: int, second: int) -> Iterator[tuple[Items, Items]]:
        if min(first, second) < self.size:
            yield slice(None), slice(None)
            return
        random = np.random.RandomState(self.seed)
        for _ in range(self.subsets):
            items = random.choice(first, self.size, replace=False)
            yield items, random.choice(second, self.size, replace=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Kernel:
    """The kernel between two sets, of which sums over pairs of groups are wanted."""

    a: Features
    b: Features
    table: FloatArray | None

    @classmethod
    def of(cls, a: Features, b: Features, stored: bool) -> Self:
        return cls(a, b, _kernels(a, b) if stored else None)

    def sums(self, i: Items, j: Items, of_i: FloatArray, of_j: FloatArray) -> FloatArray:
        """Return ``(G, G)`` sums over items ``i`` and ``j``, whose groups ``of_i, of_j`` tell."""
        if self.table is not None:
            return _sums_of(self.table[i][:, j], of_i, of_j)
        a, b = self.a[i], self.b[j]
        if self.a is self.b:
            b = a  # the same memory, so that BLAS computes one half
        total = np.zeros((len(of_i), len(of_j)))
        rows = max(1, _TILE // len(b))
        for start in range(0, len(a), rows):
            part = slice(start, start + rows)
            total += _sums_of(_kernels(a[part], b), of_i[:, part], of_j)
        return total


def _sums_of(kernels: FloatArray, of_i: FloatArray, of_j: FloatArray) -> FloatArray:
    sums: FloatArray = of_i @ (kernels @ of_j.T)
    return sums


def _kernels(a: Features, b: Features) -> FloatArray:
    return _cube((a @ b.T).astype(np.float64, copy=False), a.shape[1])


def _with_itself(items: Features) -> FloatArray:
    """Return ``(N,)``: the kernel of each item with itself."""
    inner = np.einsum("nd,nd->n", items, items, dtype=np.float64)
    return _cube(inner, items.shape[1])


def _cube(inner: FloatArray, width: int) -> FloatArray:
    inner /= width
    inner += 1.0
    return inner * inner * inner  # numpy's power of 3 takes ten times as long


def _members(labels: Labels, count: int) -> FloatArray:
    """Return ``(G, N)``: 1 where an item belongs to a group."""
    return np.equal.outer(np.arange(count), labels).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums of a subset's kernels by group.

    Attributes:
        xx, yy, xy: ``(G, G)``: over pairs of items, the first of one group, the second of another.
        itself_x, itself_y: ``(G,)``: over items with themselves, which ``xx`` and ``yy`` contain.
        items_x, items_y: ``(G,)``: numbers of items.
    """

    xx: FloatArray
    yy: FloatArray
    xy: FloatArray
    itself_x: FloatArray
    itself_y: FloatArray
    items_x: FloatArray
    items_y: FloatArray

    def whole(self) -> FloatArray:
        """Return the unbiased squared MMD of the subset, ``()``."""
        x, y = self.items_x.sum(), self.items_y.sum()
        within_x = (self.xx.sum() - self.itself_x.sum()) / (x * (x - 1))
        within_y = (self.yy.sum() - self.itself_y.sum()) / (y * (y - 1))
        return np.asarray(within_x + within_y - 2.0 * self.xy.sum() / (x * y))

    def without_each(self) -> FloatArray:
        """Return ``(G,)``: the same without each group."""
        x, y = _left(self.items_x), _left(self.items_y)
        if min(x.min(), y.min()) < 2:
            raise TooFewItems("a subset without one of the groups has fewer than two items")
        within_x = (_left_pairs(self.xx) - _left(self.itself_x)) / (x * (x - 1))
        within_y = (_left_pairs(self.yy) - _left(self.itself_y)) / (y * (y - 1))
        result: FloatArray = within_x + within_y - 2.0 * _left_pairs(self.xy) / (x * y)
        return result


def _left(values: FloatArray) -> FloatArray:
    left: FloatArray = values.sum() - values
    return left


def _left_pairs(sums: FloatArray) -> FloatArray:
    """Return ``(G,)``: the sum without row g and column g."""
    left: FloatArray = sums.sum() - sums.sum(axis=0) - sums.sum(axis=1) + np.diagonal(sums)
    return left
