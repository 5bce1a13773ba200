"""Scores over all cases of one kind: the distribution of results beside that of real frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.journal import SetEntry
from benchmark.measure import Measurer, StoredClip, driving_media, source_media
from benchmark.plan import Plan
from benchmark.readings import result_of, scored_frames
from benchmark.splits.manifest import Case
from metrics.distribution import SetMetric
from metrics.registry import SET_METRICS
from metrics.score import NotMeasured
from metrics.set_score import SetScore, set_score
from metrics.signals.catalogue import SPECS

Features = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A case with a stored result."""

    case: Case
    clip: StoredClip


def set_scores(
    plan: Plan, delivered: Sequence[Delivered], measurer: Measurer
) -> Iterator[SetEntry]:
    """Yield the scores over all delivered cases, kind by kind.

    Args:
        plan: The run.
        delivered: Cases that have a stored result, in case order.
        measurer: Knows the signals; measures again what the cache has lost.
    """
    by_base = {metric.card.id: metric for metric in SET_METRICS}
    for active in plan.metrics:
        if active.absent or active.card.over != "set":
            continue
        for kind in ("self", "cross"):
            if kind in active.card.protocols and any(c.protocol == kind for c in plan.cases):
                mine = [one for one in delivered if one.case.protocol == kind]
                score = _score(plan, by_base[active.base.id], mine, measurer)
                yield SetEntry(kind, active.card.id, score)


def _score(
    plan: Plan, metric: SetMetric, delivered: Sequence[Delivered], measurer: Measurer
) -> SetScore | NotMeasured:
    """Score one metric over the delivered cases of one kind."""
    if not delivered:
        return NotMeasured("no case was delivered")
    protocol = plan.split.header.protocol
    if protocol.reference != "driving" and SPECS[metric.extractor].layout == "window":
        return NotMeasured("the reference set holds portraits, which do not move", of_input=True)
    generated: list[Features] = []
    reference: list[Features] = []
    keys: list[str] = []
    for one in delivered:
        made, real, key = _features(plan, metric.extractor, one, measurer)
        generated.append(made)
        reference.append(real)
        keys.append(key)
    return set_score(generated, reference, keys, metric.distance)


def _features(
    plan: Plan, extractor: str, one: Delivered, measurer: Measurer
) -> tuple[Features, Features, str]:
    """Return what one case adds to the results, what it is compared with, and whose that is."""
    case, protocol = one.case, plan.split.header.protocol
    made = measurer.clip(one.clip).arrays[extractor]
    if protocol.reference == "driving":
        media = driving_media(case)
        real = measurer.driver(case).arrays[extractor]
    else:
        media = source_media(case)
        real = measurer.source(case).arrays[extractor]
    key = f"{media.sha256}:{media.frames[0]}-{media.frames[1]}"
    if SPECS[extractor].layout == "window":
        return made, real, key
    scored = scored_frames(case, case.n_frames, protocol)
    place = result_of(np.array(one.clip.frame_map, dtype=np.intp), case.n_frames)
    made = made[place[scored & (place >= 0)]]
    return made, real[scored] if protocol.reference == "driving" else real, key
