"""The gate itself: what is judged, in which order, and what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from benchmark.errors import ExitCode
from benchmark.gate.comparable import (
    Remark,
    definition_obstacle,
    few,
    obstacles,
    siblings,
    warnings,
)
from benchmark.gate.config import GateConfig
from benchmark.gate.effect import Effect, case_effect, measured_before, set_effect
from benchmark.gate.outcome import Outcome, exit_code
from benchmark.gate.side import KINDS, Kind, Side, Unmeasured
from benchmark.gate.verdict import Test, coverage_problem, set_problem
from benchmark.stats.estimate import Estimate
from benchmark.stats.several import holm
from metrics.card import Card
from metrics.registry import CARDS

Redrawn = Mapping[tuple[Kind, str], Estimate]
"""By kind and protocol id: the candidate's score over sets less the baseline's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One metric over the cases of one kind.

    Attributes:
        kind: Self- or cross-reenactment.
        card: The metric.
        outcome: What it comes to.
        said: Why, in one sentence; empty for a plain pass or regression.
        test: What was tested; ``None`` where nothing could be.
        p_adjusted: After Holm's correction; ``None`` without an interval.
        detectable: The smallest loss that would have been found 8 times in 10.
    """

    kind: Kind
    card: Card
    outcome: Outcome
    said: str = ""
    test: Test | None = None
    p_adjusted: float | None = None
    detectable: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a gate found.

    Attributes:
        remarks: About the whole comparison.
        findings: One a metric and kind, self before cross, in the order of tables.
        warnings: What surrounds the numbers and differs.
    """

    remarks: tuple[Remark, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of all outcomes together."""
        return exit_code([*(r.outcome for r in self.remarks), *(f.outcome for f in self.findings)])


def judge(
    candidate: Side,
    baseline: Side,
    config: GateConfig,
    redrawn: Redrawn = MappingProxyType({}),
) -> Judgement:
    """Hold a run against a baseline.

    Args:
        candidate: The new run.
        baseline: What it is held against.
        config: What a change may cost.
        redrawn: Differences of scores over sets whose errors were found by drawing clips anew, by
            kind and protocol id; the jackknife stands for all others.
    """
    around = tuple(warnings(candidate, baseline))
    if refused := obstacles(candidate, baseline):
        return Judgement(tuple(refused), warnings=around)
    remarks = [*_failures(candidate, config), *_unknown(baseline, config)]
    sides = _Sides(candidate, _aligned(candidate, baseline), config, redrawn)
    findings = list(_decided(list(_findings(sides))))
    if not any(one.test and one.outcome is not Outcome.NOT_JUDGED for one in findings):
        remarks.append(Remark(Outcome.NOTHING_MEASURED, "no metric could be held against another"))
    return Judgement(tuple(remarks), tuple(findings), (*around, *_beyond(sides)))


def _aligned(candidate: Side, baseline: Side) -> Side:
    """Return the baseline with its cases in the candidate's order."""
    places = {case.id: place for place, case in enumerate(baseline.cases)}
    order = [places[case.id] for case in candidate.cases]
    metrics = {
        name: metric.model_copy(update={"scores": tuple(metric.scores[i] for i in order)})
        if metric.scores
        else metric
        for name, metric in baseline.metrics.items()
    }
    cases = tuple(baseline.cases[place] for place in order)
    return baseline.model_copy(update={"cases": cases, "metrics": metrics})


def _failures(candidate: Side, config: GateConfig) -> Iterator[Remark]:
    failed = [case for case in candidate.cases if case.outcome == "failed"]
    if len(failed) > config.max_failed:
        first = failed[0]
        yield Remark(
            Outcome.FAILED_CASES,
            f"{len(failed)} of {len(candidate.cases)} cases failed, {config.max_failed} allowed; "
            f"first {first.id}: {first.reason or 'no reason was given'}",
        )


def _unknown(baseline: Side, config: GateConfig) -> Iterator[Remark]:
    """Name what the baseline holds and this version no longer defines, if it would be judged."""
    for metric, side in baseline.metrics.items():
        if metric in CARDS or side.absent or config.skips(metric):
            continue
        others = [CARDS[other] for other in siblings(metric)]
        if not others or any(config.wants(card) for card in others):
            now = f"; it has {others[0].id}" if others else ""
            said = f"the baseline has {metric}, which this version does not define{now}"
            yield Remark(Outcome.OTHER_DEFINITION, said)


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is compared, with the baseline's cases in the candidate's order."""

    candidate: Side
    baseline: Side
    config: GateConfig
    redrawn: Redrawn


def _findings(sides: _Sides) -> Iterator[Finding]:
    cards = [card for card in CARDS.values() if sides.config.wants(card)]
    for kind in KINDS:
        if not sides.candidate.places(kind):
            continue
        for card in cards:
            if kind in card.protocols and (found := _finding(_Both(kind, card, sides))):
                yield found


def _beyond(sides: _Sides) -> Iterator[str]:
    """Name what would be judged and the candidate measured, but the baseline never did."""
    found: dict[str, None] = {}
    for card in CARDS.values():
        for kind in card.protocols:
            if not sides.config.wants(card) or _has(card, kind, sides.baseline):
                continue
            if _has(card, kind, sides.candidate) and not _Both(kind, card, sides).missed:
                found[card.id] = None
    if found:
        yield f"not in the baseline, so not judged: {few(list(found))}"


def _not_in_baseline(card: Card, candidate: Side) -> tuple[Outcome, str]:
    held = "; the candidate has it" if card.id in candidate.metrics else ""
    return Outcome.NOT_IN_BASELINE, f"gate.toml asks for it and the baseline lacks it{held}"


@dataclass(frozen=True, slots=True)
class _Both:
    """One metric of one kind on both sides."""

    kind: Kind
    card: Card
    sides: _Sides

    @property
    def candidate(self) -> Side:
        return self.sides.candidate

    @property
    def baseline(self) -> Side:
        return self.sides.baseline

    @property
    def insists_on_speed(self) -> bool:
        """Whether speed must be judged, wherever it was measured and on however few people."""
        config = self.sides.config
        return config.names(self.card) or config.speed.judge == "always"

    @property
    def missed(self) -> bool:
        """Whether its absence from the baseline must be said.

        So it is where gate.toml asks for just this definition, or for its name while the baseline
        has no definition of it; then the first one speaks for all.
        """
        config, card = self.sides.config, self.card
        if config.names_exactly(card):
            return True
        family = [c for c in CARDS.values() if c.name == card.name and self.kind in c.protocols]
        if not config.names(card) or family[0] is not card:
            return False
        return not any(_in_baseline(_Both(self.kind, other, self.sides)) for other in family)

    def finding(self, outcome: Outcome, said: str, test: Test | None = None) -> Finding:
        return Finding(self.kind, self.card, outcome, said, test)

    def test(self, effect: Effect) -> Test:
        return Test(effect, self.sides.config.limits(self.card))


def _finding(both: _Both) -> Finding | None:
    """Return what is to be said of a metric before any p-value; ``None`` if there is nothing."""
    card = both.card
    if not _in_baseline(both):
        if both.missed:
            return both.finding(*_not_in_baseline(card, both.candidate))
        return None
    if card.timing and (found := _other_machine(both)):
        return found
    if obstacle := definition_obstacle(card.id, both.candidate, both.baseline):
        return both.finding(obstacle.outcome, obstacle.said)
    return _of_set(both) if card.over == "set" else _of_cases(both)


def _in_baseline(both: _Both) -> bool:
    """Say whether the baseline has a value at all."""
    return _has(both.card, both.kind, both.baseline)


def _has(card: Card, kind: Kind, side: Side) -> bool:
    if card.id not in side.metrics:
        return False
    if card.over == "set":
        score = side.sets.get(kind, {}).get(card.id)
        return score is not None and not isinstance(score, Unmeasured)
    return measured_before(card, side.places(kind), side) > 0


def _other_machine(both: _Both) -> Finding | None:
    """Speed belongs to the machine it was measured on."""
    ours, theirs = both.candidate.machine, both.baseline.machine
    judge = both.sides.config.speed.judge
    if judge == "never":
        return both.finding(Outcome.NOT_JUDGED, "the speed that runs store is not judged")
    if ours == theirs:
        return None
    said = f"measured on {ours or 'an unknown machine'}, the baseline on {theirs or 'unknown'}"
    strict = both.insists_on_speed
    return both.finding(Outcome.OTHER_MACHINE if strict else Outcome.NOT_JUDGED, said)


def _of_cases(both: _Both) -> Finding:
    places = both.candidate.places(both.kind)
    effect = case_effect(both.card, places, both.candidate, both.baseline)
    if effect is None:
        return both.finding(Outcome.DISAPPEARED, _why_none(both, places))
    test = both.test(effect)
    if said := coverage_problem(effect, test.limits):
        return both.finding(Outcome.LOWER_COVERAGE, said, test)
    if both.card.timing and test.p_value is None and not both.insists_on_speed:
        return both.finding(Outcome.NOT_JUDGED, effect.loss.reason, test)
    said = "; ".join(filter(None, (_stands_on(effect, places, both), effect.loss.reason)))
    return both.finding(Outcome.PASS, said, test)


def _stands_on(effect: Effect, places: Sequence[int], both: _Both) -> str:
    """Say that cases are missing whose input could be judged; empty if none is."""
    of = 0
    sides = (both.candidate, both.baseline)
    for pair in zip(*(side.scores(both.card.id, places) for side in sides), strict=True):
        said = [score for score in pair if score is not None]
        of += bool(said) and not any(getattr(score, "of_input", False) for score in said)
    if len(effect.shifts) == of:
        return ""
    return f"judged on {len(effect.shifts)} of {of} cases: a side has no value of the others"


def _why_none(both: _Both, places: Sequence[int]) -> str:
    """Say why the candidate has not one value."""
    for score in both.candidate.scores(both.card.id, places):
        if score is not None and (reason := getattr(score, "reason", "")):
            return f"no case has a value: {reason}"
    return "no case has a value"


def _of_set(both: _Both) -> Finding:
    ours = both.candidate.sets.get(both.kind, {}).get(both.card.id)
    theirs = both.baseline.sets[both.kind][both.card.id]
    assert not isinstance(theirs, Unmeasured)  # `_in_baseline` saw it
    if ours is None or isinstance(ours, Unmeasured):
        reason = ours.reason if ours else "the candidate has no value"
        return both.finding(Outcome.DISAPPEARED, reason)
    if problem := set_problem(ours.score, theirs.score):
        return both.finding(*problem)
    drawn = both.sides.redrawn.get((both.kind, both.card.id))
    effect = set_effect(both.card, ours.score, theirs.score, drawn)
    test = both.test(effect)
    if said := coverage_problem(effect, test.limits):
        return both.finding(Outcome.LOWER_COVERAGE, said, test)
    return both.finding(Outcome.PASS, effect.loss.reason, test)


def _decided(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings with p-values corrected together, and regressions told apart."""
    tests = [f.test for f in findings if f.test]
    p_values = [p for test in tests if (p := test.p_value) is not None]
    adjusted = iter(holm(p_values))
    for finding in findings:
        if finding.test is None:
            yield finding
            continue
        p = None if finding.test.p_value is None else next(adjusted)
        lost = finding.outcome is Outcome.PASS and finding.test.lost(p)
        yield Finding(
            finding.kind,
            finding.card,
            Outcome.REGRESSION if lost else finding.outcome,
            finding.said,
            finding.test,
            p,
            finding.test.detectable(max(1, len(p_values))),
        )
