"""From a published table, with runs or ratings or neither, to a table in its layout."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.store import RunRecord
from leaderboards.layouts.measured import measured_rows
from leaderboards.layouts.model import PaperTable
from leaderboards.layouts.notes import apart, paper_notes
from leaderboards.layouts.printed import published_rows
from leaderboards.layouts.rank import ranked
from leaderboards.layouts.study import rated_rows
from leaderboards.model import Spread
from leaderboards.published import Library, PublishedTable
from metrics.card import Card


def paper_table(
    library: Library,
    published: PublishedTable,
    records: Sequence[RunRecord] = (),
    cards: Mapping[str, Card] | None = None,
    ratings: Path | None = None,
    spread: Spread | None = None,
) -> PaperTable:
    """Return a paper's table, and runs or the answers of a user study below it.

    Args:
        library: Where the table is from.
        published: The table.
        records: Runs on the same cases; empty for the published block alone.
        cards: Known definitions by protocol id; needed with runs.
        ratings: Answers of a user study; ``None`` for none.
        spread: Gives means over cases of runs their intervals; ``None`` for none.

    Raises:
        UsageProblem: As `leaderboards.layouts.measured.measured_rows` and
            `leaderboards.layouts.study.rated_rows`.
        NotComparable: As the former.
    """
    rows = published_rows(published, library.methods)
    said = paper_notes(published)
    if ratings is not None:
        answered, note = rated_rows(published, ratings)
        rows += answered
        said = (apart(published, rows), *said, note)
    if not records:
        return PaperTable(published, ranked(published.columns, rows), notes=said)
    measured = measured_rows(published, records, cards or {}, spread)
    rows += measured.rows
    why = apart(published, rows)
    return PaperTable(
        published,
        ranked(published.columns, rows),
        daggers=measured.daggers,
        cohort=measured.table.cohort,
        notes=(*([why] if why else []), *said, *measured.table.notes),
    )
