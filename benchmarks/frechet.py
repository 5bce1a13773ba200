"""Seconds that distances between sets take, beside the computations of the usual packages.

    OMP_NUM_THREADS=1 python benchmarks/frechet.py [--rounds 2] > benchmarks/results/frechet.md

Features are made up: not negative, with a spectrum that falls as that of pooled activations does.
The packages' own functions run on the same features: torch-fidelity (statistics and eigenvalues;
100 subsets of kernels), pytorch-fid where it is installed (statistics and matrix root). Rounds
alternate between all of them and the best one counts. In one thread the seconds of the processor
are what a quiet machine takes; with more threads and other work they contain waiting.
"""

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import provenance
from metrics.feature_sets import Distance, Groups
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.torchvision_guard import import_torchvision

Features = NDArray[np.float32]
Work = Callable[[Features, Features], float]

GROUPS = 20
FRECHET = {
    "FID, 8 clips of 50 frames": (400, 2048),
    "FID, 40 clips of 50 frames": (2000, 2048),
    "FID, 100 clips of 125 frames": (12_500, 2048),
    "FVD, 100 clips of 7 windows": (700, 400),
}
KERNEL = {
    "KID, 8 clips of 50 frames": (400, 2048),
    "KID, 40 clips of 50 frames": (2000, 2048),
    "KID, 100 clips of 125 frames": (12_500, 2048),
}


def features(items: int, width: int, seed: int) -> Features:
    rng = np.random.default_rng(seed)
    strength = np.geomspace(1.0, 1e-3, width)
    strength *= 0.3 / np.sqrt(np.mean(strength**2))
    mix = np.linalg.qr(np.random.default_rng(0).normal(size=(width, width)))[0]
    mix = (mix * strength) @ mix.T
    made = [rng.normal(size=(len(part), width)) @ mix for part in np.array_split(range(items), 8)]
    return np.maximum(np.concatenate(made) + 0.4 + 0.02 * seed, 0).astype(np.float32)


def left_out(distance: Distance, x: Features, y: Features) -> float:
    groups = np.arange(len(x)) * GROUPS // len(x)
    return distance.leave_out(x, y, Groups(groups, groups, GROUPS))[0]


def torch_fidelity_fid(x: Features, y: Features) -> float:
    import torch
    from torch_fidelity import metric_fid

    stats = [metric_fid.fid_features_to_statistics(torch.from_numpy(s)) for s in (x, y)]
    return float(metric_fid.fid_statistics_to_metric(*stats, False)[metric_fid.KEY_METRIC_FID])


def pytorch_fid(x: Features, y: Features) -> float:
    from pytorch_fid import fid_score

    sets = [s.astype(np.float64) for s in (x, y)]  # as its extractor stores them
    moments = [m for s in sets for m in (np.mean(s, axis=0), np.cov(s, rowvar=False))]
    return float(fid_score.calculate_frechet_distance(*moments))


def torch_fidelity_kid(x: Features, y: Features) -> float:
    import torch
    from torch_fidelity import metric_kid

    # It has no value for sets below a subset; the nearest it does is one subset of all items.
    small = {"kid_subsets": 1, "kid_subset_size": len(x)} if len(x) < 1000 else {}
    tensors = (torch.from_numpy(x), torch.from_numpy(y))
    found: dict[str, Any] = metric_kid.kid_features_to_metric(*tensors, verbose=False, **small)
    return float(found[metric_kid.KEY_METRIC_KID_MEAN])


def rounds(ways: dict[str, Work], count: int, x: Features, y: Features) -> None:
    values: dict[str, float] = {}
    walls: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(count):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            values[name] = way(x, y)
            walls[name].append(time.perf_counter() - wall)
            busy[name].append(time.process_time() - cpu)
    ours = min(busy["ours"])
    for name, value in values.items():
        wall, cpu = min(walls[name]), min(busy[name])
        print(f"| {name} | {value:.7g} | {wall:.2f} | {cpu:.2f} | {cpu / ours:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    import_torchvision()
    packages = provenance.packages()
    print(f"# Distances between sets on {provenance.hardware()['label']}\n")
    print(f"numpy {packages['numpy']}, scipy {packages['scipy']}; best of ", end="")
    print(f"{args.rounds} rounds; OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'not set')}.")
    packed = importlib.util.find_spec("pytorch_fid") is not None
    for distance, sizes in ((Frechet(), FRECHET), (KernelDistance(), KERNEL)):
        for name, (items, width) in sizes.items():
            print(f"\n## {name}: two sets of {items} x {width}\n")
            print("| computation | value | s | CPU s | CPU s / ours |\n|---|--:|--:|--:|--:|")
            ways: dict[str, Work] = {
                "ours": distance,
                f"ours, and with {GROUPS} groups left out": partial(left_out, distance),
            }
            if isinstance(distance, KernelDistance):
                ways["torch-fidelity"] = torch_fidelity_kid
            else:
                ways["torch-fidelity"] = torch_fidelity_fid
                if packed:
                    ways["pytorch-fid"] = pytorch_fid
            rounds(ways, args.rounds, features(items, width, 1), features(items, width, 2))


if __name__ == "__main__":
    main()
