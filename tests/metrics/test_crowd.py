from dataclasses import replace

import numpy as np
import pytest
from crowd_faces import MOST, Figure, signal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.crowd import TRACKER, Tracks, follow, grown, left_to_right, people_in, track_people

FPS = 25.0
BRIDGE = round(TRACKER.bridge_s * FPS)
ANN, BOB, CAT = Figure(1, 200), Figure(2, 500), Figure(3, 800)
Frames = list[list[Figure]]


def who(frames: Frames, people: int = 2, portrait: list[Figure] | None = None) -> list[list[float]]:
    """Whose detection each track holds, 0 where none."""
    seen = signal(frames)
    tracks = follow(seen, people, FPS, signal([portrait]) if portrait else None)
    assert tracks is not None
    names = np.nan_to_num(tracks.take(seen.blendshapes)[..., 0]) * MOST
    return [[float(v) for v in row] for row in np.round(names)]


def moved(figure: Figure, x: float, **changes: float) -> Figure:
    return replace(figure, x=figure.x + x, **changes)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
@example(237, 2)  # for a moment only tiny faces are seen
def test_detector_order_and_strangers_mean_nothing(seed: int, people: int) -> None:
    """People wander at their places, tiny faces come and go, lists are shuffled: names stay."""
    chance = np.random.default_rng(seed)
    homes = [Figure(k + 1, 130 + 240 * k) for k in range(people)]
    frames: Frames = []
    for t in range(30):
        faces = [
            moved(f, 20 * np.sin(t / 5 + f.who)) for f in homes if t == 4 or chance.random() > 0.2
        ]
        wall = [Figure(9, chance.uniform(50, 950), chance.uniform(50, 450), 15) for _ in range(3)]
        faces += wall[: chance.integers(0, 4)]
        frames.append([faces[i] for i in chance.permutation(len(faces))])
    found = who(frames, people)
    for person, row in zip(homes, found, strict=True):
        there = [person.who if person.who in {f.who for f in faces} else 0.0 for faces in frames]
        assert row == there


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_detection_belongs_to_two_people(seed: int) -> None:
    """Whatever is detected, a track holds each detection once, and only ones that are there."""
    chance = np.random.default_rng(seed)
    frames = [
        [
            Figure(k, chance.uniform(0, 1000), chance.uniform(0, 500), chance.uniform(20, 200))
            for k in range(chance.integers(0, 5))
        ]
        for _ in range(15)
    ]
    tracks = follow(signal(frames), 2, FPS)
    if tracks is None:
        assert all(len(f) < 2 for f in frames)
        return
    for t, slots in enumerate(tracks.slots.T):
        kept = slots[slots >= 0]
        assert len(set(kept.tolist())) == len(kept)
        assert all(slot < len(frames[t]) for slot in kept)


def test_people_are_named_from_the_left_where_all_are_seen() -> None:
    assert who([[BOB], [CAT, ANN, BOB], [ANN]], 3) == [[0, 1, 1], [2, 2, 0], [0, 3, 0]]


def test_faces_that_cross_stay_themselves() -> None:
    """While one hides the other there is one detection; shape says whose it is."""
    for front in (1, 2):
        frames: Frames = []
        for t in range(31):
            left, right = Figure(1, 300 + 12 * t), Figure(2, 660 - 12 * t)
            hidden = abs(left.x - right.x) < 60
            frames.append([f for f in (left, right) if not hidden or f.who == front])
        for listed in (frames, [f[::-1] for f in frames]):
            found = who(listed)
            for person, row in zip((1.0, 2.0), found, strict=True):
                assert set(row) <= {0.0, person}
                assert row[-1] == person
        assert frames[-1][0].x > frames[-1][1].x  # they did change places


def test_two_identical_people_are_told_apart_by_place() -> None:
    left, right = Figure(1, 200, shape=7), Figure(2, 700, shape=7)
    frames = [[moved(left, 3 * t), moved(right, -3 * t)][:: -1 if t % 3 else 1] for t in range(30)]
    assert who(frames) == [[1.0] * 30, [2.0] * 30]


def test_someone_who_leaves_is_gone_and_nobody_else_is_taken_for_them() -> None:
    frames: Frames = [[ANN, BOB]] * 5 + [[ANN]] * (BRIDGE + 5) + [[ANN, BOB]] * 5
    first, second = who(frames)
    assert set(first) == {1.0}
    assert second == [2.0] * 5 + [0.0] * (BRIDGE + 10)


def test_a_gap_up_to_the_stated_length_is_bridged() -> None:
    for gap, found in ((1, 2.0), (BRIDGE, 2.0), (BRIDGE + 1, 0.0)):
        frames: Frames = [[ANN, BOB], *[[ANN]] * gap, [BOB, ANN]]
        assert who(frames)[1][-1] == found
        assert who(frames[::-1])[1][0] == 2.0  # the first complete frame of the other direction


def test_gaps_are_counted_in_seconds() -> None:
    frames: Frames = [[ANN, BOB], *[[ANN]] * 40, [BOB, ANN]]
    seen = signal(frames)
    for fps, there in ((25.0, True), (12.0, False)):
        tracks = follow(seen, 2, fps)
        assert tracks is not None
        assert tracks.present[1, -1] == there


def test_someone_who_enters_is_nobody() -> None:
    frames: Frames = [[ANN, CAT]] * 3 + [[BOB, CAT, ANN]] * 3
    assert who(frames) == [[1.0] * 6, [3.0] * 6]


def test_a_stranger_far_away_or_of_another_size_is_not_the_missing_person() -> None:
    for stranger in (Figure(9, 640), Figure(9, 510, size=30), Figure(9, 500, size=250)):
        assert who([[ANN, BOB], [ANN, stranger]]) == [[1.0, 1.0], [2.0, 0.0]]


def test_a_face_on_the_wall_inside_the_last_box_is_not_the_missing_person() -> None:
    wall = [Figure(10 + k, 470 + 15 * k, 230, 12) for k in range(5)]
    assert who([[ANN, BOB, *wall], [*wall, ANN]]) == [[1.0, 1.0], [2.0, 0.0]]


def test_a_wall_of_tiny_faces_does_not_begin_a_track() -> None:
    wall = [Figure(10 + k, 100 * k, 50, 20) for k in range(8)]
    frames: Frames = [[*wall, ANN], [ANN, *wall, BOB]]
    assert people_in(signal(frames), 1) == 1
    assert who(frames) == [[1.0, 1.0], [0.0, 2.0]]


def test_tiny_faces_are_people_if_the_manifest_names_them() -> None:
    crowd = [ANN, replace(BOB, size=20), CAT]
    assert people_in(signal([crowd]), 1) == 2
    assert who([crowd, crowd[::-1]], 3) == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]


def test_a_dog_beside_a_person() -> None:
    """No face is found on a dog: a clip that should show two people shows one."""
    seen = signal([[ANN]] * 5)
    assert people_in(seen, 1) == 1
    assert follow(seen, 2, FPS) is None
    assert track_people(seen, 2) is None
    assert who([[ANN]] * 5, 1) == [[1.0] * 5]


def test_a_single_person_may_jump() -> None:
    assert who([[Figure(1, 100)], [Figure(1, 900, 100, 30)]], 1) == [[1.0, 1.0]]


def test_more_faces_than_the_portrait_has() -> None:
    """Those who lie as in the portrait are its people, however large a newcomer is."""
    portrait = [ANN, CAT]
    newcomer = Figure(9, 500, size=200)
    assert who([[newcomer, CAT, ANN]] * 2, portrait=portrait) == [[1.0, 1.0], [3.0, 3.0]]
    assert [9.0, 9.0] in who([[newcomer, CAT, ANN]] * 2)  # of a driving clip, the largest


def test_where_no_frame_shows_all_the_portrait_says_who_is_who() -> None:
    frames: Frames = [[BOB], [], [moved(BOB, 30)]]
    assert track_people(signal(frames), 2) is None
    assert who(frames, portrait=[ANN, BOB]) == [[0.0, 0.0, 0.0], [2.0, 0.0, 2.0]]


def test_a_result_of_another_size_is_compared_with_the_portrait_in_its_own_pixels() -> None:
    seen = signal([[BOB], [BOB]])
    half = replace(seen, size=(seen.size[0] // 2, seen.size[1] // 2))
    tracks = follow(half, 2, FPS, signal([[ANN, BOB]]))
    assert tracks is not None
    assert tracks.present.tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize("frames", [[], [[]], [[], []]])
def test_nothing_says_who_is_who_without_faces(frames: Frames) -> None:
    assert track_people(signal(frames), 1) is None
    assert track_people(signal(frames), 2) is None


def test_nothing_is_kept_from_clip_to_clip() -> None:
    frames: Frames = [[ANN, BOB], [BOB]]
    first = who(frames)
    who([[CAT, ANN]] * 3)
    assert who(frames) == first


def test_values_of_faces_are_taken_for_people() -> None:
    tracks = Tracks(np.array([[0, 1], [1, -1]]))
    faces = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    taken = tracks.take(faces)
    assert taken.dtype == np.float32
    np.testing.assert_array_equal(taken[0], [[0, 1, 2], [9, 10, 11]])
    np.testing.assert_array_equal(taken[1], [[3, 4, 5], [np.nan] * 3])
    with pytest.raises(ValueError, match="3 frames of faces for 2"):
        tracks.take(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="floating point"):
        tracks.take(np.zeros((2, 2), dtype=np.int64))


def test_features_of_further_extractors_go_with_the_person() -> None:
    seen = signal([[ANN, BOB], [BOB, ANN], [BOB]])
    tracks = follow(seen, 2, FPS)
    assert tracks is not None
    first, second = tracks.faces(seen, {"who": np.round(seen.blendshapes[..., :1] * MOST)})
    np.testing.assert_array_equal(first.features["who"][:, 0], [1, 1, np.nan])
    np.testing.assert_array_equal(second.features["who"][:, 0], [2, 2, 2])
    np.testing.assert_allclose(second.blendshapes[:, 0] * MOST, [2, 2, 2], rtol=1e-6)


def test_largest_first_then_left_to_right() -> None:
    boxes = np.array([[100, 0, 130, 30], [0, 0, 5, 5], [50, 0, 90, 40.0]])
    assert list(left_to_right(boxes, 2)) == [2, 0]
    assert list(left_to_right(boxes, 5)) == [1, 2, 0]
    assert list(left_to_right(np.full((2, 4), np.nan), 2)) == []
    assert grown(boxes) == 2
    assert list(grown(np.full((3, 0, 4), np.nan))) == [0, 0, 0]


@pytest.mark.parametrize(("counts", "expected"), [([0, 2, 2, 3], 2), ([0, 0], 1), ([1, 1], 1)])
def test_people_in_a_clip_is_the_usual_count(counts: list[int], expected: int) -> None:
    faces = [[Figure(i, 120.0 + 200 * i) for i in range(n)] for n in counts]
    assert people_in(signal(faces), 1) == expected


def test_the_protocol_of_the_tracker() -> None:
    assert TRACKER.id == "tracker.iou-shape@1"
    assert TRACKER.as_dict()["id"] == TRACKER.id
    assert TRACKER.as_dict()["bridge_s"] == 3.0
