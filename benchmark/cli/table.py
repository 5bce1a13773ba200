"""``bench table``: finished and unfinished runs side by side, or in the layout of a paper."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import layouts
from benchmark.cli.sheets import Format, Sheets, put
from benchmark.errors import UsageProblem

if TYPE_CHECKING:
    from benchmark.store import RunRecord
    from leaderboards.model import Table


class By(StrEnum):
    """What tables are split by."""

    PERSON = "person"


def table(
    runs: Annotated[
        list[Path] | None, typer.Argument(help="Run directories, or folders of them.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="By default what --out ends in, or terminal.")
    ] = None,
    metrics: Annotated[
        str, typer.Option(help="Names, protocol ids or groups as of bench run, comma-separated.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Print the coverage beside each number.")
    ] = False,
    by: Annotated[
        By | None, typer.Option(help="One table for each person of the portraits, from the left.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Columns of a paper's table and its numbers; 'list'.")
    ] = None,
    ratings: Annotated[
        Path | None, typer.Option(help="Answers of a user study, for the layouts of one.")
    ] = None,
    intervals: Annotated[
        bool, typer.Option("--intervals", help="Print 95 % intervals, where there are any.")
    ] = False,
    groups: Annotated[
        bool, typer.Option("--groups", help="Methods that cannot be told apart share a rank.")
    ] = False,
) -> None:
    """Print runs on the same cases as a table: methods by metrics, best bold, second underlined."""
    named = runs or []
    if layout is None:
        if ratings:
            raise UsageProblem("--ratings goes with --layout", "see: --layout list")
        wanted = [name for name in (part.strip() for part in metrics.split(",")) if name]
        making = read if by is None else read_by_person
        built = making(named, wanted, intervals, groups)
        put(sheets(built, coverage), format, out)
        return
    if metrics or coverage or by or groups:
        raise UsageProblem(
            "a layout has its own columns and ranks",
            "leave --metrics, --coverage, --by and --groups out",
        )
    if layout == layouts.LIST:
        layouts.list_layouts()
    else:
        put(layouts.sheets(layouts.Asked(layout, named, ratings, intervals)), format, out)


def show(runs: Sequence[Path]) -> None:
    """Print run directories as a table in the terminal."""
    put(sheets(read(runs)))


def sheets(built: "Sequence[Table]", coverage: bool = False) -> Sheets:
    """Return tables ready to print."""
    from leaderboards.formats.csv import csv
    from leaderboards.formats.layout import layout

    return Sheets([layout(one, coverage) for one in built], lambda: csv(*built))


def read(
    runs: Sequence[Path],
    metrics: Sequence[str] = (),
    intervals: bool = False,
    groups: bool = False,
) -> list["Table"]:
    """Return the table of run directories, or of folders of them.

    Raises:
        BenchError: See `leaderboards.find.load_runs` and `leaderboards.build.build`.
    """
    from benchmark.cli import intervals as chance
    from leaderboards.build import build
    from leaderboards.find import load_runs
    from metrics.registry import CARDS

    records = load_runs(runs)
    names = spelled_out(metrics, records)
    spread = chance.spread if intervals else None
    grouping = chance.groups if groups else None
    return [build(records, CARDS, names, spread=spread, grouping=grouping)]


def read_by_person(
    runs: Sequence[Path],
    metrics: Sequence[str] = (),
    intervals: bool = False,
    groups: bool = False,
) -> list["Table"]:
    """Return one table a person of the portraits, see `read`.

    Raises:
        BenchError: See `read` and `leaderboards.persons.by_person`.
    """
    from benchmark.cli import intervals as chance
    from leaderboards.find import load_runs
    from leaderboards.persons import person_tables
    from metrics.registry import CARDS

    records = load_runs(runs)
    names = spelled_out(metrics, records)
    spread = chance.spread if intervals else None
    grouping = chance.groups if groups else None
    return person_tables(records, CARDS, names, spread, grouping)


def spelled_out(metrics: Sequence[str], records: "Sequence[RunRecord]") -> list[str]:
    """Return names of metrics with the groups of ``bench run --metrics`` as what runs hold of them.

    Args:
        metrics: What the user asked for.
        records: The runs.

    Raises:
        UsageProblem: If the runs hold nothing of a group.
    """
    from benchmark.choice import ALL, DEFAULT, LIGHT, choose_metrics
    from leaderboards.columns import official
    from metrics.registry import CARDS

    names: list[str] = []
    for name in metrics:
        if name not in (DEFAULT, LIGHT):
            names.append(name)
            continue
        held = {p for record in records for p in record.manifest["metrics"]}
        group = {official(card) for card in choose_metrics([name], [])}
        found = [i for i, card in CARDS.items() if i in held and official(card) in group]
        if not found:
            raise UsageProblem(
                f"the runs hold no metric of the group '{name}'",
                f"--metrics {ALL} shows what they hold",
            )
        names += found
    return names
