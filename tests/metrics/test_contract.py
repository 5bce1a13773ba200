"""Every metric of the registry through the one contract."""

import numpy as np
import pytest
from crowd_subjects import CROWD
from metric_contract import MetricContract, measured
from subjects import (
    FacePixelSubject,
    FaceSubject,
    PerceptualSubject,
    PixelSubject,
    SetSubject,
    StepSubject,
)

from metrics import registry, temporal
from metrics.score import NotMeasured

FACE = [FaceSubject(metric) for metric in registry.FACE_METRICS]
PIXEL = [PixelSubject(metric) for metric in registry.PIXEL_METRICS]
FACE_PIXEL = [FacePixelSubject(metric) for metric in registry.FACE_PIXEL_METRICS]
PERCEPTUAL = [PerceptualSubject(card) for card in registry.PERCEPTUAL]
STEP = [
    StepSubject(metric) for metric in dict.fromkeys((*registry.STEP_METRICS, *temporal.ALONG_TRUTH))
]
SET = [SetSubject(metric) for metric in registry.SET_METRICS]


@pytest.mark.parametrize("subject", FACE, ids=repr)
class TestFaceMetrics(MetricContract):
    def test_a_lost_driver_is_nobodys_fault(self, subject: FaceSubject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        whole = measured(subject.score(made, true))
        score = measured(subject.score(made, subject.without(true, [3, 7])))
        assert score.coverage == 1.0
        assert score.unjudged >= whole.unjudged + 2
        nobody = subject.without(true, range(subject.length))
        lost = subject.score(made, nobody)
        assert isinstance(lost, NotMeasured)
        assert lost.of_input

    def test_frames_that_are_not_scored_do_not_count(self, subject: FaceSubject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        scored = np.arange(subject.length) >= 5
        score = measured(subject.metric(subject.evidence(made, true, scored)))
        if subject.context is None:
            later = range(5, subject.length)
            part = subject.score(subject.take(made, later), subject.take(true, later))
            assert score == part
        else:
            before, after = subject.context
            first = 5 if subject.since_start else 5 + before
            values = subject.values(made, true)[first : subject.length - after]
            assert score.value == pytest.approx(np.mean(values))
        none = subject.metric(subject.evidence(made, true, np.zeros_like(scored)))
        assert isinstance(none, NotMeasured)
        assert none.of_input


@pytest.mark.parametrize("subject", PIXEL, ids=repr)
class TestPixelMetrics(MetricContract):
    pass


@pytest.mark.parametrize("subject", FACE_PIXEL, ids=repr)
class TestFacePixelMetrics(MetricContract):
    pass


@pytest.mark.parametrize("subject", PERCEPTUAL, ids=repr)
class TestPerceptualMetrics(MetricContract):
    pass


@pytest.mark.parametrize("subject", STEP, ids=repr)
class TestStepMetrics(MetricContract):
    pass


@pytest.mark.parametrize("subject", SET, ids=repr)
class TestSetMetrics(MetricContract):
    pass


def test_no_metric_escapes() -> None:
    """A new kind of metric needs a subject; only speed is not a matter of what frames show."""
    subjects = (*FACE, *PIXEL, *FACE_PIXEL, *PERCEPTUAL, *STEP, *SET)
    covered = {subject.card.id for subject in subjects}
    covered |= {subject.card.id for subject in CROWD}  # put to the test in test_crowd_contract
    assert {i for i, card in registry.CANONICAL.items() if not card.timing} <= covered
