"""The journal of a run, ``journal.sqlite``: what came out, one transaction a case and phase.

After a crash, whatever the journal holds is finished, and nothing else counts.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmark.run_shape import Damaged, reader
from metrics.score import Measured, NotMeasured, Score
from metrics.set_score import SetScore


class Outcome(StrEnum):
    """How a case ended."""

    OK = "ok"
    FAILED = "failed"
    """The method did not deliver; counts against it."""
    UNJUDGEABLE = "unjudgeable"
    """The input cannot be judged (no face in the portrait); counts against nobody."""


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
class SetEntry:
    """One score of all cases of one kind together."""

    protocol: str
    metric: str
    score: SetScore | NotMeasured


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
CREATE TABLE IF NOT EXISTS sets (
    metric TEXT NOT NULL, protocol TEXT NOT NULL, value REAL, detail TEXT,
    reason TEXT, of_input INTEGER,
    PRIMARY KEY (metric, protocol),
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
_SELECT_SETS = "SELECT metric, protocol, value, detail, reason, of_input FROM sets"


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
        """Store all scores of one case at once; those of an earlier call give way."""
        with self._transaction():
            cases = {(s.case_id,) for s in scores}
            self._db.executemany("DELETE FROM scores WHERE case_id = ?", sorted(cases))
            self._db.executemany(
                "INSERT INTO scores VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                [_row(s) for s in scores],
            )

    def record_sets(self, entries: Sequence[SetEntry]) -> None:
        """Store the scores over all cases; those of an earlier call give way."""
        with self._transaction():
            self._db.execute("DELETE FROM sets")
            self._db.executemany(
                "INSERT INTO sets VALUES (?,?,?,?,?,?)", [_set_row(e) for e in entries]
            )

    def generated(self) -> dict[str, Generated]:
        """Return what was generated, by case id.

        Raises:
            Damaged: If a row is not what this program writes; so do `scores` and `sets`.
        """
        rows = self._db.execute(_SELECT_GENERATED)
        return {row[0]: _generated(row) for row in rows}

    def scores(self) -> list[CaseScore]:
        """Return all scores, in no particular order."""
        return [_score(row) for row in self._db.execute(_SELECT_SCORES)]

    def sets(self) -> list[SetEntry]:
        """Return the scores over all cases."""
        try:
            return [_set_entry(row) for row in self._db.execute(_SELECT_SETS)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):  # a run from before there were any
                return []
            raise


def _row(item: CaseScore) -> tuple[Any, ...]:
    head = (item.case_id, item.metric, item.person, item.protocol)
    match item.score:
        case Measured(value, frames, total, driver, unjudged):
            return (*head, value, frames, total, driver, unjudged, None, None)
        case NotMeasured(reason, of_input):
            return (*head, None, None, None, None, None, reason, int(of_input))


def _generated(row: tuple[Any, ...]) -> Generated:
    case_id, outcome, reason, sha256, frame_map, height, width, resized, timings = row
    with _row_of(case_id):
        made = _READ_GENERATED(
            {
                "case_id": case_id,
                "outcome": outcome,
                "reason": reason,
                "clip_sha256": sha256,
                "frame_map": json.loads(frame_map),
                "size": (height, width),
                "resized": resized,
                "timings": json.loads(timings),
            }
        )
        if any(frame < 0 for frame in made.frame_map):
            raise Damaged("frame_map: a driving frame below 0")
        return made


def _score(row: tuple[Any, ...]) -> CaseScore:
    case_id, metric, person, protocol, value, frames, total, driver, unjudged, reason, of_input = (
        row
    )
    with _row_of(f"{case_id}, {metric}"):
        score: Score = (
            _READ_NOT_MEASURED({"reason": reason, "of_input": bool(of_input)})
            if value is None
            else _READ_MEASURED(
                {
                    "value": value,
                    "frames": frames,
                    "total": total,
                    "driver": driver,
                    "unjudged": unjudged,
                }
            )
        )
        if isinstance(score, Measured) and not 0 <= score.frames <= score.total > 0:
            raise Damaged(f"{score.frames} of {score.total} frames measured")
    return CaseScore(case_id, protocol, metric, person, score)


def _set_row(entry: SetEntry) -> tuple[Any, ...]:
    head = (entry.metric, entry.protocol)
    match entry.score:
        case NotMeasured(reason, of_input):
            return (*head, None, None, reason, int(of_input))
        case score:
            return (*head, score.value, json.dumps(asdict(score)), None, None)


def _set_entry(row: tuple[Any, ...]) -> SetEntry:
    metric, protocol, value, detail, reason, of_input = row
    with _row_of(f"{protocol}, {metric}"):
        if value is None:
            score = _READ_NOT_MEASURED({"reason": reason, "of_input": bool(of_input)})
            return SetEntry(protocol, metric, score)
        return SetEntry(protocol, metric, _READ_SET_SCORE(json.loads(detail)))


_READ_GENERATED = reader(Generated)
_READ_MEASURED = reader(Measured)
_READ_NOT_MEASURED = reader(NotMeasured)
_READ_SET_SCORE = reader(SetScore)


@contextmanager
def _row_of(what: str) -> Iterator[None]:
    """Say of which row it was that something is damaged."""
    try:
        yield
    except (Damaged, RecursionError, TypeError, ValueError) as error:
        raise Damaged(f"{what}: {error}") from None
