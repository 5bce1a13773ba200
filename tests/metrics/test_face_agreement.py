"""Comparing two face signals: known differences come out."""

import numpy as np
import pytest

from metrics.signals.face import FaceSignal
from metrics.signals.face_agreement import compare


def signal(shift: float = 0.0, faces: int = 1) -> FaceSignal:
    count = np.full(3, faces)
    landmarks = np.full((3, faces, 478, 3), 0.5, np.float32)
    landmarks[..., 0] += shift
    shapes = np.full((3, faces, 52), 0.1 + shift, np.float32)
    cos, sin = np.cos(shift), np.sin(shift)
    pose = np.zeros((3, faces, 4, 4), np.float32)
    pose[..., :3, :3] = [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]
    return FaceSignal(count, landmarks, shapes, pose, (200, 100))


def test_a_signal_agrees_with_itself() -> None:
    agreement = compare(signal(), signal())
    assert agreement.same_faces == 1 and agreement.holds()
    assert not agreement.landmarks.any() and not agreement.rotation.any()


def test_known_differences() -> None:
    agreement = compare(signal(), signal(0.01))
    assert agreement.landmarks == pytest.approx(0.01 * 100 * 512 / 200, rel=1e-4)
    assert agreement.blendshapes == pytest.approx(0.01, rel=1e-4)
    assert agreement.rotation == pytest.approx(np.degrees(0.01), rel=1e-3)
    assert not agreement.holds()


def test_other_faces_are_counted_not_compared() -> None:
    agreement = compare(signal(), signal(faces=2))
    assert agreement.same_faces == 0 and len(agreement.landmarks) == 0
    assert not agreement.holds()


def test_other_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="different frames"):
        compare(signal(), FaceSignal(np.zeros(2, int), *([np.zeros((2, 0))] * 3), (200, 100)))
