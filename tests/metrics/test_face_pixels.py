"""Pixel metrics inside the faces: the pixels that count, and those that do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from subjects import NO_FACES

from metrics.face_pixels import METRICS, FacePixelMetric
from metrics.frame_pair import FrameError
from metrics.perceptual import face_mask
from metrics.pixels import L1, PSNR
from metrics.pixels import METRICS as WHOLE
from metrics.signals.face import N_LANDMARKS
from metrics.signals.face_engine import Detection
from metrics.signals.pixel_stream import FacePixelStream
from metrics.structural import Planes, similarity, similarity_map

SSIM_IN, PSNR_IN, L1_IN = METRICS
SIDE = 80


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A face whose hull is a box, ``(1, 478, 3)``."""
    corners = np.array(
        [(left, top, 0), (right, top, 0), (right, bottom, 0), (left, bottom, 0)], np.float32
    )
    return corners[np.arange(N_LANDMARKS) % 4][None]


EVERYWHERE = box(-1.0, -1.0, 2.0, 2.0)
MIDDLE = box(0.25, 0.25, 0.75, 0.75)


def frames(seed: int, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return np.clip(true + rng.normal(0, 20, true.shape), 0, 255).astype(np.uint8), true


@pytest.mark.parametrize(("inside", "whole"), list(zip(METRICS, WHOLE, strict=True)))
def test_a_face_that_fills_the_frame_is_the_frame(inside: FacePixelMetric, whole: object) -> None:
    made, true = frames(0)
    value = inside.per_frame(made, true, EVERYWHERE)
    assert value == pytest.approx(whole.per_frame(made, true), abs=1e-6)  # type: ignore[attr-defined]


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), x=st.floats(0.0, 0.7), y=st.floats(0.0, 0.7))
def test_what_is_outside_does_not_count(
    metric: FacePixelMetric, seed: int, x: float, y: float
) -> None:
    made, true = frames(seed)
    face = box(x, y, x + 0.3, y + 0.3)
    mask = face_mask(face, (SIDE, SIDE)) > 0
    reach = np.zeros_like(mask)
    for row, column in np.argwhere(mask):  # the window of SSIM looks 5 pixels further
        reach[max(row - 5, 0) : row + 6, max(column - 5, 0) : column + 6] = True
    spoilt = np.where(reach[..., None], made, 255 - made)
    assert metric.per_frame(spoilt, true, face) == pytest.approx(
        metric.per_frame(made, true, face), abs=1e-6
    )


def test_known_values() -> None:
    true = np.full((SIDE, SIDE, 3), 100, np.uint8)
    made = true.copy()
    mask = face_mask(MIDDLE, (SIDE, SIDE)) > 0.0
    made[mask] = 110  # the face, and nothing else
    assert L1_IN.per_frame(made, true, MIDDLE) == pytest.approx(10 / 255)
    assert PSNR_IN.per_frame(made, true, MIDDLE) == pytest.approx(20 * np.log10(25.5))
    assert L1.per_frame(made, true) == pytest.approx(10 / 255 * mask.mean())
    assert PSNR.per_frame(made, true) > PSNR_IN.per_frame(made, true, MIDDLE) + 5.0
    assert PSNR_IN.per_frame(true, true, MIDDLE) == 100.0


def test_two_faces_are_one_region_and_common_pixels_count_once() -> None:
    made, true = frames(3)
    left, right = box(0.1, 0.2, 0.4, 0.6), box(0.6, 0.3, 0.9, 0.8)
    both = np.concatenate([left, right])
    sizes = [face_mask(one, (SIDE, SIDE)).sum() for one in (left, right)]
    each = [L1_IN.per_frame(made, true, one) for one in (left, right)]
    joint = np.average(each, weights=sizes)
    assert L1_IN.per_frame(made, true, both) == pytest.approx(joint, abs=1e-9)
    for metric in METRICS:
        twice = metric.per_frame(made, true, np.concatenate([left, left]))
        assert twice == metric.per_frame(made, true, left)


@pytest.mark.parametrize("metric", METRICS)
def test_no_face_no_value(metric: FacePixelMetric) -> None:
    made, true = frames(1)
    nobody = np.zeros((0, N_LANDMARKS, 3), np.float32)
    gone = box(1.5, 1.5, 2.0, 2.0)
    for faces in (nobody, gone, np.full_like(gone, np.nan)):
        assert np.isnan(metric.per_frame(made, true, faces))


def test_a_face_at_the_rim_is_measured_as_far_as_windows_fit() -> None:
    made, true = frames(2)
    corner = box(0.0, 0.0, 0.04, 0.04)  # within the 5 pixels that no window's centre reaches
    assert np.isnan(SSIM_IN.per_frame(made, true, corner))
    assert L1_IN.per_frame(made, true, corner) > 0.0
    assert -1.0 <= SSIM_IN.per_frame(made, true, box(0.0, 0.0, 0.2, 0.2)) <= 1.0


def test_the_map_is_what_the_mean_is_of() -> None:
    made, true = frames(4, 150)  # more than one strip
    planes = Planes.of(made, true)
    np.testing.assert_allclose(
        similarity_map(planes).mean(axis=(0, 1), dtype=np.float64), similarity(planes).index, 1e-6
    )
    assert similarity_map(planes).shape == (140, 140, 3)


def test_frames_too_small_for_a_window_are_refused() -> None:
    made, true = frames(0, 10)
    with pytest.raises(FrameError, match="does not fit"):
        SSIM_IN.per_frame(made, true, EVERYWHERE)
    with pytest.raises(FrameError, match="sizes differ"):
        SSIM_IN.per_frame(made, frames(0, 12)[1], EVERYWHERE)


def detection(landmarks: np.ndarray) -> Detection:
    count = len(landmarks)
    return Detection(landmarks, np.zeros((count, 52), np.float32), np.zeros((count, 4, 4)))


@pytest.mark.parametrize("threads", [1, 3])
def test_a_stream_gives_each_frame_the_value_of_its_own_faces(threads: int) -> None:
    stream = FacePixelStream(METRICS, threads)
    faces = [MIDDLE, box(0.1, 0.1, 0.3, 0.4), box(0.5, 0.5, 0.9, 0.9)] * 5
    for seed, face in enumerate(faces):
        stream.add_with_faces(*frames(seed), detection(face))
    found = stream.finish(NO_FACES)
    for metric in METRICS:
        expected = [metric.per_frame(*frames(i), face) for i, face in enumerate(faces)]
        assert list(found[metric.card.id]) == expected


def test_a_stream_of_frames_that_are_too_small_says_so() -> None:
    stream = FacePixelStream(METRICS)
    stream.add_with_faces(*frames(0, 10), detection(MIDDLE))
    assert all("does not fit" in str(value) for value in stream.finish(NO_FACES).values())
    mismatched = FacePixelStream(METRICS)
    mismatched.add_with_faces(frames(0)[0], frames(0, 12)[1], detection(MIDDLE))
    with pytest.raises(FrameError, match="sizes differ"):
        mismatched.finish(NO_FACES)
