"""Many frames in a plane: UMAP with exact neighbours, the same plane for the same seed.

UMAP finds neighbours approximately from 4,096 points on; here they are exact, which costs two
seconds for 6,400 points. It starts from principal components, which keeps the large distances
better than a random start (Kobak and Linderman 2021, doi 10.1038/s41587-020-00809-z), and runs on
one thread: with several, the order of updates is chance.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import EnvironmentProblem, UsageProblem
from metrics.manifold import neighbours, trustworthiness

FEWEST = 20
"""Points below which a map says nothing."""
_NEIGHBOURS = 15
_MIN_DIST = 0.1
_EPOCHS = 200  # what UMAP takes for large maps; from principal components it suffices

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Projection:
    """Points in a plane.

    Attributes:
        points: ``(N, 2)``; axes have no unit.
        trustworthiness: In [0, 1], see `metrics.manifold.trustworthiness`.
        neighbours: Of each point, both in the projection and in its trustworthiness.
    """

    points: FloatArray
    trustworthiness: float
    neighbours: int


def project(features: NDArray[np.floating], seed: int) -> Projection:
    """Project points to a plane.

    Args:
        features: ``(N, D)``, finite.
        seed: Of the optimisation; 0 to 2^32 - 1.

    Raises:
        UsageProblem: If there are fewer than `FEWEST` points, or all are one.
        EnvironmentProblem: If umap-learn cannot be loaded.
    """
    points = np.asarray(features, dtype=np.float64)
    if len(points) < FEWEST:
        raise UsageProblem(f"{len(points)} points make no map: it needs {FEWEST}", "name more runs")
    centred = points - points.mean(axis=0)
    if not (centred != 0.0).any():
        raise UsageProblem("all points are one: there is nothing to map")
    k = min(_NEIGHBOURS, (len(points) - 1) // 2)
    placed = _umap(points, _components(centred), k, seed)
    return Projection(placed, trustworthiness(points, placed, k), k)


def _components(centred: FloatArray) -> FloatArray:
    """Return the first two principal components, each with its largest entry positive."""
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    start = np.zeros((len(centred), 2))
    start[:, : min(2, len(scale))] = (left * scale)[:, :2]
    sign = np.sign(start[np.abs(start).argmax(axis=0), [0, 1]])
    return start * np.where(sign == 0.0, 1.0, sign)


def _umap(points: FloatArray, start: FloatArray, k: int, seed: int) -> FloatArray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of TensorFlow, which we do not use
            from umap import UMAP
    except ImportError as error:
        raise EnvironmentProblem(
            f"umap-learn cannot be loaded: {error}", "pip install umap-learn"
        ) from None
    indices, distances = neighbours(points, k - 1)
    own = np.arange(len(points))[:, None]  # UMAP counts a point among its neighbours
    model = UMAP(
        n_neighbors=k,
        min_dist=_MIN_DIST,
        n_epochs=_EPOCHS,
        init=(10.0 * start / np.abs(start).max()).astype(np.float32),
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(
            np.hstack([own, indices]).astype(np.int32),
            np.hstack([np.zeros_like(own, dtype=np.float64), distances]).astype(np.float32),
        ),
    )
    with warnings.catch_warnings():
        # That new points cannot be added, and that isolated groups exist, is as it should be.
        warnings.simplefilter("ignore", UserWarning)
        placed = model.fit_transform(points.astype(np.float32))
    return np.asarray(placed, dtype=np.float64)
