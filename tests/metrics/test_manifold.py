"""Clouds of points: neighbours, coverage and density, trust in a map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from metrics import manifold
from metrics.manifold import neighbours, reach, trustworthiness

LINE = np.arange(10.0)[:, None]


def clouds(least: int = 12) -> st.SearchStrategy[NDArray[np.float64]]:
    numbers = st.floats(-9, 9, width=16)
    shape = st.tuples(st.integers(least, 24), st.integers(1, 3))
    return shape.flatmap(lambda s: arrays(np.float64, s, elements=numbers))


@given(clouds(), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_neighbours_are_the_nearest_others(points: NDArray[np.float64], k: int) -> None:
    indices, distances = neighbours(points, k)
    for i in range(len(points)):
        others = np.delete(np.linalg.norm(points - points[i], axis=1), i)
        np.testing.assert_allclose(distances[i], np.sort(others)[:k], atol=1e-12)
        assert i not in indices[i]
        assert len(set(indices[i])) == k


def test_known_coverage_and_density() -> None:
    found = reach(LINE, np.array([[0.5]]), k=1)  # balls of radius 1 around 0 ... 9
    assert found.coverage == pytest.approx(0.2)
    assert found.density == pytest.approx(2.0)
    assert found.spread == 0.0
    far = reach(LINE, np.array([[50.0], [60.0]]), k=1)
    assert (far.coverage, far.density) == (0.0, 0.0)


@given(clouds(), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_the_real_points_reach_themselves(points: NDArray[np.float64], k: int) -> None:
    found = reach(points, points, k)
    assert found.coverage == 1.0
    assert found.density >= (k + 1) / k - 1e-12, "oneself and k neighbours lie in each ball"
    assert np.isnan(found.spread) or found.spread == pytest.approx(1.0)


@given(clouds(), clouds(1), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_more_points_never_reach_less(
    real: NDArray[np.float64], made: NDArray[np.float64], k: int
) -> None:
    width = min(real.shape[1], made.shape[1])
    real, made = real[:, :width], made[:, :width]
    some = reach(real, made[: (len(made) + 1) // 2], k).coverage
    assert reach(real, made, k).coverage >= some
    assert 0.0 <= some <= 1.0


def by_definition(points: NDArray[np.float64], placed: NDArray[np.float64], k: int) -> float:
    n = len(points)
    true = np.linalg.norm(points[:, None] - points[None], axis=-1)
    seen = np.linalg.norm(placed[:, None] - placed[None], axis=-1)
    penalty = 0
    for i in range(n):
        ranks = {j: r + 1 for r, j in enumerate(j for j in np.argsort(true[i]) if j != i)}
        shown = [j for j in np.argsort(seen[i]) if j != i][:k]
        penalty += sum(max(ranks[j] - k, 0) for j in shown)
    return 1.0 - 2.0 * penalty / (n * k * (2 * n - 3 * k - 1))


@pytest.mark.parametrize("seed", range(3))
def test_trustworthiness_by_its_definition(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifold, "_BLOCK", 200)  # several blocks
    rng = np.random.default_rng(seed)
    points, placed = rng.normal(size=(40, 5)), rng.normal(size=(40, 2))
    assert trustworthiness(points, placed, 6) == pytest.approx(by_definition(points, placed, 6))
    assert trustworthiness(points[:, :2], points[:, :2], 6) == 1.0


@pytest.mark.slow
def test_trustworthiness_as_scikit_learn_has_it() -> None:
    from sklearn.manifold import trustworthiness as theirs

    rng = np.random.default_rng(5)
    points, placed = rng.normal(size=(300, 8)), rng.normal(size=(300, 2))
    assert trustworthiness(points, placed, 15) == pytest.approx(
        theirs(points, placed, n_neighbors=15)
    )


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="no 10 neighbours"):
        neighbours(LINE, 10)
    with pytest.raises(ValueError, match="no point was made"):
        reach(LINE, LINE[:0])
    with pytest.raises(ValueError, match="needs more than 10 points"):
        trustworthiness(LINE, LINE, 5)
