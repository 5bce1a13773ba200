"""``bench metrics list | show | floor``: every metric, and exactly what it is."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli import metrics_floor
from benchmark.cli.lists import Format, ListFormat, print_json, print_rows

if TYPE_CHECKING:
    from metrics.card import Card

app = typer.Typer(help="Metrics and their exact definitions.", no_args_is_help=True)
app.command("floor")(metrics_floor.floor)

_LABEL_WIDTH = 10
_WIDEST = 100
"""Columns of running text; longer lines are hard to read."""


@app.command("list")
def list_metrics(
    form: Format = ListFormat.TABLE,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Also list the stand-ins for official weights.")
    ] = False,
) -> None:
    """List every metric with its protocol id."""
    from metrics.registry import CANONICAL, CARDS

    cards = CARDS if embedded else CANONICAL
    print_rows([_row(card) for card in cards.values()], ["protocol id", *_COLUMNS], form)


_COLUMNS = ("title", "better", "unit", "kind")


def _row(card: "Card") -> dict[str, Any]:
    from metrics.card_text import DAGGER

    arrows = {"lower": "↓", "higher": "↑", "driver": "→ driver"}
    return {
        "protocol id": card.id,
        "title": card.title + (DAGGER if card.embedded else ""),
        "better": arrows[card.direction.value],
        "unit": card.unit,
        "kind": "+".join(sorted(card.protocols, reverse=True)),
        "over": card.over,
        "default": card.default,
        "embedded": card.embedded,
    }


@app.command("show")
def show_metric(
    name: Annotated[str, typer.Argument(help="Name (aed) or protocol id (aed.mediapipe51@1).")],
    form: Format = ListFormat.TABLE,
) -> None:
    """Show exactly how a metric is computed; by name, all of its definitions.

    NAME_drift (aed_drift) shows the change of a metric over time, which bench drift prints.
    """
    from metrics.card_text import sections

    cards = _chosen(name)
    if form is ListFormat.JSON:
        from dataclasses import asdict

        said = [{"id": c.id, **asdict(c), "said": dict(sections(c))} for c in cards]
        print_json(said)
        return
    if len(cards) > 1:
        _compare(cards)
    for card in cards:
        _print_card(card)


def _chosen(name: str) -> "tuple[Card, ...]":
    """Return the cards that a name, a definition without its version or a protocol id means.

    Raises:
        UsageProblem: If there are none; says what is nearest.
    """
    from benchmark.names import resolve
    from metrics.registry import CANONICAL, CARDS, DRIFTS

    cards, canonical = CARDS, list(CANONICAL.values())
    if name.partition(".")[0].endswith("_drift"):
        cards = {card.id: card for card in DRIFTS.values()}
        canonical = [DRIFTS[card.id] for card in canonical if card.id in DRIFTS]
    if name in cards:
        return (cards[name],)
    if "@" in name:  # an exact definition is asked for; another version is another one
        return (cards[resolve(name, cards, "metric")],)
    known = list(dict.fromkeys(card.name for card in canonical))
    if "." in name:
        defined = [f"{card.name}.{card.definition}" for card in canonical]
        family = name.partition(".")[0]
        known = [d for d in defined if family not in known or d.startswith(f"{family}.")]
    found = resolve(name, known, "metric")
    return tuple(c for c in canonical if found in (c.name, f"{c.name}.{c.definition}"))


def _compare(cards: "tuple[Card, ...]") -> None:
    """Print in what definitions of one name differ, one line each."""
    from rich.console import Console
    from rich.table import Table

    from metrics.card_text import bounds

    table = Table(box=None, pad_edge=False)
    table.add_column("definition", no_wrap=True)
    for column in ("unit", "range", "kind", "identical", "from"):
        table.add_column(column, overflow="fold")
    for card in cards:
        same = "driver's own" if card.identical is None else f"{card.identical:g}"
        needed = ", ".join(card.extractors) or "frames"
        kinds = "+".join(sorted(card.protocols, reverse=True))
        table.add_row(
            f"{card.definition}@{card.version}", card.unit or "1", bounds(card), kinds, same, needed
        )
    console = Console()
    console.print(f"{cards[0].name}: {len(cards)} definitions, never ranked with each other")
    console.print(table, "", markup=False, highlight=False)


def _print_card(card: "Card") -> None:
    from rich.console import Console
    from rich.table import Table

    from metrics.card_text import DAGGER, sections

    console = Console()
    grid = Table(show_header=False, box=None, pad_edge=False)
    grid.add_column(width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column(max_width=_WIDEST, overflow="fold")
    for label, text in sections(card):
        grid.add_row(label, text)
    mark = f" {DAGGER} embedded stand-in" if card.embedded else ""
    console.print(f"{card.id}  {card.title}{mark}", markup=False, highlight=False, style="bold")
    console.print(grid, "", markup=False, highlight=False)
