"""``bench data list``, and the other ``bench data`` commands put together."""

from typing import TYPE_CHECKING

import typer

from benchmark.cli import data_look, data_make
from benchmark.cli.lists import Format, ListFormat

if TYPE_CHECKING:
    from benchmark.splits.sources import SplitSummary

app = typer.Typer(help="Datasets: bring, list and check them.", no_args_is_help=True)

app.command("import")(data_make.import_data)
app.command("prepare")(data_make.prepare_data)
app.command("layouts")(data_make.list_layouts)
app.command("protocols")(data_make.list_protocols)
app.command("validate")(data_look.validate)
app.command("stats")(data_look.stats)
app.command("sample")(data_look.sample)


@app.command("list")
def list_data(data: data_look.Data = None, form: Format = ListFormat.TABLE) -> None:
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
