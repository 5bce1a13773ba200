"""The record of a run on disk: ``run.json`` (what was run) and ``journal.sqlite`` (what came out).

`leaderboards` reads runs through `load_run`.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import NotComparable, UsageProblem
from benchmark.journal import CaseScore, Generated, Journal, Outcome, SetEntry
from benchmark.run_shape import Damaged, check_manifest

__all__ = [
    "CaseScore",
    "Generated",
    "Journal",
    "Outcome",
    "RunPaths",
    "RunRecord",
    "SetEntry",
    "load_run",
    "read_manifest",
    "write_manifest",
]

FORMAT = "portraitbench-run@1"


@dataclass(frozen=True, slots=True)
class RunPaths:
    """Every file name of a run directory, in one place."""

    root: Path

    @property
    def manifest(self) -> Path:
        """What was run, with what, on what."""
        return self.root / "run.json"

    @property
    def journal(self) -> Path:
        """Results, one transaction a case."""
        return self.root / "journal.sqlite"

    @property
    def lock(self) -> Path:
        """Held while a process works on the run."""
        return self.root / ".lock"

    @property
    def scratch(self) -> Path:
        """Working copies of the case that is being run; empty between cases."""
        return self.root / ".scratch"

    @property
    def log(self) -> Path:
        """What the method printed."""
        return self.root / "method.log"

    def clip(self, case_id: str) -> Path:
        """The stored result of a case, lossless; this is what is scored."""
        return self.root / "clips" / f"{case_id}.mkv"

    def preview(self, case_id: str) -> Path:
        """The same for a browser; never scored."""
        return self.root / "clips" / f"{case_id}.preview.mp4"

    def frame_values(self, case_id: str) -> Path:
        """What each frame of a case was measured at, see `benchmark.frame_values`."""
        return self.root / "frames" / f"{case_id}.safetensors"

    def latents(self, case_id: str) -> Path:
        """Named latents ``(T, D)`` a method gave, as safetensors."""
        return self.root / "latents" / f"{case_id}.safetensors"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as readers see it.

    Attributes:
        paths: Where it lies.
        manifest: Content of ``run.json``.
        generated: Result of generation by case id, in case order; cases not reached are absent.
        scores: All scores of cases, in case order.
        sets: Scores over all cases of one kind.
    """

    paths: RunPaths
    manifest: Mapping[str, Any]
    generated: Mapping[str, Generated]
    scores: tuple[CaseScore, ...]
    sets: tuple[SetEntry, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every case of the run was generated and, if it has a clip, measured."""
        scored = {s.case_id for s in self.scores}
        return all(
            c in self.generated
            and (self.generated[c].outcome is not Outcome.OK or self.measured(c, scored))
            for c in self.manifest["case_ids"]
        )

    def measured(self, case_id: str, scored: set[str]) -> bool:
        """Say whether a case was measured; one may have no score of its own, only frames of a set.

        Args:
            case_id: The case.
            scored: Cases that have scores.
        """
        return case_id in scored or self.paths.frame_values(case_id).is_file()


def write_manifest(paths: RunPaths, manifest: Mapping[str, Any]) -> None:
    """Write ``run.json`` atomically."""
    part = paths.manifest.with_suffix(".json.part")
    part.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(paths.manifest)


def read_manifest(paths: RunPaths) -> dict[str, Any]:
    """Read ``run.json``.

    Raises:
        UsageProblem: If ``paths.root`` holds no run, or one whose record is damaged.
        NotComparable: If the run was written by another format of this program.
    """
    try:
        manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageProblem(f"{paths.root} is not a run (it has no run.json)") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(f"cannot read {paths.manifest}: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NotComparable(f"{paths.manifest} is not in the form {FORMAT}", "run it again")
    try:
        check_manifest(manifest)
    except Damaged as error:
        raise UsageProblem(
            f"{paths.manifest}: {error}",
            "run.json must be as `bench run` wrote it; run it again",
        ) from None
    return manifest


def load_run(root: Path) -> RunRecord:
    """Read a run, finished or not.

    Raises:
        UsageProblem: If ``root`` holds no run or its journal cannot be read.
    """
    paths = RunPaths(root)
    manifest = read_manifest(paths)
    if not paths.journal.is_file():
        return RunRecord(paths, manifest, {}, ())
    try:
        with closing(Journal(paths.journal, read_only=True)) as journal:
            generated, scores = journal.generated(), journal.scores()
            sets = tuple(journal.sets())
    except (sqlite3.DatabaseError, Damaged) as error:
        raise UsageProblem(
            f"{paths.journal} is damaged: {error}", "delete the run directory and run again"
        ) from None
    order = {case_id: rank for rank, case_id in enumerate(manifest["case_ids"])}
    if strangers := {s.case_id for s in scores} - set(order):
        raise UsageProblem(f"{paths.journal} is damaged: it has scores of {min(strangers)}")
    return RunRecord(
        paths,
        manifest,
        {c: generated[c] for c in order if c in generated},
        tuple(sorted(scores, key=lambda s: (order[s.case_id], s.metric, s.person))),
        sets,
    )
