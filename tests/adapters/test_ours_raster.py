import numpy as np

from adapters.ours.raster import Mesh

BOX = (10, 5, 40, 30)
SQUARE = np.array([(12.0, 8.0), (36.0, 8.0), (36.0, 27.0), (12.0, 27.0)])
FACES = np.array([(0, 1, 2), (0, 2, 3)], dtype=np.int32)


def mesh(
    points: np.ndarray = SQUARE, triangles: np.ndarray = FACES, layers: np.ndarray | None = None
) -> Mesh:
    layers = np.zeros(len(triangles), dtype=np.int32) if layers is None else layers
    return Mesh(points, triangles, layers, BOX)


def deep(points: np.ndarray, z: float | np.ndarray = 0.0) -> np.ndarray:
    return np.concatenate([points, np.broadcast_to(z, len(points))[:, None]], axis=1)


def pixels() -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.arange(BOX[0], BOX[2]), np.arange(BOX[1], BOX[3]))
    return x, y


def test_nothing_moved_shows_itself() -> None:
    map_x, map_y = mesh().inverse_map(deep(SQUARE))
    x, y = pixels()
    np.testing.assert_allclose(map_x, x, atol=1e-4)
    np.testing.assert_allclose(map_y, y, atol=1e-4)


def test_a_shift_is_looked_up_backwards() -> None:
    map_x, map_y = mesh().inverse_map(deep(SQUARE + (2.0, 1.0)))
    x, y = pixels()
    covered = (x > 14) & (x < 38) & (y > 9) & (y < 28)
    np.testing.assert_allclose(map_x[covered], (x - 2)[covered], atol=1e-4)
    np.testing.assert_allclose(map_y[covered], (y - 1)[covered], atol=1e-4)
    assert map_x[0, 0] == BOX[0]  # not covered: shows itself


def test_two_triangles_leave_no_crack() -> None:
    map_x, _ = mesh().inverse_map(deep(SQUARE * 0.9 + (3.0, 2.0)))
    x, _ = pixels()
    assert np.diff(map_x[8:18, 8:22], axis=1).max() < 1.2
    assert not np.isclose(map_x[8:18, 8:22], x[8:18, 8:22], atol=1e-3).all()


def test_the_nearer_triangle_hides_the_farther() -> None:
    points = np.array([(12.0, 8.0), (36.0, 8.0), (12.0, 27.0), (14.0, 9.0), (34.0, 9.0), (14, 25)])
    triangles = np.array([(0, 1, 2), (3, 4, 5)], dtype=np.int32)
    aside = points + np.array([(0.0, 0.0)] * 3 + [(1.0, 0.0)] * 3)
    at_pixel = (12 - BOX[1], 17 - BOX[0])  # inside both
    for z, shift in ((-5.0, 1.0), (5.0, 0.0)):
        depth = np.array([0.0, 0.0, 0.0, z, z, z])
        map_x, _ = mesh(points, triangles).inverse_map(deep(aside, depth))
        assert map_x[at_pixel] == 17.0 - shift
    # A higher layer wins whatever the depth.
    layers = np.array([0, 1], dtype=np.int32)
    map_x, _ = mesh(points, triangles, layers).inverse_map(deep(aside, np.full(6, 5.0)))
    assert map_x[at_pixel] == 16.0


def test_triangles_without_area_are_skipped() -> None:
    flat = SQUARE.copy()
    flat[:, 1] = 10.0
    map_x, map_y = mesh().inverse_map(deep(flat))
    assert np.isfinite(map_x).all()
    assert np.isfinite(map_y).all()
