"""The difference of two scores over sets (FID, FVD, KVD) between methods on the same clips.

Both methods are compared with the same reference clips, so that what a hard clip does to both
cancels. Two ways: the delete-a-group jackknife of replicates that runs keep, and, where the
features themselves are at hand, a bootstrap that draws the same reference clips, with all cases
they drive, for both methods. A bootstrap of one Fréchet distance is biased, since clips drawn
twice make a set smaller; the spread of a difference is not, because both sets shrink alike. So
the spread of the draws is the standard error, around the difference of the sets as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.estimate import MIN_CLUSTERS, Estimate, too_few
from metrics.feature_sets import Distance
from metrics.set_score import SetScore, stderr_of_difference

Features = NDArray[Any]
DRAWS = 200
SEED = 2020


@dataclass(frozen=True, slots=True, eq=False)
class PairedSets:
    """Features of two methods on the same reference clips.

    Attributes:
        first: One ``(n, D)`` array a reference clip: items of all results that it drives.
        second: The same of the other method.
        reference: One ``(m, D)`` array a reference clip.
    """

    first: Sequence[Features]
    second: Sequence[Features]
    reference: Sequence[Features]

    def __post_init__(self) -> None:
        if not len(self.first) == len(self.second) == len(self.reference):
            raise ValueError("not the same reference clips")


def jackknife_difference(first: SetScore, second: SetScore) -> Estimate:
    """Return ``first - second`` with the standard error of the delete-a-group jackknife."""
    value = first.value - second.value
    groups = min(len(first.replicates), len(second.replicates))
    if len(first.replicates) != len(second.replicates):
        return Estimate(value, groups, reason="no interval: the runs were grouped differently")
    if reason := too_few(groups, "groups of clips"):
        return Estimate(value, groups, reason=reason)
    return Estimate(value, groups, stderr_of_difference(first, second))


def bootstrap_difference(
    sets: PairedSets, distance: Distance, draws: int = DRAWS, seed: int = SEED
) -> Estimate:
    """Return ``distance(first) - distance(second)`` with the standard error of a paired bootstrap.

    Args:
        sets: The features.
        distance: Between results and references.
        draws: How often the reference clips are drawn with replacement.
        seed: The same seed gives the same error.

    Raises:
        DistanceError: If there is no distance between the sets.
    """
    clips = len(sets.reference)
    value = _difference(sets, distance, range(clips))
    if clips < MIN_CLUSTERS:
        return Estimate(value, clips, reason=too_few(clips, "reference clips"))
    random = np.random.default_rng(seed)
    drawn = [
        _difference(sets, distance, random.integers(clips, size=clips).tolist())
        for _ in range(draws)
    ]
    return Estimate(value, clips, float(np.std(drawn, ddof=1)))


def _difference(sets: PairedSets, distance: Distance, clips: Sequence[int]) -> float:
    reference = _pooled(sets.reference, clips)
    first = distance(_pooled(sets.first, clips), reference)
    return first - distance(_pooled(sets.second, clips), reference)


def _pooled(features: Sequence[Features], clips: Sequence[int]) -> Features:
    return np.concatenate([features[clip] for clip in clips])
