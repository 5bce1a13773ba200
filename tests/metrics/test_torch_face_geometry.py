"""The pose pipeline: it finds a pose that is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.signals.torch_face_geometry import CanonicalFace, poses


def canonical() -> CanonicalFace:
    rng = np.random.default_rng(3)
    points = rng.normal(size=(468, 3)) * (5, 6, 3)
    return CanonicalFace(points, rng.uniform(0, 1, 468))


def rotation(pitch: float, yaw: float, roll: float) -> np.ndarray:
    cos, sin = np.cos([pitch, yaw, roll]), np.sin([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, cos[0], -sin[0]], [0, sin[0], cos[0]]])
    about_y = np.array([[cos[1], 0, sin[1]], [0, 1, 0], [-sin[1], 0, cos[1]]])
    about_z = np.array([[cos[2], -sin[2], 0], [sin[2], cos[2], 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def seen(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Project metric points into screen landmarks, with z scaled like x."""
    height, width = size
    near_height = 2 * np.tan(np.deg2rad(63) / 2)
    near_width = near_height * width / height
    depth = -points[:, 2]
    x = points[:, 0] / depth / near_width + 0.5
    y = 0.5 - points[:, 1] / depth / near_height
    z = depth / depth.mean() / near_width
    return np.stack([x, y, z], axis=-1)[None].astype(np.float32)


angle = st.floats(-0.6, 0.6)


@settings(max_examples=40, deadline=None)
@given(angle, angle, angle, st.sampled_from([(512, 512), (512, 1024), (1280, 720)]))
def test_a_known_pose_is_found(
    pitch: float, yaw: float, roll: float, size: tuple[int, int]
) -> None:
    face, turn = canonical(), rotation(pitch, yaw, roll)
    points = face.points @ turn.T + (3, -2, -120)
    found = poses(seen(points, size), size, face)[0]
    assert found.shape == (4, 4)
    scale = np.cbrt(np.linalg.det(found[:3, :3].astype(np.float64)))
    angle_off = np.arccos(np.clip((np.trace(found[:3, :3] / scale @ turn.T) - 1) / 2, -1, 1))
    assert np.degrees(angle_off) < 0.6
    assert scale == pytest.approx(1, abs=0.02)


def test_a_face_smaller_than_a_thousandth_has_no_pose() -> None:
    face = canonical()
    landmarks = np.full((1, 478, 3), 0.5, dtype=np.float32)
    landmarks[0, :, 0] += np.linspace(0, 1e-4, 478)
    assert np.isnan(poses(landmarks, (512, 512), face)).all()


def test_no_faces_no_poses() -> None:
    assert poses(np.zeros((0, 478, 3), np.float32), (64, 64), canonical()).shape == (0, 4, 4)
