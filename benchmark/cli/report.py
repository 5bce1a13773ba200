"""``bench report``: all there is to say about some runs, in one folder."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder; a report that is there is replaced.")],
    metrics: Annotated[
        str, typer.Option(help="As bench table --metrics; default: what tables show.")
    ] = "",
    worst: Annotated[
        int, typer.Option(min=1, max=100, help="Worst cases a metric and method.")
    ] = 3,
    pictures: Annotated[
        int, typer.Option(min=0, max=100, help="How many of the worst cases are drawn.")
    ] = 8,
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder of the runs; default: BENCH_DATA, else mini."),
    ] = None,
) -> None:
    """Write tables, plots, worst cases and provenance as a folder that stands alone.

    Mind the licences of portraits and clips before you publish it (--pictures 0).
    """
    from benchmark.cli.reporting.build import Wanted, build_report

    wanted = [name for name in (part.strip() for part in metrics.split(",")) if name]
    page = build_report(Wanted(runs, out, wanted, worst, pictures, data), _say)
    print(page)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
