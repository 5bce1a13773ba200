"""ID-SIM: the cosine, and what happens to frames without an identity."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import random_track

from metrics.frames import FaceEvidence
from metrics.identity import FEATURE, ID_SIM_FRAME, ID_SIM_SOURCE, METRICS, cosine
from metrics.score import Measured, NotMeasured
from metrics.signals.face import FaceTrack

N, D = 10, 16
RNG = np.random.default_rng(0)
PERSON, OTHER = RNG.normal(size=(2, N, D)).astype(np.float32)


def track(embeddings: np.ndarray, seed: int = 0) -> FaceTrack:
    found = random_track(len(embeddings), seed)
    return replace(found, features={FEATURE: embeddings.astype(np.float32)})


def evidence(
    made: np.ndarray, true: np.ndarray, source: np.ndarray | None = None, first: int = 0
) -> FaceEvidence:
    portrait = None if source is None else track(source[None])
    return FaceEvidence(track(made), track(true, 1), np.arange(N) >= first, portrait)


def measured(score: object) -> Measured:
    assert isinstance(score, Measured), score
    return score


vectors = st.integers(0, 10_000).map(lambda s: np.random.default_rng(s).normal(size=(1, D)))


@settings(max_examples=60, deadline=None)
@given(vectors, vectors, st.floats(1e-3, 1e3))
def test_the_cosine_is_the_cosine(a: np.ndarray, b: np.ndarray, scale: float) -> None:
    expected = (a @ b.T).item() / (np.linalg.norm(a) * np.linalg.norm(b))
    assert cosine(a, b)[0] == pytest.approx(expected, abs=1e-12)
    assert cosine(a, b)[0] == cosine(b, a)[0]
    assert cosine(scale * a, b)[0] == pytest.approx(expected, abs=1e-12)
    assert cosine(a, a)[0] == 1.0
    assert -1.0 <= cosine(a, -a)[0] <= -1.0 + 1e-12


def test_no_embedding_no_cosine() -> None:
    a = np.stack([np.full(D, np.nan), np.zeros(D), np.ones(D)])
    assert np.isfinite(cosine(a, np.ones((3, D)))).tolist() == [False, False, True]


def test_against_the_true_frame() -> None:
    made = PERSON + OTHER
    score = measured(ID_SIM_FRAME(evidence(made, PERSON, first=1)))
    per_frame = [
        (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))
        for a, b in zip(made[1:].astype(float), PERSON[1:].astype(float), strict=True)
    ]
    assert score.value == pytest.approx(np.mean(per_frame), rel=1e-9)
    assert (score.frames, score.total, score.unjudged) == (N - 1, N - 1, 0)
    same = measured(ID_SIM_FRAME(evidence(PERSON, PERSON)))
    assert same.value == ID_SIM_FRAME.card.identical == 1.0


def test_against_the_portrait() -> None:
    """The driver's own identity does not matter, only that there is somebody to follow."""
    still = np.tile(PERSON[:1], (N, 1))
    assert measured(ID_SIM_SOURCE(evidence(still, OTHER, PERSON[0]))).value == 1.0
    score = measured(ID_SIM_SOURCE(evidence(OTHER, OTHER, PERSON[0])))
    expected = cosine(OTHER.astype(float), PERSON[:1].astype(float)).mean()
    assert score.value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)
def test_a_lost_face_lowers_the_coverage_and_is_not_zero(metric) -> None:  # noqa: ANN001
    made = np.tile(PERSON[:1], (N, 1))
    made[[2, 5]] = np.nan
    score = measured(metric(evidence(made, np.tile(PERSON[:1], (N, 1)), PERSON[0])))
    assert score.value == 1.0
    assert (score.frames, score.total) == (N - 2, N)
    nothing = metric(evidence(made * np.nan, PERSON, PERSON[0]))
    assert isinstance(nothing, NotMeasured)
    assert not nothing.of_input
    assert "of the result" in nothing.reason


def test_a_driving_frame_without_a_face_is_nobodys_fault() -> None:
    found = evidence(PERSON, PERSON, PERSON[0])
    landmarks = found.driver.landmarks.copy()
    landmarks[:3] = np.nan
    gone = replace(found, driver=replace(found.driver, landmarks=landmarks))
    score = measured(ID_SIM_SOURCE(gone))
    assert (score.frames, score.total, score.unjudged) == (N - 3, N - 3, 3)
    true = PERSON.copy()
    true[:4] = np.nan
    score = measured(ID_SIM_FRAME(evidence(PERSON, true)))
    assert (score.frames, score.total, score.unjudged) == (N - 4, N - 4, 4)


@pytest.mark.parametrize("source", [None, PERSON[0] * np.nan])
def test_without_a_portrait_nothing_can_be_judged(source: np.ndarray | None) -> None:
    score = ID_SIM_SOURCE(evidence(PERSON, PERSON, source))
    assert isinstance(score, NotMeasured)
    assert score.of_input
    assert "portrait" in score.reason


def test_cards_say_where_they_are_defined() -> None:
    assert ID_SIM_SOURCE.card.id == "id_sim.arcface-r50-source@1"
    assert ID_SIM_SOURCE.card.protocols == {"self", "cross"}
    assert ID_SIM_FRAME.card.id == "id_sim.arcface-r50-frame@1"
    assert ID_SIM_FRAME.card.protocols == {"self"}
