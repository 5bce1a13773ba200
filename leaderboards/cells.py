"""Reduction of a run's cases to cells: one mean, with what it stands on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from benchmark.store import Outcome
from leaderboards.facts import Run
from leaderboards.model import CaseCount, Cell, Column, Kind, Spread
from leaderboards.numbers import mean
from leaderboards.text import placeless
from metrics.score import Measured, NotMeasured, Score
from metrics.set_score import SetScore


def cell(run: Run, column: Column, spread: Spread | None = None) -> Cell:
    """Reduce one metric over the judgeable cases of one kind.

    The value is the unweighted mean of the cases' values; the coverage is weighted by frames. A
    case whose input does not allow this metric counts for nobody. A
    case that the method failed or that could not be measured is missing from the mean, counted,
    and explained by the most common reason. ``spread`` gives the cell its interval.
    """
    if column.card.over == "set":
        return _set_cell(run, column)
    by_case = {c: _score(run, c, column.card.id) for c in run.judged(column.kind)}
    every = list(by_case.values())
    scores = [s for s in every if not (isinstance(s, NotMeasured) and s.of_input)]
    measured = [s for s in scores if isinstance(s, Measured)]
    reason = most_common(s.reason for s in scores or every if isinstance(s, NotMeasured))
    fingerprint = _fingerprint(run, column.card.id)
    value = _number([s.value for s in measured]) if measured else None
    if value is None:
        return Cell(
            value=None,
            coverage=0.0 if _lost(run, column) else None,
            judgeable=len(scores),
            fingerprint=fingerprint,
            reason="the mean is not a number" if measured else reason or "no case can be judged",
        )
    total = sum(s.total for s in measured)
    return Cell(
        value=value,
        driver=_number([s.driver for s in measured]) if column.by_distance else None,
        distance=_number([_distance(s) for s in measured]) if column.by_distance else None,
        coverage=sum(s.frames for s in measured) / total if total > 0 else 0.0,
        measured=len(measured),
        judgeable=len(scores),
        unjudged=sum(s.unjudged for s in measured),
        fingerprint=fingerprint,
        reason=reason,
        spread=spread(run.record, _ranked(by_case, column)) if spread else None,
    )


def ranked_by_case(run: Run, column: Column) -> dict[str, float]:
    """Return what is ranked of each judgeable case of a run that has it."""
    return _ranked({c: _score(run, c, column.card.id) for c in run.judged(column.kind)}, column)


def _ranked(by_case: Mapping[str, Score], column: Column) -> dict[str, float]:
    """Return what is ranked of each case that has it."""
    found = {
        case: _distance(score) if column.by_distance else score.value
        for case, score in by_case.items()
        if isinstance(score, Measured)
    }
    return {case: value for case, value in found.items() if value is not None}


def _set_cell(run: Run, column: Column) -> Cell:
    """Return the score over all cases of one kind; it stands on the cases that were delivered."""
    kind, protocol_id = column.kind, column.card.id
    judged = run.judged(kind)
    delivered = [c for c in judged if run.outcome(c) is Outcome.OK]
    fingerprint = _fingerprint(run, protocol_id)
    missing = most_common(
        placeless(run.record.generated[c].reason)
        for c in judged
        if run.outcome(c) is Outcome.FAILED
    )
    match run.sets.get((kind, protocol_id)):
        case SetScore(value=value) as score if value == value:
            return Cell(
                value=value,
                coverage=_share(score, len(delivered), len(judged)),
                measured=len(delivered),
                judgeable=len(judged),
                fingerprint=fingerprint,
                reason=missing,
                over=score,
            )
        case NotMeasured(reason):
            pass
        case SetScore():
            reason = "the value is not a number"
        case None:
            reason = run.absent(protocol_id) or "the run has not measured it yet"
    return Cell(
        value=None, judgeable=len(judged), fingerprint=fingerprint, reason=placeless(reason)
    )


def _share(score: SetScore, delivered: int, judged: int) -> float | None:
    """Return the share of items that a method delivered, or of cases where that is less."""
    if not judged:
        return None
    items = min(1.0, score.items / score.expected) if score.expected else 1.0
    return min(items, delivered / judged)


def _lost(run: Run, column: Column) -> bool:
    """Say whether results were looked at and the method gave nothing to measure.

    What several people do together has other reasons for no value than missing frames: nothing
    moves, or nobody is followed.
    """
    if not column.card.extractors or column.card.people > 1:
        return False
    stored = (run.scores.get((c, column.card.id)) for c in run.judged(column.kind))
    return any(isinstance(s, NotMeasured) and not s.of_input for s in stored)


def count(run: Run, kind: Kind) -> CaseCount:
    """Count what became of the cases of one kind."""
    cases = run.case_ids(kind)
    generated = [run.record.generated[c] for c in cases if c in run.record.generated]
    scored = {s.case_id for s in run.record.scores}
    ok = [g for g in generated if g.outcome is Outcome.OK]
    failed = [g.reason for g in generated if g.outcome is Outcome.FAILED]
    unjudgeable = [g.reason for g in generated if g.outcome is Outcome.UNJUDGEABLE]
    return CaseCount(
        total=len(cases),
        finished=len(failed)
        + len(unjudgeable)
        + sum(run.record.measured(g.case_id, scored) for g in ok),
        delivered=len(ok),
        failed=len(failed),
        unjudgeable=len(unjudgeable),
        failure=placeless(most_common(failed)),
        flaw=placeless(most_common(unjudgeable)),
    )


def most_common(reasons: Iterable[str]) -> str:
    """Return the most frequent reason, the earliest of several; empty if there is none."""
    ranked = Counter(reasons).most_common(1)
    return ranked[0][0] if ranked else ""


def _score(run: Run, case_id: str, protocol_id: str) -> Score:
    outcome = run.outcome(case_id)
    if outcome is None:
        return NotMeasured("the run has not reached it yet")
    if outcome is Outcome.FAILED:
        reason = placeless(run.record.generated[case_id].reason)
        return NotMeasured(f"the method failed: {reason}" if reason else "the method failed")
    found = run.scores.get((case_id, protocol_id))
    match found:
        case Measured(value) if value == value:
            return found
        case Measured():
            return NotMeasured("the value is not a number")
        case NotMeasured(reason, of_input):
            return NotMeasured(placeless(reason) or "no reason was given", of_input)
    if why := run.absent(protocol_id):
        return NotMeasured(why, of_input=True)
    if protocol_id not in run.facts.metrics:
        return NotMeasured("the run was made without this metric")
    return NotMeasured("the run has not measured it yet")


def _distance(score: Measured) -> float | None:
    return None if score.driver is None else abs(score.value - score.driver)


def _number(values: Sequence[float | None]) -> float | None:
    """Return the mean, or ``None`` if a value is missing or the mean is not a number."""
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    result = mean(known)
    return result if result == result else None


def _fingerprint(run: Run, protocol_id: str) -> str:
    facts = run.facts.metrics.get(protocol_id)
    return ";".join(f"{k}={v}" for k, v in sorted(facts.extractors.items())) if facts else ""
