"""``bench weights list | fetch | verify``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.lists import Format, ListFormat

if TYPE_CHECKING:
    from metrics.weights import Weights

app = typer.Typer(
    help="Files of weights: where they come from, and whether they are here.", no_args_is_help=True
)

Licences = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-licence",
        help="Accept a licence that is not permissive, by its name or that of its weights.",
    ),
]


@app.command("list")
def list_weights(form: Format = ListFormat.TABLE) -> None:
    """List every file of weights: size, licence, whether it is here, and which metrics need it."""
    from benchmark.cli import weights_view

    rows = weights_view.rows()
    if form is ListFormat.JSON:
        weights_view.print_json(rows)
    else:
        weights_view.print_table(rows)


@app.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Names in `bench weights list`.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that is not here yet.")] = False,
    accept_licence: Licences = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", help="Take this file, or the archive it is in; one NAME only."),
    ] = None,
) -> None:
    """Fetch files of weights from their official addresses and verify them."""
    from benchmark.errors import ExitCode, UsageProblem
    from benchmark.licences import accept

    if bool(names) == all_:
        raise UsageProblem("name what to fetch, or say --all", "names: bench weights list")
    wanted = _named(names or [])
    if file is not None and len(wanted) != 1:
        raise UsageProblem("--from takes one NAME")
    accept(accept_licence or [], _say)
    if file is not None:
        _bring(wanted[0], file)
    elif not _fetch_each(wanted, keep_going=all_):
        raise typer.Exit(int(ExitCode.ENVIRONMENT))


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="By default all of them.")
    ] = None,
) -> None:
    """Check the hash of every file of weights on this machine; exit code 4 if one is wrong."""
    from rich.console import Console

    from benchmark.cli import weights_view
    from benchmark.errors import ExitCode

    console = Console()
    rows = weights_view.rows(_named(names or []))
    for row in rows:
        text = row.problem or (f"{row.path} is right" if row.path else "not here")
        console.print(f"{row.weights.name}: {text}", markup=False, highlight=False, soft_wrap=True)
    if any(row.problem for row in rows):
        raise typer.Exit(int(ExitCode.ENVIRONMENT))


def _named(names: list[str]) -> "list[Weights]":
    """Return weights by name, all of them if none is named."""
    from benchmark.names import resolve
    from metrics.weights import registry

    known = registry()
    return [known[resolve(name, known, "weights")] for name in dict.fromkeys(names or known)]


def _fetch_each(wanted: "list[Weights]", *, keep_going: bool) -> bool:
    """Fetch what is not here; say whether everything is here in the end."""
    from benchmark.cli.main import complain
    from benchmark.errors import BenchError

    complete = True
    for weights in wanted:
        try:
            _fetch_one(weights)
        except BenchError as error:
            if not keep_going:
                raise
            complain(error)
            complete = False
    return complete


def _fetch_one(weights: "Weights") -> None:
    from benchmark.errors import EnvironmentProblem
    from benchmark.paths import offline, weights_dir
    from benchmark.weights import check_licence, locate
    from metrics.weights import WeightsError
    from metrics.weights_fetch import fetch as download

    check_licence(weights)
    if path := locate(weights.name):
        print(f"{path} is already here and verified")
        return
    if offline():
        raise EnvironmentProblem(
            f"BENCH_OFFLINE forbids fetching {weights.name}",
            f"unset it, or: bench weights fetch {weights.name} --from FILE",
        )
    with _bar(weights) as advance:
        try:
            path = download(weights, weights_dir(), advance)
        except WeightsError as error:
            raise EnvironmentProblem(error.problem, error.remedy) from None
    print(f"{path} ({weights.licence.title}), sha256 verified")


def _bring(weights: "Weights", file: Path) -> None:
    from benchmark.errors import EnvironmentProblem
    from benchmark.paths import weights_dir
    from benchmark.weights import check_licence
    from metrics.weights import WeightsError
    from metrics.weights_fetch import bring

    check_licence(weights)
    try:
        path = bring(weights, file, weights_dir())
    except WeightsError as error:
        raise EnvironmentProblem(error.problem, error.remedy) from None
    print(f"{path} ({weights.licence.title}), sha256 verified")


@contextmanager
def _bar(weights: "Weights") -> Iterator[Callable[[int], None]]:
    """Draw the progress of a download on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    rest = (TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, *rest, console=console, transient=True, disable=not console.is_terminal
    ) as drawn:
        task = drawn.add_task(weights.name, total=weights.download_bytes)
        yield lambda size: drawn.advance(task, size)


def _say(text: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)
