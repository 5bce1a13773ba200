import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ours_faces import PORTRAITS
from support import rotation

from adapters.ours import FaceWarp, lids
from adapters.ours import indices as at
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.limits import separate
from benchmark.splits.mini import portraits
from benchmark.splits.mini.rig import Dials, Rig


def at_rest(landmarks: Points) -> RigidMotion:
    return RigidMotion.still(landmarks[list(at.TRAGI)].mean(axis=0))


@pytest.mark.parametrize("name", PORTRAITS)
def test_nothing_moved_is_the_picture_itself(name: str) -> None:
    portrait = portraits.load(name)
    warp = FaceWarp(portrait.image, portrait.landmarks)
    result = warp.render(portrait.landmarks, at_rest(portrait.landmarks))
    difference = np.abs(result.astype(int) - portrait.image)
    assert difference.max() <= 1
    assert difference.mean() < 1e-3


def test_the_picture_given_is_not_touched() -> None:
    portrait = portraits.load(PORTRAITS[0])
    before = portrait.image.copy()
    FaceWarp(portrait.image, portrait.landmarks).render(*Rig(portrait).turn(Dials(yaw=12, mouth=1)))
    np.testing.assert_array_equal(portrait.image, before)


def test_a_shift_by_whole_pixels_moves_the_face_exactly() -> None:
    portrait = portraits.load("hopper")
    points = portrait.landmarks
    head = at_rest(points)
    shifted = RigidMotion(head.rotation, 1.0, head.centre, np.array([6.0, 4.0, 0.0]))
    result = FaceWarp(portrait.image, points).render(shifted(points), shifted)
    nose = (slice(270, 310), slice(230, 290))
    moved = (slice(274, 314), slice(236, 296))
    difference = np.abs(result[moved].astype(int) - portrait.image[nose])
    assert difference.max() <= 1
    edge = np.abs(result[:3].astype(int) - portrait.image[:3])
    assert edge.mean() < 2.0  # the background's border stays


def test_a_neighbour_is_never_touched() -> None:
    both = np.hstack([portraits.load(name).image for name in PORTRAITS])
    faces = [portraits.load(name).landmarks + (512.0 * k, 0, 0) for k, name in enumerate(PORTRAITS)]
    regions = separate(faces, both.shape[:2])
    result = both.copy()
    head = RigidMotion(
        rotation(yaw=30), 1.4, faces[0][list(at.TRAGI)].mean(axis=0), np.array([150.0, 0, 0])
    )
    FaceWarp(both, faces[0], regions[0]).render(head(faces[0]), head, onto=result)
    own = regions[0].mask((0, 0, 1024, 512))
    assert own is not None
    np.testing.assert_array_equal(result[~own], both[~own])
    assert (result[own] != both[own]).any()


def test_an_opened_mouth_is_dark_and_a_closed_eye_shows_no_white() -> None:
    portrait = portraits.load("hopper")
    rig, warp = Rig(portrait), FaceWarp(portrait.image, portrait.landmarks)
    target, head = rig.turn(Dials(mouth=1.0, blink=1.0))
    result = warp.render(target, head)
    x, y = target[[13, 14], :2].mean(axis=0).astype(int)
    lip = portrait.landmarks[17, :2].astype(int)
    assert result[y, x].mean() < 0.6 * portrait.image[lip[1], lip[0]].mean()
    assert lids.openness(target, at.RIGHT_EYE) == pytest.approx(0.0, abs=0.02)


def test_the_iris_moves_and_the_lids_do_not() -> None:
    portrait = portraits.load("astronaut")
    warp, points = FaceWarp(portrait.image, portrait.landmarks), portrait.landmarks
    target = points.copy()
    target[list(at.RIGHT_EYE.iris), 0] += 6.0
    result = warp.render(target, at_rest(points)).astype(int)
    x, y = points[468, :2].astype(int)
    before = portrait.image.astype(int)
    assert np.abs(result[y, x + 6] - before[y, x]).max() <= 12  # the pupil went along
    changed = np.abs(result - before).sum(axis=2) > 0
    rows, columns = np.nonzero(changed)
    corner_left, corner_right = points[33, 0], points[133, 0]
    assert corner_left - 3 <= columns.min()
    assert columns.max() <= corner_right + 3
    assert abs(rows.mean() - y) < 10


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(*[st.floats(-80, 80)] * 3),
    st.floats(0.3, 3.0),
    st.tuples(st.floats(-600, 600), st.floats(-600, 600)),
    st.integers(0, 2**32 - 1),
)
def test_whatever_the_landmarks_there_is_a_picture(
    angles: tuple[float, float, float], scale: float, shift: tuple[float, float], seed: int
) -> None:
    portrait = portraits.load("astronaut")
    points = portrait.landmarks
    noise = np.random.default_rng(seed).normal(0.0, 15.0, points.shape)
    centre = points[list(at.TRAGI)].mean(axis=0)
    head = RigidMotion(rotation(*angles), scale, centre, np.array([*shift, 0.0]), 800.0)
    result = FaceWarp(portrait.image, points).render(head(points + noise), head)
    assert result.shape == portrait.image.shape
    assert result.dtype == np.uint8


@pytest.mark.parametrize("size", [(40, 300), (300, 40), (64, 64)])
def test_frames_smaller_than_the_face(size: tuple[int, int]) -> None:
    picture = np.ascontiguousarray(portraits.load("hopper").image[200 : 200 + size[0], : size[1]])
    points = portraits.load("hopper").landmarks - (0.0, 200.0, 0.0)
    warp = FaceWarp(picture, points)
    head = RigidMotion(rotation(yaw=10), 1.0, points[0], np.zeros(3))
    assert warp.render(head(points), head).shape == picture.shape
