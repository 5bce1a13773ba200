"""Intervals of means over cases, lent to tables: statistics are not theirs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from benchmark.stats.people import People

    said = record.manifest.get("people")
    stated = said if isinstance(said, dict) else {}
    pairs = [pair for case in values if (pair := _pair(stated.get(case)))]
    if not values or len(pairs) < len(values) or not all(map(isfinite, values.values())):
        return None
    people = People.named([one for one, _ in pairs], [two for _, two in pairs])
    found = mean_of_cases(list(values.values()), people).interval()
    return None if found is None else (found[1] - found[0]) / 2.0


def _pair(said: object) -> tuple[str, str] | None:
    """Return the source and the driving person of a case, if a manifest names both."""
    match said:
        case [str(source), str(driving)] if source and driving:
            return source, driving
        case _:
            return None
