"""Squares around faces, and windows of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.signals.batching import Batcher
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face import N_LANDMARKS
from metrics.signals.face_crop import FACTOR, Square, crops, cut, squares
from metrics.signals.face_engine import Detection
from metrics.signals.streams import FaceWindowExtractor

HEIGHT, WIDTH = 60, 100


def found(*boxes: tuple[float, float, float, float]) -> Detection:
    """Faces whose landmarks span boxes in pixels."""
    landmarks = np.zeros((len(boxes), N_LANDMARKS, 3), np.float32)
    for face, (left, top, right, bottom) in zip(landmarks, boxes, strict=True):
        corners = np.array([(left, top), (right, bottom)]) / (WIDTH, HEIGHT)
        face[:, :2] = corners[np.arange(N_LANDMARKS) % 2]
    return Detection(landmarks, np.zeros((len(boxes), 52)), np.zeros((len(boxes), 4, 4)))


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@settings(max_examples=50, deadline=None)
@given(x=st.integers(-20, 110), y=st.integers(-20, 70), w=st.integers(2, 60), h=st.integers(2, 60))
def test_the_square_is_centred_on_the_box(x: int, y: int, w: int, h: int) -> None:
    (square,) = squares(found((x, y, x + w, y + h)), (HEIGHT, WIDTH))
    assert square is not None
    assert abs(square.side - FACTOR * max(w, h)) <= 0.51
    assert abs(square.left + square.side / 2 - (x + w / 2)) <= 0.51
    assert abs(square.top + square.side / 2 - (y + h / 2)) <= 0.51


def test_what_is_no_face_has_no_square() -> None:
    spoilt = found((10, 10, 20, 20))
    spoilt.landmarks[0, 7, 1] = np.nan
    for faces in (spoilt, found((10, 10, 10.2, 10.3)), found((10, 10, 1e9, 20))):
        assert squares(faces, (HEIGHT, WIDTH)) == [None]
    assert crops(picture(), found(), 16) == []


def test_a_crop_of_the_square_s_own_size_is_the_frame_itself() -> None:
    frame = picture()
    assert np.array_equal(cut(frame, Square(10, 20, 30), 30), frame[20:50, 10:40])


def test_beyond_the_frame_its_rim_is_repeated() -> None:
    frame = picture()
    corner = cut(frame, Square(-4, -6, 16), 16)
    assert np.array_equal(corner[6:, 4:], frame[:10, :12])
    assert (corner[:6, 4:] == frame[0, :12]).all()
    assert (corner[:7, :5] == frame[0, 0]).all()


def test_shrinking_averages_and_keeps_the_type() -> None:
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[::2] = 200
    small = cut(frame, Square(0, 0, 60), 30)
    assert small.dtype == np.uint8
    assert (small == 100).all()
    assert cut(frame, Square(5, 5, 10), 30).shape == (30, 30, 3)
    with pytest.raises(ValueError, match="uint8"):
        cut(frame.astype(np.float32), Square(0, 0, 10), 10)  # type: ignore[arg-type]


class Corner:
    """A network that says the first pixel of the first and last frame of a window."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        return batch[:, [0, -1], 0, 0, 0].astype(np.float32)


def windows(clip: list[tuple[Any, Detection]], most: int = 32) -> np.ndarray:
    extractor = FaceWindowExtractor(
        ExtractorDefinition("x", "", ""),
        Batcher(Corner(), most),
        squares,
        lambda frame, square: cut(frame, square, square.side),
        width=2,
        length=4,
    )
    stream = extractor.stream()
    for frame, faces in clip:
        stream.add(frame, faces)
    return stream.finish()


@pytest.mark.parametrize("most", [1, 32])
def test_windows_show_the_place_of_their_first_frame(most: int) -> None:
    left, right = (10, 10, 30, 30), (60, 10, 80, 30)
    seen = [found(left, right), found(), found(right), found(left), found(right), *[found()] * 5]
    frames = [picture(seed) for seed in range(10)]
    values = windows(list(zip(frames, seen, strict=True)), most)
    assert values.shape == (2, 2, 2)  # the last two frames fill no window
    at_left, at_right = (5, 5), (5, 55)
    assert values[0, 0].tolist() == [frames[0][at_left][0], frames[3][at_left][0]]
    assert values[0, 1].tolist() == [frames[0][at_right][0], frames[3][at_right][0]]
    assert values[1, 0].tolist() == [frames[4][at_right][0], frames[7][at_right][0]]
    assert np.isnan(values[1, 1]).all()


def test_a_clip_without_faces_or_windows_gives_nothing() -> None:
    nobody = [(picture(), found())] * 8
    assert windows(nobody).shape == (2, 0, 2)
    assert windows(nobody[:3]).shape == (0, 0, 2)
    assert windows([]).shape == (0, 0, 2)
