"""The decision about one metric: an effect, its limits, its p-value, an outcome."""

from dataclasses import dataclass

from benchmark.gate.config import Limits
from benchmark.gate.effect import Effect
from benchmark.gate.outcome import Outcome
from benchmark.stats.estimate import Estimate
from metrics.set_score import SetScore

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Test:
    """What is tested of one metric.

    Attributes:
        effect: The change.
        limits: What is tolerated.
    """

    __test__ = False  # no test of pytest's

    effect: Effect
    limits: Limits

    @property
    def tolerated(self) -> float:
        """The loss that is tolerated, in the metric's unit: the larger of both limits."""
        return max(self.limits.absolute, self.limits.relative * abs(self.effect.before))

    @property
    def p_value(self) -> float | None:
        """One-sided p-value of "the loss is tolerable"; two-sided where no change is allowed.

        ``None`` where there is no interval.
        """
        loss = self.effect.loss
        above = loss.p_above(self.tolerated)
        if above is None or self.limits.direction != "any":
            return above
        below = _turned(loss).p_above(self.tolerated)
        assert below is not None  # the same standard error
        return min(1.0, 2.0 * min(above, below))

    def lost(self, p_adjusted: float | None) -> bool:
        """Say whether more was lost than is tolerated.

        With an interval: beyond chance. Without one, by the effect itself.
        """
        if p_adjusted is not None:
            return p_adjusted <= self.limits.alpha
        loss = self.effect.loss.value
        if self.limits.direction == "any":
            loss = abs(loss)
        return loss > self.tolerated

    def detectable(self, tests: int) -> float | None:
        """Return the smallest true loss that would be found 8 times in 10 among so many tests."""
        sides = 2 if self.limits.direction == "any" else 1
        excess = self.effect.loss.detectable(self.limits.alpha / tests / sides, POWER)
        return None if excess is None else self.tolerated + excess


def coverage_problem(effect: Effect, limits: Limits) -> str:
    """Say what is wrong with how much was measured; empty if nothing is."""
    if effect.lost:
        return f"{len(effect.lost)} cases could not be measured any more, first {effect.lost[0]}"
    after, before = effect.coverage_after, effect.coverage_before
    if after < before - limits.coverage_loss:
        return f"coverage fell from {before:.1%} to {after:.1%}"
    if after < limits.min_coverage:
        return f"coverage is {after:.1%}, {limits.min_coverage:.1%} needed"
    return ""


def set_problem(candidate: SetScore, baseline: SetScore) -> tuple[Outcome, str] | None:
    """Say why two scores over sets do not compare; ``None`` if they do.

    A Fréchet distance falls as sets grow, so that only equal sets compare.
    """
    if (candidate.cases, candidate.reference_clips, candidate.reference_items) != (
        baseline.cases,
        baseline.reference_clips,
        baseline.reference_items,
    ):
        return Outcome.OTHER_CASES, "the reference clips are others"
    if candidate.clips < baseline.clips:
        said = f"stands on {candidate.clips} clips, the baseline on {baseline.clips}"
        return Outcome.LOWER_COVERAGE, said
    if candidate.clips > baseline.clips:
        said = f"stands on {candidate.clips} clips, the baseline on {baseline.clips} only"
        return Outcome.OTHER_CASES, said
    return None


def _turned(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, estimate.clusters, estimate.stderr, estimate.reason)
