"""A crop around the face that a method chose itself, found and laid back."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from outside import request

from adapters.base import Face, Frame, Geometry, MethodError, Request
from adapters.description import Result
from adapters.face_crop import placed, similarity, taken, undoing_for

SIZE, SIDE, STEP = 96, 80, 2.5
RNG = np.random.default_rng(3)
LANDMARKS = RNG.uniform(30, 60, (478, 2))


def smooth(seed: int) -> Frame:
    """A picture in which every place is another colour: red says x, green says y."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 12), dtype=np.uint8)
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[..., 0] = (np.arange(SIZE) + 0.5) * STEP
    picture[..., 1] = picture[..., 0].T
    picture[..., 2] = cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return picture


def crop_at(scale: float, degrees: float, left: float, top: float) -> NDArray[np.float64]:
    """Where a crop of SIDE lies on the canvas, (2, 3)."""
    c, s = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[c, -s, left], [s, c, top]])


class Tracker:
    """Finds the face by the colours, in the whole picture and in every crop of it."""

    bias = 1.0
    """In crops it sees a face this much taller."""

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        if not frame.any():
            return []
        rows, columns = np.nonzero((frame[..., :2] > 9).all(2) & (frame[..., :2] < 230).all(2))
        known = np.column_stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
        places = (frame[rows, columns, :2] + 0.5) / STEP
        way = np.linalg.lstsq(known, places, rcond=None)[0].T
        points = np.zeros((478, 3), np.float32)
        points[:, :2] = (LANDMARKS - way[:, 2]) @ np.linalg.inv(way[:, :2]).T / frame.shape[0]
        if frame.shape[0] != SIZE:
            points[:, 1] = self.bias * (points[:, 1] - 0.5) + 0.5
        return [Face(points, np.zeros(52, np.float32), np.eye(4, dtype=np.float32))]


def case(tmp_path: Path, tracker: Tracker | None = None, **changes: str) -> Request:
    clip = np.stack([smooth(seed) for seed in range(3)])
    made = request(tmp_path, clip, portrait=clip[0])
    return replace(made, services=replace(made.services, faces=tracker or Tracker()), **changes)


PLACES = [crop_at(0.7, 0, 20, 18), crop_at(0.55, 12, 30, 20), crop_at(1.3, -4, -10, 2)]
FACE = Result(geometry="face")


@pytest.mark.parametrize(("place", "least"), [(PLACES[0], 0.5), (PLACES[1], 1.0), (PLACES[2], 1.0)])
def test_in_self_reenactment_the_crop_is_laid_back(
    tmp_path: Path, place: NDArray[np.float64], least: float
) -> None:
    geometry, undo = undoing_for(FACE, case(tmp_path), [0, 1, 2])
    assert geometry is Geometry.SOURCE
    for seed in range(3):
        whole = undo(taken(smooth(seed), place, (SIDE, SIDE)))
        truth = placed(np.full((SIDE, SIDE, 3), 255, np.uint8), smooth(0) * 0, place) > 0
        error = np.abs(whole.astype(int) - smooth(seed))[truth]
        assert error.mean() < least, "half a pixel makes more"
        assert np.array_equal(whole[~truth], smooth(0)[~truth])


def test_a_first_frame_that_is_dropped_is_held_against_its_own_driving_frame(
    tmp_path: Path,
) -> None:
    asked: list[float] = []

    class Remembers(Tracker):
        def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
            asked.append(float(frame.mean()))
            return super().__call__(frame, max_faces)

    _, undo = undoing_for(FACE, case(tmp_path, Remembers()), [1, 2])
    undo(taken(smooth(1), PLACES[0], (SIDE, SIDE)))
    first = len(asked)
    undo(taken(smooth(2), PLACES[0], (SIDE, SIDE)))
    assert len(asked) == first, "once, not for every frame"
    assert asked[1] == pytest.approx(float(smooth(1).mean()), abs=1)


def test_in_cross_reenactment_it_stays_as_it_is(tmp_path: Path) -> None:
    geometry, undo = undoing_for(FACE, case(tmp_path, protocol="cross"), [0, 1, 2])
    crop = taken(smooth(1), PLACES[0], (SIDE, SIDE))
    assert geometry is Geometry.RESIZED
    assert undo(crop) is crop


def test_without_a_face_there_is_no_place(tmp_path: Path) -> None:
    _, undo = undoing_for(FACE, case(tmp_path), [0, 1, 2])
    with pytest.raises(MethodError, match="no face is found in the first frame of its result"):
        undo(np.zeros((SIDE, SIDE, 3), np.uint8))


@given(st.floats(0.1, 4), st.floats(-180, 180), st.floats(-100, 100), st.floats(-100, 100))
def test_a_known_similarity_is_found(scale: float, turn: float, x: float, y: float) -> None:
    place = crop_at(scale, turn, x, y)
    onto = LANDMARKS @ place[:, :2].T + place[:, 2]
    np.testing.assert_allclose(similarity(LANDMARKS, onto), place, atol=1e-8)


def test_one_point_has_no_similarity() -> None:
    with pytest.raises(MethodError, match="one point"):
        similarity(LANDMARKS * 0, LANDMARKS)


def test_a_tracker_that_sees_crops_otherwise_does_not_move_the_crop(tmp_path: Path) -> None:
    """Real trackers do: by some percent of the face where the crop cuts the head."""

    class Biased(Tracker):
        bias = 0.95

    crop = taken(smooth(0), PLACES[0], (SIDE, SIDE))
    _, undo = undoing_for(FACE, case(tmp_path, Biased()), [0])
    shown = Biased()(crop, 1)[0].landmarks[:, :2] * SIDE
    naive = placed(crop, smooth(0), similarity(shown.astype(float), LANDMARKS))
    errors = [np.abs(made.astype(int) - smooth(0)).mean() for made in (undo(crop), naive)]
    assert errors[0] < errors[1] / 3, errors
