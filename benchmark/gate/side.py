"""One side of a comparison: what a gate reads of a run, and what a baseline file keeps of one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from benchmark.names import printable
from benchmark.stats.people import People
from metrics.score import Measured, NotMeasured, Score
from metrics.set_score import SetScore

Kind = Literal["self", "cross"]
KINDS: tuple[Kind, ...] = ("self", "cross")
_LONGEST = 300

Line = Annotated[str, AfterValidator(lambda text: printable(text)[:_LONGEST])]
Count = Annotated[int, Field(ge=0, le=2**53)]
Number = Annotated[float, Field(ge=-1e100, le=1e100, allow_inf_nan=False)]
"""Far beyond any metric; keeps differences, squares and their sums finite."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,119}$")]
MetricId = Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[A-Za-z0-9._-]+@[1-9][0-9]{0,3}$")]


class Part(BaseModel):
    """A part of a side; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MethodSide(Part):
    """Who made the clips."""

    name: Line
    label: Line
    content: Line = ""


class SplitSide(Part):
    """What was animated, and by which rules it is scored."""

    dataset: Line
    split: Line
    version: Line
    sha256: Sha256
    protocol: Line


class Cohort(Part):
    """How much of the split was used."""

    max_frames: Annotated[int, Field(ge=1)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


class CaseSide(Part):
    """One case and how it ended; who is in it is empty where the run does not say."""

    id: Id
    kind: Kind
    frames: Count
    people: Count
    source: Line = ""
    driving: Line = ""
    outcome: Literal["ok", "failed", "unjudgeable", "missing"]
    reason: Line = ""
    clip_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class Unmeasured(Part):
    """Why there is no value."""

    reason: Line
    of_input: bool = False


Value = tuple[Number, Count, Count, Count, Number | None]
"""Value, measured frames, frames that could be, unjudged frames, the driving clip's own value."""


class MetricSide(Part):
    """One metric: what its numbers stand on, and one entry a case, in case order.

    An entry is ``None`` where the metric has no score of a case at all.
    """

    extractors: Mapping[Line, Line] = Field(default_factory=dict)
    absent: Line = ""
    scores: tuple[Value | Unmeasured | None, ...] = ()

    def score(self, case: int) -> Score | None:
        """Return the score of a case, by its place."""
        entry = self.scores[case]
        if entry is None:
            return None
        if isinstance(entry, Unmeasured):
            return NotMeasured(entry.reason, entry.of_input)
        value, frames, total, unjudged, driver = entry
        return Measured(value, frames, total, driver, unjudged)


class SetSide(Part):
    """A score over all cases of one kind."""

    value: Number
    cases: Count
    clips: Count
    items: Count
    reference_clips: Count
    reference_items: Count
    replicates: tuple[Number, ...] = ()
    half: Number | None = None
    floor: Number | None = None
    expected: Count = 0

    @property
    def score(self) -> SetScore:
        """The score as metrics know it."""
        return SetScore(**self.model_dump())


class Side(Part):
    """All that a gate knows of a run.

    Attributes:
        sets: By kind and protocol id.
        surroundings: What surrounds the numbers and may differ: versions, commit, machine.
        machine: Where the clips were generated.
    """

    run_id: Line
    method: MethodSide
    split: SplitSide
    cohort: Cohort
    cases: tuple[CaseSide, ...]
    complete: bool
    metrics: Mapping[MetricId, MetricSide]
    sets: Mapping[Kind, Mapping[MetricId, SetSide | Unmeasured]] = Field(default_factory=dict)
    machine: Line = ""
    surroundings: Mapping[Line, Line] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [case.id for case in self.cases]
        if len(set(ids)) < len(ids):
            twice = next(name for name in ids if ids.count(name) > 1)
            raise ValueError(f"case '{twice}' is listed twice")
        for name, metric in self.metrics.items():
            if metric.scores and len(metric.scores) != len(ids):
                raise ValueError(f"{name} has {len(metric.scores)} scores for {len(ids)} cases")
        return self

    def places(self, kind: Kind) -> list[int]:
        """Return the places of the cases of one kind."""
        return [place for place, case in enumerate(self.cases) if case.kind == kind]

    def scores(self, metric: str, places: Sequence[int]) -> list[Score | None]:
        """Return the scores of a metric in some cases; ``None`` where there is none."""
        side = self.metrics[metric]
        if not side.scores:
            return [None] * len(places)
        return [side.score(place) for place in places]

    def people(self, places: Sequence[int]) -> People | None:
        """Return who is in some cases; ``None`` if one does not say."""
        chosen = [self.cases[place] for place in places]
        if not all(case.source and case.driving for case in chosen):
            return None
        return People.named([c.source for c in chosen], [c.driving for c in chosen])
