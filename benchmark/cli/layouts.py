"""``bench table --layout``: tables in the layout of a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from benchmark.cli.sheets import Sheets

if TYPE_CHECKING:
    from leaderboards.layouts.model import PaperTable

LIST = "list"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table in the layout of a paper is made from.

    Attributes:
        layout: Its name, ``fantasyportrait-1``.
        runs: Run directories, or folders of them; may be empty.
        ratings: Answers of a user study; ``None`` for none.
        intervals: Print intervals beside numbers that have one.
    """

    layout: str
    runs: Sequence[Path] = ()
    ratings: Path | None = None
    intervals: bool = False


def sheets(asked: Asked) -> Sheets:
    """Return a table in the layout of a paper, ready to print.

    Raises:
        BenchError: As `read_layout`.
    """
    return set_layout(read_layout(asked), asked.intervals)


def set_layout(made: "PaperTable", intervals: bool = False) -> Sheets:
    """Return a table that is made already, ready to print."""
    from leaderboards.layouts.csv import csv
    from leaderboards.layouts.show import page

    return Sheets([page(made, intervals)], lambda: csv(made))


def read_layout(asked: Asked) -> "PaperTable":
    """Return a table in the layout of a paper.

    Raises:
        BenchError: If there is no such layout; and as `leaderboards.find.load_runs` and
            `leaderboards.layouts.build.paper_table`.
    """
    from benchmark.cli.intervals import spread
    from leaderboards.find import load_runs
    from leaderboards.layouts.build import paper_table
    from leaderboards.published import load
    from metrics.registry import CARDS

    library = load()
    published = library.table(asked.layout)
    records = load_runs(asked.runs) if asked.runs else []
    wanted = spread if asked.intervals else None
    return paper_table(library, published, records, CARDS, asked.ratings, wanted)


def list_layouts() -> None:
    """Print the layouts: name, kind, what they show."""
    from leaderboards.published import load

    tables = load().tables.values()
    width = max(len(table.id) for table in tables)
    for table in tables:
        typer.echo(f"{table.id:{width}}  {table.facts.kind:10}  {table.facts.title}")
    typer.echo("\nbench table --layout NAME [RUN…]; user studies also --ratings FILE")
