"""What is measured in `evaluation` and `costs`: pairs of stored clips, made from the mini split."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from adapters.base import Frame
from benchmark.config import Config
from benchmark.instruments import Instruments, instruments
from benchmark.measure import StoredClip
from benchmark.media.image import write_png
from benchmark.media.video import read_frames
from benchmark.media.write import LOSSLESS, write_video
from benchmark.methods import find_method
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.profiles import find_device
from benchmark.splits.manifest import Hashes, read_manifest, write_manifest
from benchmark.splits.sources import open_split
from benchmark.tracker import FACE_MODEL, face_backend
from benchmark.weights import require
from metrics.weights import file_sha256

SIDE = 512
RATE = Fraction(25)
ROUNDS = 3


@dataclass
class Seconds:
    """Time of the clock and of all processors."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def __mul__(self, times: float) -> "Seconds":
        return Seconds(self.wall * times, self.cpu * times)


def timed(work: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def best(work: Callable[[], object], rounds: int) -> Seconds:
    found = [timed(work) for _ in range(rounds)]
    return Seconds(min(s.wall for s in found), min(s.cpu for s in found))


METHODS: dict[str, Callable[[Frame], Frame]] = {
    "first": lambda frame: np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.2), np.uint8),
    "second": lambda frame: np.asarray(np.roll(frame, 1, axis=1)),
}
"""What made the results."""


def make_split(folder: Path, pairs: int, frames: int) -> Path:
    """Write a split of self cases, no two driving clips of the same bytes."""
    base = open_split("single", None)
    case = next(case for case in base.cases if case.protocol == "self")
    shown = [big(f) for f in islice(read_frames(base.file(case.driving)), frames)]
    shown = [shown[i % len(shown)] for i in range(frames)]
    cases = []
    for i in range(pairs):
        write_video(folder / f"{i}.mkv", (tinted(f, i) for f in shown), RATE, LOSSLESS)
        write_png(folder / f"{i}.png", tinted(shown[0], i))
        hashes = Hashes(
            source=file_sha256(folder / f"{i}.png"), driving=file_sha256(folder / f"{i}.mkv")
        )
        changes = {"id": f"c{i}", "source": f"{i}.png", "driving": f"{i}.mkv", "sha256": hashes}
        size = {"frames": (0, frames), "size": (SIDE, SIDE), "fps": str(RATE)}
        cases.append(case.model_copy(update={**changes, **size}))
    write_manifest(folder / "split.jsonl", base.header, cases)
    return folder / "split.jsonl"


def big(frame: Frame) -> Frame:
    return np.asarray(cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def tinted(frame: Frame, number: int) -> Frame:
    changed = frame.astype(np.int16) + np.array([number, -number, 2 * number], np.int16)
    return np.clip(changed, 0, 255).astype(np.uint8)


@dataclass
class Bench:
    """Cases at 512x512, and everything open that measures them."""

    plan: Plan
    opened: Instruments
    folder: Path
    store_s: Seconds = field(default_factory=Seconds)

    def store(self, method: str) -> dict[str, StoredClip]:
        """Store a method's clips; remembers how long storing took."""
        clips = {}
        for case in self.plan.cases:
            driving = read_frames(self.plan.split.file(case.driving))
            frames = [METHODS[method](frame) for frame in driving]
            path = self.folder / f"{method}-{case.id}.mkv"
            self.store_s += timed(
                lambda path=path, frames=frames: write_video(path, frames, RATE, LOSSLESS)
            )
            clips[case.id] = StoredClip(path, file_sha256(path), tuple(range(len(frames))))
        return clips


@contextmanager
def bench(pairs: int, frames: int, metrics: str) -> Iterator[Bench]:
    """Make the cases and open what measures them."""
    model = require(FACE_MODEL, print)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        split = read_manifest(make_split(folder, pairs, frames))
        options = RunOptions(
            backend=face_backend(None),
            metrics=tuple(metrics.split(",")),
            device=find_device(),
        )
        plan = make_plan(find_method("driver", Config(), Path()), split, options)
        with instruments(plan, model) as opened:
            opened.open()  # models are opened before anything is timed
            yield Bench(plan, opened, folder)


def face_alone(one: Bench, frames: list[Frame]) -> Seconds:
    """The face engine on frames in memory, as many in flight as it asks for."""
    engine = one.opened.tools.face

    def work() -> None:
        waiting: list[Any] = []
        for frame in frames:
            waiting.append(engine.submit(frame))
            if len(waiting) > engine.in_flight:
                waiting.pop(0).result()
        for future in waiting:
            future.result()

    work()
    return best(work, ROUNDS)


def decode(paths: list[Path]) -> list[Frame]:
    return [frame for path in paths for frame in read_frames(path)]


def read_all(path: Path) -> int:
    return sum(1 for _ in read_frames(path))
