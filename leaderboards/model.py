"""A table as pure data: what every format prints, before any string is made of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmark.store import RunRecord
from metrics.card import Card, Direction
from metrics.set_score import SetScore

Kind = Literal["self", "cross"]
KINDS: tuple[Kind, ...] = ("self", "cross")
Role = Literal["method", "control", "reference"]

Grouping = Callable[[Sequence[RunRecord], Sequence[Mapping[str, float]]], list[int] | None]
"""Gives methods ranks that they share where chance could be all that parts them: from their runs
and losses by case, smaller is better; ``None`` where that cannot be said."""
Spread = Callable[[RunRecord, Mapping[str, float]], float | None]
"""Takes a run and values by case; returns half the width of the 95 % interval of their mean, or
``None`` where there is none."""

MIN_COVERAGE = 0.95
"""A score counts for ranks only if at least this share of its frames could be measured."""


@dataclass(frozen=True, slots=True)
class Column:
    """One metric under one kind of reenactment.

    Attributes:
        kind: The cases it averages over.
        card: Its definition.
        title: Header, unique within the kind.
    """

    kind: Kind
    card: Card
    title: str

    @property
    def by_distance(self) -> bool:
        """Whether the distance to the driving clip's own value is ranked, not the value."""
        return self.card.direction is Direction.DRIVER


@dataclass(frozen=True, slots=True)
class Cell:
    """One method under one metric.

    Attributes:
        value: Raw mean over the measured cases, in the card's unit; ``None`` if there is none.
        driver: The driving clips' own mean over the same cases, where the card asks for it.
        distance: Mean over cases of ``|value - driver|``, where the card asks for it.
        coverage: Measured frames over frames to be scored, both summed over the measured cases.
        measured: Cases that enter the value.
        judgeable: Cases that should.
        unjudged: Frames of the measured cases in which the input itself cannot be judged.
        fingerprint: Definition of the extractors behind it, ``name=hex;...``.
        reason: Why there is no value or why cases are missing; empty otherwise.
        unranked: Why it takes no part in ranking; empty if it does.
        over: For a score over all cases: the clips it stands on, its error and its floor.
        spread: Half the width of the 95 % interval of what is ranked, if intervals were asked for.
        rank: 1 is best; values that print alike share a rank. ``None`` when not ranked.
    """

    value: float | None
    driver: float | None = None
    distance: float | None = None
    coverage: float | None = None
    measured: int = 0
    judgeable: int = 0
    unjudged: int = 0
    fingerprint: str = ""
    reason: str = ""
    unranked: str = ""
    over: SetScore | None = None
    spread: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class CaseCount:
    """What became of the cases of one kind, with the most common reason of each loss.

    Attributes:
        total: Cases of the run.
        finished: Generated and, where there is a clip, measured.
        delivered: With a clip.
        failed: The method did not deliver.
        unjudgeable: The input cannot be judged.
        failure: Most common reason of failure.
        flaw: Most common reason why an input cannot be judged.
    """

    total: int
    finished: int
    delivered: int
    failed: int = 0
    unjudgeable: int = 0
    failure: str = ""
    flaw: str = ""

    @property
    def judgeable(self) -> int:
        """Cases that count for or against the method, as far as is known."""
        return self.total - self.unjudgeable


@dataclass(frozen=True, slots=True)
class Row:
    """One run, or the driving clips' own values (role ``reference``).

    Attributes:
        label: The method's label, with the directory of the run where several share it.
        role: Only ``method`` rows are ranked.
        cells: One for each column of the table; ``None`` where a cell makes no sense.
        name: The method's name.
        run_id: The run.
        note: A sentence of the method about itself.
        hardware: Where the clips were generated.
        complete: Whether the run is finished.
        counts: Cases by kind.
        judged: Ids of the judgeable cases by kind; cells with other ids are not ranked together.
    """

    label: str
    role: Role
    cells: tuple[Cell | None, ...]
    name: str = ""
    run_id: str = ""
    note: str = ""
    hardware: str = ""
    complete: bool = True
    counts: Mapping[Kind, CaseCount] = field(default_factory=dict)
    judged: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cohort:
    """What all rows of a table share.

    Attributes:
        dataset: Name of the dataset.
        split: Name of the split.
        version: Version of the split.
        sha256: Hash of the split.
        n_cases: Cases of a run.
        max_frames: Frames used of each driving clip; ``None`` for all.
        limit: Only so many cases of the split were used; ``None`` for all.
        notice: A sentence that every table from this split carries.
        person: Whose scores these are, counted from 1 from the left of the portrait; ``None`` for
            whole cases.
    """

    dataset: str
    split: str
    version: str
    sha256: str
    n_cases: int
    max_frames: int | None = None
    limit: int | None = None
    notice: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Methods as rows, metrics as columns.

    Attributes:
        cohort: What was run.
        columns: Grouped by kind, in the order of the registry of cards.
        rows: Methods, then controls, then the reference row if a column needs it.
        notes: Sentences that hold for the whole table.
    """

    cohort: Cohort
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
