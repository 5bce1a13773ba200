"""What a distance between two sets of feature vectors is, and which sets have one."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating[Any]]
Labels = NDArray[np.intp]
FloatArray = NDArray[np.float64]


class DistanceError(ArithmeticError):
    """Two sets between which there is no distance; the message is one sentence that says why."""


class TooFewItems(DistanceError):
    """A set has fewer than two items, in all or without one of the groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which group each item belongs to, so that groups can be left out.

    Attributes:
        x: ``(N,)`` group of each item of the first set, in [0, count).
        y: ``(M,)`` group of each item of the second set.
        count: Number of groups; a group may be empty in one of the sets, or in both.
    """

    x: Labels
    y: Labels
    count: int


class Distance(Protocol):
    """A distance between two sets of vectors, and the same with each group left out."""

    def __call__(self, x: Features, y: Features) -> float:
        """Return the distance of ``(N, D)`` and ``(M, D)``.

        Raises:
            TooFewItems: If a set has fewer than two.
            DistanceError: If there is no distance for another reason: something is not finite.
            ValueError: If the arrays have the wrong shapes.
        """
        ...

    def leave_out(self, x: Features, y: Features, groups: Groups) -> tuple[float, FloatArray]:
        """Return the distance, and ``(count,)``: that of what is left without group 0, 1, ...

        Together, because most of the work is the same.

        Raises:
            TooFewItems: If fewer than two are left in a set without one of the groups.
            DistanceError: If one of these distances does not exist for another reason.
            ValueError: If the arrays have the wrong shapes.
        """
        ...


def check_sets(x: Features, y: Features) -> None:
    """Refuse sets that have no distance.

    Raises:
        TooFewItems: If a set has fewer than two.
        DistanceError: If a feature is not finite.
        ValueError: If the arrays are not ``(N, D)`` and ``(M, D)`` float32 or float64.
    """
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or x.shape[1] == 0:
        raise ValueError(f"expected (N, D) and (M, D) features, got {x.shape} and {y.shape}")
    for items in (x, y):
        if items.dtype not in (np.float32, np.float64):
            raise ValueError(f"expected float32 or float64 features, got {items.dtype}")
    if min(len(x), len(y)) < 2:
        raise TooFewItems(f"a set needs two items; these have {len(x)} and {len(y)}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DistanceError("a feature is not finite")


def check_groups(x: Features, y: Features, groups: Groups) -> None:
    """Refuse labels that do not fit, and groups without which too little is left.

    Raises:
        TooFewItems: If fewer than two are left in a set without one of the groups.
        ValueError: If there is not one label in [0, count) for each item.
    """
    for items, labels in ((x, groups.x), (y, groups.y)):
        if labels.shape != (len(items),):
            raise ValueError(f"{labels.shape} labels for {len(items)} items")
        sizes = np.bincount(labels, minlength=groups.count)
        if len(sizes) > groups.count:
            raise ValueError(f"a label is not below {groups.count}")
        if len(items) - int(sizes.max(initial=0)) < 2:
            raise TooFewItems("without one of the groups a set has fewer than two items")
