from collections import Counter

import numpy as np
import pytest

from adapters.base import Component
from adapters.ours import indices as at
from adapters.ours import topology

OPENINGS = (*at.EYES, at.MOUTH)


def edges_of(triangles: np.ndarray) -> Counter[frozenset[int]]:
    return Counter(frozenset((t[i], t[i - 1])) for t in triangles.tolist() for i in range(3))


def test_the_triangles_are_one_sheet_bounded_by_the_outline() -> None:
    triangles = topology.load().triangles
    edges = edges_of(triangles)
    assert set(triangles.ravel().tolist()) == set(range(at.N_MESH))
    assert set(edges.values()) == {1, 2}
    border = {edge for edge, count in edges.items() if count == 1}
    assert border == {frozenset((at.OVAL[i], at.OVAL[i - 1])) for i in range(len(at.OVAL))}
    assert at.N_MESH - len(edges) + len(triangles) == 1  # Euler: a disc


@pytest.mark.parametrize("opening", [*OPENINGS, at.OUTER_LIPS])
def test_contours_run_along_edges(opening: at.Opening) -> None:
    edges, loop = edges_of(topology.load().triangles), opening.loop
    assert len(set(loop)) == len(loop)
    assert all(frozenset((loop[i], loop[i - 1])) in edges for i in range(len(loop)))


def test_what_closes_an_opening_is_no_skin() -> None:
    holes = topology.load().triangles[topology.is_skin() == 0]
    # A loop of n points is closed by n - 2 triangles.
    assert len(holes) == sum(len(o.loop) - 2 for o in OPENINGS)


def test_components_share_every_landmark() -> None:
    weights = topology.region_weights()
    assert set(weights) == {Component.MOUTH, Component.EYES, Component.EMOTION}
    table = np.stack(list(weights.values()))
    np.testing.assert_allclose(table.sum(axis=0), 1.0, atol=1e-9)
    assert table.min() >= -1e-9
    assert weights[Component.MOUTH][list(at.MOUTH.loop)].min() == 1.0
    assert weights[Component.EYES][[468, 473, *at.EYES[0].loop]].min() == 1.0
    assert weights[Component.EMOTION][list(at.BROWS)].min() == 1.0


def test_a_harmonic_weight_stays_within_what_was_given() -> None:
    fixed = [10, 152, 234, 454]
    values = np.array([[1.0], [-2.0], [0.5], [0.0]])
    spread = topology.spread(fixed, values)
    assert spread.shape == (at.N_MESH, 1)
    np.testing.assert_array_equal(spread[fixed], values)
    assert spread.min() >= -2.0
    assert spread.max() <= 1.0


def test_nothing_spreads_across_closed_lips() -> None:
    upper, lower = list(at.MOUTH.upper[1:-1]), list(at.MOUTH.lower[1:-1])
    fixed = [*upper, *at.OVAL, 78, 308]
    values = np.array([[1.0]] * len(upper) + [[0.0]] * (len(at.OVAL) + 2))
    cut = topology.spread(fixed, values, (at.MOUTH,))
    assert cut[lower].max() < topology.spread(fixed, values)[lower].max()


@pytest.mark.parametrize("opening", OPENINGS)
def test_skin_follows_an_edge_and_nothing_else_moves(opening: at.Opening) -> None:
    drag = topology.drag(opening)
    np.testing.assert_allclose(drag[list(opening.loop)], np.eye(len(opening.loop)), atol=1e-12)
    assert np.abs(drag[list(at.OVAL)]).max() == 0.0
    for other in OPENINGS:
        if other != opening:
            assert np.abs(drag[list(other.loop)]).max() == 0.0
    assert drag.min() >= -1e-12
    assert drag.sum(axis=1).max() <= 1.0 + 1e-9
