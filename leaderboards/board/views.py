"""What a board shows as tables: all cases, and the cases of each tag, by the rules of tables.

Values, ranks and notes come from `leaderboards.build`; nothing is computed here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.errors import BenchError
from benchmark.store import RunRecord, SetEntry
from leaderboards.board.gather import Entry, Grey, Group
from leaderboards.build import build
from leaderboards.columns import ALL
from leaderboards.model import Cell, Column, Row, Table
from metrics.card import Card
from metrics.score import NotMeasured

MOST_TAGS = 60
_PART = NotMeasured("it is a score over all cases, not over a part of them", of_input=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a board.

    Attributes:
        row: As tables have it; cells of greyed rows are not ranked.
        entry: Its run; ``None`` for the driving clips' own values.
        state: Empty, ``unfinished``, ``unranked``, ``stale`` or ``incomparable``.
        why: Why it is greyed; empty if it is not.
    """

    row: Row
    entry: Entry | None = None
    state: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One table of a board.

    Attributes:
        table: The table of the runs that are compared.
        rows: Its rows, then greyed ones.
    """

    table: Table
    rows: tuple[Shown, ...]


def view(group: Group, cards: Mapping[str, Card], metrics: Sequence[str]) -> View:
    """Return the table of a board over all its cases.

    Raises:
        BenchError: As `leaderboards.build.build`.
    """
    table = build([entry.record for entry in group.current], cards, metrics)
    rows = [_shown(table, row, i, group.current) for i, row in enumerate(table.rows)]
    grey = [_greyed(one, table.columns, cards) for one in (*group.stale, *group.others)]
    return View(table, (*rows, *grey))


def part(group: Group, cases: Sequence[str], cards: Mapping[str, Card], shown: Table) -> View:
    """Return the table of a board over some of its cases, with the same columns.

    Raises:
        BenchError: As `leaderboards.build.build`.
    """
    current = tuple(_restricted(entry, cases) for entry in group.current)
    stale = tuple(replace(one, entry=_restricted(one.entry, cases)) for one in group.stale)
    wanted = list(dict.fromkeys(column.card.id for column in shown.columns))
    smaller = view(Group(current, stale), cards, wanted)
    place = {(c.kind, c.card.id): i for i, c in enumerate(smaller.table.columns)}
    order = [place.get((c.kind, c.card.id)) for c in shown.columns]
    rows = [
        replace(one, row=replace(one.row, cells=_reordered(one.row.cells, order)))
        for one in smaller.rows
    ]
    return View(replace(smaller.table, columns=shown.columns), tuple(rows))


def parts(tags: Mapping[str, Sequence[str]], case_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the cases of each tag that makes a part of a board worth a table of its own.

    Args:
        tags: Tags by case.
        case_ids: Cases of the board, in order.

    Returns:
        Tags of at least two and not all cases, the `MOST_TAGS` most frequent of them, by name.
    """
    many = Counter(tag for case_id in case_ids for tag in dict.fromkeys(tags.get(case_id, ())))
    chosen = [tag for tag, n in many.most_common() if 2 <= n < len(case_ids)][:MOST_TAGS]
    return {tag: [c for c in case_ids if tag in tags.get(c, ())] for tag in sorted(chosen)}


def _reordered(
    cells: Sequence[Cell | None], order: Sequence[int | None]
) -> tuple[Cell | None, ...]:
    return tuple(None if i is None else cells[i] for i in order)


def _restricted(entry: Entry, cases: Sequence[str]) -> Entry:
    """Return a run as if it had had these cases only."""
    wanted = set(cases)
    record, facts = entry.record, entry.facts
    manifest = {
        **record.manifest,
        "case_ids": list(cases),
        "cases": {c: record.manifest["cases"][c] for c in cases},
    }
    smaller = RunRecord(
        record.paths,
        manifest,
        {c: made for c, made in record.generated.items() if c in wanted},
        tuple(s for s in record.scores if s.case_id in wanted),
        tuple(SetEntry(s.protocol, s.metric, _PART) for s in record.sets),
    )
    return Entry(smaller, facts)


def _shown(table: Table, row: Row, index: int, current: Sequence[Entry]) -> Shown:
    """Return a row with its run; a row that takes no part in any rank is grey."""
    if row.role == "reference":
        return Shown(row)
    entry = current[index]  # `build` keeps the order and puts controls last, as `gather` does
    if not row.complete:
        return Shown(row, entry, "unfinished", "the run is not finished: it is not ranked yet")
    reasons = {cell.unranked for cell in row.cells if cell and cell.value is not None}
    if row.role == "method" and len(reasons) == 1 and (why := next(iter(reasons))):
        return Shown(row, entry, "unranked", why)
    return Shown(row, entry)


def _greyed(grey: Grey, columns: Sequence[Column], cards: Mapping[str, Card]) -> Shown:
    """Return the row of a run that is not compared with the others."""
    entry = grey.entry
    label = f"{entry.facts.method.label} [{entry.name}]"
    try:
        own = build([entry.record], cards, [ALL])
    except BenchError as error:
        cells: tuple[Cell | None, ...] = (Cell(None, reason=error.problem),) * len(columns)
        row = Row(label, "method", cells, complete=entry.record.complete)
        return Shown(row, entry, grey.state, grey.why)
    found = {(c.kind, c.card.id): i for i, c in enumerate(own.columns)}
    row = own.rows[0]
    picked = [found.get((c.kind, c.card.id)) for c in columns]
    lent = tuple(
        None if i is None or (cell := row.cells[i]) is None else _unranked(cell, grey.why)
        for i in picked
    )
    return Shown(replace(row, label=label, cells=lent), entry, grey.state, grey.why)


def _unranked(cell: Cell, why: str) -> Cell:
    return replace(cell, rank=None, unranked=why)
