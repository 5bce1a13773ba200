"""What ``bench run --dry-run`` says."""

from collections import Counter
from pathlib import Path

from benchmark.chosen import measured_lines
from benchmark.costs import Estimate, estimate, known_costs
from benchmark.paths import offline
from benchmark.plan import Plan, default_out
from benchmark.provenance import cores
from benchmark.store import RunPaths, load_run
from benchmark.tracker import FACE_MODEL
from benchmark.weights import locate
from metrics.signals.face_backends import EMBEDDED_MODELS
from metrics.weights import registry

_NAMED = 4
"""Extractors that an estimate names."""


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
        *_scores(plan),
        *_measuring(plan),
        f"out      {target}{_so_far(target)}",
        "",
    ]


def _scores(plan: Plan) -> list[str]:
    """Say what is measured, on what, and what is not."""
    lines = measured_lines(plan)
    return [f"{'metrics' if not n else '':<9}{line}" for n, line in enumerate(lines)]


def _measuring(plan: Plan) -> list[str]:
    """Say how long measuring takes, from what, and what is not in it."""
    device, costs = plan.options.device, known_costs()
    lines = []
    if device not in costs:
        lines.append(f"measure  unknown on {device}: its costs are not on record")
    for kind in [device] if device in costs else costs:
        lines += _on(kind, estimate(plan, costs[kind]))
    return lines


def _on(device: str, found: Estimate) -> list[str]:
    most = list(found.seconds.items())[:_NAMED]
    parts = ", ".join(f"{name} {span(seconds)}" for name, seconds in most)
    lines = [
        f"measure  about {span(found.total / cores())} on {cores()} {device.upper()} cores, if "
        "nothing is in the cache; generation comes on top",
        f"         of {span(found.total)} of one core: {parts}",
        f"         by costs measured on {found.costs.hardware}, {found.costs.measured}",
    ]
    if found.unknown:
        lines.append(f"         without {', '.join(found.unknown)}: no costs are on record")
    return lines


def span(seconds: float) -> str:
    """Return a time in the largest unit that gives it a digit or two."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return (
                f"{seconds / length:.1f} {unit}"
                if seconds < 10 * length
                else (f"{seconds / length:.0f} {unit}")
            )
    return f"{max(1, round(seconds))} s"


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
