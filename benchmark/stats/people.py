"""Who is in the cases: the unit of chance is a person, not a case and not a frame.

Two cases that share a person resemble each other: the same portrait is hard whoever drives it, the
same clip is hard whomever it drives. Cases are therefore clustered two ways, by source and by
driving person (Cameron, Gelbach and Miller 2011), and a person who is a source in one case and
drives another ties these two as well (Fafchamps and Gubert 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The people of ``(N,)`` cases.

    Attributes:
        source: ``(N,)`` number of the person in the portrait.
        driving: ``(N,)`` number of the driving person, of the same numbering.
    """

    source: Labels
    driving: Labels

    @classmethod
    def named(cls, sources: Sequence[str], drivings: Sequence[str]) -> Self:
        """Return the people of cases by name; equal names are one person, in either role.

        Raises:
            ValueError: If there is not one of each a case.
        """
        if len(sources) != len(drivings):
            raise ValueError(f"{len(sources)} sources for {len(drivings)} driving people")
        _, both = np.unique([*sources, *drivings], return_inverse=True)
        return cls(both[: len(sources)], both[len(sources) :])

    @property
    def clusters(self) -> int:
        """Number of sources or of driving people, whichever is smaller."""
        return min(len(np.unique(self.source)), len(np.unique(self.driving)))

    @property
    def overlap(self) -> float:
        """Share of the pairs of cases that have a person in common, a case with itself included."""
        ones = np.ones(len(self.source))
        return self._shared(ones) / len(ones) ** 2

    def variance_of_mean(self, values: FloatArray) -> float:
        """Return the variance of the mean of ``(N,)`` values, robust to shared people.

        Products of the residuals of all pairs of cases that share a person, summed, over N². A
        pair that shares two people counts once. Where people hardly matter this may come out too
        small or below 0, so that the same without any clustering is a lower bound (after
        MacKinnon, Nielsen and Webb 2021). Taking residuals from the mean loses the share of pairs
        that are summed, and is made good by dividing by one minus that share: with equal clusters
        that is the usual factor G / (G - 1).

        Raises:
            ValueError: If there are fewer than two clusters, or one person is in every case.
        """
        if self.clusters < 2 or self.overlap >= 1.0:
            raise ValueError("nothing varies between people")
        residuals, count = values - values.mean(), len(values)
        shared = self._shared(residuals) / count**2 / (1.0 - self.overlap)
        alone = float(residuals @ residuals) / count / (count - 1)
        return max(shared, alone)

    def _shared(self, values: FloatArray) -> float:
        """Return the sum of products over all pairs of cases that share a person."""
        two = self.source != self.driving
        person = np.concatenate([self.source, self.driving[two]])
        total = _squares(person, np.concatenate([values, values[two]]))
        if not two.any():
            return total
        low = np.minimum(self.source, self.driving)[two]
        high = np.maximum(self.source, self.driving)[two]
        return total - _squares(low * (int(high.max()) + 1) + high, values[two])


def _squares(labels: Labels, values: FloatArray) -> float:
    """Return the sum over clusters of the squared sum of their values."""
    _, places = np.unique(labels, return_inverse=True)
    sums = np.bincount(places, weights=values)
    return float(sums @ sums)
