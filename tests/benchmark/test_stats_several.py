"""Several tests at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.stats.means import mean_of_cases
from benchmark.stats.people import People
from benchmark.stats.several import holm, rank_groups

P = st.lists(st.floats(0.0, 1.0), max_size=12)


def test_holm_by_hand() -> None:
    # Holm 1979: 4 x .01, max with 3 x .02, max with 2 x .03, max with .04
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


@given(P)
def test_holm_never_lowers_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))
    assert all(
        a <= min(1.0, len(p_values) * p)
        for a, p in zip(adjusted, p_values, strict=True)
        if p == min(p_values)
    )
    by_p = [a for _, a in sorted(zip(p_values, adjusted, strict=True))]
    assert by_p == sorted(by_p)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_holm_refuses_what_is_no_p_value(wrong: float) -> None:
    with pytest.raises(ValueError, match="p-value"):
        holm([0.5, wrong])


def people(count: int) -> People:
    names = [str(i) for i in range(count)]
    return People.named(names, names)


def test_methods_that_cannot_be_told_apart_share_a_rank() -> None:
    random = np.random.default_rng(0)
    hard = random.normal(size=40)
    good = hard + 0.1 * random.normal(size=40)
    alike = hard + 0.1 * random.normal(size=40)
    bad = hard + 1.0 + 0.1 * random.normal(size=40)
    losses = [bad.tolist(), good.tolist(), alike.tolist()]
    assert rank_groups(losses, people(40)) == [3, 1, 1]


def test_a_difference_at_alpha_exactly_counts() -> None:
    random = np.random.default_rng(2)
    first, second = random.normal(0.3, 1.0, 30).tolist(), [0.0] * 30
    p = mean_of_cases(first, people(30)).p_above(0.0)
    assert p is not None
    assert rank_groups([first, second], people(30), alpha=2 * p) == [2, 1]
    assert rank_groups([first, second], people(30), alpha=1.999 * p) == [1, 1]


def test_the_same_method_twice_shares_a_rank() -> None:
    assert rank_groups([[1.0] * 12, [1.0] * 12], people(12)) == [1, 1]


def test_few_people_have_no_ranks() -> None:
    assert rank_groups([[1.0] * 5, [2.0] * 5], people(5)) is None
    assert rank_groups([[1.0] * 50, [2.0] * 50], None) is None
