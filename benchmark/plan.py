"""What a run will do, decided once before it starts and written down."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark import provenance
from benchmark.errors import UsageProblem
from benchmark.methods import MethodSpec
from benchmark.signals import fingerprint
from benchmark.splits.manifest import Case, Split
from benchmark.store import FORMAT
from benchmark.tracker import face_definition
from metrics.registry import CARDS
from metrics.signals.mediapipe_face import FaceDefinition

_IDENTITY = ("format", "method", "split", "case_ids", "cases", "options", "extractors", "metrics")
_SPARE_FACES = 2  # looked for beyond those expected, so that extra faces are noticed


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for.

    Attributes:
        max_frames: Frames of each driving range that are used; ``None`` for all.
        limit: Number of cases, from the first; ``None`` for all.
        seed: Seed given to the method.
        timeout_s: Seconds a case may take.
    """

    max_frames: int | None = None
    limit: int | None = None
    seed: int = 0
    timeout_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it starts.

    Attributes:
        spec: The method.
        split: The split.
        cases: The cases, shortened and limited as asked.
        options: What the user asked for.
        face: Definition of the face extractor.
    """

    spec: MethodSpec
    split: Split
    cases: tuple[Case, ...]
    options: RunOptions
    face: FaceDefinition

    @property
    def total_frames(self) -> int:
        """Driving frames over all cases."""
        return sum(case.n_frames for case in self.cases)

    def identity(self) -> dict[str, Any]:
        """Return what must match for a run to be this run."""
        face = {**self.face.as_dict(), "fingerprint": fingerprint(self.face.as_dict())}
        return {
            "format": FORMAT,
            "method": {
                "name": self.spec.name,
                "label": self.spec.label,
                "target": self.spec.target,
                "options": dict(self.spec.options),
                "control": self.spec.control,
                "note": self.spec.note,
            },
            "split": {
                "dataset": self.split.header.dataset,
                "split": self.split.header.split,
                "version": self.split.header.version,
                "notice": self.split.header.notice,
                "sha256": self.split.sha256,
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
                "metrics": list(CARDS),
            },
            "extractors": {"face": face},
            "metrics": {
                metric_id: {"extractors": dict.fromkeys(card.extractors, face["fingerprint"])}
                for metric_id, card in CARDS.items()
            },
        }

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
            "run_id": self.run_id,
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
    cases = split.cases[: options.limit]
    if options.max_frames is not None:
        cases = tuple(case.shortened(options.max_frames) for case in cases)
    people = 1 + max(max(p.source, p.driving) for case in cases for p in case.pairs)
    face = face_definition(1 if people == 1 else people + _SPARE_FACES)
    return Plan(spec, split, cases, options, face)


def difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Say in which part of their identity two run manifests differ; empty if in none."""
    return next((key for key in _IDENTITY if old.get(key) != new.get(key)), "")


def default_out(plan: Plan) -> Path:
    """Return the run directory used when ``--out`` is not given."""
    return Path("runs") / plan.run_id
