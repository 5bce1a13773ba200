"""What a gate found as words and numbers, before any form is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmark.errors import ExitCode
from benchmark.gate.judge import Finding, Judgement
from benchmark.gate.movers import Mover, movers
from benchmark.gate.outcome import Outcome
from leaderboards.numbers import printed, superscript, typeset
from metrics.card import Card, Direction

_ARROWS = {Direction.LOWER: "↓", Direction.HIGHER: "↑", Direction.DRIVER: "|Δ| ↓"}
_HEADLINES = {
    ExitCode.OK: "PASS",
    ExitCode.FAILED: "FAIL",
    ExitCode.USAGE: "CANNOT START",
    ExitCode.NOT_COMPARABLE: "NOT COMPARABLE",
    ExitCode.ENVIRONMENT: "CANNOT MEASURE HERE",
}


class Side(NamedTuple):
    """One side of the comparison in words."""

    label: str
    place: str


@dataclass(frozen=True, slots=True)
class Row:
    """One metric.

    Attributes:
        kind: Self- or cross-reenactment.
        metric: Title, arrow and scale.
        protocol_id: The definition.
        outcome: What it comes to.
        before: The baseline's value; empty where nothing was compared, as all that follow.
        after: The candidate's.
        change: ``after - before``.
        interval: Its 95 % interval.
        tolerated: The loss that is tolerated.
        detectable: The smallest loss that would have been found 8 times in 10.
        details: Sentences: why, what was tolerated, how sure.
    """

    kind: str
    metric: str
    protocol_id: str
    outcome: Outcome
    before: str = ""
    after: str = ""
    change: str = ""
    interval: str = ""
    tolerated: str = ""
    detectable: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that moved; clips that are not here are ``None``."""

    case_id: str
    metric: str
    change: str
    worse: bool
    before_clip: Path | None
    after_clip: Path | None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is printed of a gate."""

    candidate: Side
    baseline: Side
    code: ExitCode
    remarks: tuple[tuple[Outcome, str], ...] = ()
    rows: tuple[Row, ...] = ()
    moved: tuple[Moved, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The verdict in a word."""
        return _HEADLINES[self.code]

    @property
    def summary(self) -> str:
        """The verdict and how many metrics ended how."""
        counts: dict[str, int] = {}
        for outcome in [*(o for o, _ in self.remarks), *(row.outcome for row in self.rows)]:
            counts[outcome.title.lower()] = counts.get(outcome.title.lower(), 0) + 1
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        return f"{self.headline}: {told}" if told else self.headline


Clips = Callable[[str], tuple[Path | None, Path | None]]


def page(judgement: Judgement, candidate: Side, baseline: Side, clips: Clips) -> Page:
    """Return what is printed of a judgement.

    Args:
        judgement: What was found.
        candidate: The new run in words.
        baseline: What it was held against.
        clips: Returns the baseline's and the candidate's clip of a case.
    """
    return Page(
        candidate,
        baseline,
        judgement.exit_code,
        tuple((remark.outcome, remark.said) for remark in judgement.remarks),
        tuple(row(finding) for finding in judgement.findings),
        tuple(_moved(mover, clips) for mover in movers(judgement.findings)),
        judgement.warnings,
    )


def row(finding: Finding) -> Row:
    """Return a finding in words."""
    card, test = finding.card, finding.test
    named = Row(finding.kind, heading(card), card.id, finding.outcome)
    said = (finding.said,) if finding.said else ()
    if test is None:
        return Row(*named_fields(named), details=said)
    effect = test.effect
    sign = -1.0 if card.direction is Direction.HIGHER else 1.0
    ends = effect.loss.interval()
    low, high = sorted(sign * end for end in ends) if ends else (0.0, 0.0)
    found = finding.detectable
    return Row(
        *named_fields(named),
        before=number(card, effect.before),
        after=number(card, effect.after),
        change=change(card, effect.after - effect.before),
        interval=f"[{change(card, low)}, {change(card, high)}]" if ends else "",
        tolerated=number(card, test.tolerated, 1),
        detectable="" if found is None else number(card, found, 1),
        details=(*said, *_reasons(finding)),
    )


def named_fields(of: Row) -> tuple[str, str, str, Outcome]:
    """Return the fields of a row that are always there."""
    return of.kind, of.metric, of.protocol_id, of.outcome


def heading(card: Card) -> str:
    """Return title, arrow and scale of a metric."""
    scale = f" ×10{superscript(-card.scale_exponent)}" if card.scale_exponent else ""
    title = f"{card.title}†" if card.embedded else card.title
    return f"{title} {_ARROWS[card.direction]}{scale}"


def number(card: Card, value: float, more: int = 0) -> str:
    """Return a value as tables print it, with further digits if asked."""
    return typeset(printed(value, card.scale_exponent, card.digits + more))


def change(card: Card, value: float) -> str:
    """Return a difference with its sign and one digit more than values have."""
    text = printed(value, card.scale_exponent, card.digits + 1)
    return typeset(text if text.startswith("-") or not text.strip("0.") else f"+{text}")


def _reasons(finding: Finding) -> tuple[str, ...]:
    """Say what a verdict other than a pass stands on."""
    test = finding.test
    if test is None or finding.outcome is not Outcome.REGRESSION or finding.p_adjusted is None:
        return ()
    unit = f" {finding.card.unit}" if finding.card.unit else ""
    tolerated = f"{number(finding.card, test.tolerated, 1)}{unit} tolerated"
    loss = test.effect.loss
    count = len(test.effect.shifts)
    stands = f"{count} cases, {loss.clusters} people" if count else f"{loss.clusters} groups"
    return (f"{tolerated}; p = {_p(finding.p_adjusted)} ({stands}, {test.effect.method})",)


def _p(value: float) -> str:
    return f"{value:.1e}" if 0 < value < 1e-3 else f"{value:.3f}"


def _moved(mover: Mover, clips: Clips) -> Moved:
    card, shift = mover.finding.card, mover.shift
    before, after = clips(shift.case.id)
    return Moved(
        shift.case.id,
        heading(card),
        f"{number(card, shift.before)} → {number(card, shift.after)}",
        shift.loss > 0,
        before,
        after,
    )
