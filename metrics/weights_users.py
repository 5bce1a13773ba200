"""Which metrics a file of weights is for: read off the cards, so that it cannot be wrong."""

from metrics.registry import CANONICAL
from metrics.selection import FACE
from metrics.signals.catalogue import SPECS

FACE_FILES = frozenset(
    {"face_landmarker", "embedded_face_detector", "embedded_face_mesh", "embedded_face_iris"}
)
"""What the face engines run on; they stand outside the catalogue."""


def used_by(weights: str) -> tuple[str, ...]:
    """Return the names of the metrics that need a file of weights, in table order.

    Args:
        weights: Its name in the registry.
    """
    extractors = {name for name, spec in SPECS.items() if weights in spec.canonical.weights}
    if weights in FACE_FILES:
        extractors |= {FACE, *(name for name, spec in SPECS.items() if spec.on_face)}
    cards = (card for card in CANONICAL.values() if extractors & set(card.extractors))
    return tuple(dict.fromkeys(card.name for card in cards))
