"""From tables to plain data: what the shards of a board hold.

Numbers are text as tables print them (ASCII), since ranks compare exactly these; the page sorts and
typesets them. Long or repeated sentences stand once in ``strings``. Only keys of ours occur.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchmark.store import Outcome
from leaderboards.board.views import Shown, View
from leaderboards.cells import cell as reduce
from leaderboards.facts import Facts, Run
from leaderboards.formats import remarks
from leaderboards.model import KINDS, Cell, Column, Row
from leaderboards.numbers import percent, printed
from metrics.score import Measured

FIELDS = ("value", "rank", "note", "coverage", "distance", "grey")
"""A cell of a table; what is empty at its end is left out."""


@dataclass(slots=True)
class Strings:
    """Sentences by number."""

    index: dict[str, int] = field(default_factory=dict)

    def of(self, sentence: str) -> int:
        """Return the number of a sentence; -1 of the empty one."""
        return self.index.setdefault(sentence, len(self.index)) if sentence else -1

    @property
    def all(self) -> list[str]:
        """The sentences in the order of their numbers."""
        return list(self.index)


def columns(found: Sequence[Column]) -> list[dict[str, Any]]:
    """Return what the page must know of each column."""
    return [
        {
            "kind": column.kind,
            "title": column.title,
            "id": column.card.id,
            "unit": column.card.unit,
            "scale": column.card.scale_exponent,
            "direction": str(column.card.direction),
            "over": column.card.over,
            "formula": column.card.formula,
        }
        for column in found
    ]


def table(view: View, runs: Mapping[str, int]) -> dict[str, Any]:
    """Return one table.

    Args:
        view: The table.
        runs: Number of each run by its folder.
    """
    strings = Strings()
    rows = [_row(one, view.table.columns, runs, strings) for one in view.rows]
    return {"rows": rows, "notes": list(view.table.notes), "strings": strings.all}


def _row(
    one: Shown, columns: Sequence[Column], runs: Mapping[str, int], strings: Strings
) -> dict[str, Any]:
    row = one.row
    return {
        "label": row.label,
        "role": row.role,
        "run": -1 if one.entry is None else runs.get(str(one.entry.record.paths.root), -1),
        "state": one.state,
        "why": strings.of(one.why),
        "note": strings.of(row.note),
        "cases": {kind: _cases(row, kind, strings) for kind in KINDS if kind in row.counts},
        "cells": [
            _cell(one, column, cell, strings)
            for column, cell in zip(columns, row.cells, strict=True)
        ],
    }


def _cases(row: Row, kind: Any, strings: Strings) -> list[Any]:  # noqa: ANN401 - a Kind
    count = row.counts[kind]
    if row.complete:
        text = f"{count.delivered}/{count.judgeable}"
    else:
        text = f"{count.finished}/{count.total} so far"
    return [text, strings.of(remarks.of_cases(row, count))]


def _cell(one: Shown, column: Column, cell: Cell | None, strings: Strings) -> list[Any] | None:
    if cell is None:
        return None
    card = column.card
    # What the row says of itself is not said again of each of its cells.
    said = remarks.of_cell(one.row, replace(cell, unranked="") if one.why else cell)
    found = [
        None if cell.value is None else printed(cell.value, card.scale_exponent, card.digits),
        cell.rank or 0,
        strings.of(said),
        "" if cell.coverage is None else percent(cell.coverage),
        _distance(column, cell.distance),
        int(bool(cell.unranked) and one.row.role == "method"),
    ]
    empty: tuple[object, ...] = (None, 0, -1, "", None, 0)
    while len(found) > 1 and found[-1] == empty[len(found) - 1]:
        found.pop()
    return found


def _distance(column: Column, distance: float | None) -> str | None:
    if not column.by_distance or distance is None:
        return None
    return printed(distance, column.card.scale_exponent, column.card.digits)


def case_cells(run: Run, case_id: str, columns: Sequence[Column], strings: Strings) -> list[Any]:
    """Return the scores of one case in the order of the columns.

    ``None``: the column is of the other kind, or of all cases together; text: the value; a pair:
    the value and its distance to the driving clip's own; a number: the sentence why there is none.
    """
    kind = run.facts.cases[case_id].protocol
    return [
        None
        if column.kind != kind or column.card.over == "set"
        else _score(run, case_id, column, strings)
        for column in columns
    ]


def _score(run: Run, case_id: str, column: Column, strings: Strings) -> Any:  # noqa: ANN401
    card = column.card
    found = run.scores.get((case_id, card.id))
    plain = isinstance(found, Measured) and found.value == found.value and not column.by_distance
    if isinstance(found, Measured) and plain and _delivered(run, case_id):
        return printed(found.value, card.scale_exponent, card.digits)
    one = reduce(_alone(run, case_id), column)
    if one.value is None:
        return strings.of(one.reason or "no value")
    value = printed(one.value, card.scale_exponent, card.digits)
    distance = _distance(column, one.distance)
    return value if distance is None else [value, distance]


def _delivered(run: Run, case_id: str) -> bool:
    made = run.outcome(case_id)
    return made is not None and made is Outcome.OK


def _alone(run: Run, case_id: str) -> Run:
    """Return the run as if it had one case, so that the rules of tables say what is missing."""
    facts: Facts = run.facts.model_copy(update={"case_ids": (case_id,)})
    return Run(facts, run.record, run.scores, run.sets)
