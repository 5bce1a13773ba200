"""What ``bench run --dry-run`` says."""

from collections import Counter
from pathlib import Path

from benchmark.paths import offline
from benchmark.plan import Plan, default_out
from benchmark.store import RunPaths, load_run
from benchmark.tracker import FACE_MODEL
from benchmark.weights import locate
from metrics.signals.face_backends import EMBEDDED_MODELS
from metrics.weights import registry

_MEASURE_FPS = 40.0
"""Frames measured a second on two CPU cores (benchmarks/results); a rough guide, no more."""


def describe(plan: Plan, out: Path | None) -> list[str]:
    """Return what would run, what is missing, and a rough time, as lines of plain text."""
    target = out or default_out(plan)
    kinds = Counter(case.protocol for case in plan.cases)
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return [
        f"method   {plan.spec.label} ({plan.spec.target})",
        f"split    {plan.split.header.dataset}/{plan.split.header.split} "
        f"version {plan.split.header.version}, sha256 {plan.split.sha256[:12]}",
        f"cases    {len(plan.cases)} ({counts}), {plan.total_frames} driving frames",
        f"faces    looked for in each frame: {plan.face.max_faces}",
        f"engine   {plan.options.backend}",
        f"weights  {_weights(plan)}",
        f"measure  about {plan.total_frames / _MEASURE_FPS:.0f} s on two CPU cores, "
        "generation comes on top",
        f"out      {target}{_so_far(target)}",
        "",
    ]


def _weights(plan: Plan) -> str:
    embedded = plan.options.backend.name == "embedded"
    return "; ".join(_weight(name) for name in (EMBEDDED_MODELS if embedded else (FACE_MODEL,)))


def _weight(name: str) -> str:
    if path := locate(name):
        return f"{path}"
    weights = registry()[name]
    how = "BENCH_OFFLINE forbids fetching it" if offline() else "would be fetched"
    return f"{weights.file} is missing, {how} ({weights.bytes / 1e6:.1f} MB)"


def _so_far(target: Path) -> str:
    if not RunPaths(target).manifest.exists():
        return " (new)"
    record = load_run(target)
    return f" ({len(record.generated)}/{len(record.manifest['case_ids'])} cases generated)"
