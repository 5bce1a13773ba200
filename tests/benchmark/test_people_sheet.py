import numpy as np

from benchmark.people_sheet import Sheet, Watched, people_sheet
from metrics.crowd import Tracks
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal

ORANGE, BLUE, GREY = (230, 159, 0), (86, 180, 233), (170, 170, 170)
SIDE = 200


def watched(slots: list[int], faces: int = 2, frames: int = 1) -> Watched:
    """White frames with faces at x = 20, 80, 140, followed as ``slots`` say."""
    landmarks = np.zeros((frames, faces, N_LANDMARKS, 3), np.float32)
    for face in range(faces):
        left = (20 + 60 * face) / SIDE
        landmarks[:, face, :, :2] = (left, 0.4)
        landmarks[:, face, 0, :2] = (left + 0.2, 0.7)
    signal = FaceSignal(
        np.full(frames, faces),
        landmarks,
        np.zeros((frames, faces, N_BLENDSHAPES), np.float32),
        np.tile(np.eye(4, dtype=np.float32), (frames, faces, 1, 1)),
        (SIDE, SIDE),
    )
    white = np.full((SIDE, SIDE, 3), 255, np.uint8)
    tracks = Tracks(np.tile(np.array(slots)[:, None], (1, frames)))
    return Watched([white] * frames, list(range(frames)), signal, tracks)


def plates(sheet: np.ndarray, colour: tuple[int, int, int]) -> list[int]:
    """Left edges of the plates of a colour, in a sheet whose columns are SIDE + 4 wide."""
    where = (sheet == colour).all(axis=-1).sum(axis=0) > 12
    return (np.flatnonzero(np.diff(where.astype(int), prepend=0) == 1)).tolist()


def test_drivers_have_the_colour_of_those_whom_they_drive() -> None:
    sheet = people_sheet(
        Sheet("title", watched([0, 1]), watched([0, 1]), watched([0, 1]), ((0, 1), (1, 0)), SIDE)
    )
    top, bottom = sheet[: SIDE + 18], sheet[SIDE + 22 :]
    source, driving = top[:, : SIDE + 4], top[:, SIDE + 4 :]
    assert min(plates(source, ORANGE)) < min(plates(source, BLUE))
    assert min(plates(driving, ORANGE)) > min(plates(driving, BLUE))
    result = bottom[:, SIDE + 4 :]
    assert min(plates(result, ORANGE)) < min(plates(result, BLUE))


def test_faces_that_are_nobodys_are_grey() -> None:
    crowd = watched([0, 2], faces=3)
    sheet = people_sheet(Sheet("t", watched([0, 1]), watched([0, 1]), crowd, ((0, 0),), SIDE))
    result = sheet[SIDE + 22 :, SIDE + 4 :]
    assert plates(result, GREY)
    assert plates(result, ORANGE)
    undriven = sheet[: SIDE + 18, SIDE + 4 :]  # the second driving person drives nobody
    assert plates(undriven, GREY)


def test_columns_stand_below_each_other_and_nobody_needs_to_be_followed() -> None:
    lost = watched([0, 1], frames=3)
    lost = Watched(lost.frames, lost.indices, lost.signal, None)
    sheet = people_sheet(Sheet("t", watched([0, 1]), lost, lost, ((0, 0),), SIDE))
    assert sheet.shape == (2 * (SIDE + 18 + 4), 4 * (SIDE + 4), 3)
    assert sheet.dtype == np.uint8
