"""Rows that this suite measured, in the columns, scales and digits of a paper.

The cells come from `leaderboards.build`, with its rules on who is ranked; only the scale and the
digits of the definitions are those of the paper, so that ranks compare what is printed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmark.errors import UsageProblem
from benchmark.store import RunRecord
from leaderboards.build import build
from leaderboards.columns import official, official_of
from leaderboards.facts import read
from leaderboards.formats import remarks
from leaderboards.layouts.model import Entries, Entry, Pool
from leaderboards.layouts.printed import same
from leaderboards.model import KINDS, Cohort, Kind, Row, Spread, Table
from leaderboards.numbers import printed
from leaderboards.published import PublishedColumn, PublishedTable
from metrics.card import Card

_BY_DISTANCE = "Judged by the distance to the driving clip's own value (bench table); not ranked."


@dataclass(frozen=True, slots=True)
class Measured:
    """What runs say in the layout of a paper.

    Attributes:
        rows: Methods, controls, and the driving clip's own values; not yet ranked.
        table: The runs side by side, with the columns that were found.
        daggers: Keys of columns that stand on stand-ins.
    """

    rows: list[Entries]
    table: Table
    daggers: frozenset[str]


def measured_rows(
    published: PublishedTable,
    records: Sequence[RunRecord],
    cards: Mapping[str, Card],
    spread: Spread | None = None,
) -> Measured:
    """Return runs in the layout of a paper's table.

    Where a paper does not say the kind of reenactment, each kind that the runs have is a block.

    Args:
        published: The paper's table.
        records: Runs on the same cases.
        cards: Known definitions by protocol id.
        spread: Gives means their intervals; ``None`` for none.

    Raises:
        UsageProblem: If no run holds any metric of the layout; and as `leaderboards.build.build`.
        NotComparable: As `leaderboards.build.build`.
    """
    wanted = _definitions(published, cards)
    held = {p for run in map(read, records) for p in run.protocol_ids()}
    shown = [i for i in wanted if i in held]
    if not shown:
        raise _nothing(published)
    table = build(records, wanted, shown, in_layout=True, spread=spread)
    elsewise = _elsewise(held, cards)
    rows: list[Entries] = []
    daggers: set[str] = set()
    for kind in _blocks(published, table):
        places = [_place(table, column, kind) for column in published.columns]
        lacking = [_lacking(column, elsewise) for column in published.columns]
        daggers |= {
            column.key
            for column, place in zip(published.columns, places, strict=True)
            if place is not None and table.columns[place].card.embedded
        }
        rows += [
            _row(table, row, published, list(zip(places, lacking, strict=True)), kind)
            for row in table.rows
        ]
    return Measured([row for row in rows if _says_something(row)], table, frozenset(daggers))


def _definitions(published: PublishedTable, cards: Mapping[str, Card]) -> dict[str, Card]:
    """Return our definitions of a layout and their stand-ins, set as the paper prints them."""
    found: dict[str, Card] = {}
    for column in published.columns:
        metric = column.metric
        digits = max(c.digits for c in published.columns if c.metric.ours == metric.ours)
        for card in cards.values():
            if metric.ours and official(card) == metric.ours:
                found[card.id] = replace(
                    card, scale_exponent=metric.from_ours, digits=digits, title=metric.title
                )
    return found


def _nothing(published: PublishedTable) -> UsageProblem:
    ours = list(dict.fromkeys(c.metric.ours for c in published.columns if c.metric.ours))
    if not ours:
        return UsageProblem(
            f"runs cannot fill {published.id}: this suite measures none of its columns",
            f"leave the runs out: bench table --layout {published.id}",
        )
    return UsageProblem(
        f"no run holds a metric of the layout {published.id}",
        f"bench run --metrics {','.join(ours)} measures them",
    )


def _blocks(published: PublishedTable, table: Table) -> Iterable[Kind | None]:
    if all(column.kind for column in published.columns):
        return (None,)
    return tuple(kind for kind in KINDS if any(c.kind == kind for c in table.columns))


def _place(table: Table, column: PublishedColumn, block: Kind | None) -> int | None:
    """Return the column of ``table`` that fills a column of the layout.

    Official numbers where any run has one, else stand-ins: columns have cards in the order of the
    registry, in which stand-ins follow what they stand in for.
    """
    kind = column.kind or block
    fitting = [
        i
        for i, one in enumerate(table.columns)
        if one.kind == kind and official(one.card) == column.metric.ours
    ]
    filled = [i for i in fitting if _filled(table, i)]
    return next(iter(filled or fitting), None)


def _filled(table: Table, index: int) -> bool:
    return any(cell and cell.value is not None for cell in (r.cells[index] for r in table.rows))


def _elsewise(held: set[str], cards: Mapping[str, Card]) -> dict[str, str]:
    """Return what runs hold in a version of a definition that this suite's version lacks."""
    found: dict[str, list[str]] = {}
    for protocol_id in sorted(held - set(cards)):
        found.setdefault(official_of(protocol_id), []).append(protocol_id)
    return {name: ", ".join(ids) for name, ids in found.items()}


def _lacking(column: PublishedColumn, elsewise: Mapping[str, str]) -> str:
    """Return why no column of ours fills a column of the layout."""
    metric = column.metric
    if not metric.ours:
        return metric.differs
    if held := elsewise.get(metric.ours):
        return f"the runs hold {held}, which this version does not define"
    return "no run measured it"


def _row(
    table: Table,
    row: Row,
    published: PublishedTable,
    places: Sequence[tuple[int | None, str]],
    kind: Kind | None,
) -> Entries:
    """Return a run's row; ``places`` are its columns in ``table``, each with why there is none."""
    counted = [row.counts[k] for k in KINDS if k in row.counts and kind in (None, k)]
    said = [row.note, *(remarks.of_cases(row, count) for count in counted)]
    return Entries(
        label=row.label,
        source="measured",
        block=_block(table.cohort, kind),
        cells=tuple(
            _entry(table, row, column, place) if place is not None else _nowhere(row, why)
            for column, (place, why) in zip(published.columns, places, strict=True)
        ),
        role=row.role,
        method=row.name,
        run_id=row.run_id,
        note=" ".join(dict.fromkeys(part for part in said if part)),
    )


def _block(cohort: Cohort, kind: Kind | None) -> str:
    parts = ("measured", f"{cohort.dataset}/{cohort.split}", kind)
    return " · ".join(part for part in parts if part)


def _nowhere(row: Row, why: str) -> Entry:
    return Entry(note="" if row.role == "reference" else f"No value: {why}.")


def _entry(table: Table, row: Row, column: PublishedColumn, place: int) -> Entry:
    cell, by = row.cells[place], table.columns[place]
    if cell is None:
        return Entry()
    note = remarks.of_cell(row, cell)
    if cell.value is None:
        return Entry(note=note, protocol_id=by.card.id, cell=cell)
    if by.by_distance and row.role == "method":
        note = note or _BY_DISTANCE
    return Entry(
        printed=printed(cell.value, column.metric.from_ours, column.digits),
        value=_unscaled(cell.value, column),
        pool=_pool(table, row, place),
        note=note,
        protocol_id=by.card.id,
        cell=cell,
        spread=None if cell.spread is None or by.by_distance else _unscaled(cell.spread, column),
    )


def _unscaled(value: float, column: PublishedColumn) -> float:
    """Return a raw value of ours in the raw unit of the paper (milliseconds as seconds)."""
    power = column.metric.from_ours - column.metric.scale
    return value if power == 0 else float(Decimal(value).scaleb(power))


def _pool(table: Table, row: Row, place: int) -> Pool | None:
    """Return whom a number of ours is compared with; ``None`` where `leaderboards.ranks` forbids.

    A number that may be ranked has the column's extractors, judged cases and machine. It meets a
    paper's number only if that states definition, extractors and split, and all of it was run.
    """
    cell, by = row.cells[place], table.columns[place]
    if cell is None or cell.unranked or by.by_distance:
        return None
    cohort = table.cohort
    shortened = cohort.limit is not None or cohort.max_frames is not None
    whole = not shortened and not row.counts[by.kind].unjudgeable
    if whole and not by.card.timing:
        return same(by.card.id, cell.fingerprint, cohort.sha256, by.kind)
    return ("measured", by.card.id, by.kind)


def _says_something(row: Entries) -> bool:
    return row.role != "reference" or any(cell.printed for cell in row.cells)
