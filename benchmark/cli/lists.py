"""How every list is printed."""

from enum import StrEnum
from typing import Annotated, Any

import typer


class ListFormat(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"


Format = Annotated[ListFormat, typer.Option("--format", help="How to print it.")]


def print_rows(rows: list[dict[str, Any]], columns: list[str], form: ListFormat) -> None:
    """Print rows as a table of ``columns``, the first never broken, or whole for programs."""
    if form is ListFormat.JSON:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console().print(table, markup=False, highlight=False)


def print_json(rows: list[dict[str, Any]]) -> None:
    """Print rows as JSON; an infinite number is null, a set is sorted."""
    import json
    import math

    def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, frozenset):
            return sorted(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None  # an open bound
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    print(json.dumps(plain(rows), indent=2, ensure_ascii=False))
