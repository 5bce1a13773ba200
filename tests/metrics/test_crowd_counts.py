from dataclasses import replace

import numpy as np
import pytest
from crowd_faces import Figure, signal
from support import rotation

from metrics.crowd import follow, people_in, track_people
from metrics.crowd.counts import COUNTS, EXTRA_FACES, FACE_COVERAGE, MISSING_FACES
from metrics.crowd.evidence import WHOLE, CrowdEvidence, CrowdFamily
from metrics.crowd.swaps import ID_SWAP_FRAMES, ID_SWAPS, SWAPS
from metrics.score import Measured, NotMeasured, Score

FPS = 25.0
ANN, BOB, CAT = Figure(1, 200), Figure(2, 500), Figure(3, 800)
Frames = list[list[Figure]]


def evidence(
    portrait: list[Figure],
    result: Frames,
    driver: Frames | None = None,
    pairs: tuple[tuple[int, int], ...] = ((0, 0), (1, 1)),
) -> CrowdEvidence:
    drove = signal([[ANN, CAT]] * len(result) if driver is None else driver)
    still, made = signal([portrait]), signal(result)
    people = people_in(still, 1 + max(source for source, _ in pairs))
    return CrowdEvidence(
        portrait=still,
        result=made,
        made=follow(made, people, FPS, still),
        drivers=track_people(drove, people_in(drove, 1 + max(d for _, d in pairs)), FPS),
        pairs=pairs,
        place=np.arange(len(result)),
        scored=np.ones(len(result), dtype=np.bool_),
        fps=FPS,
    )


def scores(family: CrowdFamily, given: CrowdEvidence) -> dict[str, dict[int, Score]]:
    return {
        card.id: dict(found) for card, found in zip(family.cards, family.scores(given), strict=True)
    }


def value(family: CrowdFamily, given: CrowdEvidence, card: str, person: int = WHOLE) -> float:
    score = scores(family, given)[card][person]
    assert isinstance(score, Measured), score
    return score.value


def counted(given: CrowdEvidence) -> tuple[float, float]:
    """Missing and extra faces a frame."""
    return value(COUNTS, given, MISSING_FACES.id), value(COUNTS, given, EXTRA_FACES.id)


def test_everybody_is_there() -> None:
    given = evidence([ANN, BOB], [[BOB, ANN]] * 4)
    assert counted(given) == (0.0, 0.0)
    assert value(COUNTS, given, FACE_COVERAGE.id, 0) == 1.0


def test_a_lost_face_is_missing_while_its_driver_is_seen() -> None:
    result: Frames = [[ANN, BOB]] * 6 + [[ANN]] * 2
    assert counted(evidence([ANN, BOB], result)) == (0.25, 0.0)
    given = evidence([ANN, BOB], result, driver=[[ANN, CAT]] * 7 + [[ANN]])
    assert counted(given) == (0.125, 0.0)  # in the last frame nobody could have followed
    assert value(COUNTS, given, FACE_COVERAGE.id, 0) == 1.0
    score = scores(COUNTS, given)[FACE_COVERAGE.id][1]
    assert score == Measured(6 / 7, 7, 7, unjudged=1)


def test_more_faces_in_the_result_than_in_the_portrait() -> None:
    ghost = Figure(9, 800, size=60)
    given = evidence([ANN, BOB], [[ghost, ANN, BOB], [BOB, ANN], [BOB, ANN], [ANN, ghost, BOB]])
    assert counted(given) == (0.0, 0.5)


def test_a_face_at_another_place_is_one_missing_and_one_extra() -> None:
    given = evidence([ANN, BOB], [[ANN, BOB], [ANN, replace(BOB, x=900)]])
    assert counted(given) == (0.5, 0.5)


def test_tiny_faces_on_the_wall_of_the_portrait_are_not_extra() -> None:
    wall = [Figure(10 + k, 100 * k, 40, 15) for k in range(3)]
    assert counted(evidence([ANN, *wall, BOB], [[ANN, *wall, BOB]] * 3)) == (0.0, 0.0)
    more = [*wall, Figure(20, 900, 40, 15)]
    assert counted(evidence([ANN, *wall, BOB], [[ANN, *more, BOB]] * 3)) == (0.0, 1.0)
    assert counted(evidence([ANN, *wall, BOB], [[ANN, BOB]] * 3)) == (0.0, 0.0)  # nor missing


def test_three_people_and_two_drivers() -> None:
    """The third is nobody's, is expected in every frame, and is counted."""
    portrait = [ANN, BOB, CAT]
    given = evidence(portrait, [[CAT, BOB, ANN]] * 3 + [[ANN, BOB]])
    assert counted(given) == (0.25, 0.0)
    assert value(COUNTS, given, FACE_COVERAGE.id, 2) == 0.75


def test_frames_that_were_not_delivered_lower_the_coverage() -> None:
    given = evidence([ANN, BOB], [[ANN, BOB]] * 4)
    given = replace(given, place=np.array([0, -1, 2, 3]))
    assert scores(COUNTS, given)[MISSING_FACES.id][WHOLE] == Measured(0.0, 3, 4)
    none = replace(given, place=np.full(4, -1))
    for card, found in scores(COUNTS, none).items():
        assert all(isinstance(s, NotMeasured) and not s.of_input for s in found.values()), card


@pytest.mark.parametrize(
    ("changes", "of_input", "sentence"),
    [
        ({"drivers": None}, True, "no driving frame shows all"),
        ({"made": None}, False, "no frame of the result shows all"),
        ({"scored": np.zeros(3, dtype=np.bool_)}, True, "no frame is scored"),
    ],
)
def test_what_cannot_be_followed_is_no_number(
    changes: dict[str, object], of_input: bool, sentence: str
) -> None:
    given = replace(evidence([ANN, BOB], [[ANN, BOB]] * 3), **changes)  # type: ignore[arg-type]
    for family in (COUNTS, SWAPS):
        for found in family.scores(given):
            reason = found[WHOLE]
            assert isinstance(reason, NotMeasured)
            assert (reason.of_input, sentence in reason.reason) == (of_input, True)


def test_a_dog_beside_a_person_makes_a_portrait_of_one() -> None:
    given = evidence([ANN], [[ANN]] * 3, pairs=((0, 0),))
    for family in (COUNTS, SWAPS):
        for found in family.scores(given):
            assert found[WHOLE] == NotMeasured("the portrait shows one person", of_input=True)


def swaps(result: Frames, portrait: list[Figure] | None = None) -> tuple[float, float]:
    given = evidence(portrait or [ANN, BOB], result)
    return value(SWAPS, given, ID_SWAPS.id), value(SWAPS, given, ID_SWAP_FRAMES.id)


def exchanged(one: Figure, two: Figure) -> list[Figure]:
    """Each with the other's face at its own place."""
    return [replace(one, shape=int(two.who)), replace(two, shape=int(one.who))]


def test_identity_swaps_are_counted_with_their_frames() -> None:
    straight, crossed = [ANN, BOB], exchanged(ANN, BOB)
    assert swaps([straight] * 40) == (0.0, 0.0)
    assert swaps([straight] * 20 + [crossed] * 20) == (1.0, 0.5)
    assert swaps([straight] * 20 + [crossed[::-1]] * 15 + [straight] * 20) == (1.0, 15 / 55)
    assert swaps(([straight] * 20 + [crossed] * 20) * 2) == (2.0, 0.5)
    assert swaps([crossed] * 30) == (1.0, 1.0)  # exchanged from the start


def test_a_flash_is_no_swap_and_a_change_of_one_face_is_none() -> None:
    straight, crossed = [ANN, BOB], exchanged(ANN, BOB)
    assert swaps([straight] * 20 + [crossed] * 5 + [straight] * 20) == (0.0, 0.0)
    assert swaps([straight] * 20 + [[ANN, replace(BOB, shape=1)]] * 20) == (0.0, 0.0)


def test_people_who_change_places_take_their_names_along() -> None:
    frames = [[Figure(1, 200 + 10 * t, 150), Figure(2, 500 - 10 * t, 350)] for t in range(31)]
    assert frames[-1][0].x > frames[-1][1].x
    assert swaps(frames) == (0.0, 0.0)


def test_two_identical_people_cannot_be_told_apart() -> None:
    twin = replace(BOB, shape=1)
    found = scores(SWAPS, evidence([ANN, twin], [[ANN, twin]] * 10))
    reason = found[ID_SWAPS.id][WHOLE]
    assert isinstance(reason, NotMeasured)
    assert reason.of_input
    assert "too alike" in reason.reason


def test_heads_in_profile_are_not_compared() -> None:
    """A tracker sees a turned head as another shape: turned heads do not count."""
    turned = rotation(yaw=40)
    aside = [replace(ANN, turn=turned), replace(BOB, turn=turned)]
    crossed = [replace(f, turn=turned) for f in exchanged(ANN, BOB)]
    given = evidence([ANN, BOB], [[ANN, BOB]] * 10 + [crossed] * 20)
    assert scores(SWAPS, given)[ID_SWAPS.id][WHOLE] == Measured(0.0, 10, 10, unjudged=20)
    away = scores(SWAPS, evidence([ANN, BOB], [aside] * 10))[ID_SWAPS.id][WHOLE]
    assert isinstance(away, NotMeasured)
    portrait = [replace(ANN, turn=turned), BOB]
    apart = scores(SWAPS, evidence(portrait, [portrait] * 10))[ID_SWAPS.id][WHOLE]
    assert isinstance(apart, NotMeasured)
    assert apart.of_input


def test_of_three_people_the_two_who_change_are_found() -> None:
    straight = [ANN, BOB, CAT]
    crossed = [*exchanged(ANN, CAT), BOB]
    assert swaps([straight] * 20 + [crossed] * 20, straight) == (1.0, 0.5)
