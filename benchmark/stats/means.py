"""The mean over cases, and the mean of paired differences between two methods."""

from collections.abc import Sequence

import numpy as np

from benchmark.stats.estimate import Estimate, too_few
from benchmark.stats.people import People

UNSTATED = "no interval: the record does not say who is in the cases"


def mean_of_cases(values: Sequence[float], people: People | None) -> Estimate:
    """Return the mean of one value a case, with a standard error clustered by person.

    For a comparison the values are differences between two methods on the same case: what a hard
    case does to both then cancels. Studentised with the smaller number of clusters less one.

    Args:
        values: ``(N,)``, at least one, finite.
        people: Who is in these cases; ``None`` where nobody says.

    Raises:
        ValueError: If there is no value, one is not finite, or the people are of other cases.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise ValueError("no value to take the mean of")
    if not np.isfinite(array).all():
        raise ValueError("a value is not finite")
    mean = float(array.mean())
    if people is None:
        return Estimate(mean, 0, reason=UNSTATED)
    if len(people.source) != array.size:
        raise ValueError(f"{array.size} values for the people of {len(people.source)} cases")
    clusters = people.clusters
    if reason := too_few(clusters, "people"):
        return Estimate(mean, clusters, reason=reason)
    if people.overlap >= 1.0:
        return Estimate(mean, clusters, reason="no interval: one person is in every case")
    return Estimate(mean, clusters, float(np.sqrt(people.variance_of_mean(array))))
