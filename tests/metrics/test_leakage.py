from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motions import Motion, smooth

from metrics.leakage import Clip, PersonLeakage, leakage
from metrics.leakage.fit import LEAST_GAIN, unrelated
from metrics.score import Measured, NotMeasured

FPS = 25.0
STRAIGHT = ((0, 0), (1, 1))
ONE, TWO, THREE = smooth(1), smooth(2), smooth(3)


def fit(
    generated: Sequence[Motion],
    drivers: Sequence[Motion] = (ONE, TWO),
    pairs: Sequence[tuple[int, int]] = STRAIGHT,
    still: float = 0.1,
) -> list[PersonLeakage]:
    clip = Clip(np.ones(len(drivers[0]), dtype=np.bool_), FPS, still)
    return leakage(generated, drivers, pairs, clip)


def values(found: list[PersonLeakage]) -> list[float]:
    result = []
    for person in found:
        assert isinstance(person.leakage, Measured), person.leakage
        result.append(person.leakage.value)
    return result


def reason(person: PersonLeakage) -> NotMeasured:
    assert isinstance(person.leakage, NotMeasured), person.leakage
    return person.leakage


@pytest.mark.parametrize(
    ("generated", "known"),
    [
        ((ONE, TWO), (0.0, 0.0)),
        (((ONE + TWO) / 2, (ONE + TWO) / 2), (0.5, 0.5)),
        ((TWO, ONE), (1.0, 1.0)),
        ((ONE, ONE), (0.0, 1.0)),
        ((0.8 * ONE + 0.2 * TWO, 0.9 * TWO + 0.1 * ONE), (0.2, 0.1)),
    ],
    ids=["driver", "half", "swapped", "shared", "a little"],
)
def test_known_answers(generated: tuple[Motion, Motion], known: tuple[float, float]) -> None:
    found = fit(generated)
    assert values(found) == pytest.approx(known, abs=1e-9)
    assert [p.gain.value for p in found if isinstance(p.gain, Measured)] == pytest.approx([1, 1])
    assert [p.gain.driver for p in found if isinstance(p.gain, Measured)] == pytest.approx([1, 1])


@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 2**31),
    st.floats(0.0, 1.0),
    st.floats(0.2, 3.0),
    st.floats(0.5, 4.0),
    st.floats(-9.0, 9.0),
)
def test_a_blend_reads_as_mixed_whatever_the_offset_and_the_sizes(
    seed: int, share: float, gain: float, larger: float, offset: float
) -> None:
    """Neither who a face is, nor how strongly it moves, nor how much a driver moves, counts."""
    own, other = smooth(seed, 60), larger * smooth(seed + 1, 60)
    made = offset + gain * ((1 - share) * own + share * other)
    (found,) = fit([made], [own, other], [(0, 0)])
    assert values([found]) == pytest.approx([share], abs=1e-6)


def test_a_frozen_face_is_not_measured() -> None:
    found = fit((np.full_like(ONE, 0.7), TWO))
    assert reason(found[0]) == NotMeasured("nothing moves: gain 0.00")
    assert isinstance(found[0].gain, Measured)
    assert found[0].gain.value == pytest.approx(0.0, abs=1e-12)
    assert values(found[1:]) == [0.0]
    weak = fit((0.9 * LEAST_GAIN * ONE, TWO))
    assert "nothing moves" in reason(weak[0]).reason


def test_a_face_that_follows_nobody_is_not_measured() -> None:
    """Large motion of strangers, so that chance gives them a gain: few of them get a number."""
    told = []
    for seed in range(30):
        (found,) = fit([3.0 * smooth(500 + seed)], pairs=[(0, 0)])
        if isinstance(found.leakage, NotMeasured):
            assert not found.leakage.of_input
            told.append(found.leakage.reason.partition(":")[0])
    assert set(told) == {"follows nobody", "nothing moves"}
    assert len(told) >= 27


def test_drivers_who_move_alike_cannot_be_told_apart() -> None:
    alike = 0.95 * ONE + 0.2 * TWO
    for drivers in ((ONE, alike), (ONE, ONE.copy())):
        found = fit((ONE, drivers[1]), drivers)
        assert all(reason(p).of_input and "move alike" in reason(p).reason for p in found)
    half = 0.6 * ONE + 0.8 * TWO  # one driver's motion predicts a third of the other's
    assert values(fit((ONE, half), (ONE, half))) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_drivers_who_do_not_move_are_nobody() -> None:
    still = 0.01 * TWO
    found = fit((ONE, still), (ONE, still))
    assert reason(found[0]) == NotMeasured("no other driver moves", of_input=True)
    assert reason(found[1]) == NotMeasured("the driver hardly moves", of_input=True)
    three = fit((ONE, THREE), (ONE, still, THREE), ((0, 0), (1, 2)))
    assert values(three) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert [p.weights[1] for p in three] == [0.0, 0.0]


def test_one_driver_cannot_leak() -> None:
    (found,) = fit([ONE], [ONE], [(0, 0)])
    assert reason(found).of_input
    assert "one person drives" in reason(found).reason


def test_whoever_drives_nobody_may_leak_all_the_same() -> None:
    (found,) = fit([0.5 * ONE + 0.25 * TWO + 0.25 * THREE], [ONE, TWO, THREE], [(0, 0)])
    assert values([found]) == pytest.approx([0.5])
    np.testing.assert_allclose(found.weights, [0.5, 0.25, 0.25])


def test_crosswise_pairs_are_taken_as_the_manifest_has_them() -> None:
    assert values(fit((TWO, ONE), pairs=((0, 1), (1, 0)))) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_who_is_listed_first_does_not_matter() -> None:
    made = (0.7 * ONE + 0.3 * TWO, 0.6 * TWO + 0.4 * ONE)
    straight = values(fit(made))
    other = values(fit(made[::-1], (TWO, ONE)))
    assert straight == pytest.approx(other[::-1])


def test_frames_in_which_somebody_is_missing_do_not_count() -> None:
    made, one, two = ((ONE + TWO) / 2).copy(), ONE.copy(), TWO.copy()
    made[:10] = np.nan  # the method lost the face
    one[50:70, 3] = np.nan  # a driver blinks
    two[60:80] = np.nan
    (found,) = fit([made], [one, two], [(0, 0)])
    assert isinstance(found.leakage, Measured)
    assert found.leakage.value == pytest.approx(0.5)
    assert (found.leakage.frames, found.leakage.total, found.leakage.unjudged) == (85, 95, 30)


def test_frames_that_are_not_scored_do_not_count() -> None:
    made = ONE.copy()
    made[:30] = TWO[:30]
    clip = Clip(np.arange(125) >= 30, FPS, 0.1)
    (found,) = leakage([made], [ONE, TWO], [(0, 0)], clip)
    assert values([found]) == pytest.approx([0.0], abs=1e-9)
    assert isinstance(found.leakage, Measured)
    assert (found.leakage.frames, found.leakage.total) == (95, 95)


def test_too_few_frames() -> None:
    lost = np.where(np.arange(125)[:, None] < 20, ONE, np.nan)
    (found,) = fit([lost], pairs=[(0, 0)])
    assert reason(found) == NotMeasured("the face is measured beside the drivers for less than 1 s")
    (found,) = fit([ONE], [ONE, lost], [(0, 0)])
    assert reason(found).of_input
    assert np.isnan(found.weights).all()


def test_chance_is_what_a_shift_in_time_gives() -> None:
    """The floor of an exact copy is 0; with noise it stays below a leak that is there."""
    for person in fit((ONE, TWO)):
        assert isinstance(person.floor, Measured)
        assert person.floor.value == pytest.approx(0.0, abs=1e-9)
    noise = smooth(9)
    found = fit((0.7 * ONE + 0.3 * TWO + noise, TWO))[0]
    assert isinstance(found.floor, Measured)
    assert isinstance(found.leakage, Measured)
    assert 0.02 < found.floor.value < 0.25
    assert found.leakage.value > found.floor.value


def test_chance_alone_exceeds_the_floor_rarely() -> None:
    """Faces that copy their driver but for unrelated motion: one in twenty reads above it."""
    above = []
    for seed in range(20):
        own, other, noise = (smooth(1000 + 3 * seed + k, 80) for k in range(3))
        (found,) = fit([own + noise], [own, other], [(0, 0)])
        assert isinstance(found.leakage, Measured)
        assert isinstance(found.floor, Measured)
        above.append(found.leakage.value > found.floor.value)
    assert np.mean(above) <= 0.15


def test_orders_in_which_motion_is_unrelated() -> None:
    orders = unrelated(32, FPS)
    assert len(orders) == 7 + 32  # shifts by 13 to 19 frames, and every shift backwards
    assert all(sorted(order.tolist()) == list(range(32)) for order in orders)
    forth = [order for order in orders if (np.diff(order) == 1).sum() > 1]
    assert {min(abs(order[0]), 32 - abs(order[0])) for order in forth} == set(range(13, 17))
    assert len(unrelated(1500, FPS)) == 100
