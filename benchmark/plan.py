"""What a run will do, decided once before it starts and written down."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark import checks, provenance
from benchmark.choice import choose_metrics, fits
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.identities import identities
from benchmark.method_content import method_content
from benchmark.methods import MethodSpec
from benchmark.profiles import Asked, Decided, decide
from benchmark.signals import fingerprint
from benchmark.splits.contamination import contamination
from benchmark.splits.manifest import Case, Split
from benchmark.store import FORMAT
from benchmark.tracker import MOST_FACES, face_definition
from metrics.card import Card
from metrics.crowd import TRACKER
from metrics.registry import CANONICAL
from metrics.selection import FACE, Active, Decision, active, variants
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Profile
from metrics.signals.face_backends import OFFICIAL, Backend
from metrics.signals.face_engine import FaceDefinition

_IDENTITY = ("format", "method", "split", "case_ids", "cases", "options")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for.

    Attributes:
        max_frames: Frames of each driving range that are used; ``None`` for all.
        limit: Number of cases, from the first; ``None`` for all.
        seed: Seed given to the method.
        timeout_s: Seconds a case may take.
        backend: The engine that computes the face signal.
        retry_failed: Run cases again that failed in an earlier call.
        profile: Whether official weights or stand-ins are used.
        metrics: Names of what is measured; empty for the default.
        skip: Names of what is left out.
        device: Where the networks of the metrics run.
    """

    max_frames: int | None = None
    limit: int | None = None
    seed: int = 0
    timeout_s: float = 600.0
    backend: Backend = OFFICIAL
    retry_failed: bool = False
    profile: Asked = "auto"
    metrics: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it starts.

    Attributes:
        spec: The method.
        split: The split.
        cases: The cases, shortened and limited as asked.
        options: What the user asked for.
        face: Definition of the face extractor.
        cards: Canonical definitions of what is measured, in table order.
        decided: What their extractors stand on.
        contamination: Which cases the method has seen in training, by the lists it names; known
            only as far as they go, and no part of what identifies the run.
    """

    spec: MethodSpec
    split: Split
    cases: tuple[Case, ...]
    options: RunOptions
    face: FaceDefinition
    cards: tuple[Card, ...]
    decided: Decided
    contamination: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total_frames(self) -> int:
        """Driving frames over all cases."""
        return sum(case.n_frames for case in self.cases)

    @property
    def metrics(self) -> tuple[Active, ...]:
        """What is measured, under which id, or why not."""
        return tuple(active(card, self.decided.decisions) for card in self.cards)

    def definition(self, name: str) -> dict[str, Any]:
        """Return what an extractor computes, as plain data."""
        if name == FACE:
            several = any(len(case.pairs) > 1 for case in self.cases)
            return {**self.face.as_dict(), **({"tracker": TRACKER.as_dict()} if several else {})}
        decision = self.decided.decisions[name]
        assert decision.profile is not None
        needs = fingerprint(self.face.as_dict())
        spec = SPECS[name].definition(decision.profile, decision.weights_sha256, needs)
        return spec.as_dict()

    def identity(self) -> dict[str, Any]:
        """Return what must match for a run to be this run; metrics can be added to it later."""
        return {
            "format": FORMAT,
            "method": {
                "name": self.spec.name,
                "label": self.spec.label,
                "target": self.spec.target,
                "options": dict(self.spec.options),
                "content": method_content(self.spec),
                "control": self.spec.control,
                "note": self.spec.note,
            },
            "split": {
                "dataset": self.split.header.dataset,
                "split": self.split.header.split,
                "version": self.split.header.version,
                "notice": self.split.header.notice,
                "sha256": self.split.sha256,
                "protocol": self.split.header.protocol.model_dump(),
            },
            "case_ids": [case.id for case in self.cases],
            "cases": {
                case.id: {
                    "protocol": case.protocol,
                    "frames": case.n_frames,
                    "people": len(case.pairs),
                }
                for case in self.cases
            },
            "options": {
                "max_frames": self.options.max_frames,
                "limit": self.options.limit,
                "seed": self.options.seed,
                "profile": self.options.profile,
                "face_engine": f"{self.options.backend} {fingerprint(self.face.as_dict())}",
            },
        }

    def measured(self) -> dict[str, Any]:
        """Return what is measured and on what it stands, for the record."""
        extractors = {name: self._extractor(name) for name in self.decided.decisions}
        return {
            "extractors": extractors,
            "metrics": {metric.card.id: _metric(metric, extractors) for metric in self.metrics},
        }

    def _extractor(self, name: str) -> dict[str, Any]:
        decision = self.decided.decisions[name]
        if decision.profile is None:
            return {"absent": decision.reason}
        definition = self.definition(name)
        record = {**definition, "profile": decision.profile, "fingerprint": fingerprint(definition)}
        if decision.reason:
            record["instead"] = decision.reason  # why official weights were not taken
        if name == FACE:
            record["backend"] = str(self.options.backend)
        return record

    @property
    def run_id(self) -> str:
        """Name of the run: method, split, and a hash of everything that identifies it."""
        digest = hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode())
        header = self.split.header
        return f"{self.spec.name}-{header.dataset}-{header.split}-{digest.hexdigest()[:8]}"

    def manifest(self) -> dict[str, Any]:
        """Return ``run.json``: the identity and what surrounds the numbers."""
        machine = provenance.hardware()
        return {
            **self.identity(),
            **self.measured(),
            "run_id": self.run_id,
            "people": identities(self.cases),
            "contamination": dict(self.contamination),
            "check": checks.stated(self.spec),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "timeout_s": self.options.timeout_s,
            "code": provenance.code(),
            "packages": provenance.packages(),
            "hardware": {"generation": machine, "measuring": machine},
        }


def make_plan(spec: MethodSpec, split: Split, options: RunOptions) -> Plan:
    """Decide what a run does.

    Raises:
        UsageProblem: If the options leave nothing to run.
    """
    for name in ("max_frames", "limit"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise UsageProblem(f"--{name.replace('_', '-')} must be at least 1, got {value}")
    if not (math.isfinite(options.timeout_s) and options.timeout_s > 0):
        raise UsageProblem(f"--timeout must be above 0 seconds, got {options.timeout_s:g}")
    if not 0 <= options.seed < 2**32:
        raise UsageProblem(f"--seed must be from 0 to 4294967295, got {options.seed}")
    cases = tuple(split.cases[: options.limit])
    if options.max_frames is not None:
        cases = tuple(case.shortened(options.max_frames) for case in cases)
    people = 1 + max(max(p.source, p.driving) for case in cases for p in case.pairs)
    faces = 1 if people == 1 else max(people, MOST_FACES)
    face = face_definition(faces, options.backend)
    chosen = tuple(
        card
        for card in choose_metrics(options.metrics, options.skip, options.device)
        if any(fits(card, case) for case in cases)
    )
    if not chosen:
        raise UsageProblem(
            "no case of this split is made for the metrics that are asked for",
            "see what they are defined for: bench metrics show NAME",
        )
    decided = decide(chosen, _face_decision(face, options.backend), options.profile)
    seen = contamination(spec.train_lists, cases)
    return Plan(spec, split, cases, options, face, chosen, decided, seen)


def resumed(plan: Plan, stored: Mapping[str, Any]) -> Plan:
    """Return the plan with what an earlier call of the run has decided.

    Metrics of both calls are measured. An extractor keeps its profile; one that could not run
    then is decided anew.

    Raises:
        EnvironmentProblem: If official weights that the run stands on are not here any more.
    """
    before = stored.get("extractors", {})
    kept = {n: e["profile"] for n, e in before.items() if "profile" in e and n != FACE}
    ids = {card.id for card in plan.cards} | _bases(stored.get("metrics", {}))
    cards = tuple(card for card in CANONICAL.values() if card.id in ids)
    decided = decide(cards, plan.decided.decisions[FACE], plan.options.profile, kept)
    for name in kept:
        if name in decided.decisions and decided.decisions[name].profile is None:
            raise EnvironmentProblem(
                f"this run stands on {name}: {decided.decisions[name].reason}",
                "bring it back, or choose another --out",
            )
    merged = replace(plan, cards=cards, decided=decided)
    for name, record in merged.measured()["extractors"].items():
        old = before.get(name, {}).get("fingerprint")
        if old and old != record.get("fingerprint"):
            raise UsageProblem(
                f"this run was measured with another definition of {name}",
                "choose another --out, or delete the directory",
            )
    return merged


def _bases(stored: Mapping[str, Any]) -> set[str]:
    """Return the canonical ids behind the ids of a run."""
    return {
        base.id for base in CANONICAL.values() for c in (base, *variants(base)) if c.id in stored
    }


def _face_decision(face: FaceDefinition, backend: Backend) -> Decision:
    profile: Profile = "embedded" if backend.name == "embedded" else "canonical"
    return Decision(FACE, profile, face.weights_sha256)


def _metric(metric: Active, extractors: Mapping[str, Any]) -> dict[str, Any]:
    if metric.absent:
        return {"extractors": {}, "absent": metric.absent}
    used = metric.card.extractors
    return {"extractors": {name: extractors[name]["fingerprint"] for name in used}}


def difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Say in which part of their identity two run manifests differ; empty if in none."""
    return next((key for key in _IDENTITY if old.get(key) != new.get(key)), "")


def default_out(plan: Plan) -> Path:
    """Return the run directory used when ``--out`` is not given."""
    return Path("runs") / plan.run_id
