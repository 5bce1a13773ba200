"""The record of a run on disk: ``run.json`` (what was run) and ``journal.sqlite`` (what came out).

One transaction a case and phase: after a crash, whatever the journal holds is finished, and
nothing else counts. `leaderboards` reads runs through `load_run`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmark.errors import NotComparable, UsageProblem
from metrics.score import Measured, NotMeasured, Score

FORMAT = "portraitbench-run@1"


class Outcome(StrEnum):
    """How a case ended."""

    OK = "ok"
    FAILED = "failed"
    """The method did not deliver; counts against it."""
    UNJUDGEABLE = "unjudgeable"
    """The input cannot be judged (no face in the portrait); counts against nobody."""


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

    def latents(self, case_id: str) -> Path:
        """Named latents ``(T, D)`` a method gave, as safetensors."""
        return self.root / "latents" / f"{case_id}.safetensors"


@dataclass(frozen=True, slots=True)
class Generated:
    """Result of running the method on a case.

    Attributes:
        case_id: The case.
        outcome: Whether there is a clip.
        reason: Why not; empty when there is.
        clip_sha256: Content of the stored clip.
        frame_map: ``clip[i]`` came from driving frame ``frame_map[i]`` of the case's range.
        size: ``(height, width)`` of the clip.
        resized: The clip is the canvas at another size and is resized before pixel metrics.
        timings: Seconds and counts of generation, see `benchmark.generate`.
    """

    case_id: str
    outcome: Outcome
    reason: str = ""
    clip_sha256: str = ""
    frame_map: tuple[int, ...] = ()
    size: tuple[int, int] = (0, 0)
    resized: bool = False
    timings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseScore:
    """One score of one case; ``person`` is the source rank, -1 for the whole case."""

    case_id: str
    protocol: str
    metric: str
    person: int
    score: Score


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as readers see it.

    Attributes:
        paths: Where it lies.
        manifest: Content of ``run.json``.
        generated: Result of generation by case id, in case order; cases not reached are absent.
        scores: All scores in case order.
    """

    paths: RunPaths
    manifest: Mapping[str, Any]
    generated: Mapping[str, Generated]
    scores: tuple[CaseScore, ...]

    @property
    def complete(self) -> bool:
        """Whether every case of the run was generated and, if it has a clip, measured."""
        measured = {s.case_id for s in self.scores}
        return all(
            c in self.generated and (self.generated[c].outcome is not Outcome.OK or c in measured)
            for c in self.manifest["case_ids"]
        )


_SCHEMA = """
CREATE TABLE IF NOT EXISTS generated (
    case_id TEXT PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL,
    clip_sha256 TEXT NOT NULL, frame_map TEXT NOT NULL, height INTEGER NOT NULL,
    width INTEGER NOT NULL, resized INTEGER NOT NULL, timings TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS scores (
    case_id TEXT NOT NULL, metric TEXT NOT NULL, person INTEGER NOT NULL,
    protocol TEXT NOT NULL, value REAL, frames INTEGER, total INTEGER, driver REAL,
    unjudged INTEGER, reason TEXT,
    of_input INTEGER,
    PRIMARY KEY (case_id, metric, person),
    CHECK ((value IS NULL) <> (reason IS NULL))
) STRICT;
"""


_SELECT_GENERATED = (
    "SELECT case_id, outcome, reason, clip_sha256, frame_map, height, width, resized, timings "
    "FROM generated"
)
_SELECT_SCORES = (
    "SELECT case_id, metric, person, protocol, value, frames, total, driver, unjudged, reason, "
    "of_input FROM scores"
)


class Journal:
    """Append-only results of one run. Single writer; readers may look on.

    The rollback journal of SQLite, not its write-ahead log: a finished run is one file that can be
    read from a read-only folder.

    Args:
        path: The database.
        read_only: Only look; the file must exist.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        mode = "ro" if read_only else "rwc"
        address = f"{path.absolute().as_uri()}?mode={mode}"
        self._db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)
        if not read_only:
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def record_generated(self, item: Generated) -> None:
        """Store the result of generation for one case."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO generated VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    item.case_id,
                    item.outcome.value,
                    item.reason,
                    item.clip_sha256,
                    json.dumps(item.frame_map),
                    *item.size,
                    int(item.resized),
                    json.dumps(item.timings, sort_keys=True),
                ),
            )

    def record_scores(self, scores: list[CaseScore]) -> None:
        """Store all scores of one case at once."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO scores VALUES (?,?,?,?,?,?,?,?,?,?,?)", [_row(s) for s in scores]
            )

    def generated(self) -> dict[str, Generated]:
        """Return what was generated, by case id."""
        rows = self._db.execute(_SELECT_GENERATED)
        return {row[0]: _generated(row) for row in rows}

    def scores(self) -> list[CaseScore]:
        """Return all scores, in no particular order."""
        return [_score(row) for row in self._db.execute(_SELECT_SCORES)]


def _row(item: CaseScore) -> tuple[Any, ...]:
    head = (item.case_id, item.metric, item.person, item.protocol)
    match item.score:
        case Measured(value, frames, total, driver, unjudged):
            return (*head, value, frames, total, driver, unjudged, None, None)
        case NotMeasured(reason, of_input):
            return (*head, None, None, None, None, None, reason, int(of_input))


def _generated(row: tuple[Any, ...]) -> Generated:
    return Generated(
        case_id=row[0],
        outcome=Outcome(row[1]),
        reason=row[2],
        clip_sha256=row[3],
        frame_map=tuple(json.loads(row[4])),
        size=(row[5], row[6]),
        resized=bool(row[7]),
        timings=json.loads(row[8]),
    )


def _score(row: tuple[Any, ...]) -> CaseScore:
    case_id, metric, person, protocol, value, frames, total, driver, unjudged, reason, of_input = (
        row
    )
    score: Score = (
        NotMeasured(reason, bool(of_input))
        if value is None
        else Measured(value, frames, total, driver, unjudged)
    )
    return CaseScore(case_id, protocol, metric, person, score)


def write_manifest(paths: RunPaths, manifest: Mapping[str, Any]) -> None:
    """Write ``run.json`` atomically."""
    part = paths.manifest.with_suffix(".json.part")
    part.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(paths.manifest)


def read_manifest(paths: RunPaths) -> dict[str, Any]:
    """Read ``run.json``.

    Raises:
        UsageProblem: If ``paths.root`` holds no run.
        NotComparable: If the run was written by another format of this program.
    """
    try:
        manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageProblem(f"{paths.root} is not a run (it has no run.json)") from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"cannot read {paths.manifest}: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NotComparable(f"{paths.manifest} is not in the form {FORMAT}", "run it again")
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
    except sqlite3.DatabaseError as error:
        raise UsageProblem(f"{paths.journal} is damaged: {error}") from None
    order = {case_id: rank for rank, case_id in enumerate(manifest["case_ids"])}
    if strangers := {s.case_id for s in scores} - set(order):
        raise UsageProblem(f"{paths.journal} is damaged: it has scores of {min(strangers)}")
    return RunRecord(
        paths,
        manifest,
        {c: generated[c] for c in order if c in generated},
        tuple(sorted(scores, key=lambda s: (order[s.case_id], s.metric, s.person))),
    )
