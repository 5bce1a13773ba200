"""Speed of a case, by hand; no way of handing frames over makes a method look fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.score import Measured, NotMeasured
from metrics.speed import GenerationTime, fps, latency

seconds = st.floats(0.001, 10.0)


def timed(*waits: float) -> GenerationTime:
    return GenerationTime(sum(waits), waits, len(waits))


def value(score: Measured | NotMeasured) -> float:
    assert isinstance(score, Measured), score
    return score.value


@given(st.lists(seconds, min_size=1, max_size=50))
def test_frames_a_second_count_every_second(waits: list[float]) -> None:
    assert value(fps(timed(*waits))) == pytest.approx(len(waits) / sum(waits))


@given(st.permutations([0.5, 0.0, 0.0, 0.1, 0.2, 0.0]))
def test_it_does_not_matter_when_the_work_is_done(waits: list[float]) -> None:
    assert value(fps(timed(*waits))) == pytest.approx(6 / 0.8)


def test_without_times_of_frames_the_whole_counts() -> None:
    whole = GenerationTime(4.0, (), 100)
    assert value(fps(whole)) == 25.0
    assert latency(whole) == NotMeasured(
        "the method does not stream: it hands over all frames at once"
    )


def test_the_median_after_the_first() -> None:
    assert value(latency(timed(0.1, 0.02, 0.03, 0.05, 0.04))) == pytest.approx(35.0)


def test_a_video_made_before_the_first_frame_has_no_time_a_frame() -> None:
    score = latency(timed(30.0, *[0.001] * 99))
    assert isinstance(score, NotMeasured)
    assert "before the first frame" in score.reason
    assert isinstance(latency(timed(0.11, 0.05, 0.05)), NotMeasured)
    assert isinstance(latency(timed(0.10, 0.05, 0.05)), Measured)


def test_chunks_are_no_frames() -> None:
    chunk = [0.8, *[0.001] * 15]
    score = latency(timed(*chunk, *chunk, *chunk))
    assert isinstance(score, NotMeasured)
    assert "bursts" in score.reason


def test_controls_have_no_speed() -> None:
    still = GenerationTime(1.0, (0.5, 0.5), 2, "a control")
    assert fps(still) == latency(still) == NotMeasured("a control")
