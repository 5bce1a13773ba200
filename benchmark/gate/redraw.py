"""Differences of FVD, KVD and KID by drawing the same clips again for both sides.

FID stays with the jackknife: a distance of 2048 dimensions takes too long to be drawn hundreds of
times, and the jackknife costs nothing, because runs keep it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import BenchError, UsageProblem
from benchmark.gate.features import RunFeatures, run_features, set_metric, split_of
from benchmark.gate.judge import Redrawn
from benchmark.gate.packed import unpack
from benchmark.gate.read import Opened
from benchmark.gate.side import KINDS, Kind, SetSide
from benchmark.stats.estimate import MIN_CLUSTERS, Estimate
from benchmark.stats.sets import PairedSets, bootstrap_difference
from metrics.distribution import SetMetric
from metrics.feature_sets import Distance, DistanceError
from metrics.kernel_distance import KernelDistance

REDRAWN = ("fvd", "kvd", "kid")
Features = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Task:
    """One metric over sets that both sides have by one definition."""

    kind: Kind
    protocol_id: str
    metric: SetMetric


def redraw(candidate: Opened, baseline: Opened, data: Path | None) -> tuple[Redrawn, str]:
    """Return the bootstrap of every difference that can be drawn, and why others cannot.

    Args:
        candidate: A run.
        baseline: A run, or a file; only one that keeps features takes part.
        data: Folder of the dataset, see `benchmark.gate.features.split_of`.
    """
    tasks = list(_tasks(candidate, baseline))
    if not tasks:
        return {}, ""
    try:
        ours, theirs = _features(candidate, baseline, tasks, data)
    except BenchError as error:
        return {}, f"differences between sets stand on the jackknife: {error.problem}"
    found: dict[tuple[Kind, str], Estimate] = {}
    for task in tasks:
        extractor = task.metric.extractor
        if extractor in ours:
            sets = paired(ours[extractor], theirs[extractor], _cases(candidate, task.kind))
            try:
                found[task.kind, task.protocol_id] = bootstrap_difference(
                    sets, whole(task.metric.distance)
                )
            except DistanceError as error:
                return found, f"differences between sets stand on the jackknife: {error}"
    return found, ""


def paired(ours: RunFeatures, theirs: Mapping[str, Features], cases: Sequence[str]) -> PairedSets:
    """Return the features of both sides by reference clip, clips in case order.

    Args:
        ours: Of the candidate, with the reference clips.
        theirs: Of the baseline's results, by case.
        cases: The cases of one kind.
    """
    by_clip: dict[str, list[str]] = {}
    for case in cases:
        if case in ours.clip and len(ours.real[ours.clip[case]]):
            by_clip.setdefault(ours.clip[case], []).append(case)
    return PairedSets(
        [_joined(ours.made, members, ours.real[clip]) for clip, members in by_clip.items()],
        [_joined(theirs, members, ours.real[clip]) for clip, members in by_clip.items()],
        [ours.real[clip] for clip in by_clip],
    )


def whole(distance: Distance) -> Distance:
    """Return a distance on all items at once: random subsets of drawn sets are only slower."""
    if isinstance(distance, KernelDistance):
        return replace(distance, size=2**62)
    return distance


def _joined(made: Mapping[str, Features], cases: Sequence[str], real: Features) -> Features:
    parts = [made[case] for case in cases if case in made]
    return np.concatenate(parts) if parts else real[:0]


def _tasks(candidate: Opened, baseline: Opened) -> Iterator[_Task]:
    if candidate.record is None:
        return
    for kind in KINDS:
        for name, score in baseline.side.sets.get(kind, {}).items():
            metric = set_metric(name)
            ours = candidate.side.sets.get(kind, {}).get(name)
            if metric is None or metric.card.name not in REDRAWN:
                continue
            if not (isinstance(score, SetSide) and isinstance(ours, SetSide)):
                continue
            if score.reference_clips >= MIN_CLUSTERS and _one_definition(candidate, baseline, name):
                yield _Task(kind, name, metric)


def _one_definition(candidate: Opened, baseline: Opened, name: str) -> bool:
    sides = (candidate.side, baseline.side)
    ours, theirs = (side.metrics.get(name) for side in sides)
    same_split = sides[0].split.sha256 == sides[1].split.sha256
    if ours is None or theirs is None or not same_split:
        return False
    return ours.extractors == theirs.extractors


def _features(
    candidate: Opened, baseline: Opened, tasks: Sequence[_Task], data: Path | None
) -> tuple[dict[str, RunFeatures], dict[str, Mapping[str, Features]]]:
    from benchmark.tracker import face_source

    wanted = list(dict.fromkeys(task.metric.extractor for task in tasks))
    theirs: dict[str, Mapping[str, Features]] = {}
    if baseline.baseline is not None:
        for name in wanted:
            if (kept := unpack(baseline.baseline, name)) is not None:
                theirs[name] = kept
        wanted = list(theirs)
    assert candidate.record is not None  # `_tasks` saw it
    split = split_of(candidate.record, data) if wanted else None
    if split is None:
        return {}, {}
    model = face_source(None, lambda _: None).model
    if baseline.record is not None:
        made = run_features(baseline.record, split, wanted, model)
        theirs = {name: features.made for name, features in made.items()}
    ours = run_features(candidate.record, split, wanted, model)
    for name, features in ours.items():
        both = (*features.made.values(), *theirs[name].values())
        if len({array.shape[1:] for array in both}) > 1:
            raise UsageProblem(f"the features of {name} in the baseline are of another width")
    return ours, theirs


def _cases(opened: Opened, kind: Kind) -> list[str]:
    return [case.id for case in opened.side.cases if case.kind == kind]
