"""Which metrics a table shows, in which order, under which headers."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmark.errors import NotComparable, UsageProblem
from benchmark.names import resolve
from leaderboards.facts import Run
from leaderboards.model import KINDS, Column, Kind
from metrics.card import Card

ALL = "all"
DAGGER = "†"


def columns(
    runs: Sequence[Run], cards: Mapping[str, Card], wanted: Sequence[str]
) -> tuple[Column, ...]:
    """Choose the columns, self before cross, each in the order of ``cards``.

    Args:
        runs: The runs; a column appears if at least one of them measured it.
        cards: Known definitions by protocol id.
        wanted: Names (``aed``), definitions (``aed.mediapipe51``), protocol ids or ``all``; empty
            for the definitions that are shown by default.

    Raises:
        UsageProblem: If a wanted name is unknown, or no run measured it.
        NotComparable: If this version knows none of the runs' definitions.
    """
    measured = {p for run in runs for p in run.protocol_ids()}
    known = [card for protocol_id, card in cards.items() if protocol_id in measured]
    if not known:
        raise NotComparable(
            "no run holds a metric that this version defines"
            + (f" (they hold {', '.join(sorted(measured))})" if measured else ""),
            "run again with this version, or install the version that made the runs",
        )
    chosen = _wanted(known, cards, wanted) if wanted else _default(runs, known)
    return tuple(
        Column(kind, card, title) for kind in KINDS for card, title in _of_kind(runs, chosen, kind)
    )


def unknown(runs: Sequence[Run], cards: Mapping[str, Card]) -> tuple[str, ...]:
    """Return the protocol ids that runs hold and this version does not know."""
    return tuple(sorted({p for run in runs for p in run.protocol_ids()} - set(cards)))


def absent(runs: Sequence[Run], cards: Mapping[str, Card]) -> Mapping[str, list[Card]]:
    """Return the metrics that no run could measure, by the reason."""
    found: dict[str, list[Card]] = {}
    for card in cards.values():
        reasons = [run.absent(card.id) for run in runs]
        if all(reasons):
            found.setdefault(reasons[0], []).append(card)
    return found


def _default(runs: Sequence[Run], known: Sequence[Card]) -> list[Card]:
    had = [card for card in known if not all(run.absent(card.id) for run in runs)]
    return [card for card in had if card.default] or had or list(known)


def _wanted(known: Sequence[Card], cards: Mapping[str, Card], wanted: Sequence[str]) -> list[Card]:
    chosen: set[str] = set()
    names = {ALL: list(cards.values())}
    for card in cards.values():
        for name in (card.name, f"{card.name}.{card.definition}", card.id):
            names.setdefault(name, []).append(card)
    for name in wanted:
        ids = {card.id for card in names[resolve(name, names, "metric")]}
        found = ids & {card.id for card in known}
        if not found:
            raise UsageProblem(
                f"no run holds the metric '{name}'",
                f"bench run --metrics {name} measures it; the runs hold: "
                + ", ".join(card.id for card in known),
            )
        chosen |= found
    return [card for card in known if card.id in chosen]


def _of_kind(runs: Sequence[Run], cards: Sequence[Card], kind: Kind) -> list[tuple[Card, str]]:
    if not any(run.case_ids(kind) for run in runs):
        return []
    defined = [card for card in cards if kind in card.protocols]
    titles = Counter(card.title for card in defined)
    return [
        (
            c,
            (c.title if titles[c.title] == 1 else f"{c.title} ({c.definition})")
            + (DAGGER if c.embedded else ""),
        )
        for c in defined
    ]
