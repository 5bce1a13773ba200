"""The face as a graph: triangles, and smooth weights spread over them.

``topology.json`` (made by ``tools/ours_topology.py``) holds the mean face and its triangles. A
weight is given on a few landmarks and spreads over the rest as the harmonic function of the
graph: no landmark is larger or smaller than its neighbours' mean, so there are no steps.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from adapters.base import Component
from adapters.ours import indices as at
from adapters.ours.geometry import Points

_LID_RING = (
    *(247, 30, 29, 27, 28, 56, 190, 130, 25, 110, 24, 23, 22, 26, 112, 243),
    *(467, 260, 259, 257, 258, 286, 414, 359, 255, 339, 254, 253, 252, 256, 341, 463),
)
"""The first landmarks around the lids."""

_REGIONS: Mapping[Component, tuple[int, ...]] = {
    Component.MOUTH: (*at.OUTER_LIPS.loop, *at.MOUTH.loop, *at.JAW, *at.LOWER_CHEEKS),
    Component.EYES: (*at.EYES[0].loop, *at.EYES[1].loop, *_LID_RING),
    Component.EMOTION: (*at.BROWS, *at.FOREHEAD, *at.NOSE, *at.SIDES, *at.UPPER_CHEEKS),
}
"""What belongs to which component; landmarks between two regions share them smoothly. Brows,
forehead, nose and upper cheeks are EMOTION; the irises move with EYES."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The face as a graph.

    Attributes:
        mean: ``(478, 3)`` mean face in head axes (x right, y down, z away), in face widths.
        triangles: ``(N, 3)`` landmark indices; openings are closed by triangles too.
    """

    mean: Points
    triangles: NDArray[np.int32]


@cache
def load() -> Topology:
    """Return the face graph."""
    text = files("adapters.ours").joinpath("topology.json").read_text(encoding="utf-8")
    numbers = json.loads(text)
    return Topology(np.array(numbers["mean"]), np.array(numbers["triangles"], dtype=np.int32))


@cache
def is_skin() -> NDArray[np.int32]:
    """Return 1 for each triangle of skin, 0 for those that close eyes and mouth, ``(N,)``."""
    triangles = load().triangles
    inside = [np.isin(triangles, opening.loop).all(axis=1) for opening in (*at.EYES, at.MOUTH)]
    skin: NDArray[np.int32] = (~np.any(inside, axis=0)).astype(np.int32)
    return skin


def _laplacian(openings: Sequence[at.Opening]) -> NDArray[np.float64]:
    """Return the graph's Laplacian, edges weighted by 1 / length, cut across ``openings``."""
    topology = load()
    pairs = {tuple(sorted((t[i], t[i - 1]))) for t in topology.triangles.tolist() for i in range(3)}
    for opening in openings:
        inner = [set(opening.upper[1:-1]), set(opening.lower[1:-1])]
        pairs = {p for p in pairs if not (set(p) & inner[0] and set(p) & inner[1])}
    edges = np.array(sorted(pairs))
    length = np.linalg.norm(topology.mean[edges[:, 0]] - topology.mean[edges[:, 1]], axis=1)
    weights = np.zeros((at.N_MESH, at.N_MESH))
    weights[edges[:, 0], edges[:, 1]] = weights[edges[:, 1], edges[:, 0]] = 1.0 / length
    laplacian: NDArray[np.float64] = np.diag(weights.sum(axis=1)) - weights
    return laplacian


def spread(
    fixed: Sequence[int], values: NDArray[np.float64], openings: Sequence[at.Opening] = ()
) -> NDArray[np.float64]:
    """Return the harmonic function with the given values on landmarks ``fixed``.

    Args:
        fixed: ``K`` distinct landmarks of the skin.
        values: ``(K, M)`` values there.
        openings: Openings across whose edges nothing spreads.

    Returns:
        ``(468, M)``; within the range of ``values``.
    """
    laplacian = _laplacian(openings)
    given = np.array(fixed, dtype=np.intp)
    free = np.setdiff1d(np.arange(at.N_MESH), given)
    result = np.empty((at.N_MESH, values.shape[1]))
    result[given] = values
    pull = -laplacian[free][:, given] @ values
    result[free] = np.linalg.solve(laplacian[free][:, free], pull)
    return result


@cache
def region_weights() -> Mapping[Component, NDArray[np.float64]]:
    """Return the share of each expression component in each landmark, ``(478,)``; they sum to 1."""
    owners = {i: c for c, members in _REGIONS.items() for i in members}
    fixed = sorted(owners)
    values = np.array([[float(owners[i] is c) for c in _REGIONS] for i in fixed])
    skin = spread(fixed, values, (*at.EYES, at.MOUTH))
    irises = np.tile(
        [float(c is Component.EYES) for c in _REGIONS], (at.N_LANDMARKS - at.N_MESH, 1)
    )
    table = np.concatenate([skin, irises])
    return {component: table[:, k] for k, component in enumerate(_REGIONS)}


@cache
def drag(opening: at.Opening) -> NDArray[np.float64]:
    """Return how the skin follows the edge of an opening, ``(468, K)``.

    Column ``k`` is the share of a landmark in the movement of ``opening.loop[k]``: 1 there, 0 on
    everything that must stay (other openings, the outline, brows for an eye, nose for the mouth).
    """
    loop = opening.loop
    if opening == at.MOUTH:
        still = {*at.OVAL, *at.NOSE, *at.UPPER_CHEEKS, *at.EYES[0].loop, *at.EYES[1].loop}
    else:
        still = {*at.OVAL, *at.NOSE, *at.UPPER_CHEEKS, *at.BROWS, *at.MOUTH.loop}
        still |= set().union(*(o.loop for o in at.EYES if o != opening))
    fixed = [*loop, *sorted(still - set(loop))]
    values = np.zeros((len(fixed), len(loop)))
    values[: len(loop)] = np.eye(len(loop))
    return spread(fixed, values, (opening,))
