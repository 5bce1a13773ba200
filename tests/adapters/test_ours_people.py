import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from ours_faces import beside, face, moved

from adapters.base import Face
from adapters.ours.people import People

SIZE = (512, 1024)


def pair(left: float = 0.0, right: float = 0.0) -> list[Face]:
    one, two = beside(face("astronaut"), face("hopper"))
    return [moved(one, np.eye(3), (left, 0)), moved(two, np.eye(3), (right, 0))]


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.booleans())
def test_order_in_the_list_does_not_matter(left: float, right: float, swapped: bool) -> None:
    people = People(pair(), SIZE)
    one, two = pair(left, right)
    found = people.assign([two, one] if swapped else [one, two])
    assert found[0] is one
    assert found[1] is two


def test_people_who_change_places_stay_themselves() -> None:
    people = People(pair(), SIZE)
    for step in np.linspace(0.0, 0.5, 11):  # they pass each other, so the list's order swaps
        one, two = beside(face("astronaut"), face("hopper"))
        one = moved(one, np.eye(3), (step, -0.25 * np.sin(2 * np.pi * step)))
        two = moved(two, np.eye(3), (-step, 0.25 * np.sin(2 * np.pi * step)))
        listed = sorted((one, two), key=lambda f: float(f.landmarks[:, 0].mean()))
        found = people.assign(listed)
        assert found[0] is one
        assert found[1] is two
    assert listed[0] is two


def test_a_lost_person_is_lost_and_the_other_is_not_taken_for_them() -> None:
    people = People(pair(), SIZE)
    one, two = pair()
    assert people.assign([two]) == [None, two]
    assert people.assign([]) == [None, None]
    found = people.assign([one, two])
    assert found[0] is one
    assert found[1] is two


def test_a_jump_or_another_size_is_somebody_else() -> None:
    first = face()
    people = People([first], (512, 512))
    assert people.assign([moved(first, np.eye(3), (0.6, 0.0))]) == [None]
    small = Face(first.landmarks * np.float32(0.4), first.blendshapes, first.pose)
    assert people.assign([small]) == [None]


def test_patience_grows_with_absence() -> None:
    first = face()
    people = People([first], (512, 512))
    far = moved(first, np.eye(3), (0.5, 0.0))
    assert people.assign([far]) == [None]
    for _ in range(12):
        people.assign([])
    assert people.assign([far]) == [far]
