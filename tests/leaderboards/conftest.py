"""Invented runs: small, in memory or written the way `bench run` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmark.store import (
    CaseScore,
    Generated,
    Journal,
    Outcome,
    RunPaths,
    RunRecord,
    write_manifest,
)
from metrics.card import Card, Direction
from metrics.score import Measured, NotMeasured, Score

FACE = "3fa1c2d4" * 8
SPLIT = "9b1e77aa" * 8
KINDS = {"a": "self", "b": "self", "c": "cross", "d": "cross"}


def card(name: str, title: str, direction: Direction, **changes: Any) -> Card:
    common: dict[str, Any] = {
        "definition": "test",
        "formula": "invented",
        "unit": "",
        "bounds": (0.0, 1.0),
        "protocols": frozenset({"self", "cross"}),
        "extractors": (),
        "missing": "",
        "identical": 0.0,
        "source": "invented",
    }
    return Card(name=name, title=title, direction=direction, **{**common, **changes})


SELF = frozenset({"self"})
CARDS: Mapping[str, Card] = {
    c.id: c
    for c in (
        card("ssim", "SSIM", Direction.HIGHER, protocols=SELF, identical=1.0),
        card("lmd", "LMD", Direction.LOWER, scale_exponent=3, digits=2, extractors=("face",)),
        card("apd", "APD", Direction.LOWER, unit="deg", digits=2, extractors=("face",)),
        card("jaw", "jaw", Direction.LOWER, extractors=("face",), default=False),
        card("flicker", "flicker", Direction.DRIVER, digits=4, identical=None),
        card("fps", "FPS", Direction.HIGHER, unit="1/s", digits=1, timing=True),
    )
}
SSIM, LMD, APD, JAW, FLICKER, FPS = CARDS


LATE = [
    {"rule": "frame count", "verdict": "held", "said": "17 driving frames gave 17, as stated"},
    {"rule": "frame map", "verdict": "broken", "said": "outputs come 1 frame late"},
]


@dataclass
class Invented:
    """A run to be; scores by protocol id, one for each case of its kind, in case order."""

    name: str
    scores: Mapping[str, list[Score | float | None]]
    label: str = ""
    note: str = ""
    control: bool = False
    run_id: str = ""
    outcomes: Mapping[str, tuple[Outcome, str]] = field(default_factory=dict)
    reached: int | None = None
    kinds: Mapping[str, str] = field(default_factory=lambda: dict(KINDS))
    hardware: str = "2 x CPU"
    face: str = FACE
    split: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def manifest(self) -> dict[str, Any]:
        split = {"dataset": "mini", "split": "single", "version": "1", "sha256": SPLIT}
        split["notice"] = "mini is a self-check and a demonstration, no evidence of quality."
        options = {"max_frames": None, "limit": None, "seed": 0, "metrics": list(self.scores)}
        return {
            "format": "portraitbench-run@1",
            "run_id": self.run_id or f"{self.name}-1",
            "created": "2026-11-20T09:00:00+00:00",
            "method": {
                "name": self.name,
                "label": self.label or self.name,
                "note": self.note,
                "control": self.control,
            },
            "split": {**split, **self.split},
            "case_ids": list(self.kinds),
            "cases": {
                c: {"protocol": kind, "frames": 32, "people": 1} for c, kind in self.kinds.items()
            },
            "options": {**options, **self.options},
            "extractors": {"face": {"fingerprint": self.face}},
            "metrics": {
                p: {"extractors": {"face": self.face} if "face" in extractors(p) else {}}
                for p in self.scores
            },
            "code": {"version": "0.1.0"},
            "packages": {"torch": "2.8.0"},
            "hardware": {"generation": {"label": self.hardware}, "measuring": {}},
            **self.extra,
        }

    def generated(self) -> list[Generated]:
        found = []
        for case_id in list(self.kinds)[: self.reached]:
            outcome, reason = self.outcomes.get(case_id, (Outcome.OK, ""))
            found.append(Generated(case_id, outcome, reason))
        return found

    def case_scores(self) -> list[CaseScore]:
        found = []
        reached = {g.case_id for g in self.generated() if g.outcome is Outcome.OK}
        for protocol_id, values in self.scores.items():
            known = CARDS.get(protocol_id)
            cases = [c for c in self.kinds if known is None or self.kinds[c] in known.protocols]
            for case_id, value in zip(cases, values, strict=True):
                if value is not None and case_id in reached:
                    score = Measured(value, 32, 32) if isinstance(value, float) else value
                    found.append(CaseScore(case_id, self.kinds[case_id], protocol_id, -1, score))
                    # A person's own score lies beside that of the case and must not be counted.
                    found.append(
                        CaseScore(case_id, self.kinds[case_id], protocol_id, 0, Measured(1e9, 1, 1))
                    )
        return found

    def record(self) -> RunRecord:
        generated = {g.case_id: g for g in self.generated()}
        paths = RunPaths(Path("runs") / self.manifest()["run_id"])
        return RunRecord(paths, self.manifest(), generated, tuple(self.case_scores()))

    def write(self, folder: Path) -> Path:
        paths = RunPaths(folder / self.manifest()["run_id"])
        paths.root.mkdir(parents=True)
        write_manifest(paths, self.manifest())
        journal = Journal(paths.journal)
        scores = self.case_scores()
        for item in self.generated():
            journal.record_generated(item)
            journal.record_scores([s for s in scores if s.case_id == item.case_id])
        journal.close()
        return paths.root


def extractors(protocol_id: str) -> tuple[str, ...]:
    return CARDS[protocol_id].extractors if protocol_id in CARDS else ()


def flicker(value: float, driver: float) -> Measured:
    return Measured(value, 31, 31, driver=driver)


def make_shop() -> list[Invented]:
    """Return runs that show every kind of cell."""
    no_speed = NotMeasured("finished videos have no speed")
    drivers = (0.9721, 0.9688, 0.9721, 0.9705)
    ours = Invented(
        "ours",
        {
            SSIM: [0.8213, 0.8077],
            LMD: [0.0121, 0.0098, 0.0312, 0.0287],
            APD: [1.234, 2.345, 3.456, 4.567],
            FLICKER: [
                flicker(v, d) for v, d in zip((0.97, 0.96, 0.975, 0.97), drivers, strict=True)
            ],
            FPS: [61.2, 58.9, 60.0, 59.4],
        },
        label="ours (built-in warp)",
        note="The built-in method; [methods.ours] in bench.toml names your own.",
    )
    lost = Measured(1.5, 20, 32)
    other = Invented(
        "live_portrait",
        {
            SSIM: [0.8213, 0.8012],
            LMD: [0.0101, 0.0102, 0.0290, 0.0281],
            APD: [1.2, 2.1, lost, 2.9],
            FLICKER: [
                flicker(v, d) for v, d in zip((0.98, 0.97, 0.99, 0.98), drivers, strict=True)
            ],
            FPS: [12.5, 12.1, 12.4, 12.6],
        },
        label="LivePortrait",
        hardware="1 x GPU",
        extra={"check": {"needed": True}},
    )
    failing = Invented(
        "flaky",
        {
            SSIM: [0.9, None],
            LMD: [0.001, None, 0.002, NotMeasured("no face in any frame of the result")],
            APD: [0.1, None, 0.2, NotMeasured("no face in any frame of the result")],
            FPS: [no_speed] * 4,
        },
        label="Flaky & Sons",
        extra={"check": {"needed": True, "rules": LATE}},
        outcomes={"b": (Outcome.FAILED, "ran longer than 600 s")},
    )
    stopped = Invented(
        "stopped", {SSIM: [0.95, 0.95], LMD: [0.0001] * 4, APD: [0.1] * 4}, reached=2
    )
    older = Invented("older", {SSIM: [0.8, 0.8], LMD: [0.013, 0.011, 0.03, 0.03]}, face="77" * 32)
    frozen = Invented(
        "frozen",
        {
            SSIM: [0.71, 0.69],
            LMD: [0.0412, 0.0398, 0.0611, 0.0599],
            APD: [8.0, 9.0, 10.0, 11.0],
            FLICKER: [flicker(1.0, d) for d in drivers],
            FPS: [no_speed] * 4,
        },
        label="frozen (control)",
        control=True,
    )
    return [frozen, ours, other, failing, stopped, older]


@pytest.fixture(scope="session")
def cards() -> Mapping[str, Card]:
    return CARDS


@pytest.fixture(scope="session")
def invented() -> type[Invented]:
    return Invented


@pytest.fixture(scope="session")
def shop() -> list[Invented]:
    return make_shop()
