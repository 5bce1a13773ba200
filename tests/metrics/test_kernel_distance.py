import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics import kernel_distance
from metrics.feature_sets import DistanceError, Groups, TooFewItems
from metrics.kernel_distance import KernelDistance

Array = NDArray[np.float64]
full = KernelDistance()
shapes = st.tuples(st.integers(2, 15), st.integers(2, 15), st.integers(1, 8))
seeds = st.integers(0, 2**32 - 1)


def sets(n: int, m: int, width: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, width)), rng.normal(0.4, 1.2, size=(m, width))


def pair_by_pair(x: Array, y: Array) -> float:
    def kernel(a: Array, b: Array) -> float:
        return float((a @ b / len(a) + 1) ** 3)

    def within(s: Array) -> float:
        pairs = [kernel(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j]
        return float(np.mean(pairs))

    return within(x) + within(y) - 2 * float(np.mean([kernel(a, b) for a in x for b in y]))


@settings(max_examples=30, deadline=None)
@given(shape=shapes, seed=seeds)
def test_is_the_unbiased_mmd_where_sets_are_small(shape: tuple[int, int, int], seed: int) -> None:
    x, y = sets(*shape, seed)
    assert full(x, y) == pytest.approx(pair_by_pair(x, y), rel=1e-9, abs=1e-9)
    assert full(y, x) == pytest.approx(full(x, y), rel=1e-9, abs=1e-9)
    assert full(x[::-1], y) == pytest.approx(full(x, y), rel=1e-9, abs=1e-9)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(shape[2], shape[2])))[0]
    assert full(x @ turn, y @ turn) == pytest.approx(full(x, y), rel=1e-9, abs=1e-9)


def test_known_answer_in_one_dimension() -> None:
    """(xy + 1)³ has the features x³, √3 x², √3 x, 1: the MMD compares three raw moments."""
    x, y = sets(500, 700, 1, 0)
    products = {"x": 0.0, "y": 0.0}
    powers = {
        name: np.hstack([s**3, 3**0.5 * s**2, 3**0.5 * s])
        for name, s in zip("xy", (x, y), strict=True)
    }
    for name, rows in powers.items():
        total, squares = rows.sum(axis=0), (rows**2).sum()
        products[name] = (total @ total - squares) / (len(rows) * (len(rows) - 1))
    across = powers["x"].mean(axis=0) @ powers["y"].mean(axis=0)
    assert full(x, y) == pytest.approx(products["x"] + products["y"] - 2 * across, rel=1e-9)


def test_is_unbiased_for_any_size() -> None:
    rng = np.random.default_rng(1)
    for n, m in ((2, 2), (5, 20)):
        values = [full(*(rng.normal(size=(k, 3)) for k in (n, m))) for _ in range(1500)]
        error = np.std(values) / np.sqrt(len(values))
        assert abs(np.mean(values)) < 4 * error
        assert min(values) < 0


def test_a_set_against_itself_is_below_zero_as_the_card_says() -> None:
    x, _ = sets(50, 2, 4, 0)
    kernels = (x @ x.T / 4 + 1) ** 3
    itself = np.trace(kernels)
    others = (kernels.sum() - itself) / (50 * 49)
    assert full(x, x) == pytest.approx(-2 / 50 * (itself / 50 - others), rel=1e-9)
    assert full(x, x) < 0


def subsets_of(distance: KernelDistance, n: int, m: int) -> list[tuple[Array, Array]]:
    random = np.random.RandomState(distance.seed)
    return [
        (random.choice(n, distance.size, replace=False), random.choice(m, distance.size, False))
        for _ in range(distance.subsets)
    ]


def test_large_sets_are_drawn_from() -> None:
    x, y = sets(40, 30, 3, 0)
    small = KernelDistance(subsets=7, size=10)
    drawn = [pair_by_pair(x[i], y[j]) for i, j in subsets_of(small, 40, 30)]
    assert small(x, y) == pytest.approx(np.mean(drawn), rel=1e-9)
    assert small(x, y) == small(x, y)
    assert small(x, y) != KernelDistance(subsets=7, size=10, seed=1)(x, y)


def test_the_rule_for_small_sets_meets_the_drawing_at_the_size_of_a_subset() -> None:
    x, y = sets(30, 30, 3, 0)
    drawn, whole = KernelDistance(subsets=5, size=30)(x, y), KernelDistance(size=31)(x, y)
    assert drawn == pytest.approx(whole, rel=1e-9)
    many = sets(300, 200, 3, 0)
    drawn, whole = KernelDistance(subsets=3000, size=20)(*many), KernelDistance(size=201)(*many)
    assert drawn == pytest.approx(whole, rel=0.05)


def test_memory_does_not_change_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = sets(40, 30, 3, 0)
    groups = Groups(np.arange(40) % 3, np.arange(30) % 3, 3)
    for distance in (KernelDistance(subsets=4, size=12), full):
        value, left = distance.leave_out(x, y, groups)
        assert distance(x, y) == pytest.approx(value, rel=1e-9)
        with monkeypatch.context() as patch:
            patch.setattr(kernel_distance, "_STORED", 0)
            patch.setattr(kernel_distance, "_TILE", 50)
            assert distance(x, y) == pytest.approx(value, rel=1e-9)
            assert distance.leave_out(x, y, groups)[1] == pytest.approx(left, rel=1e-9)


def test_leaving_groups_out_equals_computing_afresh() -> None:
    x, y = sets(20, 15, 4, 0)
    groups = Groups(np.arange(20) % 4, np.arange(15) // 4, 5)  # the last has no items
    expected = [full(x[groups.x != g], y[groups.y != g]) for g in range(5)]
    value, left = full.leave_out(x, y, groups)
    assert left == pytest.approx(expected, rel=1e-9)
    assert left[4] == pytest.approx(value, rel=1e-9)


def test_groups_are_left_out_of_each_subset() -> None:
    x, y = sets(40, 30, 3, 0)
    groups = Groups(np.arange(40) % 3, np.arange(30) % 3, 3)
    small = KernelDistance(subsets=6, size=12)
    expected = []
    for g in range(3):
        kept = [
            (x[i[groups.x[i] != g]], y[j[groups.y[j] != g]]) for i, j in subsets_of(small, 40, 30)
        ]
        expected.append(np.mean([pair_by_pair(a, b) for a, b in kept]))
    assert small.leave_out(x, y, groups)[1] == pytest.approx(expected, rel=1e-9)


def test_a_subset_must_keep_items_without_a_group() -> None:
    x, y = sets(40, 40, 3, 0)
    groups = Groups(*[np.array([0] * 36 + [1] * 4)] * 2, 2)
    with pytest.raises(TooFewItems, match="a subset"):
        KernelDistance(subsets=6, size=5).leave_out(x, y, groups)


def test_what_cannot_be_compared_is_refused() -> None:
    x, y = sets(6, 6, 3, 0)
    with pytest.raises(TooFewItems):
        full(x, y[:1])
    with pytest.raises(DistanceError, match="not finite"):
        full(np.where(x == x[2, 1], np.nan, x), y)
    with pytest.raises(DistanceError, match="too large"):
        full(x * 1e120, y)
    with pytest.raises(ValueError, match="expected"):
        full(x, y[:, :2])
