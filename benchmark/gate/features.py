"""Features of the results of a run, so that sets can be drawn again: from the cache, or measured.

Only what the bootstrap of differences needs: the vectors of each result and of each reference
clip. `bench baseline save` keeps those of the results; the reference clips come from the dataset.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UsageProblem
from benchmark.instruments import instruments
from benchmark.measure import Measurer, StoredClip, Wanted
from benchmark.methods import MethodSpec
from benchmark.plan import Plan, RunOptions, make_plan, resumed
from benchmark.set_features import Judged, beside
from benchmark.splits.manifest import Split, read_manifest
from benchmark.splits.sources import MINI, data_root, manifests, open_split
from benchmark.store import Outcome, RunRecord
from benchmark.tracker import face_backend
from metrics.distribution import SetMetric
from metrics.registry import SET_METRICS
from metrics.selection import variants
from metrics.signals.face_backends import Backend

Features = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class RunFeatures:
    """What one extractor says of a run.

    Attributes:
        made: ``(n, D)`` of each delivered result, by case.
        clip: Which reference clip each judged case is compared with.
        real: ``(m, D)`` of each reference clip.
    """

    made: Mapping[str, Features]
    clip: Mapping[str, str]
    real: Mapping[str, Features]


def set_metric(protocol_id: str) -> SetMetric | None:
    """Return the metric over sets behind a protocol id, canonical or embedded."""
    for metric in SET_METRICS:
        if protocol_id in {card.id for card in (metric.card, *variants(metric.card))}:
            return metric
    return None


def split_of(record: RunRecord, data: Path | None) -> Split | None:
    """Return the split that a run was made on, if the dataset is here.

    Args:
        record: The run.
        data: Folder of the dataset; ``None`` for ``BENCH_DATA``, and without that for mini.
    """
    split = record.manifest["split"]
    if split["dataset"] == MINI:
        found = open_split(f"{MINI}/{split['split']}", None)
        return found if found.sha256 == split["sha256"] else None
    if data_root(data) is None:
        return None
    for path in manifests(data).values():
        try:
            found = read_manifest(path)
        except UsageProblem:
            continue
        if found.sha256 == split["sha256"]:
            return found
    return None


def run_features(
    record: RunRecord, split: Split, extractors: Sequence[str], face_model: Path
) -> dict[str, RunFeatures]:
    """Return the features of a run by extractor; measures again what the cache has lost.

    Args:
        record: A finished run.
        split: What it was made on.
        extractors: Which; they must be those of metrics that the run has.
        face_model: The model of the face engine.

    Raises:
        BenchError: If a clip, an input or weights are not here.
    """
    plan = _plan(record, split)
    with instruments(plan, face_model) as opened:
        measurer = Measurer(split, opened.tools, Wanted(tuple(extractors), list))
        return {name: _features(record, plan, name, measurer) for name in extractors}


def _features(record: RunRecord, plan: Plan, extractor: str, measurer: Measurer) -> RunFeatures:
    protocol = plan.split.header.protocol
    made: dict[str, Features] = {}
    clip: dict[str, str] = {}
    real: dict[str, Features] = {}
    for case in plan.cases:
        item = record.generated[case.id]
        if item.outcome is Outcome.UNJUDGEABLE:
            continue
        stored = None
        if item.outcome is Outcome.OK:
            path = record.paths.clip(case.id)
            stored = StoredClip(path, item.clip_sha256, item.frame_map)
        added = beside(extractor, Judged(case, stored), protocol, measurer)
        # A self case does not score its first frame, so that it takes less of the same clip.
        clip[case.id] = f"{case.protocol}:{added.key}"
        real.setdefault(clip[case.id], np.asarray(added.real))
        if stored is not None:
            made[case.id] = np.asarray(added.made)
    return RunFeatures(made, clip, real)


def _plan(record: RunRecord, split: Split) -> Plan:
    """Return the plan of a run that is finished, as far as measuring needs it."""
    manifest = record.manifest
    options, method = manifest["options"], manifest["method"]
    backend = Backend.parse(manifest["extractors"]["face"]["backend"]).name
    plan = make_plan(
        MethodSpec(method["name"], method["label"], method["target"]),
        split,
        RunOptions(
            max_frames=options["max_frames"],
            limit=options["limit"],
            backend=face_backend(backend),
            profile=options["profile"],
            metrics=("light",),
        ),
    )
    return resumed(plan, manifest)
