"""Which metrics a run measures: by name, and by what they cost on this device."""

from collections.abc import Iterable, Sequence

from benchmark.errors import UsageProblem
from benchmark.names import resolve
from benchmark.splits.case import Case
from metrics.card import Card
from metrics.registry import CANONICAL
from metrics.selection import variants
from metrics.signals.catalogue import SPECS

ALL, DEFAULT, LIGHT = "all", "default", "light"
_LISTING = "bench metrics list"


def choose_metrics(
    wanted: Sequence[str], skipped: Sequence[str], device: str = "cpu"
) -> tuple[Card, ...]:
    """Return the canonical cards to measure, in table order.

    Args:
        wanted: Names (``aed``), definitions (``aed.mediapipe51``), protocol ids, ``all``,
            ``default``, or ``light`` (cheap, no network beside the face engine); empty for the
            default.
        skipped: What to leave out, in the same words.
        device: Where networks run; on a CPU the expensive ones are left out of the default.

    Raises:
        UsageProblem: If a name is unknown (with a guess), or nothing is left.
    """
    names = _names(device)
    chosen: set[str] = set()
    for name in wanted or (DEFAULT,):
        chosen |= names[resolve(name, names, "metric", _LISTING)]
    for name in skipped:
        chosen -= names[resolve(name, names, "metric", _LISTING)]
    if not chosen:
        raise UsageProblem("no metric is left to measure", "see: bench metrics list")
    return tuple(card for card in CANONICAL.values() if card.id in chosen)


def measured_before(
    skipped: Sequence[str], stored: Iterable[str], device: str = "cpu"
) -> tuple[Card, ...]:
    """Return the cards that are to be skipped though a run has measured them already.

    Args:
        skipped: What is not to be measured, in the words of `choose_metrics`.
        stored: Protocol ids that the run holds, variants of definitions too.
        device: Where networks run.
    """
    names, held = _names(device), set(stored)
    ids = {id_ for name in skipped for id_ in names[resolve(name, names, "metric", _LISTING)]}
    return tuple(
        card
        for card in CANONICAL.values()
        if card.id in ids and any(c.id in held for c in (card, *variants(card)))
    )


def fits(card: Card, case: Case) -> bool:
    """Say whether a metric is defined for a case."""
    if case.protocol not in card.protocols or len(case.pairs) < card.people:
        return False
    return not card.still or card.still in case.still


def heavy(card: Card) -> bool:
    """Say whether a metric is left out of the default on a CPU."""
    return any(SPECS[name].heavy for name in card.extractors if name in SPECS)


def light(card: Card) -> bool:
    """Say whether a metric needs no weights beside those of the face engine."""
    return not any(SPECS[name].canonical.weights for name in card.extractors if name in SPECS)


def _names(device: str) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {
        ALL: set(CANONICAL),
        LIGHT: {c.id for c in CANONICAL.values() if light(c) and not heavy(c)},
        DEFAULT: {c.id for c in CANONICAL.values() if device != "cpu" or not heavy(c)},
    }
    for card in CANONICAL.values():
        for name in (card.name, f"{card.name}.{card.definition}", card.id):
            names.setdefault(name, set()).add(card.id)
    return names
