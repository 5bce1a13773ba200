import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.crowd import left_to_right, people_in, track_people
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal

WIDTH, HEIGHT = 200, 100


def signal(frames: list[list[tuple[int, float, float]]]) -> FaceSignal:
    """Faces as (who, centre x, centre y) in pixels; who is written into the blendshapes."""
    most = max((len(f) for f in frames), default=0)
    shape = (len(frames), most)
    landmarks = np.full((*shape, N_LANDMARKS, 3), np.nan, np.float32)
    blendshapes = np.full((*shape, N_BLENDSHAPES), np.nan, np.float32)
    pose = np.full((*shape, 4, 4), np.nan, np.float32)
    outline = np.random.default_rng(0).uniform(-10, 10, (N_LANDMARKS, 2))
    outline[0], outline[1] = (-10, -10), (10, 10)
    for t, faces in enumerate(frames):
        for slot, (who, x, y) in enumerate(faces):
            landmarks[t, slot, :, :2] = (outline + (x, y)) / (WIDTH, HEIGHT)
            landmarks[t, slot, :, 2] = 0
            blendshapes[t, slot] = who
            pose[t, slot] = np.eye(4)
    count = np.array([len(f) for f in frames])
    return FaceSignal(count, landmarks, blendshapes, pose, (HEIGHT, WIDTH))


def who(frames: list[list[tuple[int, float, float]]], people: int = 2) -> list[list[float]]:
    tracks = track_people(signal(frames), people)
    assert tracks is not None
    return [list(track.blendshapes[:, 0]) for track in tracks]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=20))
def test_detector_order_means_nothing(flips: list[bool]) -> None:
    frames = []
    for t, flip in enumerate(flips):
        faces = [(1, 40.0 + t, 50.0), (2, 150.0 - t, 50.0)]
        frames.append(faces[::-1] if flip else faces)
    assert who(frames) == [[1.0] * len(flips), [2.0] * len(flips)]


def test_people_keep_their_track_through_a_gap_and_before_the_start() -> None:
    left, right = (1, 40.0, 50.0), (2, 150.0, 50.0)
    frames = [[right], [left, right], [right], [left], [right, left]]
    first, second = who(frames)
    assert [np.isnan(v) for v in first] == [True, False, True, False, False]
    assert [v for v in first if not np.isnan(v)] == [1.0, 1.0, 1.0]
    assert [v for v in second if not np.isnan(v)] == [2.0, 2.0, 2.0, 2.0]


def test_a_stranger_far_away_is_not_the_missing_person() -> None:
    frames = [[(1, 30.0, 50.0), (2, 150.0, 50.0)], [(1, 30.0, 50.0), (3, 90.0, 50.0)]]
    first, second = who(frames)
    assert first == [1.0, 1.0]
    assert np.isnan(second[1])


def test_a_single_person_may_jump() -> None:
    assert who([[(1, 20.0, 50.0)], [(1, 180.0, 50.0)]], people=1) == [[1.0, 1.0]]


def test_nothing_says_who_is_who_without_a_complete_frame() -> None:
    assert track_people(signal([[(1, 40.0, 50.0)], []]), 2) is None
    assert track_people(signal([[], []]), 1) is None


def test_largest_first_then_left_to_right() -> None:
    boxes = np.array([[100, 0, 130, 30], [0, 0, 5, 5], [50, 0, 90, 40.0]])
    assert list(left_to_right(boxes, 2)) == [2, 0]
    assert list(left_to_right(boxes, 5)) == [1, 2, 0]
    assert list(left_to_right(np.full((2, 4), np.nan), 2)) == []


@pytest.mark.parametrize(("counts", "expected"), [([0, 2, 2, 3], 2), ([0, 0], 1), ([1, 1], 1)])
def test_people_in_a_clip_is_the_usual_count(counts: list[int], expected: int) -> None:
    faces = [[(i, 20.0 + 50 * i, 50.0) for i in range(n)] for n in counts]
    assert people_in(signal(faces), 1) == expected
