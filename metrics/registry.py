"""Every metric this suite knows, by protocol id."""

from collections.abc import Mapping
from types import MappingProxyType

from metrics import (
    akd,
    component,
    distribution,
    emotion,
    expression,
    expression_smirk,
    face_pixels,
    gaze,
    gaze_l2cs,
    identity,
    jitter,
    landmarks,
    ms_ssim,
    perceptual,
    pixels,
    pixels_256,
    pose,
    speed,
    temporal,
)
from metrics.card import Card, Direction
from metrics.crowd.evidence import CrowdFamily
from metrics.distribution import SetMetric
from metrics.drift import drift_card
from metrics.emotion import ClipMetric
from metrics.face_pixels import FacePixelMetric
from metrics.frames import FaceMetric
from metrics.pixels import PixelMetric
from metrics.selection import variants
from metrics.several import FAMILIES
from metrics.steps import StepMetric

PersonMetric = FaceMetric | ClipMetric

FACE_METRICS: tuple[PersonMetric, ...] = (
    *landmarks.METRICS,
    *akd.METRICS,
    *expression.METRICS,
    *expression_smirk.METRICS,
    *pose.METRICS,
    *gaze.METRICS,
    *gaze_l2cs.METRICS,
    *identity.METRICS,
    *emotion.METRICS,
    *component.METRICS,
    *jitter.METRICS,
)
"""Metrics of one person in a result beside their driver and their portrait."""
PIXEL_METRICS: tuple[PixelMetric, ...] = (
    *pixels.METRICS,
    *ms_ssim.METRICS,
    *pixels_256.METRICS,
)
"""Metrics of a result frame beside the true one."""
FACE_PIXEL_METRICS: tuple[FacePixelMetric, ...] = face_pixels.METRICS
"""The same inside the faces of the true frame."""
PERCEPTUAL: tuple[Card, ...] = perceptual.METRICS
"""LPIPS of a result frame beside the true one."""
STEP_METRICS: tuple[StepMetric, ...] = (*temporal.METRICS, *temporal.ALONG_TRUTH)
"""Metrics of the steps between neighbouring frames."""
CROWD_METRICS: tuple[CrowdFamily, ...] = FAMILIES
"""Metrics of all people of a case together."""
SET_METRICS: tuple[SetMetric, ...] = distribution.METRICS
"""Metrics of all results of one kind together."""
SPEED: tuple[Card, ...] = (speed.FPS, speed.LATENCY)
"""What generation times are turned into."""


def _base() -> tuple[Card, ...]:
    return (
        *(m.card for m in PIXEL_METRICS),
        *(m.card for m in FACE_PIXEL_METRICS),
        *PERCEPTUAL,
        *(m.card for m in SET_METRICS),
        *(m.card for m in FACE_METRICS),
        *(card for family in CROWD_METRICS for card in family.cards),
        *(m.card for m in STEP_METRICS),
        *SPEED,
    )


def _unique(cards: tuple[Card, ...]) -> Mapping[str, Card]:
    found: dict[str, Card] = {}
    for card in cards:
        if card.id in found:
            raise ValueError(f"two metrics claim the protocol id {card.id}")
        found[card.id] = card
    return MappingProxyType(found)


CANONICAL: Mapping[str, Card] = _unique(_base())
"""Canonical definitions by protocol id, in the order tables show them."""

CARDS: Mapping[str, Card] = _unique(
    tuple(card for base in _base() for card in (base, *variants(base)))
)
"""All definitions by protocol id, each followed by its embedded stand-ins."""


def _per_frame() -> tuple[Card, ...]:
    """Return canonical metrics that are means over frames, one value each."""
    frames = [m.card for m in FACE_METRICS if isinstance(m, FaceMetric)]
    of_pixels = (*(m.card for m in PIXEL_METRICS), *(m.card for m in FACE_PIXEL_METRICS))
    of_pairs = (*of_pixels, *PERCEPTUAL)
    return (*of_pairs, *frames, *(m.card for m in STEP_METRICS))


DRIFTS: Mapping[str, Card] = MappingProxyType(
    {
        one.id: drift_card(one)
        for base in _per_frame()
        if base.direction is not Direction.DRIVER
        for one in (base, *variants(base))
    }
)
"""By protocol id of a metric: the card of its drift (`metrics.drift`), where it can have one."""


def card(protocol_id: str) -> Card:
    """Return the card of ``protocol_id``.

    Raises:
        KeyError: If there is no such protocol.
    """
    return CARDS[protocol_id]


def named(name: str) -> tuple[Card, ...]:
    """Return all canonical definitions that share a name (``aed``), in table order."""
    return tuple(c for c in CANONICAL.values() if c.name == name)
