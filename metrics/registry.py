"""Every metric this suite knows, by protocol id."""

from collections.abc import Mapping
from types import MappingProxyType

from metrics import expression, gaze, landmarks, pixels, pose, speed, temporal
from metrics.card import Card
from metrics.frames import FaceMetric
from metrics.pixels import PixelMetric

FACE_METRICS: tuple[FaceMetric, ...] = (
    *landmarks.METRICS,
    *expression.METRICS,
    *pose.METRICS,
    *gaze.METRICS,
)
PIXEL_METRICS: tuple[PixelMetric, ...] = pixels.METRICS


def _cards() -> Mapping[str, Card]:
    cards: dict[str, Card] = {}
    for card in (
        *(m.card for m in PIXEL_METRICS),
        *(m.card for m in FACE_METRICS),
        temporal.FLICKER,
        speed.FPS,
        speed.LATENCY,
    ):
        if card.id in cards:
            raise ValueError(f"two metrics claim the protocol id {card.id}")
        cards[card.id] = card
    return MappingProxyType(cards)


CARDS: Mapping[str, Card] = _cards()
"""Cards by protocol id, in the order tables show them."""


def card(protocol_id: str) -> Card:
    """Return the card of ``protocol_id``.

    Raises:
        KeyError: If there is no such protocol.
    """
    return CARDS[protocol_id]


def named(name: str) -> tuple[Card, ...]:
    """Return all definitions that share a name (``aed``), in table order."""
    return tuple(c for c in CARDS.values() if c.name == name)
