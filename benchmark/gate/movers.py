"""The cases that moved most: where to look first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import stdev

from benchmark.gate.effect import Shift
from benchmark.gate.judge import Finding
from benchmark.gate.outcome import Outcome

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Mover:
    """A case and the metric in which it moved most.

    Attributes:
        finding: The metric.
        shift: The case in it.
        size: Its loss over the spread of the baseline between cases; below 0 it got better.
    """

    finding: Finding
    shift: Shift
    size: float


def movers(findings: Sequence[Finding], count: int = SHOWN) -> list[Mover]:
    """Return the cases that moved most, each once, by the metric in which it moved most.

    Metrics are made comparable by the spread of the baseline's values between cases; speed is
    left out, because it moves by itself. Where a metric did not pass, only such metrics are looked
    at: their cases are the ones to see.
    """
    fine = (Outcome.PASS, Outcome.NOT_JUDGED)
    wrong = [one for one in findings if one.test and one.outcome not in fine]
    most: dict[str, Mover] = {}
    for mover in _every(wrong or findings):
        known = most.get(mover.shift.case.id)
        if known is None or abs(mover.size) > abs(known.size):
            most[mover.shift.case.id] = mover
    moved = [mover for mover in most.values() if mover.size]
    return sorted(moved, key=lambda mover: -abs(mover.size))[:count]


def _every(findings: Sequence[Finding]) -> Iterator[Mover]:
    for finding in findings:
        if finding.test is None or finding.card.timing:
            continue
        shifts = finding.test.effect.shifts
        scale = _scale([shift.before for shift in shifts])
        for shift in shifts:
            yield Mover(finding, shift, shift.loss / scale)


def _scale(values: Sequence[float]) -> float:
    """Return the spread of values, or where there is none their size."""
    if len(values) > 1 and (spread := stdev(values)):
        return spread
    return max(map(abs, values), default=0.0) or 1.0
