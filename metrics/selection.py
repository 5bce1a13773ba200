"""Which metrics a run measures, and under which id: decided once, from what is at hand."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType

from metrics.card import Card
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Profile
from metrics.signals.face_backends import embedded_sha256

FACE = "face"
_FINER = 2
"""More digits for distances between features of random networks, which are small."""
_TRUST = "with stand-ins it orders methods and equals no published number"
_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        FACE: "MediaPipe's older networks (468 points and irises), head pose by our own mean face, "
        "blendshapes by a student of the official network (mean absolute error 0.046 on people it "
        "was not trained on)",
        "arcface": "local binary patterns of the aligned face, a classical descriptor",
        "lpips-alex": "pinned random trunk, the real linear weights",
        "lpips-vgg": "pinned random trunk, the real linear weights",
    }
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an extractor runs on in a run.

    Attributes:
        name: The extractor.
        profile: Canonical or embedded; ``None`` if it cannot run.
        weights_sha256: Hash of its weights or its generated state; empty if it has none.
        reason: Why it cannot run, or not on official weights: one sentence with the remedy.
    """

    name: str
    profile: Profile | None
    weights_sha256: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Active:
    """A metric as a run measures it.

    Attributes:
        base: The canonical definition.
        card: The definition the numbers carry: the canonical one, or its embedded stand-in.
        absent: Why it cannot be measured at all; empty if it can.
    """

    base: Card
    card: Card
    absent: str = ""


def active(card: Card, decisions: Mapping[str, Decision]) -> Active:
    """Return a metric as these decisions allow it.

    Args:
        card: The canonical definition.
        decisions: By extractor; every extractor of the card must be among them.
    """
    used = [decisions[name] for name in card.extractors]
    for decision in used:
        if decision.profile is None:
            return Active(card, card, decision.reason)
    stood_in = [d.name for d in used if d.profile == "embedded"]
    return Active(card, embedded(card, stood_in) if stood_in else card)


def variants(card: Card) -> Iterator[Card]:
    """Yield the embedded definitions that a canonical one can stand in for."""
    names = [name for name in card.extractors if state_sha256(name)]
    for count in range(1, len(names) + 1):
        for chosen in combinations(names, count):
            yield embedded(card, list(chosen))


def embedded(card: Card, stood_in: list[str]) -> Card:
    """Return the definition with stand-ins for some of its extractors.

    Its id ends in the first 8 hex digits of the stand-in's state (of the hash over several).
    """
    hashes = [state_sha256(name) for name in stood_in]
    stamp = hashes[0] if len(hashes) == 1 else _joined(hashes)
    return replace(
        card,
        definition=f"{card.definition}-embedded-{stamp[:8]}",
        embedded=True,
        digits=card.digits + (_FINER if card.over == "set" else 0),
        notes=(*card.notes, *(_stand_in(name) for name in stood_in), _TRUST),
    )


def _stand_in(name: str) -> str:
    """Say what stands in for an extractor."""
    if name in _KNOWN:
        return f"{name}: {_KNOWN[name]}"
    return f"{name}: the same network with pinned random weights"


def state_sha256(name: str) -> str:
    """Return the hash of an extractor's embedded state; empty if it has no embedded form."""
    if name == FACE:
        return embedded_sha256()
    form = SPECS[name].embedded if name in SPECS else None
    return form.sha256 if form else ""


def _joined(hashes: list[str]) -> str:
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()
