from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics.distribution import METRICS, SetMetric
from metrics.feature_sets import Groups
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.score import NotMeasured
from metrics.set_score import (
    MAX_GROUPS,
    SMALL,
    SetScore,
    jackknife_stderr,
    set_score,
    stderr_of_difference,
)

Array = NDArray[np.float64]
DISTANCES = {"frechet": Frechet(), "mmd": KernelDistance()}
each_distance = pytest.mark.parametrize("distance", DISTANCES.values(), ids=DISTANCES)


@dataclass
class MeanApart:
    """A distance whose standard error is known; leaves groups out by computing afresh."""

    seen: list[Groups] = field(default_factory=list)

    def __call__(self, x: Array, y: Array) -> float:
        return float(x.mean() - y.mean())

    def leave_out(self, x: Array, y: Array, groups: Groups) -> tuple[float, Array]:
        self.seen.append(groups)
        left = [self(x[groups.x != g], y[groups.y != g]) for g in range(groups.count)]
        return self(x, y), np.array(left)


def clips(count: int, seed: int = 0, width: int = 6, items: int = 5) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.normal(rng.normal(size=width), 1.0, size=(items, width)) for _ in range(count)]


def keys(count: int) -> list[str]:
    return [f"clip {number}" for number in range(count)]


def scored(*args: object) -> SetScore:
    score = set_score(*args)  # type: ignore[arg-type]
    assert isinstance(score, SetScore), score
    return score


@each_distance
def test_value_and_counts(distance: Frechet | KernelDistance) -> None:
    made, real = clips(6, 1), clips(6, 2, items=7)
    score = scored(made, real, keys(6), distance)
    value = distance(np.concatenate(made), np.concatenate(real))
    assert score.value == pytest.approx(value, rel=1e-12)
    assert (score.cases, score.clips, score.items) == (6, 6, 30)
    assert (score.reference_clips, score.reference_items) == (6, 42)
    assert score.small
    assert score.half == distance(np.concatenate(made[0::2]), np.concatenate(real[1::2]))
    assert score.floor == distance(np.concatenate(real[0::2]), np.concatenate(real[1::2]))


@each_distance
def test_each_replicate_is_the_score_of_the_cases_that_are_left(
    distance: Frechet | KernelDistance,
) -> None:
    shared = ["a", "b", "a", "c", "d", "b", "a"]
    real = dict(zip("abcd", clips(4, 2), strict=True))
    made, reference = clips(7, 1), [real[key] for key in shared]
    score = scored(made, reference, shared, distance)
    assert score.reference_clips == 4
    expected = []
    for gone in "abcd":
        left = [case for case, key in enumerate(shared) if key != gone]
        parts = ([s[case] for case in left] for s in (made, reference, shared))
        expected.append(scored(*parts, distance).value)
    assert score.replicates == pytest.approx(expected, rel=1e-6)
    assert score.stderr == pytest.approx(jackknife_stderr(expected), rel=1e-6)


def test_a_reference_that_drives_several_cases_enters_once() -> None:
    made, real = clips(4, 1), clips(2, 2)
    score = scored(made, [real[0], real[1], real[0], real[0]], list("abaa"), Frechet())
    assert score.value == Frechet()(np.concatenate(made), np.concatenate(real))
    assert score.half == Frechet()(made[0], real[1])  # the first case of the first reference
    with pytest.raises(ValueError, match="key a differ"):
        set_score(made[:2], [real[0], real[1][:3]], ["a", "a"], Frechet())


@pytest.mark.parametrize("count", [2, 7, 20])
def test_standard_error_of_a_mean_is_the_textbook_one(count: int) -> None:
    made, real = clips(count, 1), clips(count, 2)
    score = scored(made, real, keys(count), MeanApart())
    apart = [a.mean() - b.mean() for a, b in zip(made, real, strict=True)]
    assert score.stderr == pytest.approx(np.std(apart, ddof=1) / np.sqrt(count))


def test_standard_error_of_a_mean_over_groups() -> None:
    made, real = clips(60, 1), clips(60, 2)
    score = scored(made, real, keys(60), MeanApart())
    apart = np.array([a.mean() - b.mean() for a, b in zip(made, real, strict=True)])
    groups = apart.reshape(MAX_GROUPS, 3).mean(axis=1)
    assert score.stderr == pytest.approx(np.std(groups, ddof=1) / np.sqrt(MAX_GROUPS))


@pytest.mark.parametrize(("shift", "low", "high"), [(1.0, 0.8, 1.2), (0.0, 1.0, 1.6)])
def test_standard_error_of_a_frechet_distance_is_its_spread_over_draws(
    shift: float, low: float, high: float
) -> None:
    """The error is right for results that differ, and too large rather than too small at 0."""
    drawn = []
    for draw in range(150):
        made, real = clips(40, 2 * draw, items=8), clips(40, 2 * draw + 1, items=8)
        drawn.append(scored([clip + shift for clip in made], real, keys(40), Frechet()))
    true = np.std([score.value for score in drawn], ddof=1)
    assert low < np.mean([score.stderr or 0.0 for score in drawn]) / true < high


@pytest.mark.parametrize("count", [2, 19, 20, 21, 50, 399])
def test_groups_are_neighbours_of_nearly_equal_size(count: int) -> None:
    distance = MeanApart()
    scored(clips(count, 1, items=1), clips(count, 2, items=1), keys(count), distance)
    (groups,) = distance.seen
    assert groups.count == min(count, MAX_GROUPS)
    sizes = np.bincount(groups.x)
    assert len(sizes) == groups.count
    assert sizes.max() - sizes.min() <= 1
    assert np.all(np.diff(groups.x) >= 0)
    assert np.array_equal(groups.x, groups.y)


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(6)))
def test_order_of_the_cases_changes_only_rounding(order: list[int]) -> None:
    made, real, names = clips(6, 1), clips(6, 2), keys(6)
    before = scored(made, real, names, Frechet())
    after = scored(
        [made[i] for i in order], [real[i] for i in order], [names[i] for i in order], Frechet()
    )
    assert after.value == pytest.approx(before.value, rel=1e-9)
    assert after.stderr == pytest.approx(before.stderr, rel=1e-6)


def test_the_same_cases_give_the_same_bits() -> None:
    made, real = clips(8, 1), clips(8, 2)
    again = [clip.copy() for clip in made]
    assert scored(made, real, keys(8), Frechet()) == scored(again, real, keys(8), Frechet())


@each_distance
def test_results_that_are_the_references(distance: Frechet | KernelDistance) -> None:
    real = clips(6, 2)
    score = scored(real, real, keys(6), distance)
    assert score.half == score.floor
    if isinstance(distance, Frechet):
        assert score.value == pytest.approx(0.0, abs=1e-9)
        assert score.stderr == pytest.approx(0.0, abs=1e-6)
    else:
        assert score.value < 0.0


def test_a_missing_result_leaves_the_references_as_they_are() -> None:
    made, real = clips(6, 1), clips(6, 2)
    made[2] = np.zeros((0, 0))  # as an extractor gives it for a clip without a window
    score = scored(made, real, keys(6), Frechet())
    left = np.concatenate([clip for i, clip in enumerate(made) if i != 2])
    assert score.value == Frechet()(left, np.concatenate(real))
    assert (score.cases, score.clips, score.reference_clips) == (6, 5, 6)
    assert len(score.replicates) == 6
    assert score.half == Frechet()(np.concatenate([made[0], made[4]]), np.concatenate(real[1::2]))


def test_a_reference_without_items_takes_its_cases_along() -> None:
    made, real = clips(6, 1), clips(6, 2)
    real[1] = np.zeros((0, 0))
    kept = [0, 2, 3, 4, 5]
    names = keys(6)
    assert scored(made, real, names, Frechet()) == scored(
        [made[i] for i in kept], [real[i] for i in kept], [names[i] for i in kept], Frechet()
    )


def test_one_clip_has_a_value_and_nothing_to_tell_its_error() -> None:
    score = scored(clips(1, 1), clips(1, 2), ["a"], Frechet())
    assert score.value > 0
    assert (score.stderr, score.half, score.floor, score.replicates) == (None, None, None, ())


def test_two_clips_of_one_window_have_no_halves() -> None:
    score = scored(clips(2, 1, items=1), clips(2, 2, items=1), keys(2), Frechet())
    assert score.value > 0
    assert (score.stderr, score.half, score.floor) == (None, None, None)


@pytest.mark.parametrize(
    ("made", "real", "reason", "of_input"),
    [
        ([], [], "no reference", True),
        ([np.ones((5, 2))], [np.zeros((0, 0))], "no reference", True),
        ([np.zeros((0, 0))], [np.ones((5, 2))], "no result", False),
        ([np.ones((1, 2))], [np.ones((1, 2))], "two items", False),
        ([np.array([[1.0, np.nan]] * 3)], [np.ones((3, 2))], "result 1 is not finite", False),
        ([np.ones((3, 2))], [np.array([[1.0, np.inf]] * 3)], "reference clip is not", True),
    ],
)
def test_no_number_comes_out_of_nothing(
    made: list[Array], real: list[Array], reason: str, of_input: bool
) -> None:
    score = set_score(made, real, keys(len(made)), Frechet())
    assert isinstance(score, NotMeasured)
    assert reason in score.reason
    assert score.of_input == of_input


def test_arguments_that_do_not_fit_are_refused() -> None:
    made, real = clips(3, 1), clips(3, 2)
    for wrong in ((made[:2], real, keys(3)), (made, real[:2], keys(3)), (made, real, keys(2))):
        with pytest.raises(ValueError, match="one of each"):
            set_score(*wrong, Frechet())
    for bad in (np.ones((4, 5)), np.ones((4, 6, 1)), np.ones(4)):
        with pytest.raises(ValueError, match="shape"):
            set_score([*made[:2], bad], real, keys(3), Frechet())


def test_small_until_both_sets_have_enough_clips() -> None:
    def score(clips: int, references: int) -> SetScore:
        return SetScore(1.0, clips, clips, clips, references, references)

    assert score(SMALL, SMALL - 1).small
    assert score(SMALL - 1, SMALL).small
    assert not score(SMALL, SMALL).small


def test_error_of_a_difference_on_the_same_cases() -> None:
    one, other, real, names = clips(12, 1), clips(12, 3), clips(12, 2), keys(12)
    first, second = (scored(made, real, names, MeanApart()) for made in (one, other))
    apart = [a.mean() - b.mean() for a, b in zip(one, other, strict=True)]
    expected = np.std(apart, ddof=1) / np.sqrt(12)
    assert stderr_of_difference(first, second) == pytest.approx(expected)
    shifted = scored([clip + 3.0 for clip in one], real, names, MeanApart())
    assert stderr_of_difference(first, shifted) == pytest.approx(0.0, abs=1e-12)
    single = scored(one[:1], real[:1], ["a"], MeanApart())
    assert stderr_of_difference(first, single) is None
    assert stderr_of_difference(single, single) is None


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)
def test_cards_say_what_the_metric_does(metric: SetMetric) -> None:
    card = metric.card
    assert card.over == "set"
    assert not card.embedded
    assert card.extractors[0] == metric.extractor
    assert card.protocols == {"self", "cross"}
    text = " ".join((card.formula, card.source, card.inference, *card.notes))
    for word in ("pooled in case order", "driving clips", "256", "jackknife", "floor", "numbers"):
        assert word in text, word
    if isinstance(metric.distance, Frechet):
        assert f"ddof {metric.distance.ddof}" in card.formula
        assert "falls as the sets grow" in text
    else:
        drawn = metric.distance
        assert isinstance(drawn, KernelDistance)
        assert f"{drawn.subsets} random subsets of {drawn.size} items" in card.formula
        assert str(drawn.seed) in card.formula
    result = set_score(clips(4, 1), clips(4, 2), keys(4), metric.distance)
    assert isinstance(result, SetScore)
    assert card.bounds[0] <= result.value <= card.bounds[1]
    if card.identical is not None:
        same = scored(clips(4, 1), clips(4, 1), keys(4), metric.distance)
        assert same.value == pytest.approx(card.identical, abs=1e-9)
