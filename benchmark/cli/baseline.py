"""``bench baseline``: sign off a run as what later ones are held against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.gate.baseline import Baseline, StoredFeatures
    from benchmark.gate.read import Opened

app = typer.Typer(help="Sign off runs as baselines of the gate.", no_args_is_help=True)
FOLDER = Path("baselines")


@app.command()
def save(
    run: Annotated[Path, typer.Argument(help="A finished run directory.")],
    out: Annotated[
        Path | None, typer.Option(help="The file (default: baselines/RUN_ID.baseline.json).")
    ] = None,
    by: Annotated[str, typer.Option(help="Who vouches for it.")] = "",
    note: Annotated[str, typer.Option(help="Why this one.")] = "",
    features: Annotated[
        str,
        typer.Option(
            help="Extractors whose features are kept, comma-separated (i3d-k400 for FVD and KVD)."
        ),
    ] = "",
    data: Annotated[
        Path | None, typer.Option(help="Dataset folder, for --features (default: BENCH_DATA).")
    ] = None,
) -> None:
    """Write a run down as a baseline: scores, hashes and definitions, no clips.

    Features beyond 3.4 MB go to a file beside it, named by their hash.
    """
    from rich.console import Console

    from benchmark.errors import UsageProblem
    from benchmark.gate.baseline import ENDING, content_of, save_baseline
    from benchmark.gate.comparable import obstacles
    from benchmark.gate.read import open_run

    opened = open_run(run)
    if problems := obstacles(opened.side, opened.side):
        raise UsageProblem(
            f"{run} cannot be a baseline: {problems[0].said}",
            "finish it: the same bench run command goes on where it stopped",
        )
    target = out or FOLDER / f"{opened.side.run_id}{ENDING}"
    content = content_of(opened.side, by, note)
    if names := [name.strip() for name in features.split(",") if name.strip()]:
        content = content.model_copy(update={"features": _packed(opened, names, data, target)})
    saved = save_baseline(content, target)
    size = saved.path.stat().st_size
    Console().print(
        f"{saved.path}  {size / 1e6:.2f} MB  sha256 {saved.sha256[:12]}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _packed(
    opened: "Opened", names: list[str], data: Path | None, target: Path
) -> "dict[str, StoredFeatures]":
    from benchmark.errors import UsageProblem
    from benchmark.gate.features import run_features, split_of
    from benchmark.gate.packed import pack
    from benchmark.names import resolve
    from benchmark.tracker import face_source
    from metrics.registry import SET_METRICS

    known = {metric.extractor for metric in SET_METRICS}
    for name in names:
        resolve(name, sorted(known), "extractor")
    assert opened.record is not None  # `open_run` gave it
    split = split_of(opened.record, data)
    if split is None:
        raise UsageProblem("the dataset of this run is not here", "name its folder with --data")
    model = face_source(None, lambda text: typer.echo(text, err=True)).model
    found = run_features(opened.record, split, names, model)
    return {name: pack(found[name].made, target) for name in names}


@app.command("list")
def list_(
    folder: Annotated[Path, typer.Argument(help="Folder of baseline files.")] = FOLDER,
) -> None:
    """List baseline files, and say which cannot be used."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from benchmark.errors import BenchError, UsageProblem
    from benchmark.gate.baseline import ENDING, read_baseline

    if not folder.is_dir():
        raise UsageProblem(f"there is no folder {folder}", "bench baseline save makes one")
    paths = sorted(folder.glob(f"*{ENDING}"))
    if not paths:
        raise UsageProblem(f"{folder} holds no *{ENDING}", "bench baseline save makes one")
    grid = Table(box=None, pad_edge=False)
    for name in ("file", "method", "split", "cases", "signed off"):
        grid.add_column(name, overflow="fold")
    damaged = 0
    for path in paths:
        try:
            one = read_baseline(path).content
        except BenchError as error:
            damaged += 1
            grid.add_row(Text(path.name), Text(error.problem, style="red"), "", "", "")
            continue
        side, split = one.side, one.side.split
        row = (path.name, side.method.label, f"{split.dataset}/{split.split}")
        signed = " ".join(part for part in (one.signed_off.at[:10], one.signed_off.by) if part)
        grid.add_row(*map(Text, (*row, str(len(side.cases)), signed)))
    Console().print(grid)
    if damaged:
        raise typer.Exit(int(UsageProblem.exit_code))


@app.command()
def show(path: Annotated[Path, typer.Argument(help="A baseline file.")]) -> None:
    """Say what a baseline file holds and what its numbers stand on."""
    from rich.console import Console

    from benchmark.gate.baseline import read_baseline

    _print(read_baseline(path), Console())


def _print(found: "Baseline", console: "Console") -> None:
    from rich.text import Text

    side, signed = found.content.side, found.content.signed_off
    split = side.split
    measured = [name for name, metric in side.metrics.items() if not metric.absent]
    facts = {
        "method": f"{side.method.label} ({side.run_id})",
        "split": f"{split.dataset}/{split.split} version {split.version}, {split.protocol}",
        "sha256 of the split": split.sha256,
        "cases": f"{len(side.cases)}, {sum(c.outcome == 'failed' for c in side.cases)} failed",
        "people": _people(found),
        "machine": side.machine,
        "signed off": " ".join(part for part in (signed.at, signed.by, signed.note) if part),
        "sha256": found.sha256,
        "features": ", ".join(found.content.features) or "none",
        "metrics": f"{len(measured)}",
    }
    for name, value in facts.items():
        console.print(Text(f"{name}: {value}"), soft_wrap=True)
    for name in measured:
        stands = ", ".join(f"{k} {v}" for k, v in sorted(side.metrics[name].extractors.items()))
        console.print(Text(f"  {name}{f'  {stands}' if stands else ''}", style="dim"))


def _people(found: "Baseline") -> str:
    side = found.content.side
    people = side.people(range(len(side.cases)))
    return "not stated" if people is None else f"{people.clusters} (the smaller of both roles)"
