"""``bench methods list`` and ``bench metrics list | show``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

methods = typer.Typer(help="Methods that can be run.", no_args_is_help=True)
metrics = typer.Typer(help="Metrics and their exact definitions.", no_args_is_help=True)


class ListFormat(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"


Format = Annotated[ListFormat, typer.Option("--format", help="How to print it.")]


@methods.command("list")
def list_methods(
    form: Format = ListFormat.TABLE,
    config: Annotated[
        Path | None, typer.Option(help="Configuration; default: bench.toml in this folder.")
    ] = None,
) -> None:
    """List the methods that ``bench run --method`` knows."""
    from benchmark.config import read_config
    from benchmark.methods import known_methods

    rows = [
        {
            "name": spec.name,
            "target": spec.target,
            "control": spec.control,
            "what": spec.description,
        }
        for spec in known_methods(*read_config(config)).values()
    ]
    rows.append(
        {
            "name": "precomputed:FOLDER",
            "target": "adapters.precomputed:Precomputed",
            "control": False,
            "what": "finished videos, FOLDER/<case id>.mp4",
        }
    )
    _print(rows, ["name", "what"], form)


@metrics.command("list")
def list_metrics(form: Format = ListFormat.TABLE) -> None:
    """List every metric with its protocol id."""
    from metrics.registry import CARDS

    arrows = {"lower": "↓", "higher": "↑", "driver": "→ driver"}
    rows = [
        {
            "protocol id": card.id,
            "title": card.title,
            "better": arrows[card.direction.value],
            "unit": card.unit,
            "kind": "+".join(sorted(card.protocols, reverse=True)),
        }
        for card in CARDS.values()
    ]
    _print(rows, list(rows[0]), form)


@metrics.command("show")
def show_metric(
    name: Annotated[str, typer.Argument(help="Name (aed) or protocol id (aed.mediapipe51@1).")],
    form: Format = ListFormat.TABLE,
) -> None:
    """Show all definitions of a metric side by side."""
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from benchmark.names import resolve
    from metrics.registry import CARDS, named

    known = list(dict.fromkeys(card.name for card in CARDS.values()))
    cards = (CARDS[name],) if name in CARDS else named(resolve(name, known, "metric"))
    if form is ListFormat.JSON:
        _print_json([{"id": card.id, **asdict(card)} for card in cards])
        return
    fields = ("formula", "unit", "direction", "missing", "identical", "source", "inference")
    for card in cards:
        grid = Table(title=card.id, show_header=False, title_justify="left", box=None)
        for field in (*fields, "protocols"):
            value = getattr(card, field)
            text = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
            grid.add_row(field, "the driver's own" if value is None else text)
        Console().print(grid, "", markup=False, highlight=False)


def _print(rows: list[dict[str, Any]], columns: list[str], form: ListFormat) -> None:
    if form is ListFormat.JSON:
        _print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console().print(table, markup=False, highlight=False)


def _print_json(rows: list[dict[str, Any]]) -> None:
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
