"""INVALID says why: what a machine, a clock or a method does that makes a figure none."""

from typing import Any

import numpy as np
import pytest
from speed_lab import MS, FakeGpu, bench, loaded, measured

from adapters.base import Animation, Request
from benchmark.speed.clock import ManualClock
from benchmark.speed.machine import CpuTime, cpu_time, others
from benchmark.speed.offline import Takes
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import MachineReport, Point
from benchmark.speed.subject import Given, Take
from benchmark.speed.synthetic import Synthetic, Truth
from benchmark.speed.validity import Judged, flaws

PLAIN = Truth({"render": 16 * MS})


def only(point: Point) -> str:
    assert not point.valid
    assert len(point.flaws) == 1, point.flaws
    return point.flaws[0]


def test_too_short_in_seconds_and_in_queries() -> None:
    short = measured(PLAIN, PerfOptions(min_s=1.0))
    assert only(short) == "too short: 1.0 s, at least 10 s count"
    few = measured(Truth({"render": 1.0}), PerfOptions(max_s=20.0))
    assert only(few) == "too short: 19 queries, p90 needs 30"


def test_others_at_work() -> None:
    def half(at: float) -> CpuTime:
        return CpuTime(at, at * 1.5, at)

    point = measured(PLAIN, cpu=half)
    assert "machine under load: other processes used" in only(point)
    assert others(CpuTime(0, 0, 0), CpuTime(10, 12, 10), 2) == pytest.approx(0.1)
    assert others(CpuTime(0, 0, 0), CpuTime(10, 9, 10), 2) == 0.0  # rounding never helps
    assert others(None, CpuTime(1, 1, 1), 2) is None


def test_a_gpu_that_others_use_or_that_slows_down() -> None:
    clock = ManualClock()

    def point_on(gpu: FakeGpu, busy_before: float = 0.0) -> Point:
        lab = bench(clock, gpu=gpu, busy_before=busy_before)
        return measure(loaded(Synthetic(PLAIN, clock)), lab)

    fine = point_on(FakeGpu([1980.0]))
    assert fine.valid, fine.flaws
    assert fine.cohort.device == "NVIDIA GeForce RTX 5090"
    assert fine.cohort.power_limit_w == 575.0
    assert "busy before the method" in only(point_on(FakeGpu([1980.0]), 40.0))
    fell = only(point_on(FakeGpu([1980.0] * 4 + [1500.0])))
    assert fell == "clocks falling: the GPU went from 1980 to 1500 MHz"
    assert "thermal, by hardware" in only(point_on(FakeGpu([1980.0], bits=0x40)))
    capped = point_on(FakeGpu([1980.0], bits=0x04))
    assert capped.valid and capped.machine.gpu is not None and capped.machine.gpu.capped
    assert capped.figures is not None and capped.figures.frame_j is not None


def test_energy_is_of_all_frames_of_the_timed_part() -> None:
    clock = ManualClock()
    gpu = FakeGpu([1980.0])
    point = measure(loaded(Synthetic(PLAIN, clock)), bench(clock, gpu=gpu))
    assert point.figures is not None and point.machine.gpu is not None
    assert point.machine.gpu.energy_j == 480.0
    cases = -(-point.figures.queries // 47)
    assert point.figures.frame_j == pytest.approx(480.0 / (point.figures.queries + cases))


def test_work_that_grows_is_not_steady() -> None:
    assert "slower than the first" in only(measured(Truth({"render": 16 * MS}, slower=0.0005)))


def test_input_that_starves() -> None:
    given = [Given(0.25, 0.25 * i, i + 1) for i in range(48)]
    take = Take(0.0, given, waited_s=1.0, ended=True, expected=48)
    judged = Judged(Takes(1, timed=[take]), 48, 0.0)
    assert flaws(PerfOptions(), judged, MachineReport()) == [
        "input starved: 9 % of the time went by waiting for input"
    ]


def test_a_clock_that_steps_back() -> None:
    clock = ManualClock()

    class Moves(Synthetic):
        def animate(self, request: Request) -> Animation:
            clock.advance(-0.25)
            return super().animate(request)

    point = measure(loaded(Moves(PLAIN, clock)), bench(clock))
    assert point.flaws[0] == ("the clock stepped back by 250 ms: no duration can be trusted")


def test_out_of_memory_in_mid_run() -> None:
    point = measured(Truth({"render": 16 * MS}, fails_at=200))
    assert only(point).startswith("out of memory after")
    assert "Tried to allocate 2.00 GiB" in point.flaws[0]
    assert point.figures is None


def test_a_method_that_fails_in_mid_run() -> None:
    class Breaks(Synthetic):
        def animate(self, request: Request) -> Animation:
            raise ValueError("no such thing")

    clock = ManualClock()
    point = measure(loaded(Breaks(PLAIN, clock)), bench(clock))
    assert only(point) == "the method failed after 0 timed frames: ValueError: no such thing"


def test_fewer_frames_than_a_chunk_or_than_two() -> None:
    short = measured(Truth({"render": 16 * MS}, chunk=8), n_frames=4)
    assert only(short) == "a case of 4 frames is shorter than a chunk of 8"
    one = measured(Truth({"render": 16 * MS}, chunk=8), n_frames=9)
    assert "has no second chunk of 8" in only(one)


def test_frames_that_are_missing() -> None:
    few = measured(Truth({"render": 16 * MS}, gives=40))
    assert only(few) == "the method gave 40 of 48 frames"
    none = measured(Truth({"render": 16 * MS}, gives=0))
    assert only(none) == "the method gave no frame"


def test_a_frame_that_still_changes_was_not_finished() -> None:
    """The pixels come while the warm-up waits: nothing synchronises this device."""
    clock = ManualClock()
    pending: list[Any] = []

    class Late:
        def animate(self, request: Request) -> Animation:
            def play() -> Any:
                for _ in range(request.n_frames):
                    frame = np.zeros((*request.size, 3), np.uint8)
                    clock.advance(MS)
                    pending.append((clock.now() + 10 * MS, frame))
                    yield frame

            return Animation(play())

    class Moving(ManualClock):
        def sleep_until(self, moment: float) -> None:
            clock.advance(max(0.0, moment - clock.now()))
            for due, frame in pending[-1:]:
                if due <= clock.now():
                    frame.fill(7)

        def now(self) -> float:
            return clock.now()

    point = measure(loaded(Late()), bench(Moving(), PerfOptions(warm_queries=3, warm_s=0)))
    assert "returned before it had finished" in point.flaws[0]


@pytest.mark.parametrize(("counted", "valid"), [(16 * MS, True), (17 * MS, False), (8 * MS, True)])
def test_a_worker_cannot_count_more_than_went_by(counted: float, valid: bool) -> None:
    clock = ManualClock()

    class Elsewhere:
        def animate(self, request: Request) -> Animation:
            times: list[float] = []

            def play() -> Any:
                for _ in range(request.n_frames):
                    clock.advance(16 * MS)
                    times.append(counted)
                    yield np.zeros((*request.size, 3), np.uint8)

            return Animation(play(), times=times)

    point = measure(loaded(Elsewhere(), "worker"), bench(clock))
    assert point.valid is valid, point.flaws
    if not valid:
        assert "the worker's clock cannot be trusted" in only(point)


def test_processor_time_of_this_machine_is_read() -> None:
    before = cpu_time(0.0)
    if before is None:
        pytest.skip("no /proc here")
    sum(range(2_000_000))
    after = cpu_time(1.0)
    assert after is not None
    assert after.own > before.own
    assert after.busy >= before.busy
