"""From runs to the values that plots of scores draw: one a case, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.errors import NotComparable, UsageProblem
from benchmark.store import Outcome, RunRecord
from leaderboards.build import labels
from leaderboards.cells import most_common
from leaderboards.columns import columns
from leaderboards.comparable import cohort
from leaderboards.facts import Run, read
from leaderboards.model import Column
from metrics.card import Card, Direction
from metrics.score import Measured, NotMeasured

MOST_PANELS = 12
_NAMED = 2
"""Metrics that a remark names."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric in one kind of reenactment, of all runs.

    Attributes:
        column: The metric and the kind.
        values: By run label, then by case: the raw value, or the distance from the driving clip's
            own value for metrics that are judged by it. Finite; a run may have none.
        missing: By run label: why cases are missing; empty where none is.
    """

    column: Column
    values: Mapping[str, Mapping[str, float]]
    missing: Mapping[str, str]

    @property
    def better(self) -> str:
        """Which way is better, in words."""
        return "higher" if self.column.card.direction is Direction.HIGHER else "lower"

    @property
    def arrow(self) -> str:
        """The same as a sign, as in tables."""
        return "↑" if self.better == "higher" else "↓"

    @property
    def quantity(self) -> str:
        """What is drawn: title and unit."""
        card, title = self.column.card, self.column.title
        shown = f"{title} − driver's" if self.column.by_distance else title
        shown = f"|{shown}|" if self.column.by_distance else shown
        return f"{shown} [{card.unit}]" if card.unit else shown


def panels(
    records: Sequence[RunRecord], cards: Mapping[str, Card], wanted: Sequence[str]
) -> list[Panel]:
    """Return the panels of metrics of single cases, as tables order them; some may be empty.

    Args:
        records: Runs on the same cases.
        cards: Known definitions by protocol id.
        wanted: Names, definitions or protocol ids.

    Raises:
        UsageProblem: If there is no run, a name is unknown, no run measured it, it has no value a
            case, or there are more panels than a page takes.
        NotComparable: If the runs did not have the same cases, or measured a metric by different
            extractors.
    """
    runs = [read(record) for record in records]
    cohort(runs)
    chosen = columns(runs, cards, wanted)
    if together := [column.card.id for column in chosen if column.card.over == "set"]:
        raise UsageProblem(
            f"{together[0]} is one score of all cases together: no case has a value to draw",
            "choose a metric of single cases, see: bench metrics list",
        )
    named = dict(zip(labels(runs), runs, strict=True))
    found = [_panel(named, column) for column in chosen]
    shown = drawn(found)
    if not shown:
        raise UsageProblem(_nothing(found), "bench table shows what the runs hold")
    if len(shown) > MOST_PANELS:
        raise UsageProblem(
            f"{len(shown)} panels are more than one page takes ({MOST_PANELS})",
            "name definitions, as aed.mediapipe51, in place of whole families",
        )
    for panel in shown:
        _one_definition(named, panel)
    return found


def drawn(found: Sequence[Panel]) -> list[Panel]:
    """Return the panels that have a value; `notes` says why others have none."""
    return [panel for panel in found if any(panel.values.values())]


def notes(found: Sequence[Panel]) -> list[str]:
    """Return a sentence for each run and reason why cases are missing."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for panel in found:
        for run, why in panel.missing.items():
            if why:
                said.setdefault((run, panel.column.kind, why), []).append(panel.column.card.id)
    return [f"{run}, {kind}, {_ids(ids)}: {why}" for (run, kind, why), ids in said.items()]


def _ids(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _panel(runs: Mapping[str, Run], column: Column) -> Panel:
    values: dict[str, dict[str, float]] = {}
    missing: dict[str, str] = {}
    for name, run in runs.items():
        found = {case: _value(run, case, column) for case in run.judged(column.kind)}
        values[name] = {case: one for case, one in found.items() if isinstance(one, float)}
        lost = [one for one in found.values() if isinstance(one, str)]
        missing[name] = f"{len(lost)} of {len(found)} cases missing: {most_common(lost)}"
        if not lost:
            missing[name] = ""
    return Panel(column, values, missing)


def _value(run: Run, case: str, column: Column) -> float | str:
    """Return what is drawn of a case, or why nothing is."""
    outcome = run.outcome(case)
    if outcome is not Outcome.OK:
        return "the method failed" if outcome is Outcome.FAILED else "not reached yet"
    match run.scores.get((case, column.card.id)):
        case Measured(value, driver=driver) if not column.by_distance and value == value:
            return value
        case Measured(value, driver=float(driver)) if value == value and driver == driver:
            return abs(value - driver)
        case NotMeasured(reason):
            return reason
        case _:
            pass
    if why := run.absent(column.card.id):
        return why
    return "the run was made without this metric"


def _nothing(found: Sequence[Panel]) -> str:
    reasons = [why.partition(": ")[2] for p in found for why in p.missing.values() if why]
    ids = ", ".join(dict.fromkeys(panel.column.card.id for panel in found))
    return f"no run has a value of {ids}: {most_common(reasons) or 'no case can be judged'}"


def _one_definition(runs: Mapping[str, Run], panel: Panel) -> None:
    """Refuse values that were measured by different extractors under one name."""
    metric = panel.column.card.id
    seen: dict[str, str] = {}
    for name, run in runs.items():
        facts = run.facts.metrics.get(metric)
        if facts is not None and panel.values[name]:
            seen[name] = str(sorted(facts.extractors.items()))
    if len(set(seen.values())) > 1:
        raise NotComparable(
            f"{' and '.join(seen)} measured {metric} by different extractors",
            "measure again with the same --profile and the same engine",
        )
