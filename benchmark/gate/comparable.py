"""What must match before any two numbers are subtracted, and what may differ with a warning."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmark.gate.outcome import Outcome
from benchmark.gate.side import Side
from metrics.card import Card
from metrics.registry import CANONICAL
from metrics.selection import variants

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about the whole comparison.

    Attributes:
        outcome: What it comes to.
        said: One sentence.
    """

    outcome: Outcome
    said: str


def obstacles(candidate: Side, baseline: Side) -> list[Remark]:
    """Return everything that keeps two sides from being compared; empty if nothing does."""
    found = [*_whole(candidate, "the candidate"), *_whole(baseline, "the baseline")]
    ours, theirs = candidate.split, baseline.split
    if ours.sha256 != theirs.sha256:
        found.append(Remark(Outcome.OTHER_SPLIT, f"{_split(candidate)}, not {_split(baseline)}"))
    if ours.protocol != theirs.protocol:
        found.append(
            Remark(
                Outcome.OTHER_PROTOCOL,
                f"the split is scored by {ours.protocol}, the baseline's by {theirs.protocol}",
            )
        )
    if candidate.cohort != baseline.cohort:
        found.append(Remark(Outcome.OTHER_COHORT, f"{_extent(candidate)}, not {_extent(baseline)}"))
    return [*found, *_cases(candidate, baseline)]


def definition_obstacle(metric: str, candidate: Side, baseline: Side) -> Remark | None:
    """Say why a metric of the baseline is not the candidate's; ``None`` if it is."""
    theirs = baseline.metrics[metric]
    ours = candidate.metrics.get(metric)
    if ours is None:
        others = [other for other in siblings(metric) if other in candidate.metrics]
        if others:
            return Remark(Outcome.OTHER_DEFINITION, f"the candidate has {others[0]} instead")
        return Remark(Outcome.DISAPPEARED, "the candidate was run without this metric")
    if ours.absent:
        return Remark(Outcome.ABSENT_HERE, ours.absent)
    for name in sorted({*ours.extractors, *theirs.extractors}):
        if ours.extractors.get(name) != theirs.extractors.get(name):
            return Remark(
                Outcome.OTHER_DEFINITION,
                f"{name} is {_short(ours.extractors.get(name))}, "
                f"in the baseline {_short(theirs.extractors.get(name))}",
            )
    return None


def siblings(metric: str) -> list[str]:
    """Return other definitions of one quantity: other versions, then on other weights."""
    stem = metric.partition("@")[0]
    for base in CANONICAL.values():
        family = [base, *variants(base)]
        if stem in {_stem(card) for card in family}:
            nearest = sorted(family, key=lambda card: _stem(card) != stem)
            return [card.id for card in nearest if card.id != metric]
    return []


def warnings(candidate: Side, baseline: Side) -> list[str]:
    """Name what surrounds the numbers and differs: no reason to refuse, but to know."""
    found = [
        f"{name} {_short(baseline.surroundings.get(name))} → "
        f"{_short(candidate.surroundings.get(name))}"
        for name in sorted({*candidate.surroundings, *baseline.surroundings})
        if candidate.surroundings.get(name) != baseline.surroundings.get(name)
    ]
    if candidate.method.name != baseline.method.name:
        found.insert(0, f"method {baseline.method.name} → {candidate.method.name}")
    return found


def _whole(side: Side, whose: str) -> Iterator[Remark]:
    if not side.cases:
        yield Remark(Outcome.NOTHING_MEASURED, f"{whose} has no case")
        return
    missing = sum(case.outcome == "missing" for case in side.cases)
    if missing:
        yield Remark(
            Outcome.UNFINISHED, f"{whose} is not finished: {missing} of {len(side.cases)} to run"
        )
    elif not side.complete:
        yield Remark(Outcome.UNFINISHED, f"{whose} is not finished: cases are not measured")


def _cases(candidate: Side, baseline: Side) -> Iterator[Remark]:
    ours = {case.id: case for case in candidate.cases}
    theirs = {case.id: case for case in baseline.cases}
    if gone := [name for name in theirs if name not in ours]:
        yield Remark(
            Outcome.FEWER_CASES, f"{len(gone)} of {len(theirs)} cases are missing: {few(gone)}"
        )
    if added := [name for name in ours if name not in theirs]:
        yield Remark(Outcome.OTHER_CASES, f"not in the baseline: {few(added)}")
    changed = [
        name
        for name, case in ours.items()
        if name in theirs
        and (case.kind, case.frames, case.people)
        != (theirs[name].kind, theirs[name].frames, theirs[name].people)
    ]
    if changed:
        yield Remark(Outcome.OTHER_CASES, f"other kind, length or people: {few(changed)}")


def few(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _split(side: Side) -> str:
    split = side.split
    return f"{split.dataset}/{split.split} version {split.version} ({split.sha256[:12]})"


def _extent(side: Side) -> str:
    cases = "all cases" if side.cohort.limit is None else f"the first {side.cohort.limit} cases"
    frames = "all" if side.cohort.max_frames is None else f"the first {side.cohort.max_frames}"
    return f"{frames} frames of {cases}"


def _short(value: str | None) -> str:
    return value or "none"


def _stem(card: Card) -> str:
    return card.id.partition("@")[0]
