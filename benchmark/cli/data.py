"""``bench data import | list | validate``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.lists import Format, ListFormat

if TYPE_CHECKING:
    from adapters.base import FaceTracker
    from benchmark.splits.importer import ImportReport
    from benchmark.splits.sources import SplitSummary

app = typer.Typer(help="Datasets: bring, list and check them.", no_args_is_help=True)

Data = Annotated[
    Path | None,
    typer.Option(help="Dataset folder; default: BENCH_DATA, else the embedded mini split."),
]


@app.command("import")
def import_data(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with portraits/ and driving/.")
    ],
    out: Annotated[Path, typer.Option(help="Dataset folder to make.")],
    name: Annotated[str | None, typer.Option(help="Name of the dataset [that of DIR].")] = None,
    portraits_per_clip: Annotated[int, typer.Option(help="Cross cases for each clip.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the draw of cross cases.")] = 0,
    max_frames: Annotated[
        int | None, typer.Option(help="Use at most N frames of each clip.")
    ] = None,
    citation: Annotated[str, typer.Option(help="How the dataset is cited.")] = "not stated",
    licence: Annotated[str, typer.Option(help="Licence of the dataset.")] = "not stated",
) -> None:
    """Prepare a folder of portraits and driving clips as a dataset (docs/splits.md).

    DIR/portraits/single, DIR/portraits/multi, DIR/driving/single, DIR/driving/multi.
    Stop it anywhere; the same command goes on where it was stopped.
    """
    from benchmark.splits.importer import ImportPlan, import_folder

    plan = ImportPlan(
        root=folder,
        out=out,
        name=name,
        portraits_per_clip=portraits_per_clip,
        seed=seed,
        max_frames=max_frames,
        tracker_id=_tracker_id(),
        citation=citation,
        licence=licence,
    )
    with _tracker() as tracker, _bar() as progress:
        report = import_folder(plan, tracker, progress)
    _tell(report, out)


@contextmanager
def _tracker() -> "Iterator[FaceTracker]":
    from benchmark.tracker import face_tracker

    tracker = face_tracker()
    try:
        yield tracker
    finally:
        tracker.close()


def _tracker_id() -> str:
    from importlib.metadata import version

    from benchmark.signals import fingerprint
    from benchmark.tracker import MOST_FACES, face_definition

    return f"{fingerprint(face_definition(MOST_FACES).as_dict())}-mediapipe-{version('mediapipe')}"


def _tell(report: "ImportReport", out: Path) -> None:
    for line in report.skipped:
        print(f"skipped {line}")
    for line in report.no_face:
        print(f"no face in {line}: imported as its centre square, cannot be judged")
    for split in report.splits:
        selves = sum(case.protocol == "self" for case in split.cases)
        print(
            f"{split.header.dataset}/{split.header.split}: {len(split.cases)} cases "
            f"({selves} self, {len(split.cases) - selves} cross)"
        )
    print(f"run it:  bench run --method ours --data {out} --split {report.splits[0].header.split}")


@app.command("list")
def list_data(data: Data = None, form: Format = ListFormat.TABLE) -> None:
    """List the splits that ``bench run --split`` knows."""
    from benchmark.errors import ExitCode
    from benchmark.splits.sources import summaries

    rows = summaries(data)
    if form is ListFormat.JSON:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        _print_table(rows)
    if any(row.problem for row in rows):
        raise typer.Exit(int(ExitCode.FAILED))


def _print_table(rows: "list[SplitSummary]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("split", "dataset", "version"):
        table.add_column(column, overflow="fold")
    for column in ("cases", "self", "cross", "frames"):
        table.add_column(column, justify="right")
    for row in rows:
        if row.problem:
            table.add_row(row.name, Text(row.problem, overflow="fold"))
            continue
        numbers = (row.self_cases + row.cross_cases, row.self_cases, row.cross_cases, row.frames)
        table.add_row(row.name, row.dataset, row.version, *(str(number) for number in numbers))
    console = Console()
    console.print(table, markup=False, highlight=False)
    for notice in dict.fromkeys(row.notice for row in rows if row.notice):
        console.print(notice, markup=False, highlight=False)


@app.command()
def validate(
    data: Data = None,
    split: Annotated[str | None, typer.Option(help="One split only [all of them].")] = None,
) -> None:
    """Check that every file is there, decodes, and is what the manifest says."""
    from benchmark.errors import ExitCode
    from benchmark.names import resolve
    from benchmark.splits.sources import manifests
    from benchmark.splits.validate import validate_manifest

    known = manifests(data)
    names = list(known) if split is None else [resolve(split, known, "split")]
    faulty = False
    for name in names:
        with _bar() as progress:
            checked, faults = validate_manifest(
                known[name], lambda done, total: progress("reading files", done, total)
            )
        for fault in faults:
            print(fault)
        if checked is not None and not faults:
            frames = sum(case.n_frames for case in checked.cases)
            print(f"{name}: {len(checked.cases)} cases, {frames} frames, all as stated")
        faulty = faulty or bool(faults)
    if faulty:
        raise typer.Exit(int(ExitCode.FAILED))


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Draw progress with the time left on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield progress
