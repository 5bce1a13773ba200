"""How scores change while clips go on: `metrics.drift` of the values that a run keeps of frames.

A clip's drift is the slope of its values over time. Of several people it is the mean over them,
and so are the ends of its interval, as if all erred together. Over clips it is the mean of their
slopes with Student's interval between clips, which holds what differs from clip to clip beside
what is uncertain within each; a single clip keeps its own interval.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from benchmark.errors import UsageProblem
from benchmark.frame_values import CaseFrames, load_frame_values
from benchmark.names import resolve
from benchmark.store import Outcome, RunRecord
from metrics.card import Card, Direction
from metrics.drift import Drift, drift
from metrics.registry import CARDS, DRIFTS
from metrics.score import NotMeasured, Score

_CONFIDENCE = 0.95
_WHOLE = -1

Persons = Mapping[int, Score]


@dataclass(frozen=True, slots=True)
class MeanSlope:
    """The drift over clips.

    Attributes:
        slope: Mean of their slopes, in the metric's unit per minute.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    slope: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RunDrift:
    """The drift of one metric in one run, over the cases of one kind.

    Attributes:
        run: Its label.
        kind: Self- or cross-reenactment.
        metric: Protocol id of the metric that drifts.
        card: Card of the drift.
        clips: Drift by case, or why it has none, in case order.
    """

    run: str
    kind: str
    metric: str
    card: Card
    clips: Mapping[str, Drift | NotMeasured]

    @property
    def measured(self) -> list[Drift]:
        """Clips that have a drift."""
        return [clip for clip in self.clips.values() if isinstance(clip, Drift)]

    @property
    def mean(self) -> MeanSlope | None:
        """The drift over clips; ``None`` if no clip has one."""
        return over_clips(self.measured)


def drifts(records: Mapping[str, RunRecord], names: Sequence[str] = ()) -> Iterator[RunDrift]:
    """Yield the drift of metrics in runs: by metric and kind, runs in the order given.

    Args:
        records: Runs by label.
        names: Names or protocol ids of metrics; empty for those that tables show by default.

    Raises:
        UsageProblem: If a name is unknown or has no drift, or a run lacks the values of frames.
    """
    runs = {label: _Run.of(record) for label, record in records.items()}
    for metric in _chosen(records.values(), names):
        for kind in sorted(CARDS[metric].protocols, reverse=True):
            for label, run in runs.items():
                if clips := run.clips(metric, kind):
                    yield RunDrift(label, kind, metric, DRIFTS[metric], clips)


def over_clips(clips: Sequence[Drift]) -> MeanSlope | None:
    """Return the mean slope of clips with its interval; ``None`` of no clip.

    Student's t with n - 1 degrees of freedom over the clips' slopes; of one clip, its own interval.
    """
    from scipy.special import stdtrit

    if not clips:
        return None
    if len(clips) == 1:
        (one,) = clips
        return MeanSlope(one.slope, one.low, one.high)
    slopes = [clip.slope for clip in clips]
    n = len(slopes)
    reach = float(stdtrit(n - 1, 0.5 + _CONFIDENCE / 2.0)) * stdev(slopes) / n**0.5
    return MeanSlope(fmean(slopes), fmean(slopes) - reach, fmean(slopes) + reach)


def verdict(direction: Direction, mean: MeanSlope | None) -> str:
    """Say in words what an interval says; empty if there is none."""
    if mean is None:
        return ""
    if mean.low <= 0.0 <= mean.high:
        return "no drift seen"
    rises = mean.low > 0.0
    return "gets worse" if rises == (direction is Direction.LOWER) else "gets better"


def _chosen(records: Iterable[RunRecord], names: Sequence[str]) -> list[str]:
    """Return the protocol ids that are asked for and were measured, in the order of tables."""
    there = {metric for record in records for metric in record.manifest.get("metrics", {})}
    known = [DRIFTS[metric] for metric in DRIFTS if metric in there]
    if not known:
        raise UsageProblem(
            "these runs measured nothing that can drift",
            "run them again with --metrics default: clips are not made again",
        )
    bases = {drifting.id: metric for metric, drifting in DRIFTS.items()}
    if not names:
        return [bases[c.id] for c in known if CARDS[bases[c.id]].default]
    said: dict[str, set[str]] = {}
    for drifting in known:
        base = CARDS[bases[drifting.id]]
        for name in (base.name, f"{base.name}.{base.definition}", base.id):
            said.setdefault(name, set()).add(base.id)
    chosen = {metric for name in names for metric in said[_resolved(name, said)]}
    return [metric for metric in DRIFTS if metric in chosen]


def _resolved(name: str, known: Iterable[str]) -> str:
    """Return a name that is known.

    Raises:
        UsageProblem: If it is not; says so where the metric exists and has no drift.
    """
    driver = (c for c in CARDS.values() if name in (c.name, c.id) and c.id not in DRIFTS)
    if name not in known and (card := next(driver, None)):
        why = (
            "is judged by the driving clip's own value"
            if card.direction is Direction.DRIVER
            else ("has no value of each frame")
        )
        raise UsageProblem(f"{card.id} {why}: it has no drift", f"choose from: {', '.join(known)}")
    return resolve(name, known, "metric of these runs")


@dataclass(frozen=True, slots=True)
class _Run:
    """A run with its scores and values at hand."""

    record: RunRecord
    scores: Mapping[tuple[str, str], Persons]
    frames: Mapping[str, CaseFrames]

    @classmethod
    def of(cls, record: RunRecord) -> "_Run":
        """Read what a run keeps.

        Raises:
            UsageProblem: If the values of frames of a measured case are missing or damaged.
        """
        scores: dict[tuple[str, str], dict[int, Score]] = {}
        for one in record.scores:
            scores.setdefault((one.case_id, one.metric), {})[one.person] = one.score
        measured = {case for case, _ in scores}
        return cls(record, scores, {c: load_frame_values(record.paths, c) for c in measured})

    def clips(self, metric: str, kind: str) -> dict[str, Drift | NotMeasured]:
        """Return the drift of each case of a kind that a metric is defined for."""
        manifest = self.record.manifest
        facts = manifest.get("metrics", {}).get(metric)
        if facts is None:
            return {}
        cases = [i for i in manifest["case_ids"] if manifest["cases"][i]["protocol"] == kind]
        if reason := facts.get("absent", ""):
            return {case: NotMeasured(reason) for case in cases}
        found = {case: self._case(case, metric) for case in cases}
        return {case: one for case, one in found.items() if one is not None}

    def _case(self, case: str, metric: str) -> Drift | NotMeasured | None:
        """Return the drift of one case; ``None`` if the metric is not defined for it."""
        made = self.record.generated.get(case)
        if made is None:
            return NotMeasured("the case was not reached yet", of_input=True)
        if made.outcome is not Outcome.OK:
            unjudgeable = made.outcome is Outcome.UNJUDGEABLE
            return NotMeasured(f"{made.outcome.value}: {made.reason}", of_input=unjudgeable)
        if case not in self.frames:
            return NotMeasured("the case is not measured yet", of_input=True)
        persons = self.scores.get((case, metric))
        if persons is None:
            return None
        if len(persons) > 1:
            persons = {p: score for p, score in persons.items() if p != _WHOLE}
        return _of_persons([self._person(case, metric, p, s) for p, s in sorted(persons.items())])

    def _person(self, case: str, metric: str, person: int, score: Score) -> Drift | NotMeasured:
        if isinstance(score, NotMeasured):
            return score
        frames = self.frames[case]
        if (metric, person) not in frames.values:
            path = self.record.paths.frame_values(case)
            raise UsageProblem(
                f"{path} has no values of {metric}, which the run measured",
                "delete the file and run the same bench run command again",
            )
        return drift(frames.series(metric, person), frames.seconds)


def _of_persons(found: Sequence[Drift | NotMeasured]) -> Drift | NotMeasured:
    """Average over the persons of a case, by the rule of scores (`benchmark.readings.combine`)."""
    measured = [one for one in found if isinstance(one, Drift)]
    absent = [one for one in found if isinstance(one, NotMeasured)]
    lost = next((one for one in absent if not one.of_input), None)
    if lost or not measured:
        first = lost or absent[0]
        reason = first.reason if len(found) == 1 else f"one person: {first.reason}"
        return NotMeasured(reason, first.of_input)
    return Drift(
        fmean(one.slope for one in measured),
        fmean(one.low for one in measured),
        fmean(one.high for one in measured),
        sum(one.frames for one in measured),
        sum(one.total for one in measured),
    )
