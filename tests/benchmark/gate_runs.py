"""Runs for the gate, invented around scores that the built-in method has on real clips."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.gate.of_run import side_of
from benchmark.gate.side import Side
from benchmark.store import (
    CaseScore,
    Generated,
    Journal,
    Outcome,
    RunPaths,
    RunRecord,
    SetEntry,
    write_manifest,
)
from metrics.registry import CARDS
from metrics.score import Measured, NotMeasured, Score
from metrics.set_score import SetScore

SSIM, LMD, AED = "ssim.wang-rgb@2", "lmd.mediapipe478@1", "aed.mediapipe51rel@1"
MOUTH, APD = "blendshape_l2.mouth23rel@1", "apd.mediapipe-eulerrel@1"
FLICKER, FPS, LATENCY = "flicker.vbench@1", "fps.offline@1", "latency.frame-p50@2"
FID = "fid.torch-fidelity@1"
NORMS: Mapping[str, tuple[float, float]] = {
    SSIM: (0.8471, 0.0586),
    LMD: (0.00281, 0.000564),
    AED: (0.05558, 0.013),
    MOUTH: (0.455, 0.159),
    APD: (0.898, 0.324),
    FLICKER: (0.971, 0.0324),
    FPS: (28.4, 1.2),
    LATENCY: (35.2, 1.5),
}
"""Mean and spread between cases of the built-in method on twelve real cases."""
DRIVER = 0.975
"""The driving clips' own flicker."""
Change = Callable[[float], float]


@dataclass(frozen=True)
class Cast:
    """Who is in the cases: one self and two cross cases a driving person."""

    people: int = 24

    @property
    def cases(self) -> list[tuple[str, str, str, str]]:
        """Id, kind, source, driving person."""
        found = []
        for d in range(self.people):
            found.append((f"self-{d:03}", "self", f"d{d}", f"d{d}"))
            for k in (1, 2):
                source = (k * 7 + d) % (2 * self.people)
                found.append((f"cross-{d:03}-{k}", "cross", f"s{source}", f"d{d}"))
        return found


@dataclass(frozen=True)
class Invented:
    """A run of the gate's tests.

    Args:
        cast: Its people.
        changes: By metric: what is done to each case's value.
        scores: By metric and case: what stands there instead.
        outcomes: How cases ended that did not end well.
        noise: Spread of what is added to each value, over the spread between cases.
        seed: Of the noise.
    """

    cast: Cast = Cast()
    changes: Mapping[str, Change] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Score | None] = field(default_factory=dict)
    outcomes: Mapping[str, tuple[Outcome, str]] = field(default_factory=dict)
    noise: float = 0.0
    seed: int = 0
    without: tuple[str, ...] = ()
    fid: SetScore | NotMeasured | None = None
    manifest_changes: Mapping[str, Any] = field(default_factory=dict)
    reached: int | None = None

    def but(self, **changes: Any) -> "Invented":
        """Return it with something else."""
        return replace(self, **changes)

    @property
    def metrics(self) -> list[str]:
        named = [name for name in NORMS if name not in self.without]
        return named if self.fid is None else [*named, FID]

    def manifest(self) -> dict[str, Any]:
        cases = self.cast.cases
        return {
            "format": "portraitbench-run@1",
            "run_id": "ours-clips-single-00000000",
            "method": {"name": "ours", "label": "ours (built-in)", "content": "2437ed3d25f3e2ce"},
            "split": {
                "dataset": "clips",
                "split": "single",
                "version": "1",
                "sha256": "9b1e77aa" * 8,
                "protocol": {"id": "reenactment@1"},
            },
            "case_ids": [name for name, *_ in cases],
            "cases": {n: {"protocol": kind, "frames": 32, "people": 1} for n, kind, *_ in cases},
            "people": {name: [source, driving] for name, _, source, driving in cases},
            "options": {"max_frames": None, "limit": None, "seed": 0},
            "metrics": {
                name: {"extractors": dict.fromkeys(CARDS[name].extractors, "3fa1c2d4" * 2)}
                for name in self.metrics
            },
            "packages": {"torch": "2.8.0"},
            "code": {"commit": "0" * 40, "dirty": False},
            "hardware": {"generation": {"label": "2 x CPU"}, "measuring": {"label": "2 x CPU"}},
            **self.manifest_changes,
        }

    def generated(self) -> list[Generated]:
        found = []
        for name, *_ in self.cast.cases[: self.reached]:
            outcome, reason = self.outcomes.get(name, (Outcome.OK, ""))
            found.append(Generated(name, outcome, reason, clip_sha256="ab" * 32))
        return found

    def case_scores(self) -> list[CaseScore]:
        ok = {item.case_id for item in self.generated() if item.outcome is Outcome.OK}
        found = []
        for metric in NORMS:
            if metric in self.without:
                continue
            for (name, kind, *_), value in zip(self.cast.cases, self._values(metric), strict=True):
                if kind in CARDS[metric].protocols and name in ok:
                    score = self._score(metric, name, float(value))
                    if score is not None:
                        found.append(CaseScore(name, kind, metric, -1, score))
        return found

    def _score(self, metric: str, name: str, value: float) -> Score | None:
        if (metric, name) in self.scores:
            return self.scores[metric, name]
        return Measured(value, 31, 31, DRIVER if metric == FLICKER else None)

    def _values(self, metric: str) -> NDArray[np.float64]:
        """Values with an effect of each person, the same for every run of the same cast."""
        mean, spread = NORMS[metric]
        seed = list(NORMS).index(metric)
        values = mean + spread * self._shares(np.random.default_rng(seed))
        values += self.noise * spread * self._shares(np.random.default_rng([self.seed, seed, 1]))
        change = self.changes.get(metric)
        return values if change is None else np.array([change(float(v)) for v in values])

    def _shares(self, random: np.random.Generator) -> NDArray[np.float64]:
        """Return a standard deviation of 1: half of the variance from people, half by chance."""
        cases = self.cast.cases
        by_source = random.normal(size=2 * self.cast.people)
        by_driving = random.normal(size=self.cast.people)
        people = [
            by_driving[int(d[1:])]
            if s == d
            else (by_source[int(s[1:])] + by_driving[int(d[1:])]) / np.sqrt(2)
            for _, _, s, d in cases
        ]
        return (np.array(people) + random.normal(size=len(cases))) / np.sqrt(2)

    def sets(self) -> list[SetEntry]:
        if self.fid is None:
            return []
        return [SetEntry(kind, FID, self.fid) for kind in ("self", "cross")]

    def record(self) -> RunRecord:
        made = {item.case_id: item for item in self.generated()}
        return RunRecord(
            RunPaths(Path("runs/ours")),
            self.manifest(),
            made,
            tuple(self.case_scores()),
            tuple(self.sets()),
        )

    def side(self) -> Side:
        return self._side

    @cached_property
    def _side(self) -> Side:
        return side_of(self.record())

    def write(self, root: Path) -> Path:
        paths = RunPaths(root)
        root.mkdir(parents=True)
        write_manifest(paths, self.manifest())
        journal = Journal(paths.journal)
        by_case: dict[str, list[CaseScore]] = {}
        for score in self.case_scores():
            by_case.setdefault(score.case_id, []).append(score)
        for item in self.generated():
            journal.record_generated(item)
            journal.record_scores(by_case.get(item.case_id, []))
        journal.record_sets(self.sets())
        journal.close()
        return root


def fid(value: float, groups: int = 20, wobble: float = 0.0, **changes: Any) -> SetScore:
    """A score over sets whose replicates wobble alike in every run."""
    shifts = np.random.default_rng(5).normal(size=groups)
    replicates = tuple(float(value + 0.05 * s + wobble * (-1) ** i) for i, s in enumerate(shifts))
    common: dict[str, Any] = {
        "cases": 60, "clips": 60, "items": 1860, "reference_clips": 60,
        "reference_items": 1860, "replicates": replicates, "expected": 1860,
    }  # fmt: skip
    return SetScore(value, **{**common, **changes})
