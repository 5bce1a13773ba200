"""``bench table``: finished and unfinished runs side by side."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from leaderboards.model import Table


class Format(StrEnum):
    """Forms a table is printed in."""

    TERMINAL = "terminal"
    MD = "md"
    CSV = "csv"
    LATEX = "latex"
    HTML = "html"


class By(StrEnum):
    """What tables are split by."""

    PERSON = "person"


_ENDINGS = {".md": Format.MD, ".csv": Format.CSV, ".tex": Format.LATEX, ".html": Format.HTML}
_WIDTH = 100
"""Columns of a terminal table that is written to a file."""


def table(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, or folders of them.")],
    format: Annotated[
        Format | None, typer.Option(help="By default what --out ends in, or terminal.")
    ] = None,
    metrics: Annotated[
        str, typer.Option(help="Names or protocol ids, comma-separated, or 'all'.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Print the coverage beside each number.")
    ] = False,
    by: Annotated[
        By | None, typer.Option(help="One table for each person of the portraits, from the left.")
    ] = None,
) -> None:
    """Print runs on the same cases as a table: methods by metrics, best bold, second underlined."""
    wanted = [name for name in (part.strip() for part in metrics.split(",")) if name]
    built = [read(runs, wanted)] if by is None else read_by_person(runs, wanted)
    chosen = format or (_ENDINGS.get(out.suffix, Format.TERMINAL) if out else Format.TERMINAL)
    if out is not None:
        _write(out, render(built, chosen, coverage))
    elif chosen is Format.TERMINAL:
        _print(built, coverage)
    else:
        typer.echo(render(built, chosen, coverage), nl=False)


def show(runs: Sequence[Path]) -> None:
    """Print run directories as a table in the terminal."""
    _print([read(runs)])


def read(runs: Sequence[Path], metrics: Sequence[str] = ()) -> "Table":
    """Return the table of run directories, or of folders of them.

    Raises:
        BenchError: See `leaderboards.find.load_runs` and `leaderboards.build.build`.
    """
    from leaderboards.build import build
    from leaderboards.find import load_runs
    from metrics.registry import CARDS

    return build(load_runs(runs), CARDS, metrics)


def read_by_person(runs: Sequence[Path], metrics: Sequence[str] = ()) -> list["Table"]:
    """Return one table a person of the portraits, see `read`.

    Raises:
        BenchError: See `read` and `leaderboards.persons.by_person`.
    """
    from leaderboards.find import load_runs
    from leaderboards.persons import person_tables
    from metrics.registry import CARDS

    return person_tables(load_runs(runs), CARDS, metrics)


def render(built: Sequence["Table"], chosen: Format, coverage: bool = False) -> str:
    """Return tables as text; of the terminal form what it prints without colours."""
    match chosen:
        case Format.MD:
            from leaderboards.formats.markdown import markdown as form
        case Format.CSV:
            from leaderboards.formats.csv import csv as form
        case Format.LATEX:
            from leaderboards.formats.latex import latex as form
        case Format.HTML:
            from leaderboards.formats.html import html as form
        case Format.TERMINAL:
            return _plain(built, coverage)
    return form(*built, coverage=coverage)


def _print(built: Sequence["Table"], coverage: bool = False) -> None:
    from rich.console import Console

    _draw(Console(), built, coverage)


def _draw(console: "Console", built: Sequence["Table"], coverage: bool) -> None:
    from leaderboards.formats.terminal import terminal

    for number, one in enumerate(built):
        if number:
            console.print()
        console.print(terminal(one, coverage))


def _plain(built: Sequence["Table"], coverage: bool) -> str:
    from io import StringIO

    from rich.console import Console

    page = StringIO()
    _draw(Console(file=page, width=_WIDTH, force_terminal=False), built, coverage)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _write(out: Path, text: str) -> None:
    from benchmark.errors import EnvironmentProblem

    part = out.with_name(f"{out.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(out)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {out}: {error.strerror}", "choose another --out"
        ) from None
