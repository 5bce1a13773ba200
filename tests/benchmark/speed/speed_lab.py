"""A synthetic method on a clock that tests move: what is measured of it can be exact."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from adapters.base import FacePair, Request, Services
from benchmark.speed.clock import Clock, ManualClock
from benchmark.speed.gpu import GpuDriver
from benchmark.speed.machine import CpuTime, Watch
from benchmark.speed.measure import Bench, Loaded
from benchmark.speed.memory import MemoryWatch
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import GpuSample, Point
from benchmark.speed.subject import Material, Tools, nothing_to_wait_for
from benchmark.speed.synthetic import Synthetic, Truth

MS = 2.0**-10
"""About a millisecond, exact in binary: sums of it are exact too."""

NOWHERE = Path("/nowhere")


class NoMedia:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not lent here")


def material(n_frames: int = 48, side: int = 16, fps: Fraction = Fraction(25)) -> Material:
    frames = np.random.default_rng(0).integers(0, 255, (n_frames, side, side, 3), dtype=np.uint8)
    request = Request(
        "perf",
        "self",
        NOWHERE / "source.png",
        NOWHERE / "driving.mp4",
        n_frames,
        fps,
        (side, side),
        (FacePair(0, 0),),
        NOWHERE,
        Services(NoMedia(), NoMedia()),
    )
    return Material(request, frames, lambda: NOWHERE, lambda count: material(count, side, fps))


def quiet(at: float) -> CpuTime:
    """A machine on which nobody else works."""
    return CpuTime(at, at, at)


class Looking(Watch):
    """Looks eight times at once, as the thread does in ten seconds."""

    def begin(self) -> None:
        super().begin()
        for _ in range(8):
            self.look()


def bench(
    clock: Clock,
    options: PerfOptions | None = None,
    *,
    n_frames: int = 48,
    gpu: GpuDriver | None = None,
    synchronise: Callable[[], None] = nothing_to_wait_for,
    cpu: Callable[[float], CpuTime | None] = quiet,
    busy_before: float | None = None,
) -> Bench:
    options = replace(options or PerfOptions(), frames=n_frames)
    return Bench(
        material(n_frames, fps=options.fps),
        Tools(clock, synchronise),
        Looking(clock, gpu, 1, busy_before, every_s=0.0, cpu=cpu),
        MemoryWatch(lambda: None),
        options,
    )


def loaded(method: Any, kind: str = "process", **changes: Any) -> Loaded:
    return replace(Loaded(method, kind, "synthetic", "Synthetic", load_s=0.5), **changes)


def measured(truth: Truth, options: PerfOptions | None = None, **changes: Any) -> Point:
    clock = ManualClock()
    return measure(loaded(Synthetic(truth, clock)), bench(clock, options, **changes))


class FakeGpu:
    """A driver that tells what it is told to tell.

    Clocks, in the order in which they are asked for; the last one stays.
    """

    def __init__(self, clocks: list[float], bits: int = 0, watts: float = 100.0) -> None:
        self._clocks, self._bits, self._watts = clocks, bits, watts
        self.at = 0.0
        self._joules = 0.0

    def name(self) -> str:
        return "NVIDIA GeForce RTX 5090"

    def driver(self) -> str:
        return "580.1"

    def power_limit_w(self) -> float | None:
        return 575.0

    def memory_gib(self) -> float | None:
        return 31.8

    def energy_j(self) -> float | None:
        self._joules += 480.0
        return self._joules

    def reasons(self) -> int | None:
        return self._bits

    def sample(self, at: float) -> GpuSample:
        clock = self._clocks.pop(0) if len(self._clocks) > 1 else self._clocks[0]
        return GpuSample(at=at, sm_mhz=clock, celsius=60.0, power_w=self._watts, busy=50.0)
