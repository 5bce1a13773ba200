"""``bench drift``: how scores change while clips of minutes go on."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmark.drift import RunDrift
    from benchmark.errors import UsageProblem

_REASONS = 4
"""Reasons, and cases of each, that are printed where nothing has a drift; CSV has all."""


class DriftFormat(StrEnum):
    """Forms the drift is printed in."""

    TERMINAL = "terminal"
    MD = "md"
    CSV = "csv"


def drift(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, or folders of them.")],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="Name (aed) or protocol id; repeat. Default: as tables."),
    ] = None,
    form: Annotated[
        DriftFormat, typer.Option("--format", help="How to print it.")
    ] = DriftFormat.TERMINAL,
) -> None:
    """Print how scores change per minute, for clips of a minute or more.

    Each frame's score is on record in the run; nothing is measured again.
    """
    from benchmark.drift_page import markdown, table

    found = _found(runs, metric or [])
    if form is DriftFormat.CSV:
        typer.echo(table(found), nl=False)
        return
    if not any(one.measured for one in found):
        raise nothing(found)
    if form is DriftFormat.TERMINAL:
        _print(found)
    else:
        typer.echo(markdown(found), nl=False)


def nothing(found: "list[RunDrift]") -> "UsageProblem":
    """Say why no clip has a drift."""
    from benchmark.errors import UsageProblem
    from metrics.score import NotMeasured

    clips: dict[str, dict[str, None]] = {}
    for one in found:
        for case, clip in one.clips.items():
            if isinstance(clip, NotMeasured):
                clips.setdefault(clip.reason, {})[case] = None
    lines = [f"{reason}: {_named(list(cases))}" for reason, cases in clips.items()]
    more = len(lines) - _REASONS
    lines[_REASONS:] = [f"and {more} more reasons: --format csv has all"] if more > 0 else []
    return UsageProblem(
        "no clip of these runs has a drift", "\n".join(lines) or "no case of them is measured yet"
    )


def _named(cases: list[str]) -> str:
    """Return the first cases, and how many more there are."""
    more = len(cases) - _REASONS
    return ", ".join(cases[:_REASONS]) + (f" and {more} more" if more > 0 else "")


def _found(folders: list[Path], metrics: list[str]) -> "list[RunDrift]":
    """Return the drift of runs on the same cases.

    Raises:
        BenchError: If they are not, or something in them is missing or damaged.
    """
    from benchmark.drift import drifts
    from leaderboards.build import labels
    from leaderboards.comparable import cohort
    from leaderboards.facts import read
    from leaderboards.find import load_runs

    records = load_runs(folders)
    read_runs = [read(record) for record in records]
    cohort(read_runs)
    return list(drifts(dict(zip(labels(read_runs), records, strict=True)), metrics))


def _print(found: "list[RunDrift]") -> None:
    from rich.console import Console
    from rich.table import Table

    from benchmark.drift_page import COLUMNS, LEGEND, blocks, notes

    console = Console()
    for block in blocks(found):
        console.print(block.heading, style="bold", markup=False, highlight=False)
        grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for number, column in enumerate(COLUMNS):
            last = number in (0, len(COLUMNS) - 1)
            grid.add_column(column, justify="left" if last else "right", overflow="fold")
        for row in block.rows:
            grid.add_row(*row)
        console.print(grid, "", markup=False, highlight=False)
    for note in (*LEGEND, *notes(found)):
        console.print(f"· {note}", style="dim", markup=False, highlight=False)
