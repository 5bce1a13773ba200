import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ours_faces import face
from support import rotation

from adapters.ours import indices as at
from adapters.ours.geometry import Points, RigidMotion, pixels
from adapters.ours.limits import Limit, frame_limit, separate
from adapters.ours.rings import N_RINGS, build_rings, face_size, ring_triangles

SIZE = (512, 1024)


def points(x: float, y: float = 256.0, scale: float = 0.6) -> Points:
    base = pixels(face(), (512, 512))
    middle = base[list(at.OVAL)].mean(axis=0)
    return (base - middle) * scale + (x, y, 0.0)


def inside(limit: Limit, where: np.ndarray) -> np.ndarray:
    return (where @ limit.normals.T <= limit.offsets + 1e-9).all(axis=1)


@given(st.floats(110, 330), st.floats(560, 900), st.floats(200, 300), st.floats(0.3, 0.7))
def test_regions_hold_their_face_and_do_not_overlap(
    left: float, right: float, y: float, scale: float
) -> None:
    faces = [points(left), points(right, y, scale)]
    regions = separate(faces, SIZE)
    for region, own in zip(regions, faces, strict=True):
        outline = own[list(at.OVAL), :2]
        assert inside(region, outline[inside(frame_limit(SIZE), outline)]).all()
    anywhere = np.random.default_rng(0).uniform((0, 0), (1023, 511), (500, 2))
    both = inside(regions[0], anywhere) & inside(regions[1], anywhere)
    on_line = np.abs(anywhere @ regions[0].normals[4] - regions[0].offsets[4]) < 1e-6
    assert not (both & ~on_line).any()


def test_overlapping_faces_meet_half_way_between_their_centres() -> None:
    regions = separate([points(400), points(480)], SIZE)
    assert inside(regions[0], np.array([[430.0, 256.0]])).all()
    assert not inside(regions[0], np.array([[450.0, 256.0]])).any()


def test_masks_follow_the_neighbours_only() -> None:
    alone, *_ = separate([points(256)], SIZE)
    assert alone.mask((0, 0, 10, 10)) is None
    left, right = separate([points(256), points(768)], SIZE)
    masks = [region.mask((0, 0, 1024, 512)) for region in (left, right)]
    assert masks[0] is not None
    assert masks[1] is not None
    assert not (masks[0] & masks[1]).any()
    assert (masks[0] | masks[1]).mean() > 0.99


def test_a_ray_ends_at_the_nearest_side() -> None:
    reach, hard = frame_limit((100, 200)).distance(
        np.array([[50.0, 50.0], [50.0, 50.0]]), np.array([[1.0, 0.0], [0.0, -1.0]])
    )
    np.testing.assert_allclose(reach, [149.0, 50.0])
    assert not hard.any()


@given(st.floats(-25, 25), st.floats(-25, 25), st.floats(-25, 25))
def test_the_last_ring_never_moves(pitch: float, yaw: float, roll: float) -> None:
    rings = build_rings(points(500), frame_limit(SIZE))
    head = RigidMotion(
        rotation(pitch, yaw, roll), 1.1, np.array([500.0, 256, 0]), np.array([9.0, 5, 0])
    )
    moved = rings.move(head, np.full((36, 3), 4.0))
    np.testing.assert_allclose(moved[-1], rings.points[-1])
    assert np.abs(moved[0] - rings.points[0])[:, :2].max() > 1.0


def test_rings_at_rest_stay_and_keep_to_their_region() -> None:
    faces = [points(300), points(600)]
    region = separate(faces, SIZE)[0]
    rings = build_rings(faces[0], region)
    still = RigidMotion.still(faces[0][0])
    np.testing.assert_allclose(rings.move(still, np.zeros((36, 3))), rings.points)
    assert inside(region, rings.points[..., :2].reshape(-1, 2)).all()
    left, right, up, down = rings.room()
    assert right < left  # the neighbour is on the right
    assert min(up, down) > 0.1 * face_size(faces[0])


def test_a_face_beyond_the_frame_still_has_rings() -> None:
    rings = build_rings(points(5), frame_limit(SIZE))
    assert np.isfinite(rings.points).all()
    assert rings.reach.min() == pytest.approx(0.15 * face_size(points(5)))


def test_ring_triangles_join_outline_and_rings() -> None:
    triangles, layers = ring_triangles()
    assert triangles.shape == (2 * 36 * N_RINGS, 3)
    assert set(triangles[layers == N_RINGS - 1].ravel()) >= set(at.OVAL)
    assert triangles.max() == 478 + 36 * N_RINGS - 1
