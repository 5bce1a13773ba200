"""``bench perf table | plot | gate``: what was measured, as tables, a picture, a verdict."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.sheets import Format

if TYPE_CHECKING:
    from leaderboards.speed.quality import Quality


class LayoutName(StrEnum):
    """Layouts of speed tables."""

    STAGES = "stages"
    STABILITY = "stability"
    RESOLUTION = "resolution"
    PARETO = "pareto"
    MEMORY = "memory"


Folders = Annotated[
    list[Path], typer.Argument(help="Measurements (folders with perf.json), or folders of them.")
]
Runs = Annotated[
    list[Path] | None,
    typer.Option("--runs", help="Runs for the columns of quality; may be given several times."),
]
Metrics = Annotated[str, typer.Option(help="Metrics beside speed, comma-separated.")]


def table(
    folders: Folders,
    layout: Annotated[LayoutName, typer.Option(help="Columns, after a paper's table.")],
    format: Annotated[
        Format | None, typer.Option(help="By default what --out ends in, or terminal.")
    ] = None,
    runs: Runs = None,
    metrics: Metrics = "",
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Print measurements in the layout of a paper; rows of different cohorts are never ranked."""
    from benchmark.cli.sheets import Sheets, put
    from leaderboards.speed.csv import speed_csv
    from leaderboards.speed.layouts import LAYOUTS, speed_table
    from leaderboards.speed.rows import find_records, rows_of

    rows = rows_of(find_records(folders))
    wanted = _words(metrics) or list(LAYOUTS[layout].metrics)
    quality = read_quality(runs or [], wanted)
    columns = LAYOUTS[layout].columns(rows)
    page = speed_table(layout, rows, quality)
    put(Sheets([page], lambda: speed_csv(rows, columns, quality)), format, out)


def plot(
    folders: Folders,
    runs: Runs = None,
    metrics: Metrics = "fvd",
    kind: Annotated[str, typer.Option(help="self or cross, where runs have both.")] = "",
    out: Annotated[Path, typer.Option(help="Ends in .png, .svg or .pdf.")] = Path("pareto.png"),
) -> None:
    """Draw quality against speed, with the front of each cohort."""
    from dataclasses import replace

    from benchmark.errors import UsageProblem
    from leaderboards.plots.pareto import draw_pareto
    from leaderboards.plots.save import check_ending
    from leaderboards.speed.front import plane
    from leaderboards.speed.rows import find_records, rows_of

    check_ending(out)
    if kind not in {"", "self", "cross"}:
        raise UsageProblem(f"--kind must be self or cross; got '{kind}'")
    rows = rows_of(find_records(folders))
    quality = read_quality(runs or [], _words(metrics))
    chosen = [i for i, c in enumerate(quality.columns) if kind in {"", c.kind}]
    quality = replace(
        quality,
        columns=tuple(quality.columns[i] for i in chosen),
        cells={n: tuple(cells[i] for i in chosen) for n, cells in quality.cells.items()},
    )
    draw_pareto(plane(rows, quality), f"Quality and speed, {quality.title}", out)
    print(out)


def gate(
    folders: Folders,
    floor: Annotated[float, typer.Option(help="Frames a second that every point must reach.")],
    target: Annotated[str, typer.Option(help="Hardware that the claim is about.")] = "",
) -> None:
    """Hold a floor: exit with 0 if every point is VALID, on the target, and fast enough; else 1."""
    from math import inf

    from benchmark.errors import ExitCode, UsageProblem
    from benchmark.names import printable
    from benchmark.speed.targets import below_floor, find_target
    from leaderboards.speed.rows import find_records

    if not 0 < floor < inf:
        raise UsageProblem(f"--floor must be a number above 0; got {floor:g}")
    named = find_target(target) if target else None
    points = [point for record in find_records(folders) for point in record.points]
    for why in (found := below_floor(points, floor, named)):
        print(f"FAIL {printable(why)}")
    if found:
        raise typer.Exit(int(ExitCode.FAILED))
    where = f" on {named.id}" if named else ""
    print(f"PASS {len(points)} point{'s' * (len(points) != 1)} at {floor:g} or more{where}")


def read_quality(runs: list[Path], metrics: list[str]) -> "Quality":
    """Return the quality of finished runs; nothing without runs or metrics."""
    from leaderboards.speed.quality import Quality

    if not (runs and metrics):
        return Quality()
    from leaderboards.build import build
    from leaderboards.find import load_runs
    from metrics.registry import CARDS

    return Quality.of(build(load_runs(runs), CARDS, metrics, in_layout=True))


def _words(text: str) -> list[str]:
    return [part for part in (word.strip() for word in text.split(",")) if part]
