"""Frames per second of the face engines: official and torch, on this machine.

    python benchmarks/face.py MODEL CLIP [--device cuda] [--frames 256] > benchmarks/results/face.md

MODEL is face_landmarker.task, CLIP a video with one face. Frames are decoded beforehand. Every
engine runs the same frames, in rounds that alternate between the engines, so that a busy machine
slows all of them; the best round counts. The last rows give what the bare networks do on inputs
that are already on the device: the engine's ceiling.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from benchmark import provenance
from benchmark.media.video import read_frames
from metrics.signals.face_backends import OFFICIAL, open_engine
from metrics.signals.face_engine import FaceDefinition, Frame
from metrics.signals.torch_face import Where, open_official
from metrics.signals.torch_face_bundle import read_bundle
from metrics.signals.torch_face_networks import FaceNetworks

DEFINITION = FaceDefinition("", 1)
BATCHES = (1, 16, 64, 256)
ROUNDS = 2
THREADS = 2


def official(model: Path, threads: int, frames: list[Frame]) -> float:
    with open_engine(OFFICIAL, model, DEFINITION, threads) as engine:
        start = time.perf_counter()
        for future in [engine.submit(frame) for frame in frames]:
            future.result()
        return time.perf_counter() - start


def _in_process(model: Path, frames: list[Frame]) -> float:
    return official(model, 1, frames)


def processes(model: Path, count: int, frames: list[Frame]) -> float:
    """Return the slowest process' time, without starting them and loading the model."""
    parts = [(model, list(part)) for part in np.array_split(np.stack(frames), count)]
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        return max(pool.starmap(_in_process, parts))


def engine(model: Path, device: str, batch: int, frames: list[Frame]) -> float:
    with open_official(model, DEFINITION, Where(device, batch, THREADS)) as opened:
        start = time.perf_counter()
        for future in [opened.submit(frame) for frame in frames]:
            future.result()
        return time.perf_counter() - start


def networks(model: Path, device: str, batch: int, frames: list[Frame]) -> float:
    """Detector, landmarks and blendshapes once a frame, inputs already on the device."""
    where = torch.device(device)
    nets = FaceNetworks(read_bundle(model), where, batch)
    small = torch.zeros((batch, nets.detector_size, nets.detector_size, 3), dtype=torch.uint8)
    large = torch.zeros((batch, nets.landmark_size, nets.landmark_size, 3), dtype=torch.uint8)
    small, large = small.to(where), large.to(where)
    points = np.random.default_rng(0).uniform(0, 512, (batch, 478, 2)).astype(np.float32)
    workers = THREADS if where.type == "cpu" else 1
    rounds = max(workers, len(frames) // batch)

    def once(_: int) -> None:
        nets.detect(small)
        nets.landmarks(large)
        nets.blendshapes(points)

    # As in the engine: on a CPU each thread computes alone.
    alone = partial(torch.set_num_threads, 1) if where.type == "cpu" else None
    with ThreadPoolExecutor(workers, initializer=alone) as pool:
        list(pool.map(once, range(workers)))
        start = time.perf_counter()
        list(pool.map(once, range(rounds)))
        return (time.perf_counter() - start) * len(frames) / (rounds * batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--frames", type=int, default=256)
    args = parser.parse_args()
    shown = list(islice(read_frames(args.clip), args.frames))
    frames = [shown[i % len(shown)] for i in range(args.frames)]
    height, width = frames[0].shape[:2]

    ways: dict[str, Callable[[list[Frame]], float]] = {
        "official, 1 thread": partial(official, args.model, 1),
        "official, 2 threads": partial(official, args.model, 2),
        "official, 2 processes": partial(processes, args.model, 2),
    }
    for batch in BATCHES:
        name = f"torch on {args.device}, batch {batch}"
        ways[name] = partial(engine, args.model, args.device, batch)
        ways[f"  its bare networks, batch {batch}"] = partial(
            networks, args.model, args.device, batch
        )
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(way(frames))

    print(f"# Face engines on {provenance.hardware()['label']}\n")
    print(f"{args.frames} frames of {width}x{height}, one face; best and worst of {ROUNDS} rounds.")
    packages = provenance.packages()
    print(f"torch {packages['torch']}, mediapipe {packages['mediapipe']}; torch on a CPU: ", end="")
    print(f"{THREADS} batches at a time, each in one thread.\n")
    print("| engine | frames/s | worst round |\n|---|--:|--:|")
    for name, taken in times.items():
        print(f"| {name} | {args.frames / min(taken):.0f} | {args.frames / max(taken):.0f} |")


if __name__ == "__main__":
    main()
