"""Differences of scores over sets."""

import numpy as np
import pytest

from benchmark.stats.sets import PairedSets, bootstrap_difference, jackknife_difference
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.set_score import SetScore


def score(value: float, replicates: tuple[float, ...]) -> SetScore:
    return SetScore(value, 20, 20, 40, 20, 40, replicates)


def sets(clips: int, shift: float = 0.0, seed: int = 0) -> PairedSets:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(clips, 1, 4))
    real = centres + random.normal(size=(clips, 3, 4))
    first = real + 0.3 + shift + 0.2 * random.normal(size=real.shape)
    second = real + 0.3 + 0.2 * random.normal(size=real.shape)
    return PairedSets(list(first), list(second), list(real))


def test_the_jackknife_of_a_difference_by_hand() -> None:
    first = score(5.0, tuple(5.0 + i for i in range(10)))
    second = score(4.0, (4.0,) * 10)
    found = jackknife_difference(first, second)
    # replicates of the difference: 1 + 0..9; sqrt(9/10 * sum of squares 82.5)
    assert found.value == 1.0
    assert found.stderr == pytest.approx(np.sqrt(0.9 * 82.5))
    assert found.df == 9


def test_what_is_common_to_both_cancels() -> None:
    wobble = tuple(np.random.default_rng(0).normal(size=12))
    first = score(5.0, tuple(5.0 + w for w in wobble))
    second = score(4.0, tuple(4.0 + w for w in wobble))
    assert jackknife_difference(first, second).stderr == pytest.approx(0.0, abs=1e-12)


def test_few_groups_or_other_groups_have_no_interval() -> None:
    few = jackknife_difference(score(5.0, (1.0,) * 9), score(4.0, (1.0,) * 9))
    assert few.stderr is None and "10 groups of clips needed, 9 there" in few.reason
    other = jackknife_difference(score(5.0, (1.0,) * 12), score(4.0, (1.0,) * 11))
    assert other.stderr is None and "grouped differently" in other.reason
    none = jackknife_difference(score(5.0, ()), score(4.0, ()))
    assert none.stderr is None and none.reason


@pytest.mark.parametrize("distance", [Frechet(), KernelDistance()])
def test_the_bootstrap_is_of_the_sets_and_deterministic(
    distance: Frechet | KernelDistance,
) -> None:
    given = sets(15, shift=0.4)
    once = bootstrap_difference(given, distance, draws=50, seed=1)
    assert once == bootstrap_difference(given, distance, draws=50, seed=1)
    assert once != bootstrap_difference(given, distance, draws=50, seed=2)
    pooled = [np.concatenate(list(part)) for part in (given.first, given.second, given.reference)]
    assert once.value == distance(pooled[0], pooled[2]) - distance(pooled[1], pooled[2])
    assert once.clusters == 15 and (p := once.p_above(0.0)) is not None and p < 0.01


def test_the_same_results_differ_by_nothing() -> None:
    one = sets(12)
    same = bootstrap_difference(PairedSets(one.first, one.first, one.reference), Frechet(), 20)
    assert (same.value, same.stderr, same.p_above(0.0)) == (0.0, 0.0, 1.0)


def test_few_clips_have_no_interval() -> None:
    found = bootstrap_difference(sets(9, shift=1.0), Frechet())
    assert found.value > 0.5
    assert found.stderr is None and "10 reference clips needed, 9 there" in found.reason
    assert bootstrap_difference(sets(10), Frechet(), 5).stderr is not None


def test_other_clips_are_an_error() -> None:
    one = sets(3)
    with pytest.raises(ValueError, match="same reference clips"):
        PairedSets(one.first[:2], one.second, one.reference)
