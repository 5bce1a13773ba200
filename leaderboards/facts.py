"""What tables read from a run's manifest, checked: a manifest is a file that anyone can edit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmark.errors import UsageProblem
from benchmark.store import Outcome, RunPaths, RunRecord
from leaderboards.model import Kind
from leaderboards.text import clean
from metrics.score import NotMeasured, Score
from metrics.set_score import SetScore

WHOLE_CASE = -1
"""The person of a score that stands for its case."""

Line = Annotated[str, AfterValidator(clean)]
_LONGEST_LABEL = 80
"""Characters of a label: it begins a row, stands under a bar and in a legend."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Method(_Part):
    """Who made the clips."""

    name: Line
    label: Annotated[
        str, AfterValidator(lambda text: clean(text, _LONGEST_LABEL)), Field(min_length=1)
    ]
    note: Line = ""
    control: bool = False


class ProtocolFacts(_Part):
    """By which rules the split is scored; the defaults are those of runs that do not say."""

    id: Line = "reenactment@1"
    first_frame: Literal["excluded", "scored"] = "excluded"


class SplitFacts(_Part):
    """What was animated."""

    dataset: Line
    split: Line
    version: Line
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
    notice: Line = ""
    protocol: ProtocolFacts = ProtocolFacts()


class CaseFacts(_Part):
    """One case in short."""

    protocol: Kind
    frames: int
    people: int


class Options(_Part):
    """Options that change numbers."""

    max_frames: int | None = None
    limit: int | None = None


class MetricFacts(_Part):
    """Fingerprints of the extractors behind a metric, or why it could not be measured at all."""

    extractors: Mapping[Line, Line] = Field(default_factory=dict)
    absent: Line = ""


class Contamination(_Part):
    """Cases that the method has seen in training, as far as it names lists."""

    lists: tuple[Line, ...] = ()
    cases: Mapping[str, Line] = Field(default_factory=dict)


class Rule(_Part):
    """A rule of the conformance run, and what was found."""

    rule: Line
    verdict: Line
    said: Line = ""


class Check(_Part):
    """The conformance run of the method; the default is that of runs that do not say.

    Attributes:
        needed: Whether a method like this one is marked while it is unchecked.
        rules: What was found; ``None`` if it was not checked.
    """

    needed: bool = False
    rules: tuple[Rule, ...] | None = None


class Machine(_Part):
    """A machine in words."""

    label: Line = "unknown hardware"


class Hardware(_Part):
    """Where the clips were made."""

    generation: Machine = Machine()


class Facts(_Part):
    """The part of ``run.json`` that tables read."""

    run_id: Line
    method: Method
    split: SplitFacts
    case_ids: tuple[str, ...]
    cases: Mapping[str, CaseFacts]
    options: Options = Options()
    metrics: Mapping[str, MetricFacts] = Field(default_factory=dict)
    hardware: Hardware = Hardware()
    contamination: Contamination = Contamination()
    check: Check = Check()
    code: Mapping[str, Any] = Field(default_factory=dict)
    packages: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _described(self) -> Self:
        missing = [c for c in self.case_ids if c not in self.cases]
        if missing:
            raise ValueError(f"case '{missing[0]}' is listed but not described")
        return self


@dataclass(frozen=True, slots=True)
class Run:
    """A run with its checked manifest and its scores.

    Attributes:
        facts: The checked manifest.
        record: The run.
        scores: By case and protocol id.
        sets: Over all cases, by kind and protocol id.
    """

    facts: Facts
    record: RunRecord
    scores: Mapping[tuple[str, str], Score]
    sets: Mapping[tuple[str, str], SetScore | NotMeasured] = field(default_factory=dict)

    def case_ids(self, kind: Kind) -> tuple[str, ...]:
        """Return the cases of one kind, in case order."""
        cases = self.facts.cases
        return tuple(c for c in self.facts.case_ids if cases[c].protocol == kind)

    def judged(self, kind: Kind) -> tuple[str, ...]:
        """Return the cases of one kind whose input can be judged, as far as is known."""
        return tuple(c for c in self.case_ids(kind) if self.outcome(c) is not Outcome.UNJUDGEABLE)

    def outcome(self, case_id: str) -> Outcome | None:
        """Return how a case ended; ``None`` if it was not reached."""
        generated = self.record.generated.get(case_id)
        return generated.outcome if generated else None

    def absent(self, protocol_id: str) -> str:
        """Return why the run could not measure a metric at all; empty if it could."""
        facts = self.facts.metrics.get(protocol_id)
        return facts.absent if facts else ""

    def protocol_ids(self) -> Iterable[str]:
        """Return the protocol ids that the run set out to measure or did measure."""
        return dict.fromkeys([*self.facts.metrics, *(metric for _, metric in self.scores)])


def read(record: RunRecord) -> Run:
    """Check the manifest of a run and index its scores.

    Raises:
        UsageProblem: If the manifest lacks something or holds the wrong thing.
    """
    facts = check(record.manifest, record.paths)
    whole = (s for s in record.scores if s.person == WHOLE_CASE)
    sets = {(entry.protocol, entry.metric): entry.score for entry in record.sets}
    return Run(facts, record, {(s.case_id, s.metric): s.score for s in whole}, sets)


def check(manifest: Mapping[str, Any], paths: RunPaths) -> Facts:
    """Return the part of a manifest that tables read.

    Raises:
        UsageProblem: If it lacks something or holds the wrong thing; says what and where.
    """
    try:
        return Facts.model_validate(dict(manifest))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "case_ids"
        message = clean(first["msg"].removeprefix("Value error, "))
        raise UsageProblem(
            f"{paths.manifest}: {clean(where)}: {message}",
            "run.json must be as `bench run` wrote it; run it again",
        ) from None
