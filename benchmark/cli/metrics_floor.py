"""``bench metrics floor``: what metrics read on clips that differ by next to nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmark.floor import Floor

_DIGITS = 2
_WIDE = 100


def floor(
    clips: Annotated[
        list[Path], typer.Argument(metavar="CLIP...", help="Real videos, one person each.")
    ],
    max_frames: Annotated[int, typer.Option(help="Use at most N frames of each clip.")] = 40,
    metrics: Annotated[
        str, typer.Option(help="What to measure: names, comma-separated, or 'all'.")
    ] = "",
    skip: Annotated[str, typer.Option(help="What to leave out: names, comma-separated.")] = "",
    face_backend: Annotated[
        str | None, typer.Option(help="Engine of the face signal; default: by the machine.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="canonical, embedded or auto, as in bench run.")
    ] = "auto",
    out: Annotated[
        list[Path] | None,
        typer.Option(help="Also write this file, .md or .json; repeat for both."),
    ] = None,
) -> None:
    """Measure the noise floor of every metric on real clips.

    Each clip is compared with itself after H.264 (crf 18), JPEG (75), a shift by one pixel, half
    the size and back, by the face model in VIDEO in place of IMAGE mode, and with its first frame
    standing still. Take clips as runs see them: the prepared driving videos of a dataset.
    """
    from benchmark.cli.tracking import bar
    from benchmark.errors import UsageProblem
    from benchmark.floor import measure_floor
    from benchmark.plan import RunOptions
    from benchmark.profiles import find_device, profile_named
    from benchmark.tracker import face_source

    for path in out or []:
        if path.suffix not in (".md", ".json"):
            raise UsageProblem(f"--out {path}: .md or .json", "name a file that ends so")
    if max_frames < 1:
        raise UsageProblem(f"--max-frames must be at least 1, got {max_frames}")
    source = face_source(face_backend, _say)
    options = RunOptions(
        backend=source.backend,
        profile=profile_named(profile),
        metrics=_listed(metrics),
        skip=_listed(skip),
        device=find_device(),
    )
    with bar() as progress:
        found = measure_floor(clips, max_frames, options, source.model, progress)
    _print(found)
    for path in out or []:
        _write(path, found)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _say(text: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(text, highlight=False, markup=False)


def _print(found: "Floor") -> None:
    from rich.console import Console
    from rich.table import Table

    from benchmark.floor_page import cells, notes
    from metrics.floor import CONDITIONS

    console = Console()
    first = 0 if console.width >= _WIDE else 1  # what the clip itself reads has least to say
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("metric", overflow="fold", ratio=1)
    for condition in CONDITIONS[first:]:
        table.add_column(condition.short, justify="right", no_wrap=True)
    for metric_id in found.record.values:
        table.add_row(metric_id, *cells(found.record, metric_id, _DIGITS)[first:])
    console.print(table, "", markup=False, highlight=False)
    for note in notes(found):
        console.print(note, markup=False, highlight=False)


def _write(path: Path, found: "Floor") -> None:
    import json

    from benchmark.errors import EnvironmentProblem
    from benchmark.floor_page import page

    if path.suffix == ".md":
        text = page(found)
    else:
        text = json.dumps(found.record.as_dict(), indent=1) + "\n"
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {path}: {error.strerror}") from None
