"""What a run will measure, on what, and what it leaves out, in lines for people."""

from collections.abc import Iterable
from textwrap import wrap

from benchmark.choice import choose_metrics, fits
from benchmark.plan import Plan
from metrics.card import Card
from metrics.registry import CANONICAL

_WIDTH = 71
"""Columns of the text beside its nine columns of heading, on a screen of 80."""


def measured_lines(plan: Plan) -> list[str]:
    """Return what is measured, what on stand-ins or not at all, and why."""
    here = [metric for metric in plan.metrics if not metric.absent]
    lines = _block(f"{len(here)} of {len(CANONICAL)} definitions: {_named(m.base for m in here)}")
    decisions = plan.decided.decisions.values()
    for reason, names in _by_reason((d.reason, d.name) for d in decisions if d.profile):
        lines += _block(f"† on stand-ins: {', '.join(names)}: {reason}")
    for reason, names in _by_reason((d.reason, d.name) for d in decisions if not d.profile):
        cards = (m.base for m in plan.metrics if m.absent and set(names) & set(m.base.extractors))
        lines += _block(f"not measured: {_named(cards)}: {reason}")
    return lines + _block(left_out(plan))


def left_out(plan: Plan) -> str:
    """Say which metrics the default leaves out on this device; empty if none.

    Those that no case of the split is made for are not named.
    """
    if plan.options.metrics:
        return ""
    chosen = {card.id for card in plan.cards}
    everything = choose_metrics(("all",), plan.options.skip, plan.options.device)
    missing = [
        card
        for card in everything
        if card.id not in chosen and any(fits(card, case) for case in plan.cases)
    ]
    if not missing:
        return ""
    ids = ", ".join(f"{card.name}.{card.definition}" for card in missing)
    return f"left out on a {plan.options.device.upper()} unless --metrics names them: {ids}"


def _named(cards: Iterable[Card]) -> str:
    return ", ".join(dict.fromkeys(card.title for card in cards))


def _by_reason(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for reason, name in pairs:
        if reason:
            found.setdefault(reason, []).append(name)
    return list(found.items())


def _block(text: str) -> list[str]:
    return wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
