"""A card in words: what ``bench metrics show`` and docs/metrics.md say about a metric."""

import math

from metrics.card import Card, Direction
from metrics.floor import floor_sentence
from metrics.selection import FACE, variants
from metrics.signals.catalogue import SPECS
from metrics.weights import registry

DAGGER = "†"
_FACE = "478 landmarks, 52 blendshapes and a pose a face, every frame on its own (docs/face.md)"
_BETTER = {
    Direction.LOWER: "lower is better",
    Direction.HIGHER: "higher is better",
    Direction.DRIVER: "the nearer to the driving clip's own value the better",
}
_FLOOR_DIGITS = 2


def sections(card: Card) -> list[tuple[str, str]]:
    """Return what there is to say about a metric, as labels and plain text, nothing empty."""
    said = [
        ("formula", card.formula),
        ("value", value(card)),
        ("defined in", defined_in(card)),
        ("needs", needs(card)),
        ("missing", card.missing),
        ("identical", identical(card)),
        ("floor", floor_sentence(card.id, _FLOOR_DIGITS)),
        ("source", card.source),
        ("inferred", card.inference),
        ("notes", "; ".join(note.rstrip(".") for note in card.notes)),
        ("stand-ins", ", ".join(f"{other.id} {DAGGER}" for other in variants(card))),
    ]
    if card.embedded:
        said = [(label, text) for label, text in said if label != "stand-ins"]
    return [(label, text) for label, text in said if text]


def value(card: Card) -> str:
    """Return unit, range, direction and printed form of a metric in one sentence."""
    parts = [unit(card), bounds(card), better(card)]
    if card.scale_exponent:
        parts.append(f"tables print it times 1e{-card.scale_exponent}")
    parts.append(f"{card.digits} digits")
    return ", ".join(parts)


def unit(card: Card) -> str:
    """Return the unit in words."""
    return f"in {card.unit}" if card.unit else "a pure number"


def bounds(card: Card) -> str:
    """Return the range in words."""
    low, high = card.bounds
    if not math.isfinite(high):
        return f"from {low:g} up" if math.isfinite(low) else "any value"
    return f"from {low:g} to {high:g}" if math.isfinite(low) else f"up to {high:g}"


def better(card: Card) -> str:
    """Return which values are better, in words."""
    return _BETTER[card.direction]


def defined_in(card: Card) -> str:
    """Return for which cases a metric is defined and what one value is of."""
    kinds = " and ".join(f"{kind}-reenactment" for kind in sorted(card.protocols, reverse=True))
    text = f"{kinds}; one value {'a case' if card.over == 'case' else 'for all cases together'}"
    if card.still:
        text += f"; only cases in which {card.still} must not move"
    return text if card.default else f"{text}; tables leave it out unless asked"


def identical(card: Card) -> str:
    """Return what the metric reads when the result is the driving clip itself."""
    if card.identical is None:
        if card.direction is Direction.DRIVER:
            return "the driving clip's own value, if the result is the driving clip itself"
        return "no fixed value"
    return f"{card.identical:g}, if the result is the driving clip itself"


def needs(card: Card) -> str:
    """Return the extractors of a metric with what they look at and the weights they need."""
    return "; ".join(_extractor(name) for name in card.extractors) or "nothing but the frames"


def _extractor(name: str) -> str:
    if name == FACE:
        return f"{FACE}: {_FACE}"
    if name not in SPECS:
        return name
    spec = SPECS[name]
    files = [registry()[weights] for weights in spec.canonical.weights]
    named = ", ".join(f"{w.name} ({w.licence.title})" for w in files)
    text = f"{name}: {spec.preprocessing}"
    if named:
        text += f"; weights {named}"
    return f"{text}; off by default on a CPU" if spec.heavy else text
