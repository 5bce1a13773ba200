"""Intervals of means over cases and ranks in groups, lent to tables: statistics are not theirs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.stats.people import People
    from benchmark.store import RunRecord


def spread(record: "RunRecord", values: Mapping[str, float]) -> float | None:
    """Return half the width of the 95 % interval of a mean over cases, clustered by person.

    Args:
        record: The run, which says who is in its cases.
        values: By case.

    Returns:
        ``None`` where the run does not say who is in one of the cases, where there are too few
        people, or where a value is infinite; see `benchmark.stats.means.mean_of_cases`.
    """
    from math import isfinite

    from benchmark.stats.means import mean_of_cases

    people = _people(record, values)
    if not values or people is None or not all(map(isfinite, values.values())):
        return None
    found = mean_of_cases(list(values.values()), people).interval()
    return None if found is None else (found[1] - found[0]) / 2.0


def groups(
    records: "Sequence[RunRecord]", losses: Sequence[Mapping[str, float]]
) -> list[int] | None:
    """Return ranks that methods share if they cannot be told apart beyond chance.

    Args:
        records: Runs of the same cases; whichever says who is in them speaks for all.
        losses: Of each run, by case, the same cases; smaller is better, finite.

    Returns:
        ``None`` where no run says who is in one of the cases, or there are too few people; see
        `benchmark.stats.several.rank_groups`.
    """
    from benchmark.stats.several import rank_groups

    cases = list(losses[0])
    stated = (_people(record, cases) for record in records)
    people = next((one for one in stated if one is not None), None)
    return rank_groups([[one[case] for case in cases] for one in losses], people)


def _people(record: "RunRecord", cases: Iterable[str]) -> "People | None":
    """Return who is in cases; ``None`` where a run does not say it of each."""
    from benchmark.stats.people import People

    said = record.manifest.get("people")
    stated = said if isinstance(said, dict) else {}
    pairs = [_pair(stated.get(case)) for case in cases]
    known = [pair for pair in pairs if pair is not None]
    if len(known) < len(pairs):
        return None
    return People.named([one for one, _ in known], [two for _, two in known])


def _pair(said: object) -> tuple[str, str] | None:
    """Return the source and the driving person of a case, if a manifest names both."""
    match said:
        case [str(source), str(driving)] if source and driving:
            return source, driving
        case _:
            return None
