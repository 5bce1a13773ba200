"""What each extractor of a run stands on: decided once, from the files that are there."""

import hashlib
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from benchmark.names import resolve
from benchmark.weights import available
from metrics.card import Card
from metrics.selection import FACE, Decision
from metrics.signals.catalogue import SPECS, Spec
from metrics.signals.face_backends import has_gpu
from metrics.weights import file_sha256, registry

Asked = Literal["auto", "canonical", "embedded"]
PROFILES: tuple[Asked, ...] = ("auto", "canonical", "embedded")
EMPTY: Mapping[str, Asked] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions of a run and the files behind them.

    Attributes:
        decisions: By extractor, the face engine's among them.
        files: Verified weights by their name in the registry.
    """

    decisions: Mapping[str, Decision]
    files: Mapping[str, Path]


def profile_named(text: str) -> Asked:
    """Return the profile of that name.

    Raises:
        UsageProblem: If there is none.
    """
    name = resolve(text, PROFILES, "profile")
    return next(profile for profile in PROFILES if profile == name)


def find_device() -> str:
    """Return where the networks of the metrics run: a GPU where torch can use one."""
    return "cuda" if has_gpu() else "cpu"


def decide(
    cards: Iterable[Card], face: Decision, asked: Asked, kept: Mapping[str, Asked] = EMPTY
) -> Decided:
    """Choose a profile for every extractor that some metrics need.

    ``canonical`` never takes a stand-in, ``embedded`` never official weights, ``auto`` takes
    official weights where they are present and stand-ins elsewhere. Nothing is fetched.

    Args:
        cards: The metrics.
        face: What the face engine stands on.
        asked: What the user asked for.
        kept: Extractors that an earlier call of the run has decided.
    """
    decisions = {FACE: face}
    files: dict[str, Path] = {}
    for name in dict.fromkeys(name for card in cards for name in card.extractors):
        if name in decisions:
            continue
        decision, found = _decide(SPECS[name], kept.get(name, asked))
        decisions[name] = decision
        files.update(found)
    return Decided(decisions, files)


def _decide(spec: Spec, asked: Asked) -> tuple[Decision, Mapping[str, Path]]:
    official, files = _official(spec)
    if asked == "canonical" or not spec.canonical.weights:
        return official, files
    if asked == "auto" and official.profile is not None:
        return official, files
    if spec.embedded is None:
        absent = Decision(spec.name, None, reason=f"{spec.name} has no embedded form")
        return (absent if asked == "embedded" else official), {}
    if reason := _not_installed(spec.needed("embedded")):
        return Decision(spec.name, None, reason=reason), {}
    why = official.reason if asked == "auto" else ""
    return Decision(spec.name, "embedded", spec.embedded.sha256, why), {}


def _official(spec: Spec) -> tuple[Decision, Mapping[str, Path]]:
    """Decide on official weights, or say why they cannot be used."""
    if reason := _not_installed(spec.needed("canonical")):
        return Decision(spec.name, None, reason=reason), {}
    if not spec.canonical.weights:
        return Decision(spec.name, "canonical"), {}
    found = available(spec.canonical.weights)
    if isinstance(found, str):
        return Decision(spec.name, None, reason=found), {}
    return Decision(spec.name, "canonical", _joined(found)), found


def _not_installed(packages: Iterable[str]) -> str:
    """Say which package is missing; empty if none is."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return f"the package {missing[0]} is not installed" if missing else ""


def _joined(files: Mapping[str, Path]) -> str:
    """Return one hash over files that were verified."""
    hashes = [registry()[name].sha256 or file_sha256(path) for name, path in files.items()]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()
