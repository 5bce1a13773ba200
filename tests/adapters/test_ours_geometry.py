import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import rotation

from adapters.ours.geometry import RigidMotion, fit_rigid, pictured, solid, to_image_axes

ANGLES = st.floats(-60, 60)
CLOUD = np.random.default_rng(1).uniform(-100, 100, (30, 3))


@given(ANGLES, ANGLES, ANGLES, st.floats(0.3, 3.0))
def test_a_rigid_movement_is_found_again(
    pitch: float, yaw: float, roll: float, scale: float
) -> None:
    turned = rotation(pitch, yaw, roll)
    found, grown = fit_rigid(CLOUD, scale * CLOUD @ turned.T + (7.0, -3.0, 2.0))
    np.testing.assert_allclose(found, turned, atol=1e-9)
    assert grown == pytest.approx(scale)


def test_a_fit_is_a_rotation_even_to_a_mirror_image() -> None:
    found, _ = fit_rigid(CLOUD, CLOUD * (-1.0, 1.0, 1.0))
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(found) == pytest.approx(1.0)


@given(ANGLES, ANGLES, ANGLES)
def test_image_axes_are_a_change_of_signs_and_back(pitch: float, yaw: float, roll: float) -> None:
    turned = rotation(pitch, yaw, roll)
    np.testing.assert_allclose(to_image_axes(to_image_axes(turned)), turned, atol=1e-15)


def test_image_axes_by_hand() -> None:
    # Camera axes have y up and z to the viewer: a positive turn about y moves what is near to the
    # right, a positive turn about z goes counter-clockwise.
    nose = np.array([0.0, 0.0, -1.0])  # in image axes: towards the camera
    assert (to_image_axes(rotation(yaw=90)) @ nose)[0] == pytest.approx(1.0)
    assert (to_image_axes(rotation(pitch=90)) @ nose)[1] == pytest.approx(1.0)
    right = np.array([1.0, 0.0, 0.0])
    assert (to_image_axes(rotation(roll=90)) @ right)[1] == pytest.approx(-1.0)  # up is -y


@given(st.floats(250, 5000))
def test_perspective_is_undone_by_its_inverse(distance: float) -> None:
    np.testing.assert_allclose(pictured(solid(CLOUD, distance), distance), CLOUD, atol=1e-9)


def test_what_is_nearer_is_larger_in_the_picture() -> None:
    near, far = pictured(np.array([[50.0, 0.0, -100.0], [50.0, 0.0, 100.0]]), 400.0)
    assert near[0] == pytest.approx(50.0 / 0.75)
    assert far[0] == pytest.approx(50.0 / 1.25)
    np.testing.assert_array_equal(pictured(CLOUD, np.inf), CLOUD)


def test_a_motion_at_rest_moves_nothing() -> None:
    still = RigidMotion.still(np.array([10.0, 20.0, 30.0]))
    np.testing.assert_allclose(still(CLOUD), CLOUD, atol=1e-12)


def test_a_motion_moves_its_centre_by_the_shift() -> None:
    centre, shift = np.array([100.0, 50.0, 5.0]), np.array([3.0, -4.0, 0.0])
    motion = RigidMotion(rotation(10, 20, 30), 1.3, centre, shift, 600.0)
    np.testing.assert_allclose(motion(centre), centre + shift)
