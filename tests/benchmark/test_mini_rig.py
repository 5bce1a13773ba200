import numpy as np
import pytest

from adapters.ours import indices as at
from adapters.ours import lids
from adapters.ours.geometry import Points
from benchmark.splits.mini import portraits
from benchmark.splits.mini.choreography import N_FRAMES, course
from benchmark.splits.mini.rig import DIALS, Dials, Rig, head_rotation

NAMES = tuple(portraits.ORIGINS)
COURSES = [
    (clip, person)
    for clip, people in (("astronaut-moves", NAMES[:1]), ("hopper-moves", NAMES[1:]))
    for person in people
] + [("both-moves", person) for person in NAMES]


@pytest.fixture(params=NAMES)
def rig(request: pytest.FixtureRequest) -> Rig:
    return Rig(portraits.load(request.param))


def change(rig: Rig, **dials: float) -> Points:
    """How far each landmark moves in the picture."""
    return rig.turn(Dials(**dials))[0] - rig.turn(Dials())[0]


def test_rotations_by_hand() -> None:
    # Camera axes: x right, y up, z towards the viewer.
    nose, right = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(head_rotation(Dials(yaw=90)) @ nose, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(head_rotation(Dials(pitch=90)) @ nose, [0, -1, 0], atol=1e-12)
    np.testing.assert_allclose(head_rotation(Dials(roll=90)) @ right, [0, 1, 0], atol=1e-12)


def test_rotations_read_back_as_the_angles_of_the_pose_metric() -> None:
    from metrics.pose import euler_degrees

    found = euler_degrees(head_rotation(Dials(pitch=7, yaw=-11, roll=4))[None])[0]
    np.testing.assert_allclose(found, [7, -11, 4])


def test_hopper_at_rest_is_as_photographed_and_the_astronaut_stops_laughing() -> None:
    astronaut, hopper = (Rig(portraits.load(name)) for name in NAMES)
    np.testing.assert_allclose(hopper.turn(Dials())[0], hopper.landmarks, atol=1.5)
    calm = astronaut.turn(Dials())[0]
    assert lids.openness(astronaut.landmarks, at.MOUTH) > 0.1
    assert lids.openness(calm, at.MOUTH) == pytest.approx(0.0, abs=0.03)
    still = [*at.EYES[0].loop, *at.EYES[1].loop, *at.OVAL, *at.BROWS, *at.NOSE]
    np.testing.assert_allclose(calm[still], astronaut.landmarks[still], atol=0.01)


def test_turning_moves_the_nose_where_the_convention_says(rig: Rig) -> None:
    assert change(rig, yaw=10)[1, 0] > 10.0  # to the right of the picture
    assert change(rig, pitch=8)[1, 1] > 8.0  # down
    forehead = change(rig, roll=10)[10]
    assert forehead[0] < -5.0  # counter-clockwise: the top goes left


def test_a_blink_shuts_both_eyes_and_moves_nothing_else(rig: Rig) -> None:
    shut, _ = rig.turn(Dials(blink=1.0))
    for eye in at.EYES:
        assert lids.openness(shut, eye) == pytest.approx(0.0, abs=0.02)
    moved = change(rig, blink=1.0)
    np.testing.assert_allclose(moved[[*at.MOUTH.loop, *at.OVAL, *at.BROWS]], 0.0, atol=1e-6)
    half, _ = rig.turn(Dials(blink=0.5))
    rest = lids.openness(rig.landmarks, at.LEFT_EYE)
    assert lids.openness(half, at.LEFT_EYE) == pytest.approx(0.5 * rest, rel=0.15)


def test_the_gaze_moves_the_irises_as_on_a_ball(rig: Rig) -> None:
    for eye in at.EYES:
        width = np.linalg.norm(rig.landmarks[eye.upper[-1]] - rig.landmarks[eye.upper[0]])
        right = change(rig, gaze_yaw=20)[list(eye.iris)]
        # The eyeball's radius is 12 mm, the opening 30 mm wide.
        np.testing.assert_allclose(right[:, 0], 0.4 * width * np.sin(np.radians(20)), rtol=0.1)
        assert change(rig, gaze_pitch=10)[eye.iris[0], 1] < -2.0


def test_mouth_smile_and_brow_do_what_they_say(rig: Rig) -> None:
    drop = change(rig, mouth=1.0)
    assert drop[152, 1] > 20.0
    assert drop[14, 1] - drop[13, 1] > 20.0
    assert abs(drop[1, 1]) < 1.0
    smile = change(rig, smile=1.0)
    assert smile[61, 0] < -5.0 < 5.0 < smile[291, 0]
    assert smile[61, 1] < 0.0
    brow = change(rig, brow=1.0)
    assert brow[list(at.BROWS), 1].max() < -8.0
    np.testing.assert_allclose(brow[[*at.EYES[0].loop, *at.MOUTH.loop]], 0.0, atol=0.05)


@pytest.mark.parametrize(("clip", "person"), COURSES)
def test_a_course_starts_at_rest_and_goes_far(clip: str, person: str) -> None:
    steps = course(clip, person)
    assert len(steps) == N_FRAMES
    assert steps[0] == Dials()
    table = {name: np.array([getattr(step, name) for step in steps]) for name in DIALS}
    for name, limit in {"yaw": 12.0, "pitch": 6.0, "roll": 8.0, "gaze_yaw": 20.0}.items():
        assert np.abs(table[name]).max() <= limit
        assert np.ptp(table[name]) > 0.9 * limit
    for name in ("blink", "mouth", "smile", "brow"):
        assert table[name].min() >= 0.0
        assert 0.2 <= table[name].max() <= 1.0
    assert np.abs(np.diff(table["yaw"])).max() < 8.0  # degrees a frame: no jumps


def test_courses_are_the_same_every_time_and_differ_between_people_and_clips() -> None:
    turns = [np.array([(s.yaw, s.pitch, s.roll) for s in course(*who)]) for who in COURSES]
    again = [(s.yaw, s.pitch, s.roll) for s in course(*COURSES[0])]
    np.testing.assert_array_equal(turns[0], again)
    for i, one in enumerate(turns):
        for other in turns[i + 1 :]:
            assert np.linalg.norm(one - other, axis=1).mean() > 4.0


@pytest.mark.parametrize(("clip", "person"), COURSES)
def test_a_turn_of_the_head_does_not_go_with_an_expression(clip: str, person: str) -> None:
    steps = course(clip, person)
    for turn in ("yaw", "pitch", "roll"):
        for expression in ("blink", "mouth", "smile", "brow"):
            pair = [[getattr(step, name) for step in steps] for name in (turn, expression)]
            assert abs(np.corrcoef(pair)[0, 1]) < 0.5
