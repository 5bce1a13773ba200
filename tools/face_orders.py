"""Write docs/face_orders.md: do both face engines put methods into the same order?

    python tools/face_orders.py [--frames 16] > docs/face_orders.md

Runs the controls and three variants of the built-in method on mini under the official and the
embedded engine and compares, metric by metric, the order of the methods' means. Needs the models of
both engines (BENCH_WEIGHTS or the cache). Two means closer than 5 % of the metric's spread over the
methods count as a tie: an order that noise decides is none.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path

from benchmark.store import RunRecord, load_run
from metrics.registry import CARDS
from metrics.score import Measured

VARIANTS = """
from dataclasses import replace

from adapters.ours import Warp


class _Only(Warp):
    components = frozenset()

    def animate(self, request):
        return super().animate(replace(request, components=self.components))


class Pose(_Only):
    components = frozenset({"pose"})


class Mouth(_Only):
    components = frozenset({"mouth"})


class Eyes(_Only):
    components = frozenset({"eyes"})
"""
METHODS = ("driver", "frozen", "shuffled", "ours", "pose-only", "mouth-only", "eyes-only")
ENGINES = ("mediapipe", "embedded")
TIE = 0.05


def run(folder: Path, engine: str, frames: int) -> list[RunRecord]:
    (folder / "ours_variants.py").write_text(VARIANTS)
    names = ("pose", "mouth", "eyes")
    (folder / "bench.toml").write_text(
        "\n".join(f'[methods.{n}-only]\npython = "ours_variants:{n.capitalize()}"\n' for n in names)
    )
    records = []
    for method in METHODS:
        out = folder / f"{engine}-{method}"
        command = [sys.executable, "-m", "benchmark.cli.main", "run", "--method", method]
        command += ["--split", "single", "--max-frames", str(frames), "--out", str(out)]
        command += ["--face-backend", engine, "--config", str(folder / "bench.toml")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
        records.append(load_run(out))
    return records


def means(record: RunRecord, kind: str) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for score in record.scores:
        if score.protocol == kind and isinstance(score.score, Measured):
            values.setdefault(score.metric, []).append(score.score.value)
    return {name: sum(v) / len(v) for name, v in values.items()}


def pairs(table: dict[str, float]) -> dict[tuple[str, str], int]:
    """Return for each pair of methods which one has the larger mean; 0 for a tie."""
    close = TIE * (max(table.values()) - min(table.values()))
    return {
        (a, b): 0 if abs(table[a] - table[b]) <= close else (1 if table[a] > table[b] else -1)
        for a, b in combinations(sorted(table), 2)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=16)
    frames = parser.parse_args().frames
    print(HEAD.format(frames=frames, methods=", ".join(METHODS)))
    with tempfile.TemporaryDirectory() as name:
        runs = {engine: run(Path(name), engine, frames) for engine in ENGINES}
    agreed = compared = 0
    for kind in ("self", "cross"):
        tables = {e: [means(record, kind) for record in runs[e]] for e in ENGINES}
        for protocol_id, card in CARDS.items():
            if card.extractors == () or any(protocol_id not in t for t in tables[ENGINES[0]]):
                continue
            orders = []
            for engine in ENGINES:
                by_method = zip(METHODS, tables[engine], strict=True)
                orders.append(pairs({m: t[protocol_id] for m, t in by_method}))
            swapped = [p for p in orders[0] if orders[0][p] * orders[1][p] < 0]
            decided = sum(orders[0][p] * orders[1][p] != 0 for p in orders[0])
            agreed, compared = agreed + decided - len(swapped), compared + decided
            text = "; ".join(f"{a} / {b}" for a, b in swapped) or "–"
            print(f"| {protocol_id} | {kind} | {decided} | {text} |")
    print(f"\nOf {compared} pairs that both engines decide, {agreed} have the same order.")


HEAD = """# Do both face engines order methods alike?

Written by `tools/face_orders.py`; do not edit. Mini, {frames} frames a case:
{methods}.
For each metric: pairs of methods that both engines tell apart (by more than 5 % of the metric's
spread), and the pairs whose order differs between the official and the embedded engine.

| metric | reenactment | pairs told apart | in another order |
|---|---|--:|---|"""


if __name__ == "__main__":
    main()
