"""Two runs side by side outside a gate: the same statistics, and no limit to what may change."""

from benchmark.errors import NotComparable
from benchmark.gate.config import GateConfig, SpeedLimits, checked
from benchmark.gate.judge import Finding, Judgement, Redrawn, judge
from benchmark.gate.outcome import Outcome
from benchmark.gate.side import Side

BETTER, WORSE, ALIKE, UNSURE = "better", "worse", "not told apart", "no interval"


def contrast(first: Side, second: Side, metrics: tuple[str, ...], drawn: Redrawn) -> Judgement:
    """Return what the second run changes over the first, tested in both directions.

    Args:
        first: What it is compared with.
        second: The run.
        metrics: Names of metrics; empty for the default ones.
        drawn: As in `judge`.

    Raises:
        UsageProblem: If a name is unknown.
        NotComparable: If they did not have the same cases, or share no metric.
    """
    config = GateConfig(
        direction="any",
        relative=0.0,
        min_coverage=0.0,
        coverage_loss=1.0,
        metrics=metrics or ("default",),
        max_failed=len(second.cases),
        speed=SpeedLimits(percent=0.0, fps=0.0, latency=0.0),
    )
    found = judge(second, first, checked(config), drawn)
    # What this version does not define keeps nobody from looking at the rest; a gate refuses.
    unknown = [one for one in found.remarks if one.outcome is Outcome.OTHER_DEFINITION]
    for remark in found.remarks:
        if remark not in unknown:
            raise NotComparable(f"{remark.outcome.title}: {remark.said}")
    return Judgement((), found.findings, (*found.warnings, *(one.said for one in unknown)))


def word(finding: Finding) -> str:
    """Say in words what a comparison of one metric comes to."""
    if finding.test is None:
        return finding.outcome.title.lower()
    if finding.p_adjusted is None:
        return UNSURE
    if finding.outcome is not Outcome.REGRESSION:
        return ALIKE
    return WORSE if finding.test.effect.loss.value > 0 else BETTER
