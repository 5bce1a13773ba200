"""Cost of the pixel metrics beside one Inception pass over the same frame.

    OMP_NUM_THREADS=1 python benchmarks/pixels.py [--side 512] [--rounds 40]

Milliseconds of the processor, one thread each, best round; the network is FID's Inception with
pinned random weights in the fastest runtime of this machine. The bar: all pixel metrics together
cost less than 20 % of the network.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from metrics import ms_ssim, pixels, pixels_256
from metrics.frame_pair import Pair
from metrics.pixels import PixelMetric
from metrics.signals.extractor import Where
from metrics.signals.inception import open_embedded
from metrics.warping import warp_step

ALL: tuple[PixelMetric, ...] = (*pixels.METRICS, *ms_ssim.METRICS, *pixels_256.METRICS)
BATCH = 8


def frames(side: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 256, (side, side, 3)).astype(np.float64)
    other = np.clip(true + rng.normal(0, 8, true.shape), 0, 255)
    return other.astype(np.uint8), true.astype(np.uint8)


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    work()
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return 1000.0 * best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    made, true = frames(options.side)

    def together(metrics: Sequence[PixelMetric]) -> list[float]:
        pair = Pair(made, true)
        return [metric.of_pair(pair) for metric in metrics]

    network = open_embedded(Where(threads=1), "torch-fidelity")
    batch = np.stack([true] * BATCH)
    inception = milliseconds(lambda: network(batch), max(2, options.rounds // 10)) / BATCH
    default = [metric for metric in ALL if metric.card.default]
    lines = {
        "Inception": inception,
        f"all {len(ALL)} pixel metrics together": milliseconds(
            lambda: together(ALL), options.rounds
        ),
        f"the {len(default)} of them that tables show by default": milliseconds(
            lambda: together(default), options.rounds
        ),
        **{
            metric.card.id: milliseconds(lambda m=metric: together([m]), options.rounds)
            for metric in ALL
        },
        "warping error, a step": milliseconds(lambda: warp_step(made, true), 5),
    }
    print(f"| {options.side}x{options.side}, ms a frame | | of Inception |\n|---|--:|--:|")
    for name, cost in lines.items():
        print(f"| {name} | {cost:.2f} | {cost / inception:.0%} |")


if __name__ == "__main__":
    main()
