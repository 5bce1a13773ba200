"""Tables that are set already, printed in any format: to the terminal, standard output, a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from benchmark.errors import EnvironmentProblem

if TYPE_CHECKING:
    from rich.console import Console

    from leaderboards.formats.layout import Layout


class Format(StrEnum):
    """Forms a table is printed in."""

    TERMINAL = "terminal"
    MD = "md"
    CSV = "csv"
    LATEX = "latex"
    HTML = "html"


_ENDINGS = {".md": Format.MD, ".csv": Format.CSV, ".tex": Format.LATEX, ".html": Format.HTML}
_WIDTH = 100
"""Columns of a terminal table that is written to a file."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Tables to print.

    Attributes:
        pages: Each table as strings.
        csv: All of them as CSV, which has full precision and so is not made from strings.
    """

    pages: "Sequence[Layout]"
    csv: Callable[[], str]


def put(sheets: Sheets, format: Format | None = None, out: Path | None = None) -> None:
    """Print tables, or write them to a file.

    Args:
        sheets: What to print.
        format: By default what the file's name ends in, or the terminal's form.
        out: The file; ``None`` for standard output.

    Raises:
        EnvironmentProblem: If the file cannot be written.
    """
    chosen = format or (_ENDINGS.get(out.suffix, Format.TERMINAL) if out else Format.TERMINAL)
    if out is not None:
        _write(out, render(sheets, chosen))
    elif chosen is Format.TERMINAL:
        from rich.console import Console

        _draw(Console(), sheets.pages)
    else:
        typer.echo(render(sheets, chosen), nl=False)


def render(sheets: Sheets, chosen: Format) -> str:
    """Return tables as text; of the terminal form what it prints without colours."""
    match chosen:
        case Format.MD:
            from leaderboards.formats.markdown import markdown_pages as form
        case Format.CSV:
            return sheets.csv()
        case Format.LATEX:
            from leaderboards.formats.latex import latex_pages as form
        case Format.HTML:
            from leaderboards.formats.html import html_pages as form
        case Format.TERMINAL:
            return _plain(sheets.pages)
    return form(*sheets.pages)


def _draw(console: "Console", pages: "Sequence[Layout]") -> None:
    from leaderboards.formats.terminal import Terminal

    for number, page in enumerate(pages):
        if number:
            console.print()
        console.print(Terminal(page))


def _plain(pages: "Sequence[Layout]") -> str:
    from rich.console import Console

    text = StringIO()
    _draw(Console(file=text, width=_WIDTH, force_terminal=False), pages)
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _write(out: Path, text: str) -> None:
    part = out.with_name(f".{out.name}.part")
    try:
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {out}: {error.strerror}", "choose another --out"
        ) from None
