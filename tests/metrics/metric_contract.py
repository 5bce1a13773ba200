"""What every metric must do, whatever it looks at: one test class that all of them inherit.

A `Subject` puts one metric on made-up clips. A clip is whatever the metric looks at, in frames
(or steps, or clips of a set): tests select, reorder, lose and spoil them without knowing which.
"""

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.score import Measured, NotMeasured, Score

Clip = Any
WHOLE = 10**6
"""More frames of context than any clip here has: from the first frame on."""


class Subject(ABC):
    """One metric on made-up clips."""

    card: Card
    length = 24
    """Frames of a clip that is long enough."""
    ordered = False
    """Whether the order of the frames enters the value."""
    context: tuple[int, int] | None = (0, 0)
    """Frames before and after that a frame's own value needs; ``None`` if frames have no values."""

    def __repr__(self) -> str:
        return self.card.id

    @abstractmethod
    def clip(self, length: int, seed: int) -> Clip:
        """A clip in which something happens."""

    @abstractmethod
    def constant(self, length: int) -> Clip:
        """A clip in which nothing happens and nothing is to be seen."""

    @abstractmethod
    def take(self, clip: Clip, frames: Sequence[int]) -> Clip:
        """The frames of a clip, in that order."""

    @abstractmethod
    def without(self, clip: Clip, frames: Sequence[int]) -> Clip:
        """A result that lacks some frames."""

    def spoilt(self, clip: Clip, frames: Sequence[int]) -> Clip:
        """A result that has NaN in some frames where there should be numbers."""
        return self.without(clip, frames)

    @abstractmethod
    def score(self, generated: Clip, reference: Clip) -> Score:
        """What the metric says."""

    def values(self, generated: Clip, reference: Clip) -> NDArray[np.float64]:
        """The value of each frame, where frames have one."""
        raise NotImplementedError

    def check_identical(self, score: Score) -> None:
        """Hold the score of the reference itself against what the card declares."""
        value = measured(score)
        if self.card.direction is Direction.DRIVER:
            assert self.card.identical is None
            assert value.value == value.driver
        else:
            assert self.card.identical is not None
            assert value.value == pytest.approx(self.card.identical, abs=1e-9)
            assert value.driver is None

    @abstractmethod
    def refused(self) -> Iterator[Callable[[], object]]:
        """Calls with input of a wrong dtype, shape or range."""


def measured(score: Score) -> Measured:
    """The score, which must be a value."""
    assert isinstance(score, Measured), score
    assert math.isfinite(score.value)
    assert 0 < score.frames <= score.total
    return score


def inside(card: Card, value: float) -> bool:
    """Whether a value is one that the card allows."""
    low, high = card.bounds
    return low <= value <= high


class MetricContract:
    """Inherit and parametrise ``subject``."""

    def test_identical_is_what_the_card_declares(self, subject: Subject) -> None:
        clip = subject.clip(subject.length, 1)
        subject.check_identical(subject.score(clip, clip))

    def test_another_clip_is_worse_and_in_range(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        score, same = measured(subject.score(made, true)), measured(subject.score(true, true))
        assert inside(subject.card, score.value)
        if subject.card.identical is None:
            return
        if subject.card.direction is Direction.LOWER:
            assert score.value > same.value
        else:
            assert score.value < same.value

    def test_twice_is_the_same(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        assert subject.score(made, true) == subject.score(made, true)

    def test_order_of_frames_enters_only_where_it_must(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        order = list(np.random.default_rng(5).permutation(subject.length))
        straight = measured(subject.score(made, true)).value
        mixed = measured(subject.score(subject.take(made, order), subject.take(true, order))).value
        assert (mixed != pytest.approx(straight, rel=1e-9)) == subject.ordered

    def test_missing_frames_lower_the_coverage(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        whole = measured(subject.score(made, true))
        assert whole.coverage == 1.0
        lost = measured(subject.score(subject.without(made, [2, 4]), true))
        assert lost.total == whole.total
        assert lost.frames < whole.frames
        assert inside(subject.card, lost.value)
        if subject.context == (0, 0):
            values = subject.values(made, true)
            assert lost.value == pytest.approx(np.mean(np.delete(values, [2, 4])))

    def test_a_result_with_nothing_in_it_has_no_value(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        score = subject.score(subject.without(made, range(subject.length)), true)
        assert isinstance(score, NotMeasured)
        assert score.reason
        assert not score.of_input

    def test_nan_is_never_a_value(self, subject: Subject) -> None:
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        for frames in ([3], range(subject.length)):
            score = subject.score(subject.spoilt(made, frames), true)
            if isinstance(score, Measured):
                assert inside(subject.card, measured(score).value)
                assert len(frames) == 1
                assert score.coverage < 1.0

    def test_constant_input_gives_a_value_or_a_reason(self, subject: Subject) -> None:
        still, moving = subject.constant(subject.length), subject.clip(subject.length, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for made, true in ((still, still), (still, moving), (moving, still)):
                score = subject.score(made, true)
                if isinstance(score, Measured):
                    assert inside(subject.card, measured(score).value)

    def test_one_frame_gives_a_value_or_a_reason(self, subject: Subject) -> None:
        made, true = (subject.clip(1, seed) for seed in (1, 2))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            score = subject.score(made, true)
        if isinstance(score, Measured):
            assert inside(subject.card, measured(score).value)
        else:
            assert score.of_input  # one frame is all there was
        alone = subject.context == (0, 0)
        assert isinstance(score, Measured) or not alone

    def test_wrong_input_is_refused(self, subject: Subject) -> None:
        calls = list(subject.refused())
        assert calls
        for call in calls:
            with pytest.raises(ValueError):
                call()

    def test_chunks_give_what_the_whole_gives(self, subject: Subject) -> None:
        if subject.context is None:
            pytest.skip("its frames have no values of their own")
        made, true = (subject.clip(subject.length, seed) for seed in (1, 2))
        before, after = subject.context
        whole = subject.values(made, true)
        for start, stop in pairwise((0, 2, subject.length // 2 + 1, subject.length)):
            first, last = max(0, start - before), min(subject.length, stop + after)
            chunk = range(first, last)
            values = subject.values(subject.take(made, chunk), subject.take(true, chunk))
            inner = values[start - first : stop - first]
            assert inner == pytest.approx(whole[start:stop], rel=1e-12, abs=0.0, nan_ok=True)
