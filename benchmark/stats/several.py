"""Several tests at once: Holm's correction, and ranks of what cannot be told apart."""

from collections.abc import Sequence

from benchmark.stats.estimate import Estimate
from benchmark.stats.means import mean_of_cases
from benchmark.stats.people import People

ALPHA = 0.05


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm's step-down method (1979), in the order given.

    Rejecting where an adjusted value is at most alpha keeps the chance of any false rejection at
    alpha, however the tests depend on each other.

    Raises:
        ValueError: If a value is not in [0, 1].
    """
    if not all(0.0 <= p <= 1.0 for p in p_values):
        raise ValueError("a p-value is not in [0, 1]")
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - place) * p_values[i]))
        adjusted[i] = largest
    return adjusted


def rank_groups(
    losses: Sequence[Sequence[float]], people: People | None, alpha: float = ALPHA
) -> list[int] | None:
    """Return a rank a method: 1 + how many methods are better beyond chance.

    Methods that cannot be told apart from the same others share a rank. Every pair is tested on
    the paired differences over cases, in both directions, all tests corrected by Holm.

    Args:
        losses: One ``(N,)`` sequence a method, the same cases in the same order; smaller is better.
        people: Who is in the cases.
        alpha: Chance of any false order.

    Returns:
        The ranks in the order given; ``None`` where there are too few clusters to tell.
    """
    pairs = [(i, j) for i in range(len(losses)) for j in range(len(losses)) if i != j]
    found = [_loss(losses[i], losses[j], people).p_above(0.0) for i, j in pairs]
    p_values = [p for p in found if p is not None]
    if len(p_values) < len(pairs):
        return None
    ranks = [1] * len(losses)
    for (i, _), p in zip(pairs, holm(p_values), strict=True):
        ranks[i] += p <= alpha
    return ranks


def _loss(mine: Sequence[float], other: Sequence[float], people: People | None) -> Estimate:
    return mean_of_cases([a - b for a, b in zip(mine, other, strict=True)], people)
