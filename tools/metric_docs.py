"""Write docs/metrics.md from the cards.

    python tools/metric_docs.py

A test holds that the page is current.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from leaderboards.formats.markdown import escape
from metrics.card import Card
from metrics.card_text import bounds, sections
from metrics.registry import CANONICAL

PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
HEAD = """# Metrics

Written by `tools/metric_docs.py` from the cards; do not edit. `bench metrics show NAME` prints the
same. A number is known by its protocol id, `name.definition@version`: what one name covers in the
field are often several quantities, and here each has its own id. Numbers of different ids are never
ranked with each other or subtracted. *Missing* says what becomes of frames that cannot be measured,
*identical* what a perfect copy of the driving clip reads, *floor* what next to no difference reads
([floor](floor.md)), *inferred* what in the definition is our reading because the papers do not say.

A definition whose id ends in `-embedded-` and eight hex digits stands on the same network with
generated weights (or a classical descriptor) where the official weights are not at hand. It is
marked with a dagger †: it orders methods, equals no published number, and is never ranked with
canonical ones. [Weights](weights.md) says how to get the official ones; [parity](parity.md) how far
each number is from its reference.
"""


def page() -> str:
    """Return the whole page."""
    cards = sorted(CANONICAL.values(), key=lambda card: _names().index(card.name))
    groups = [(name, list(group)) for name, group in groupby(cards, key=lambda card: card.name)]
    index = " · ".join(f"[{escape(name)}](#{name})" for name, _ in groups)
    return "\n".join([HEAD, index, *(line for g in groups for line in _group(*g))]) + "\n"


def _names() -> list[str]:
    return list(dict.fromkeys(card.name for card in CANONICAL.values()))


def _group(name: str, cards: list[Card]) -> Iterator[str]:
    """Yield the section of a name: what its definitions differ in, then each."""
    yield f"\n## {escape(name)}"
    if len(cards) > 1:
        yield "\n| definition | unit | range | kind | from |"
        yield "|---|---|---|---|---|"
        yield from (_line(card) for card in cards)
    for card in cards:
        yield f"\n### `{card.id}`\n"
        yield f"**{escape(card.title)}**\n"
        yield from (f"- *{label}*: {escape(text)}" for label, text in sections(card))


def _line(card: Card) -> str:
    kinds = "+".join(sorted(card.protocols, reverse=True))
    needed = ", ".join(card.extractors) or "frames"
    cells = (f"`{card.id}`", card.unit or "1", bounds(card), kinds, needed)
    return "| " + " | ".join([cells[0], *(escape(cell) for cell in cells[1:])]) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
