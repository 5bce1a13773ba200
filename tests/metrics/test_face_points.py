"""Five points, 68 points, and the similarity between two sets of points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.splits.mini import portraits
from metrics.signals.face_points import (
    ALIGNED_FIVE,
    ALIGNED_SIDE,
    MESH_68,
    aligned,
    five_points,
    in_pixels,
    points_68,
    similarity,
)

FRONTAL = [portraits.load(name).landmarks[:, :2] for name in portraits.ORIGINS]


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 10), st.floats(-3, 3), st.floats(-500, 500), st.floats(-500, 500))
def test_a_similarity_is_recovered(scale: float, turn: float, x: float, y: float) -> None:
    a = scale * np.exp(1j * turn)
    matrix = np.array([[a.real, -a.imag, x], [a.imag, a.real, y]])
    moved = ALIGNED_FIVE @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(similarity(ALIGNED_FIVE, moved), matrix, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-2, 2))
def test_no_other_similarity_is_nearer(seed: int, da: float, db: float, shift: float) -> None:
    points = np.random.default_rng(seed).uniform(0, 100, (5, 2))
    best = similarity(points, ALIGNED_FIVE)
    a, b = best[0, 0] + da, best[1, 0] + db
    other = np.array([[a, -b, best[0, 2] + shift], [b, a, best[1, 2] - shift]])

    def miss(matrix: np.ndarray) -> float:
        return float(np.square(points @ matrix[:, :2].T + matrix[:, 2] - ALIGNED_FIVE).sum())

    assert miss(best) <= miss(other) + 1e-6


def test_a_mirrored_face_is_not_turned_over() -> None:
    mirrored = (ALIGNED_SIDE, 0) + ALIGNED_FIVE * (-1, 1)
    assert np.linalg.det(similarity(mirrored, ALIGNED_FIVE)[:, :2]) > 0


@pytest.mark.parametrize("points", [np.full((5, 2), np.nan), np.full((5, 2), 7.0)])
def test_what_is_no_face_gives_no_crop(points: np.ndarray) -> None:
    assert aligned(np.zeros((64, 64, 3), dtype=np.uint8), points) is None


def test_the_crop_puts_the_five_points_where_they_belong() -> None:
    frame = np.zeros((300, 400, 3), dtype=np.uint8)
    points = ALIGNED_FIVE.round() * 2 + (100, 40)
    for x, y in points.astype(int):
        frame[y - 1 : y + 2, x - 1 : x + 2] = 255
    crop = aligned(frame, points)
    assert crop is not None
    assert crop.shape == (ALIGNED_SIDE, ALIGNED_SIDE, 3)
    for x, y in ALIGNED_FIVE.round().astype(int):
        assert crop[y, x].min() > 100


def test_landmarks_come_to_pixels_axis_by_axis() -> None:
    landmarks = np.full((2, 478, 3), 0.5, dtype=np.float32)
    assert (in_pixels(landmarks, (100, 400)) == (200.0, 50.0)).all()


def test_68_points_stand_where_300_w_has_them() -> None:
    assert len(set(MESH_68)) == 68
    for mesh in FRONTAL:
        points = points_68(mesh)
        jaw, brows, lids = points[:17], points[17:27], points[36:48]
        assert (np.diff(jaw[1:-1, 0]) > -1).all()  # the image's left first
        assert jaw[:, 1].argmax() == 8  # the chin
        assert (np.diff(brows[:, 0]) > 0).all()
        assert brows[:, 1].max() < lids[:, 1].min() < points[30, 1] < points[48:60, 1].min()
        assert points[36, 0] < points[39, 0] < points[42, 0] < points[45, 0]  # corners of eyes
        assert points[48, 0] == points[48:, 0].min()
        assert points[54, 0] == points[48:, 0].max()


def test_68_points_are_symmetric() -> None:
    """Numbering of 300-W under a mirror: what lies left of the nose lies right of it."""
    jaw = [*range(16, -1, -1)]
    brows, nose = [*range(26, 16, -1)], [27, 28, 29, 30, 35, 34, 33, 32, 31]
    lids = [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    lips = [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
    mirror = np.array([*jaw, *brows, *nose, *lids, *lips])
    for mesh in FRONTAL:
        points = points_68(mesh)
        pairs = np.stack([points, points[mirror]])
        middle, width = points[[27, 8], 0].mean(), np.ptp(points[:, 0])
        assert np.abs(pairs.mean(axis=0)[:, 0] - middle).max() < 0.12 * width
        assert np.abs(np.diff(pairs, axis=0)[0, :, 1]).max() < 0.2 * width


def test_five_points_are_inside_the_features() -> None:
    for mesh in FRONTAL:
        left, right, nose, *mouth = five_points(mesh)
        assert mesh[33, 0] < left[0] < mesh[133, 0] < nose[0] < mesh[362, 0] < right[0]
        assert max(left[1], right[1]) < nose[1] < min(p[1] for p in mouth)
        assert mouth[0][0] < nose[0] < mouth[1][0]
