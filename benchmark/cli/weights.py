"""``bench weights list | fetch | verify``."""

from typing import Annotated

import typer

app = typer.Typer(help="Files of weights: where they come from, and whether they are here.")


@app.command("list")
def list_weights() -> None:
    """List every file of weights, its licence, and whether it is on this machine."""
    from rich.console import Console
    from rich.table import Table

    from benchmark.errors import BenchError
    from benchmark.weights import locate
    from metrics.weights import registry

    table = Table(box=None, pad_edge=False)
    for column in ("name", "MB", "licence", "here"):
        table.add_column(column, overflow="fold")
    for weights in registry().values():
        try:
            here = str(locate(weights.name) or "no")
        except BenchError as error:
            here = error.problem
        table.add_row(weights.name, f"{weights.bytes / 1e6:.1f}", weights.licence, here)
    Console().print(table, markup=False, highlight=False)


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="Name in `bench weights list`.")]) -> None:
    """Fetch a file of weights from its official address and verify it."""
    from rich.console import Console
    from rich.progress import Progress

    from benchmark.errors import EnvironmentProblem
    from benchmark.names import resolve
    from benchmark.paths import offline, weights_dir
    from benchmark.weights import locate
    from metrics.weights import WeightsError, registry
    from metrics.weights import fetch as download

    weights = registry()[resolve(name, registry(), "weights")]
    if path := locate(weights.name):
        print(f"{path} is already here and verified")
        return
    if offline():
        raise EnvironmentProblem("BENCH_OFFLINE forbids fetching", "unset it, and try again")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(weights.file, total=weights.bytes)
        try:
            path = download(weights, weights_dir(), lambda size: bar.advance(task, size))
        except WeightsError as error:
            raise EnvironmentProblem(error.problem, error.remedy) from None
    print(f"{path} ({weights.licence}), sha256 verified")


@app.command()
def verify() -> None:
    """Check the hash of every file of weights on this machine."""
    from benchmark.weights import locate
    from metrics.weights import registry

    for weights in registry().values():
        path = locate(weights.name)
        print(f"{weights.name}: {'not here' if path is None else f'{path} is right'}")
