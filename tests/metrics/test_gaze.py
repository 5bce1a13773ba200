import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import rotation

from metrics.gaze import angle_degrees, head_relative_gaze
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceTrack

WIDTH = HEIGHT = 512
RADIUS, FISSURE = 12.0, 30.0


def face(gaze: tuple[float, float], head: NDArray[np.float64], blink: float = 0.0) -> FaceTrack:
    """Eyes of the model's size, looking ``gaze`` = (yaw to image right, pitch up) in the head."""
    yaw, pitch = np.radians(gaze)
    iris = RADIUS * np.array([np.cos(pitch) * np.sin(yaw), np.sin(pitch), 0.0])
    points = np.zeros((N_LANDMARKS, 3))
    for left, right, centre, x in ((33, 133, 468, -32.0), (362, 263, 473, 32.0)):
        middle = np.array([x, 20.0, 5.0])
        points[left] = middle - [FISSURE / 2, 0, 0]
        points[right] = middle + [FISSURE / 2, 0, 0]
        points[centre] = middle + iris
    image = (points @ head.T) * (1, -1, -1) + (WIDTH / 2, HEIGHT / 2, 0)
    blendshapes = np.zeros((1, N_BLENDSHAPES), dtype=np.float32)
    blendshapes[:, 9] = blink
    pose = np.eye(4, dtype=np.float32)
    pose[:3, :3] = head
    return FaceTrack(
        (image / (WIDTH, HEIGHT, WIDTH)).astype(np.float32)[None],
        blendshapes,
        pose[None],
        (HEIGHT, WIDTH),
    )


angles = st.floats(-25, 25)


@settings(max_examples=60, deadline=None)
@given(yaw=angles, pitch=angles, head=st.tuples(angles, angles, angles))
def test_gaze_comes_back_whatever_the_head_does(
    yaw: float, pitch: float, head: tuple[float, float, float]
) -> None:
    found = head_relative_gaze(face((yaw, pitch), rotation(*head)))
    y, p = np.radians([yaw, pitch])
    truth = np.array([[np.cos(p) * np.sin(y), np.sin(p), np.cos(p) * np.cos(y)]])
    assert angle_degrees(found, truth)[0] < 0.05


def test_closed_eyes_have_no_gaze() -> None:
    assert np.isnan(head_relative_gaze(face((0, 0), np.eye(3), blink=0.6))).all()
    assert np.isfinite(head_relative_gaze(face((0, 0), np.eye(3), blink=0.4))).all()


def test_angle_of_identical_directions_is_exactly_zero() -> None:
    directions = np.random.default_rng(0).normal(size=(100, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert not angle_degrees(directions, directions).any()
    assert angle_degrees(directions, -directions) == pytest.approx(180.0)
