import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.score import Measured, NotMeasured, Score
from metrics.temporal import ALONG_TRUTH, FLICKER, METRICS, flicker_step, mean_difference, own_mean

NAN = float("nan")


def measured(score: Score) -> Measured:
    assert isinstance(score, Measured), score
    return score


def test_flicker_of_a_known_step() -> None:
    before = np.full((4, 6, 3), 100, np.uint8)
    after = before.copy()
    after[:2] = 151  # half the pixels by 51 levels
    assert flicker_step(before, after) == pytest.approx(1.0 - 51 / 255 / 2)
    assert flicker_step(before, before) == 1.0


steps = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30)


@given(steps, st.integers(0, 5))
def test_means_and_coverage(pairs: list[tuple[float, float]], lost: int) -> None:
    made, drove = (list(column) for column in zip(*pairs, strict=True))
    total = len(pairs) + lost
    own = measured(own_mean(made, drove, total))
    assert own.value == pytest.approx(np.mean(made))
    assert own.driver == pytest.approx(np.mean(drove))
    assert (own.frames, own.total, own.unjudged) == (len(pairs), total, 0)
    apart = measured(mean_difference(made, drove, total))
    assert apart.value == pytest.approx(np.mean([abs(g - d) for g, d in pairs]))
    assert apart.driver is None


def test_tecogans_form_is_not_the_difference_of_means() -> None:
    """A result that trades calm for jumps keeps the mean and loses the match."""
    made, drove = [0.1, 0.3], [0.3, 0.1]
    assert measured(own_mean(made, drove, 2)).value == measured(own_mean(drove, made, 2)).value
    assert measured(mean_difference(made, drove, 2)).value == pytest.approx(0.2)


def test_what_cannot_be_measured_lowers_the_coverage_what_cannot_be_judged_does_not() -> None:
    score = measured(own_mean([0.5, NAN, 0.7, 0.9], [0.1, 0.2, NAN, 0.3], 5))
    assert score.value == pytest.approx(0.7)
    assert score.driver == pytest.approx(0.2)
    assert (score.frames, score.total, score.unjudged) == (2, 4, 1)


@pytest.mark.parametrize("form", [own_mean, mean_difference])
@pytest.mark.parametrize(
    ("made", "drove", "places", "of_input"),
    [
        ([], [], 0, True),
        ([], [], 3, False),
        ([0.5], [NAN], 3, True),
        ([NAN], [0.5], 3, False),
    ],
)
def test_reasons(
    form: object, made: list[float], drove: list[float], places: int, of_input: bool
) -> None:
    score = form(made, drove, places)  # type: ignore[operator]
    assert isinstance(score, NotMeasured)
    assert score.of_input == of_input


def test_vbench_ignores_what_we_judge_by() -> None:
    """The frozen clip, best by VBench, is as far from the driver as its motion is."""
    frozen = measured(own_mean([1.0] * 3, [0.98, 0.97, 0.99], 3))
    assert frozen.driver is not None
    assert abs(frozen.value - frozen.driver) == pytest.approx(0.02)
    assert FLICKER.identical is None


def test_ids() -> None:
    assert [metric.card.id for metric in (*METRICS, *ALONG_TRUTH)] == [
        "flicker.vbench@1",
        "tlpips.tecogan-alex@1",
        "tlpips.consecutive-alex@1",
        "warp_error.farneback-own@1",
        "warp_error.farneback@1",
    ]
