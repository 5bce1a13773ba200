"""Means over cases: known answers, properties, and what has no interval."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark.stats.estimate import MIN_CLUSTERS, Estimate
from benchmark.stats.means import UNSTATED, mean_of_cases
from benchmark.stats.people import People


def strangers(count: int) -> People:
    """One person a case, source and driving person in one."""
    names = [str(i) for i in range(count)]
    return People.named(names, names)


def brute_force(values: np.ndarray, people: People) -> float:
    """The variance of the mean, pair by pair."""
    residuals, count = values - values.mean(), len(values)
    total = pairs = 0.0
    for i in range(count):
        for j in range(count):
            mine = {people.source[i], people.driving[i]}
            if mine & {people.source[j], people.driving[j]}:
                total += residuals[i] * residuals[j]
                pairs += 1
    clustered = total / count**2 / (1 - pairs / count**2)
    return float(max(clustered, residuals.var(ddof=1) / count))


def test_one_person_a_case_is_students_t() -> None:
    values = np.random.default_rng(0).normal(0.3, 1.0, 40)
    found = mean_of_cases(values.tolist(), strangers(40))
    expected = reference.ttest_1samp(values, 0.0)
    low, high = expected.confidence_interval(0.95)
    assert found.interval() == pytest.approx((low, high))
    above = reference.ttest_1samp(values, 0.1, alternative="greater")
    assert found.p_above(0.1) == pytest.approx(above.pvalue)


def test_the_same_case_ten_times_is_no_more_evidence() -> None:
    values = np.random.default_rng(1).normal(size=20)
    once = mean_of_cases(values.tolist(), strangers(20))
    names = [str(i) for i in range(20)] * 10
    often = mean_of_cases(values.tolist() * 10, People.named(names, names))
    assert often.value == pytest.approx(once.value)
    assert often.stderr == pytest.approx(once.stderr)
    assert often.df == once.df == 19


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 25), st.integers(2, 8), st.booleans())
def test_the_variance_is_the_sum_over_pairs_that_share_a_person(
    seed: int, cases: int, people: int, apart: bool
) -> None:
    random = np.random.default_rng(seed)
    source = random.integers(people, size=cases)
    driving = random.integers(people, size=cases) + (people if apart else 0)
    who = People.named([f"p{i}" for i in source], [f"p{i}" for i in driving])
    values = random.normal(size=cases)
    if who.clusters < 2 or who.overlap >= 1.0:
        with pytest.raises(ValueError, match="nothing varies"):
            who.variance_of_mean(values)
    else:
        assert who.variance_of_mean(values) == pytest.approx(brute_force(values, who))


def test_an_effect_of_the_driving_person_widens_the_interval() -> None:
    random = np.random.default_rng(3)
    drivings = np.repeat(np.arange(15), 6)
    values = random.normal(size=15)[drivings] + 0.1 * random.normal(size=90)
    sources = [f"s{i}" for i in range(90)]
    alone = mean_of_cases(values.tolist(), People.named(sources, [f"d{i}" for i in range(90)]))
    tied = mean_of_cases(values.tolist(), People.named(sources, [f"d{i}" for i in drivings]))
    assert alone.stderr is not None and tied.stderr is not None
    assert tied.stderr > 2 * alone.stderr
    assert tied.clusters == 15


def test_a_source_who_drives_elsewhere_is_one_person() -> None:
    who = People.named(["anna", "ben"], ["ben", "carl"])
    assert who.driving[0] == who.source[1]
    assert who.overlap == 1.0


@pytest.mark.parametrize("people", [1, 2, MIN_CLUSTERS - 1])
def test_few_people_have_no_interval(people: int) -> None:
    found = mean_of_cases([0.1 * i for i in range(people)], strangers(people))
    assert found.value == pytest.approx(0.05 * (people - 1))
    assert found.interval() is None and found.p_above(0.0) is None
    assert found.detectable(0.05) is None
    assert f"{MIN_CLUSTERS} people needed, {people} there" in found.reason


def test_ten_people_have_one() -> None:
    assert mean_of_cases(
        [float(i) for i in range(MIN_CLUSTERS)], strangers(MIN_CLUSTERS)
    ).interval()


def test_nobody_says_who_is_there() -> None:
    found = mean_of_cases([1.0] * 30, None)
    assert (found.value, found.interval(), found.reason) == (1.0, None, UNSTATED)


def test_a_person_in_every_case_leaves_nothing_to_compare() -> None:
    others = [f"p{i}" for i in range(24)]
    who = People.named([*others[:12], *["star"] * 12], [*["star"] * 12, *others[12:]])
    found = mean_of_cases([float(i) for i in range(24)], who)
    assert who.clusters == 13
    assert found.interval() is None and "one person is in every case" in found.reason


def test_no_variance_leaves_no_doubt() -> None:
    found = mean_of_cases([3.0] * 12, strangers(12))
    assert found.stderr == 0.0
    assert found.interval() == (3.0, 3.0)
    assert (found.p_above(2.9), found.p_above(3.0), found.p_above(3.1)) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf, 1.0]])
def test_no_number_is_an_error(values: list[float]) -> None:
    with pytest.raises(ValueError, match="value"):
        mean_of_cases(values, None)


def test_people_of_other_cases_are_an_error() -> None:
    with pytest.raises(ValueError, match="3 values for the people of 12 cases"):
        mean_of_cases([1.0, 2.0, 3.0], strangers(12))
    with pytest.raises(ValueError, match="1 sources for 2"):
        People.named(["a"], ["a", "b"])


def test_what_can_be_detected_is_detected_with_that_power() -> None:
    random = np.random.default_rng(5)
    estimate = Estimate(0.0, 60, 0.2)
    excess = estimate.detectable(0.05, 0.8)
    assert excess is not None
    draws = random.normal(excess, 0.2, 20_000)
    spread = 0.2 * np.sqrt(random.chisquare(59, 20_000) / 59)
    p = [Estimate(v, 60, float(s)).p_above(0.0) or 0.0 for v, s in zip(draws, spread, strict=True)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.8, abs=0.015)
