"""The worst cases of each method: what a mean hides."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.store import Outcome
from leaderboards.facts import Run
from leaderboards.model import Column, Kind
from leaderboards.numbers import printed, typeset
from leaderboards.text import placeless
from metrics.card import Direction
from metrics.score import Measured, NotMeasured


@dataclass(frozen=True, slots=True)
class Bad:
    """A case that went badly for a method by one metric.

    Attributes:
        label: The method.
        run: Place of its run among the runs.
        case: The case.
        column: The metric and the kind.
        rank: 1 is the worst case of this method by this metric.
        value: Raw value, or the distance to the driving clip's own where that is judged; ``None``
            if there is none.
        reason: Why there is no value; empty otherwise.
    """

    label: str
    run: int
    case: str
    column: Column
    rank: int
    value: float | None
    reason: str = ""

    @property
    def shown(self) -> str:
        """The value as tables print it, or why there is none."""
        card = self.column.card
        if self.value is None:
            return self.reason
        return typeset(printed(self.value, card.scale_exponent, card.digits))


def worst_cases(
    named: Sequence[tuple[str, Run]], columns: Sequence[Column], most: int
) -> list[Bad]:
    """Return the worst cases by column and run, in the order of both.

    A case that the method failed, or in which nothing could be measured, is worse than any value;
    of equal cases the earlier one comes first. What the input does not allow is nobody's fault and
    is left out, and so are scores over all cases, and speed.

    Args:
        named: Runs with their labels.
        columns: Columns of the table.
        most: Cases a column and run.
    """
    found: list[Bad] = []
    for column in columns:
        if column.card.over == "set" or column.card.timing:
            continue
        for number, (label, run) in enumerate(named):
            judged = [Bad(label, number, *one) for one in _judged(run, column)]
            judged.sort(key=_badness)
            found += [_ranked(bad, i) for i, bad in enumerate(judged[:most], start=1)]
    return found


def most_often(found: Sequence[Bad], most: int) -> list[tuple[int, str, int]]:
    """Return run, case and by how many metrics it is the worst case of its run, most first."""
    counted = Counter((bad.run, bad.case) for bad in found if bad.rank == 1)
    return [(run, case, n) for (run, case), n in counted.most_common(most)]


def failures(named: Sequence[tuple[str, Run]], kinds: Sequence[Kind]) -> list[tuple[str, str, str]]:
    """Return label, case and reason of every case that a method did not deliver."""
    return [
        (label, case, placeless(run.record.generated[case].reason) or "no reason was given")
        for label, run in named
        for kind in kinds
        for case in run.judged(kind)
        if run.outcome(case) is Outcome.FAILED
    ]


def _judged(run: Run, column: Column) -> Iterator[tuple[str, Column, int, float | None, str]]:
    for case in run.judged(column.kind):
        outcome = run.outcome(case)
        if outcome is None:
            continue
        if outcome is Outcome.FAILED:
            reason = placeless(run.record.generated[case].reason)
            yield case, column, 0, None, f"failed: {reason}" if reason else "failed"
            continue
        match run.scores.get((case, column.card.id)):
            case Measured(value, driver=driver):
                if not column.by_distance:
                    yield case, column, 0, value, ""
                elif driver is not None:
                    yield case, column, 0, abs(value - driver), ""
            case NotMeasured(reason, of_input) if not of_input:
                yield case, column, 0, None, placeless(reason)
            case _:
                pass


def _badness(bad: Bad) -> tuple[bool, float]:
    if bad.value is None or bad.value != bad.value:
        return False, 0.0
    higher = bad.column.card.direction is Direction.HIGHER
    return True, bad.value if higher else -bad.value


def _ranked(bad: Bad, rank: int) -> Bad:
    return Bad(bad.label, bad.run, bad.case, bad.column, rank, bad.value, bad.reason)
