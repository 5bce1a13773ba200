"""From runs to a table: read, refuse, reduce, rank, annotate."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.store import RunRecord
from leaderboards.cells import cell, count
from leaderboards.columns import columns as choose_columns
from leaderboards.columns import unknown
from leaderboards.comparable import cohort
from leaderboards.facts import Run, read
from leaderboards.groups import NOTE, grouped
from leaderboards.model import KINDS, Cell, Column, Grouping, Row, Spread, Table
from leaderboards.notes import contaminated, notes, unproven
from leaderboards.numbers import printed
from leaderboards.ranks import ranked
from leaderboards.text import clean
from metrics.card import Card

_SPREAD = (
    "±: half the width of the 95 % interval of the mean over cases, clustered by person (Student's "
    "t). Where there is none, the cases have fewer than ten people, or the run does not say whom."
)


def build(
    records: Sequence[RunRecord],
    cards: Mapping[str, Card],
    metrics: Sequence[str] = (),
    in_layout: bool = False,
    spread: Spread | None = None,
    grouping: Grouping | None = None,
) -> Table:
    """Put runs side by side.

    Args:
        records: Finished or unfinished runs; methods keep this order, controls follow.
        cards: Known definitions by protocol id, in the order of the columns.
        metrics: Names or protocol ids to show; empty for the default ones.
        in_layout: Whether it is for columns of somebody else's: nothing is said of other metrics,
            nor of the columns that only the suite's own table has.
        spread: Gives means over cases their intervals; ``None`` for none.
        grouping: Lets methods share a rank that cannot be told apart; ``None`` for the order of
            the printed numbers.

    Raises:
        UsageProblem: If there is no run, a run occurs twice, its manifest is damaged, or a metric
            is unknown.
        NotComparable: If the runs did not have the same cases.
    """
    runs = [read(record) for record in records]
    shared = cohort(runs)
    columns = choose_columns(runs, cards, metrics)
    named = labels(runs)
    strange = () if in_layout else tuple(clean(p) for p in unknown(runs, cards))
    rows = ranked(columns, [_row(*pair, columns, spread) for pair in zip(runs, named, strict=True)])
    if grouping:
        rows = grouped(runs, columns, rows, grouping)
    rows = tuple(sorted(rows, key=lambda row: row.role == "control"))
    reference = _reference(columns, rows)
    return Table(
        cohort=shared,
        columns=columns,
        rows=(*rows, reference) if reference else rows,
        notes=(
            *notes(runs, columns, rows, {} if in_layout else cards, strange),
            *((_SPREAD,) if spread else ()),
            *((NOTE,) if grouping else ()),
        ),
    )


def _row(run: Run, label: str, columns: Sequence[Column], spread: Spread | None) -> Row:
    facts = run.facts
    said = (facts.method.note, unproven(run), contaminated(run))
    return Row(
        label=label,
        role="control" if facts.method.control else "method",
        cells=tuple(cell(run, column, spread) for column in columns),
        name=facts.method.name,
        run_id=facts.run_id,
        note=" ".join(note for note in said if note),
        hardware=facts.hardware.generation.label,
        complete=run.record.complete,
        counts={kind: count(run, kind) for kind in KINDS if run.case_ids(kind)},
        judged={kind: run.judged(kind) for kind in KINDS},
    )


def labels(runs: Sequence[Run]) -> list[str]:
    """Return the methods' labels; runs of the same label are told apart by their directory.

    The run id cannot do it: it is the same when a method was changed and run again elsewhere. Of
    paths only the part that differs is shown: tables are published.
    """
    labels = [run.facts.method.label for run in runs]
    roots = [run.record.paths.root for run in runs]
    for name in ([clean(root.name) for root in roots], _below_shared(roots)):
        many = Counter(labels)
        labels = [
            f"{run.facts.method.label} [{n}]" if many[label] > 1 else label
            for run, label, n in zip(runs, labels, name, strict=True)
        ]
    return labels


def _below_shared(roots: Sequence[Path]) -> list[str]:
    """Return paths without the folders that all of them have in common."""
    paths = [root.resolve() for root in roots]
    shared = os.path.commonpath(paths)
    return [clean(os.path.relpath(path, shared)) for path in paths]


def _reference(columns: Sequence[Column], rows: Sequence[Row]) -> Row | None:
    """Return the driving clips' own values, if a column is judged by the distance to them."""
    cells = tuple(
        _driver(column, [c for row in rows if (c := row.cells[i])]) if column.by_distance else None
        for i, column in enumerate(columns)
    )
    return Row("driving clip", "reference", cells) if any(cells) else None


def _driver(column: Column, cells: Sequence[Cell]) -> Cell:
    whole = [c for c in cells if c.driver is not None and c.measured == c.judgeable]
    usable = whole or [c for c in cells if c.driver is not None]
    if not usable:
        return Cell(None, reason="no run holds the driving clip's own value")
    card = column.card
    values = {printed(c.driver or 0.0, card.scale_exponent, card.digits) for c in usable}
    if len(values) > 1:
        return Cell(None, reason="differs between the runs: they did not use the same frames")
    return Cell(usable[0].driver)
