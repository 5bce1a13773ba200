"""How much a metric changed: paired over cases, or between two sets, turned so that up is worse."""

from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from benchmark.gate.side import CaseSide, Side
from benchmark.stats.estimate import Estimate
from benchmark.stats.means import mean_of_cases
from benchmark.stats.sets import jackknife_difference
from metrics.card import Card, Direction
from metrics.score import Measured, Score
from metrics.set_score import SetScore

Method = Literal["paired", "jackknife", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Shift:
    """One case that both sides measured.

    Attributes:
        case: The case.
        before: What is judged of it in the baseline: the value, or its distance to the driving
            clip's own.
        after: The same of the candidate.
        loss: By how much it got worse, in the metric's unit.
    """

    case: CaseSide
    before: float
    after: float
    loss: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The change of one metric over the cases of one kind.

    Attributes:
        before: The baseline's mean over the cases that both measured, or its value of the set.
        after: The candidate's.
        loss: The estimate of ``after - before``, turned so that above 0 is worse.
        method: How its error was found.
        shifts: The cases, in case order; empty for scores over sets.
        coverage_before: Measured over judgeable frames of the baseline in these cases.
        coverage_after: The candidate's.
        lost: Cases that the baseline measured and the candidate did not, though it did not fail.
    """

    before: float
    after: float
    loss: Estimate
    method: Method
    shifts: tuple[Shift, ...] = ()
    coverage_before: float = 1.0
    coverage_after: float = 1.0
    lost: tuple[str, ...] = ()


def case_effect(card: Card, places: list[int], candidate: Side, baseline: Side) -> Effect | None:
    """Return the effect on a metric of cases; ``None`` if no case was measured on both sides.

    Args:
        card: The metric.
        places: Places of the cases of one kind; both sides hold the same cases.
        candidate: The new run.
        baseline: What it is held against.
    """
    theirs = {c.id: s for c, s in _by_case(card, places, baseline)}
    shifts, kept, pairs, lost = [], [], [], []
    for place, (case, after) in zip(places, _by_case(card, places, candidate), strict=True):
        before = theirs[case.id]
        if before is None:
            continue
        if after is None:
            if case.outcome != "failed":  # failures are counted by themselves
                lost.append(case.id)
            continue
        was, now = judged(card, before), judged(card, after)
        shifts.append(Shift(case, was, now, worse(card, was, now)))
        kept.append(place)
        pairs.append((before, after))
    if not shifts:
        return None
    return Effect(
        before=fmean(shift.before for shift in shifts),
        after=fmean(shift.after for shift in shifts),
        loss=mean_of_cases([shift.loss for shift in shifts], candidate.people(kept)),
        method="paired",
        shifts=tuple(shifts),
        coverage_before=_coverage([before for before, _ in pairs]),
        coverage_after=_coverage([after for _, after in pairs]),
        lost=tuple(lost),
    )


def set_effect(
    card: Card, candidate: SetScore, baseline: SetScore, drawn: Estimate | None = None
) -> Effect:
    """Return the effect on a metric of sets.

    Args:
        card: The metric.
        candidate: Its new score.
        baseline: What it is held against.
        drawn: Their difference with the error of a bootstrap; ``None`` for the jackknife.
    """
    change = drawn or jackknife_difference(candidate, baseline)
    return Effect(
        before=baseline.value,
        after=candidate.value,
        loss=replace(change, value=worse(card, baseline.value, candidate.value)),
        method="bootstrap" if drawn else "jackknife",
        coverage_before=_items(baseline),
        coverage_after=_items(candidate),
    )


def measured_before(card: Card, places: list[int], baseline: Side) -> int:
    """Return how many cases the baseline measured."""
    return sum(score is not None for _, score in _by_case(card, places, baseline))


def judged(card: Card, score: Measured) -> float:
    """Return what is judged of a score: its value, or the distance to the driving clip's own."""
    if card.direction is Direction.DRIVER and score.driver is not None:
        return abs(score.value - score.driver)
    return score.value


def worse(card: Card, before: float, after: float) -> float:
    """Return by how much ``after`` is worse than ``before``."""
    return after - before if _falls(card) else before - after


def _falls(card: Card) -> bool:
    """Say whether smaller is better; so it is of distances to the driving clip's value."""
    return card.direction is not Direction.HIGHER


def _by_case(card: Card, places: list[int], side: Side) -> list[tuple[CaseSide, Measured | None]]:
    """Return the measured score of each case, or ``None``."""
    scores = side.scores(card.id, places)
    cases = [side.cases[place] for place in places]
    return [(case, _usable(card, score)) for case, score in zip(cases, scores, strict=True)]


def _usable(card: Card, score: Score | None) -> Measured | None:
    if not isinstance(score, Measured):
        return None
    if card.direction is Direction.DRIVER and score.driver is None:
        return None
    return score


def _coverage(scores: list[Measured]) -> float:
    total = sum(score.total for score in scores)
    return sum(score.frames for score in scores) / total if total else 0.0


def _items(score: SetScore) -> float:
    return min(1.0, score.items / score.expected) if score.expected else 1.0
