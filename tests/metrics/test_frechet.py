from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics import frechet
from metrics.feature_sets import DistanceError, Groups, TooFewItems
from metrics.frechet import Frechet, Moments

Array = NDArray[np.float64]

# Items of both sets and dimensions: fewer, more, one of each, and as many.
REGIMES = [(6, 9, 20), (40, 30, 8), (5, 50, 12), (50, 5, 12), (12, 12, 12), (2, 2, 1)]
regimes = st.tuples(st.integers(2, 24), st.integers(2, 24), st.integers(1, 24))
seeds = st.integers(0, 2**32 - 1)
distance = Frechet()


def sets(n: int, m: int, width: int, seed: int) -> tuple[Array, Array]:
    """Two sets with correlated dimensions, some of which are constant, far from the origin."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(width, width)) * np.geomspace(1, 1e-3, width)
    x, y = rng.normal(size=(n, width)) @ mix, rng.normal(size=(m, width)) @ mix * 1.3
    x[:, : width // 4] = y[:, : width // 4] = 0.0
    return x + 5.0, y + 5.0 + rng.normal(size=width)


def by_eigenvectors(x: Array, y: Array, ddof: int = 1) -> float:
    """The textbook form, through the root of the first covariance."""
    first, second = (np.atleast_2d(np.cov(s, rowvar=False, ddof=ddof)) for s in (x, y))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    apart = x.mean(axis=0) - y.mean(axis=0)
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * shared)


def spread(x: Array, y: Array) -> float:
    return float(x.var(axis=0).sum() + y.var(axis=0).sum())


@settings(max_examples=80, deadline=None)
@given(shape=regimes, seed=seeds, ddof=st.sampled_from([0, 1]))
def test_equals_the_textbook_form_with_few_and_many_items(
    shape: tuple[int, int, int], seed: int, ddof: int
) -> None:
    x, y = sets(*shape, seed)
    expected = by_eigenvectors(x, y, ddof)
    assert Frechet(ddof)(x, y) == pytest.approx(expected, rel=1e-6, abs=1e-6 * spread(x, y))


def whitened(n: int, width: int, seed: int) -> Array:
    """Items whose mean is 0 and whose covariance (ddof 1) is the identity, to rounding."""
    rows = np.random.default_rng(seed).normal(size=(n, width))
    return np.linalg.qr(rows - rows.mean(axis=0))[0] * np.sqrt(n - 1)


@pytest.mark.parametrize("unused", [0, 60], ids=["more items than dimensions", "fewer"])
def test_known_gaussians(unused: int) -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 0.5])
    x, y = whitened(30, 3, 0) * a, whitened(40, 3, 1) * b + (3.0, 0.0, 4.0)
    pad = ((0, 0), (0, unused))
    expected = 25.0 + np.sum((a - b) ** 2)  # covariances that commute
    assert distance(np.pad(x, pad), np.pad(y, pad)) == pytest.approx(expected, rel=1e-12)


def test_known_gaussians_that_do_not_commute() -> None:
    """For 2x2 matrices tr (S1 S2)^½ = sqrt(tr S1 S2 + 2 sqrt(det S1 S2))."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(50, 2)) @ [[1, 2], [0, 1]], rng.normal(size=(60, 2)) @ [[1, 0], [3, 1]]
    first, second = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    product = first @ second
    shared = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))
    apart = x.mean(axis=0) - y.mean(axis=0)
    expected = apart @ apart + np.trace(first) + np.trace(second) - 2 * shared
    assert distance(x, y) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(shape=regimes, seed=seeds)
def test_is_a_distance(shape: tuple[int, int, int], seed: int) -> None:
    x, y = sets(*shape, seed)
    scale = spread(x, y)
    assert 0.0 <= distance(x, x.copy()) <= frechet.TOLERANCE * scale
    assert distance(x, x[::-1]) <= frechet.TOLERANCE * scale  # order of the items
    value = distance(x, y)
    assert value >= 0.0
    assert distance(y, x) == pytest.approx(value, rel=1e-7, abs=1e-7 * scale)


@settings(max_examples=40, deadline=None)
@given(shape=regimes, seed=seeds)
def test_does_not_depend_on_the_frame_of_reference(shape: tuple[int, int, int], seed: int) -> None:
    x, y = sets(*shape, seed)
    value = pytest.approx(distance(x, y), rel=1e-6, abs=1e-6 * spread(x, y))
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(shape[2], shape[2])))[0]
    assert distance(x + 100.0, y + 100.0) == value
    assert distance(x @ turn, y @ turn) == value
    assert distance(x * 3.0, y * 3.0) / 9.0 == value


@pytest.mark.parametrize("shape", REGIMES)
def test_sets_far_from_the_origin_lose_no_digits(shape: tuple[int, int, int]) -> None:
    x, y = sets(*shape, 0)
    assert distance(x + 1e6, y + 1e6) == pytest.approx(distance(x, y), rel=1e-7)


@pytest.mark.parametrize("shape", REGIMES)
def test_float32_features_are_reduced_in_float64(shape: tuple[int, int, int]) -> None:
    x, y = (s.astype(np.float32) for s in sets(*shape, 0))
    assert distance(x, y) == distance(x.astype(np.float64), y.astype(np.float64))


def brute(x: Array, y: Array, groups: Groups, of: Callable[[Array, Array], float]) -> Array:
    left = range(groups.count)
    return np.array([of(x[groups.x != g], y[groups.y != g]) for g in left])


# The last but one loses its full rank with every group, the last has groups without items.
@pytest.mark.parametrize(
    ("shape", "groups", "used"),
    [((12, 18, 20), 4, 4), ((60, 50, 8), 5, 5), ((9, 60, 12), 3, 3), ((14, 15, 12), 3, 3)]
    + [((60, 50, 8), 6, 3)],
)
def test_leaving_groups_out_equals_computing_afresh(
    shape: tuple[int, int, int], groups: int, used: int
) -> None:
    x, y = sets(*shape, 3)
    labels = Groups(np.arange(shape[0]) % used, np.arange(shape[1]) % used, groups)
    expected = brute(x, y, labels, distance)
    value, left = distance.leave_out(x, y, labels)
    assert value == distance(x, y)
    assert left == pytest.approx(expected, rel=1e-6)
    assert len(set(expected[:used])) == used


def test_leaving_out_needs_items_that_stay() -> None:
    x, y = sets(8, 8, 3, 0)
    most = np.array([0] * 7 + [1])
    with pytest.raises(TooFewItems, match="without one of the groups"):
        distance.leave_out(x, y, Groups(most, most, 2))
    with pytest.raises(ValueError, match="labels"):
        distance.leave_out(x, y, Groups(most[1:], most, 2))
    with pytest.raises(ValueError, match="not below 1"):
        distance.leave_out(x, y, Groups(most, most, 1))


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(0, 5), min_size=1, max_size=6), seed=seeds)
def test_moments_of_parts_make_those_of_the_whole(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(loc=3.0, size=(size, 4)) for size in sizes]
    whole = Moments.of(np.concatenate(parts))
    for order in (parts, parts[::-1]):
        total = Moments.nothing(4)
        for part in order:
            total = total.merged(Moments.of(part))
        for name in ("count", "mean", "scatter"):
            np.testing.assert_allclose(getattr(total, name), getattr(whole, name), atol=1e-12)
    rest = whole.without(Moments.of(parts[0]))
    expected = Moments.of(np.concatenate([np.zeros((0, 4)), *parts[1:]]))
    for name in ("count", "mean", "scatter"):
        np.testing.assert_allclose(getattr(rest, name), getattr(expected, name), atol=1e-11)


def test_the_same_order_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frechet, "_BLOCK", 16)
    items = np.random.default_rng(0).normal(size=(100, 6)).astype(np.float32)
    once, again = Moments.of(items), Moments.of(items.copy())
    assert np.array_equal(once.scatter, again.scatter)
    assert np.array_equal(once.mean, again.mean)
    np.testing.assert_allclose(once.covariance(), np.cov(items, rowvar=False), rtol=1e-6)
    np.testing.assert_allclose(once.covariance(0), np.cov(items, rowvar=False, ddof=0), rtol=1e-6)


def test_a_part_is_not_larger_than_the_whole() -> None:
    items = np.ones((3, 2))
    with pytest.raises(ValueError, match="no part"):
        Moments.of(items[:1]).without(Moments.of(items))


@pytest.mark.parametrize("shape", REGIMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_feature_that_is_not_finite_is_refused(shape: tuple[int, int, int], bad: float) -> None:
    x, y = sets(*shape, 0)
    y[-1, -1] = bad
    for first, second in ((x, y), (y, x)):
        with pytest.raises(DistanceError, match="not finite"):
            distance(first, second)


@pytest.mark.parametrize("shape", [(6, 9, 20), (40, 30, 8)])
def test_features_too_large_to_be_squared_are_refused(shape: tuple[int, int, int]) -> None:
    x, y = sets(*shape, 0)
    with pytest.raises(DistanceError, match="too large"):
        distance(x * 1e160, y)


def test_a_single_item_has_no_covariance() -> None:
    x, y = sets(6, 6, 3, 0)
    with pytest.raises(TooFewItems, match="6 and 1"):
        distance(x, y[:1])
    with pytest.raises(TooFewItems):
        frechet.from_moments(Moments.of(x), Moments.of(y[:1]))


@pytest.mark.parametrize("wrong", [(6,), (6, 4), (6, 3, 1), (6, 0)])
def test_wrong_shapes_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        distance(np.ones((6, 3)), np.ones(wrong))


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.complex128])
def test_other_numbers_than_float32_and_float64_are_refused(dtype: type) -> None:
    with pytest.raises(ValueError, match="float32 or float64"):
        distance(np.ones((6, 3)), np.ones((6, 3), dtype))


def test_constant_sets() -> None:
    ones = np.ones((10, 4))
    assert distance(ones, ones) == 0.0
    assert distance(ones, 3 * ones) == 16.0
    assert distance(ones[:3], 3 * ones[:2]) == 16.0


def test_only_rounding_is_lifted_to_zero() -> None:
    still, traces = np.zeros(3), 4.0
    assert frechet._assemble(still, traces, 2.0 + 1e-10) == 0.0
    assert frechet._assemble(still, traces, 2.0 - 1e-10) > 0.0
    with pytest.raises(DistanceError, match="rounding"):
        frechet._assemble(still, traces, 2.0 + 1e-8)
