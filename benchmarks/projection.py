"""Seconds of a map of frames: exact neighbours, UMAP, trustworthiness, on this machine.

    python benchmarks/projection.py [--points 6400] > benchmarks/results/projection.md

6,400 is what PortraitDirector's Figure 3 shows. Points are invented: paths of smooth motion of 64
people in 51 dimensions, as blendshapes have. A small map comes first, so that numba has compiled
what it needs; its time stands in a row of its own. Each size is projected twice with one seed and
the two must be equal to the bit; the best and the worst round are printed.
"""

import argparse
import os
import time
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from benchmark import provenance
from leaderboards.plots.projection import Projection, project
from metrics.manifold import reach

DIMENSIONS, PEOPLE, SMALL, SEED = 51, 64, 200, 0


def frames(count: int) -> np.ndarray:
    """Return smooth paths around 64 places, ``(count, 51)`` in [0, 1]."""
    rng = np.random.default_rng(SEED)
    place = rng.uniform(0.0, 0.5, (PEOPLE, DIMENSIONS))
    steps = rng.normal(0.0, 0.03, (PEOPLE, -(-count // PEOPLE), DIMENSIONS)).cumsum(axis=1)
    return np.clip(place[:, None] + steps, 0.0, 1.0).reshape(-1, DIMENSIONS)[:count]


@dataclass(frozen=True)
class Round:
    """One map and what it took."""

    seconds: float
    processor: float
    found: Projection


def timed(count: int) -> Round:
    points = frames(count)
    start, used = time.perf_counter(), time.process_time()
    found = project(points, SEED)
    return Round(time.perf_counter() - start, time.process_time() - used, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=6400)
    count = parser.parse_args().points
    compiling = timed(SMALL)
    rounds = sorted((timed(count) for _ in range(2)), key=lambda one: one.seconds)
    assert (rounds[0].found.points == rounds[1].found.points).all(), "one seed gave two maps"
    start, used = time.perf_counter(), time.process_time()
    reach(frames(count)[::2], frames(count)[1::2])
    reached = time.perf_counter() - start, time.process_time() - used
    packages = provenance.packages()
    print(f"# Maps of frames on {provenance.hardware()['label']}\n")
    print(f"{count} points in {DIMENSIONS} dimensions, 15 neighbours, one seed twice: equal maps,")
    print(
        f"trustworthiness {rounds[0].found.trustworthiness:.3f}. numpy {packages['numpy']}, ",
        end="",
    )
    print(f"umap-learn {version('umap-learn')}; load average {os.getloadavg()[0]:.1f}.\n")
    rows = {
        f"first map of a process ({SMALL} points: loading and compiling)": compiling,
        f"map of {count} points, once compiled": rounds[0],
        "the same, worse round": rounds[1],
    }
    print("| step | seconds | of a processor |\n|---|--:|--:|")
    for name, one in rows.items():
        print(f"| {name} | {one.seconds:.1f} | {one.processor:.1f} |")
    name = f"coverage and density, {count // 2} by {count // 2} points"
    print(f"| {name} | {reached[0]:.1f} | {reached[1]:.1f} |")
    print(
        "\nWritten by `benchmarks/projection.py`. Processor time is what the map itself takes; the"
    )
    print("rest is waiting for others on a shared machine, as the load says.")


if __name__ == "__main__":
    main()
