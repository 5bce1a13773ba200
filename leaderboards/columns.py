"""Which metrics a table shows, in which order, under which headers."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from benchmark.errors import NotComparable, UsageProblem
from benchmark.names import resolve
from leaderboards.facts import Run
from leaderboards.model import KINDS, Column, Kind
from metrics.card import Card

ALL = "all"
DAGGER = "†"
_STAND_IN = re.compile(r"-embedded-([0-9a-f]+)$")
"""How `metrics.selection` names definitions that stand on stand-ins."""


def columns(
    runs: Sequence[Run], cards: Mapping[str, Card], wanted: Sequence[str]
) -> tuple[Column, ...]:
    """Choose the columns, self before cross, each in the order of ``cards``.

    Args:
        runs: The runs; a column appears if at least one of them measured it.
        cards: Known definitions by protocol id.
        wanted: Names (``aed``), definitions (``aed.mediapipe51``), protocol ids or ``all``; empty
            for the definitions that are shown by default. A definition names its stand-ins, too.

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
    chosen = _wanted(measured, known, cards, wanted) if wanted else _default(runs, known)
    return tuple(
        Column(kind, card, title) for kind in KINDS for card, title in _of_kind(runs, chosen, kind)
    )


def official(card: Card) -> str:
    """Return name and definition of a metric, for stand-ins those that they stand in for."""
    definition = _STAND_IN.sub("", card.definition) if card.embedded else card.definition
    return f"{card.name}.{definition}"


def official_of(protocol_id: str) -> str:
    """Return what `official` does, of a protocol id that this version may not define."""
    return _STAND_IN.sub("", protocol_id.partition("@")[0])


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


def _wanted(
    measured: set[str], known: Sequence[Card], cards: Mapping[str, Card], wanted: Sequence[str]
) -> list[Card]:
    chosen: set[str] = set()
    names = {ALL: list(cards.values())}
    for card in cards.values():
        own = (card.name, f"{card.name}.{card.definition}", card.id)
        for name in dict.fromkeys((*own, official(card), f"{official(card)}@{card.version}")):
            names.setdefault(name, []).append(card)
    for name in wanted:
        ids = {card.id for card in names[resolve(name, names, "metric")]}
        found = ids & {card.id for card in known}
        if not found:
            meant = {official(cards[i]) for i in ids}
            if other := sorted(p for p in measured - set(cards) if official_of(p) in meant):
                raise UsageProblem(
                    f"no run holds the metric '{name}' as this version defines it",
                    f"they hold {', '.join(other)}: run again with this version",
                )
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
    return list(zip(defined, _titles(defined), strict=True))


def _titles(cards: Sequence[Card]) -> list[str]:
    """Return unique headers, as short as they can be: ``FID†``, ``FID (clean-fid)†``.

    A stand-in bears a dagger. Where that does not tell two definitions apart, the definition is
    added, and at last the first digits of what the stand-in stands on.
    """
    forms = [
        (card.title, f"{card.title} ({official(card).partition('.')[2]})", _stamped(card))
        for card in cards
    ]
    marks = [DAGGER if card.embedded else "" for card in cards]
    titles = [f"{short}{mark}" for (short, *_), mark in zip(forms, marks, strict=True)]
    for longer in (1, 2):
        many = Counter(titles)
        titles = [
            f"{form[longer]}{mark}" if many[title] > 1 else title
            for title, form, mark in zip(titles, forms, marks, strict=True)
        ]
    return titles


def _stamped(card: Card) -> str:
    definition = official(card).partition(".")[2]
    stamp = _STAND_IN.search(card.definition)
    return f"{card.title} ({definition}{f' {stamp[1][:4]}' if stamp else ''})"
