import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ours import indices as at
from adapters.ours import lids, topology

OPEN = st.floats(0.16, 0.4)
REST = topology.load().mean


@settings(deadline=None)  # other work on the machine is not the code's
@given(st.floats(0.0, 0.35))
def test_an_eye_opens_as_far_as_it_is_told(wanted: float) -> None:
    shape = REST.copy()
    lids.set_openness(shape, at.LEFT_EYE, REST, wanted)
    assert lids.openness(shape, at.LEFT_EYE) == pytest.approx(wanted, abs=0.012)


@pytest.mark.parametrize("opening", [*at.EYES, at.MOUTH])
def test_a_closed_opening_has_no_area(opening: at.Opening) -> None:
    shape = REST.copy()
    lids.set_openness(shape, opening, REST, 0.0)
    lids.uncross(shape, opening)
    loop = shape[list(opening.loop), :2]
    x, y = loop.T
    area = 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))
    before = REST[list(opening.loop), :2]
    x, y = before.T
    assert area < 0.05 * 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))


def test_opening_one_eye_leaves_the_other_and_the_brows() -> None:
    shape = REST.copy()
    lids.set_openness(shape, at.LEFT_EYE, REST, 0.0)
    same = [*at.RIGHT_EYE.loop, *at.BROWS, *at.OVAL, *at.MOUTH.loop]
    np.testing.assert_array_equal(shape[same], REST[same])


@settings(deadline=None)
@given(OPEN, OPEN, st.floats(-0.05, 0.4))
def test_the_share_of_openness_is_carried_over(portrait: float, first: float, now: float) -> None:
    carried = lids.carried_openness(portrait, first, now)
    assert lids.carried_openness(portrait, first, first) == pytest.approx(portrait)
    assert lids.carried_openness(portrait, first, -0.05) == 0.0
    assert 0.0 <= carried <= 1.5 * portrait + 1e-9
    assert carried <= lids.carried_openness(portrait, first, now + 0.05) + 1e-9


def test_a_driver_who_blinks_in_the_first_frame_does_not_stare_later() -> None:
    portrait = 0.25
    assert lids.carried_openness(portrait, 0.02, 0.02) == 0.0  # closed, as the driver is
    assert lids.carried_openness(portrait, 0.02, 0.22) <= 1.3 * portrait
    narrow = 0.12  # a portrait that squints like its driver starts as it is
    assert lids.carried_openness(narrow, narrow, narrow) == pytest.approx(narrow)


def test_crossed_lips_meet() -> None:
    shape = REST.copy()
    shape[list(at.MOUTH.lower[1:-1]), 1] -= 0.2
    assert lids.openness(shape, at.MOUTH) < 0.0
    lids.uncross(shape, at.MOUTH)
    assert lids.openness(shape, at.MOUTH) == pytest.approx(0.0, abs=0.02)


def test_what_does_not_cross_is_left_alone() -> None:
    shape = REST.copy()
    lids.uncross(shape, at.MOUTH)
    np.testing.assert_array_equal(shape, REST)
