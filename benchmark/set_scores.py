"""Scores over all cases of one kind: the distribution of results beside that of real frames."""

from collections.abc import Iterator, Sequence

from benchmark.journal import SetEntry
from benchmark.measure import Measurer
from benchmark.plan import Plan
from benchmark.set_features import Judged, beside
from metrics.distribution import SetMetric
from metrics.registry import SET_METRICS
from metrics.score import NotMeasured
from metrics.set_score import SetScore, set_score
from metrics.signals.catalogue import SPECS, WINDOWS

__all__ = ["Judged", "set_scores"]


def set_scores(plan: Plan, judged: Sequence[Judged], measurer: Measurer) -> Iterator[SetEntry]:
    """Yield the scores over all cases that count, kind by kind.

    Args:
        plan: The run.
        judged: Cases that count for or against the method, in case order.
        measurer: Knows the signals; measures again what the cache has lost.
    """
    by_base = {metric.card.id: metric for metric in SET_METRICS}
    for active in plan.metrics:
        if active.absent or active.card.over != "set":
            continue
        for kind in ("self", "cross"):
            if kind in active.card.protocols and any(c.protocol == kind for c in plan.cases):
                mine = [one for one in judged if one.case.protocol == kind]
                score = _score(plan, by_base[active.base.id], mine, measurer)
                yield SetEntry(kind, active.card.id, score)


def _score(
    plan: Plan, metric: SetMetric, judged: Sequence[Judged], measurer: Measurer
) -> SetScore | NotMeasured:
    """Score one metric over the cases of one kind."""
    if not any(one.clip for one in judged):
        return NotMeasured("no case was delivered")
    protocol = plan.split.header.protocol
    if protocol.reference != "driving" and SPECS[metric.extractor].layout in WINDOWS:
        return NotMeasured("the reference set holds portraits, which do not move", of_input=True)
    added = [beside(metric.extractor, one, protocol, measurer) for one in judged]
    return set_score(
        [one.made for one in added],
        [one.real for one in added],
        [one.key for one in added],
        metric.distance,
    )
