import json
from dataclasses import replace

import numpy as np
import pytest
from motions import smooth
from support import random_track, rotation

from metrics.crowd import Tracks
from metrics.crowd.evidence import WHOLE, CrowdEvidence
from metrics.leakage import CHANNELS, LEAKAGE, matrices
from metrics.leakage.motion import expression, gaze, pose
from metrics.score import Measured, NotMeasured
from metrics.signals.face import N_BLENDSHAPES, FaceSignal, FaceTrack

FPS = 25.0
SIZE = (128, 128)
LENGTH = 60


def performer(seed: int) -> FaceTrack:
    """Somebody who moves face, head and eyes."""
    track = random_track(LENGTH, 100 + seed, SIZE)
    still = np.repeat(track.landmarks[:1], LENGTH, axis=0)
    head = smooth(seed, LENGTH, 3, 8.0)
    eyes = smooth(seed + 1, LENGTH, 2, 0.004)
    for iris in (468, 473):
        still[:, iris, :2] += eyes
    turned = np.tile(np.eye(4, dtype=np.float32), (LENGTH, 1, 1))
    for frame, (pitch, yaw, roll) in enumerate(head):
        turned[frame, :3, :3] = rotation(pitch, yaw, roll)
    shapes = np.zeros((LENGTH, N_BLENDSHAPES), np.float32)
    shapes[:, 20:30] = 0.5 + smooth(seed + 2, LENGTH, 10, 0.3)
    return FaceTrack(still, shapes, turned, SIZE)


ANN, BOB = performer(0), performer(10)


def joined(tracks: list[FaceTrack]) -> FaceSignal:
    def together(name: str) -> np.ndarray:
        return np.stack([getattr(t, name) for t in tracks], axis=1)

    return FaceSignal(
        np.full(LENGTH, len(tracks)),
        together("landmarks"),
        together("blendshapes"),
        together("pose"),
        SIZE,
    )


def evidence(people: list[FaceTrack], **changes: object) -> CrowdEvidence:
    result = joined(people)
    slots = np.tile(np.arange(len(people))[:, None], (1, LENGTH))
    still = FaceSignal(
        result.count[:1], result.landmarks[:1], result.blendshapes[:1], result.pose[:1], SIZE
    )
    given = CrowdEvidence(
        still,
        result,
        Tracks(slots),
        [ANN, BOB],
        ((0, 0), (1, 1)),
        np.arange(LENGTH),
        np.ones(LENGTH, dtype=np.bool_),
        FPS,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def leaks(given: CrowdEvidence) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for family in LEAKAGE:
        for person, score in family.scores(given)[0].items():
            assert isinstance(score, Measured), (family.cards[0].id, person, score)
            found.setdefault(family.cards[0].id, []).append(score.value)
    return found


def test_the_same_people_do_not_leak_and_exchanged_ones_do() -> None:
    straight, crossed = leaks(evidence([ANN, BOB])), leaks(evidence([BOB, ANN]))
    assert set(straight) == {f"leakage.{c.name}-nnls@1" for c in CHANNELS}
    for card in straight:
        assert straight[card] == pytest.approx([0.0, 0.0], abs=1e-6)
        assert crossed[card] == pytest.approx([1.0, 1.0], abs=1e-6)


def test_who_a_face_is_does_not_leak() -> None:
    """The motion of the driver on another face, another view, another scale of reading."""
    shapes = 0.2 + 0.6 * ANN.blendshapes
    base = rotation(yaw=25.0, pitch=5.0)
    turned = ANN.pose.copy()
    turned[:, :3, :3] = turned[:, :3, :3] @ base
    other = replace(ANN, blendshapes=shapes, pose=turned)
    found = leaks(evidence([other, BOB]))
    assert found["leakage.expression-nnls@1"][0] == pytest.approx(0.0, abs=1e-6)
    assert found["leakage.pose-nnls@1"][0] == pytest.approx(0.0, abs=1e-3)


def test_people_and_frames_go_by_the_pairs_and_the_frame_map() -> None:
    crosswise = evidence([BOB, ANN], pairs=((0, 1), (1, 0)))
    assert leaks(crosswise)["leakage.expression-nnls@1"] == pytest.approx([0, 0], abs=1e-6)
    back = evidence(
        [t.take(np.arange(LENGTH)[::-1]) for t in (ANN, BOB)], place=np.arange(LENGTH)[::-1]
    )
    assert leaks(back)["leakage.pose-nnls@1"] == pytest.approx([0, 0], abs=1e-6)


def test_gain_and_floor_stand_beside_the_leak() -> None:
    half = replace(ANN, blendshapes=0.5 * ANN.blendshapes)
    leak, gain, floor = LEAKAGE[0].scores(evidence([half, BOB]))
    assert isinstance(gain[0], Measured)
    assert (gain[0].value, gain[0].driver) == (pytest.approx(0.5), pytest.approx(1.0))
    assert isinstance(leak[0], Measured)
    assert isinstance(floor[0], Measured)
    ids = [card.id for family in LEAKAGE for card in family.cards]
    assert len(set(ids)) == 9
    assert [card.default for card in LEAKAGE[0].cards] == [True, False, False]


def test_where_nothing_says_who_is_who_nothing_is_measured() -> None:
    for changes, of_input in (({"made": None}, False), ({"drivers": None}, True)):
        for family in LEAKAGE:
            for found in family.scores(evidence([ANN, BOB], **changes)):
                score = found[WHOLE]
                assert isinstance(score, NotMeasured)
                assert score.of_input == of_input


def test_everybody_against_everybody() -> None:
    made = [ANN, BOB, performer(20)]  # nobody drives the third
    found = matrices(made, [ANN, BOB], ((0, 0), (1, 1)), np.ones(LENGTH, dtype=np.bool_), FPS)
    assert [m.channel for m in found] == ["expression", "pose", "gaze"]
    for matrix in found:
        distances = np.array(matrix.distances, dtype=float)
        weights = np.array(matrix.weights, dtype=float)
        assert distances.shape == weights.shape == (3, 2)
        np.testing.assert_allclose(np.diag(distances), 0.0, atol=1e-6)
        assert distances[2].min() > 0.0
        np.testing.assert_allclose(weights[:2], np.eye(2), atol=1e-6)
        assert weights[2].max() < 0.5
        json.dumps(matrix.as_dict(), allow_nan=False)


def test_a_person_who_is_never_seen_has_an_empty_row() -> None:
    gone = FaceTrack.absent(LENGTH, SIZE)
    for matrix in matrices(
        [ANN, gone], [ANN, BOB], ((0, 0), (1, 1)), np.ones(LENGTH, dtype=np.bool_), FPS
    ):
        assert matrix.distances[1] == matrix.weights[1] == (None, None)


def test_motion_of_the_head_is_in_degrees_about_its_mean() -> None:
    angles = np.concatenate([np.linspace(-12, 12, 41)[:, None], np.zeros((41, 2))], axis=1)
    track = random_track(41)
    for frame, (yaw, _, _) in enumerate(angles):
        track.pose[frame, :3, :3] = rotation(yaw=yaw) @ rotation(pitch=20.0)
    track.landmarks[7] = np.nan
    moved = pose(track)
    assert np.isnan(moved[7]).all()
    there = np.arange(41) != 7
    mean = angles[there, 0].mean()
    np.testing.assert_allclose(moved[there, 1], angles[there, 0] - mean, atol=1e-3)
    np.testing.assert_allclose(moved[there][:, [0, 2]], 0.0, atol=1e-3)
    assert np.isnan(pose(FaceTrack.absent(5, SIZE))).all()


def test_expression_leaves_the_neutral_out_and_gaze_needs_open_eyes() -> None:
    assert expression(ANN).shape == (LENGTH, 51)
    track = random_track(4)
    track.blendshapes[:] = 0.0
    track.blendshapes[2, [9, 10]] = 0.9  # both eyes shut
    assert gaze(track).shape == (4, 2)
    assert np.isnan(gaze(track)).any(axis=1).tolist() == [False, False, True, False]


def test_the_cards_can_be_implemented_from_their_text() -> None:
    for family, channel in zip(LEAKAGE, CHANNELS, strict=True):
        leak, gain, floor = family.cards
        for card in family.cards:
            assert channel.what in card.formula
            assert "w >= 0 minimises" in card.formula
        assert f"is below {channel.still:g}" in leak.missing
        assert "tracker.iou-shape@1" in leak.inference
        assert gain.direction.value == "driver"
        assert "0.95" in floor.formula
