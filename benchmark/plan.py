"""What a run will do, decided once before it starts and written down."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark import provenance
from benchmark.errors import UsageProblem
from benchmark.method_content import method_content
from benchmark.methods import MethodSpec
from benchmark.signals import fingerprint
from benchmark.splits.contamination import contamination
from benchmark.splits.manifest import Case, Split
from benchmark.store import FORMAT
from benchmark.tracker import face_definition
from metrics.registry import CARDS
from metrics.signals.face_backends import OFFICIAL, Backend
from metrics.signals.face_engine import FaceDefinition

_IDENTITY = ("format", "method", "split", "case_ids", "cases", "options", "extractors", "metrics")
EMBEDDED_FACE = "face-embedded"
"""Name of the face extractor in records where the embedded engine took the official one's place."""
_SPARE_FACES = 2  # looked for beyond those expected, so that extra faces are noticed


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
    """

    max_frames: int | None = None
    limit: int | None = None
    seed: int = 0
    timeout_s: float = 600.0
    backend: Backend = OFFICIAL
    retry_failed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it starts.

    Attributes:
        spec: The method.
        split: The split.
        cases: The cases, shortened and limited as asked.
        options: What the user asked for.
        face: Definition of the face extractor.
        contamination: Which cases the method has seen in training, by the lists it names; known
            only as far as they go, and no part of what identifies the run.
    """

    spec: MethodSpec
    split: Split
    cases: tuple[Case, ...]
    options: RunOptions
    face: FaceDefinition
    contamination: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total_frames(self) -> int:
        """Driving frames over all cases."""
        return sum(case.n_frames for case in self.cases)

    def identity(self) -> dict[str, Any]:
        """Return what must match for a run to be this run."""
        face = {**self.face.as_dict(), "fingerprint": fingerprint(self.face.as_dict())}
        face["backend"] = str(self.options.backend)
        name = EMBEDDED_FACE if self.options.backend.name == "embedded" else "face"
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
                "metrics": list(CARDS),
            },
            "extractors": {name: face},
            "metrics": {
                metric_id: {"extractors": {name: face["fingerprint"]} if card.extractors else {}}
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
            "contamination": dict(self.contamination),
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
    faces = 1 if people == 1 else people + _SPARE_FACES
    face = face_definition(faces, options.backend)
    return Plan(spec, split, cases, options, face, contamination(spec.train_lists, cases))


def difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Say in which part of their identity two run manifests differ; empty if in none."""
    return next((key for key in _IDENTITY if old.get(key) != new.get(key)), "")


def default_out(plan: Plan) -> Path:
    """Return the run directory used when ``--out`` is not given."""
    return Path("runs") / plan.run_id
