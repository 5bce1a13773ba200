"""Methods that would look faster than they are, and workers that tell nonsense: all INVALID."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest
from speed_lab import bench, loaded

from adapters.base import Animation, Frame, Request
from benchmark.speed.clock import ManualClock
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import Point

Play = Callable[[Request, ManualClock, dict[str, float]], Iterator[Frame]]
MODES = ("offline", "streaming")
BLACK = np.zeros((16, 16, 3), np.uint8)


class Plays:
    def __init__(self, play: Play, clock: ManualClock) -> None:
        self._play, self._clock = play, clock

    def animate(self, request: Request) -> Animation:
        stages: dict[str, float] = {}
        return Animation(self._play(request, self._clock, stages), stages=stages)


def played(play: Play, n_frames: int = 48, **options: Any) -> Point:
    clock = ManualClock()
    bed = bench(clock, PerfOptions(**options), n_frames=n_frames)
    return measure(loaded(Plays(play, clock)), bed)


def drawn(request: Request) -> Iterator[Frame]:
    return request.services.media.frames(request.driving)


def twice(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
    for frame in drawn(request):
        clock.advance(0.5)
        yield frame
        clock.advance(0.0001)
        yield frame.copy()


def every_other(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
    for number, frame in enumerate(drawn(request)):
        clock.advance(0.25)
        if number % 2 == 0:
            yield frame


@pytest.mark.parametrize("mode", MODES)
def test_frames_given_twice_do_not_double_the_speed(mode: Any) -> None:
    point = played(twice, mode=mode)
    assert point.flaws == ("the method gave frame 1 before it had drawn it: frames given twice?",)


@pytest.mark.parametrize(
    ("mode", "says"), [("offline", "gave 24 of 48 frames"), ("streaming", "draws more frames")]
)
def test_frames_left_out_do_not_raise_the_rate_that_is_kept_up(mode: Any, says: str) -> None:
    point = played(every_other, mode=mode, fps=Fraction(2))
    assert says in "".join(point.flaws)


def test_bursts_of_a_method_that_reads_the_video_itself_are_no_short_queries() -> None:
    def bursts(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
        for number in range(request.n_frames):
            clock.advance(0.8 if number % 16 == 0 else 0.00001)
            yield BLACK

    point = played(bursts, 160)
    assert "frames come in bursts" in "".join(point.flaws)
    fine = played(bursts, 160, chunk=16)
    assert fine.valid, fine.flaws


@pytest.mark.parametrize("mode", MODES)
def test_a_chunk_that_is_not_answered_names_no_row(mode: Any) -> None:
    def fours(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
        source = drawn(request)
        while chunk := list(islice(source, 4)):
            clock.advance(0.0625)
            yield from chunk

    says = "a chunk of 2 was asked for, and the method answers 4 frames together"
    assert played(fours, mode=mode, chunk=2).flaws == (says,)
    assert played(fours, mode=mode, chunk=4).valid
    assert played(fours, mode=mode).valid


def test_the_source_itself_may_come_first() -> None:
    def first(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
        yield BLACK
        source = drawn(request)
        next(source)
        for frame in source:
            clock.advance(0.03)
            yield frame

    for mode in MODES:
        point = played(first, mode=mode)
        assert point.valid, point.flaws


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"x": float("nan")}, "its stage 'x' took nan s"),
        ({"x": -1.0}, "its stage 'x' took -1.0 s"),
        ({str(i): 0.0 for i in range(101)}, "names 101 stages"),
    ],
)
def test_stages_that_are_no_seconds_are_said(told: dict[str, float], says: str) -> None:
    def play(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
        stages.update(told)
        for frame in drawn(request):
            clock.advance(0.03)
            yield frame

    point = played(play)
    assert point.figures is None
    assert says in point.flaws[0]


def test_a_stage_with_a_long_name_is_cut() -> None:
    def play(request: Request, clock: ManualClock, stages: dict[str, float]) -> Iterator[Frame]:
        for frame in drawn(request):
            clock.advance(0.03125)
            stages["n" * 500] = stages.get("n" * 500, 0.0) + 0.03125
            yield frame

    point = played(play)
    assert point.figures is not None, point.flaws
    assert [(s.name, s.frame_s) for s in point.figures.stages] == [
        ("n" * 60, 0.03125),
        ("other", 0.0),
    ]


class Told:
    """A worker: its seconds are what it tells."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def animate(self, request: Request) -> Animation:
        animation = Animation(())
        animation.frames = self._play(animation, request.n_frames)
        return animation

    def _play(self, animation: Animation, count: int) -> Iterator[Frame]:
        for _ in range(count):
            self._clock.advance(0.03)
            animation.times.append(self._seconds)
            yield BLACK


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_worker_that_tells_no_seconds_is_not_believed(seconds: float) -> None:
    clock = ManualClock()
    point = measure(loaded(Told(clock, seconds), "worker"), bench(clock))
    assert point.figures is None
    assert "says that frame 0 took" in point.flaws[0]


def test_a_trial_that_was_cut_short_keeps_nothing_up() -> None:
    def slow_start(
        request: Request, clock: ManualClock, stages: dict[str, float]
    ) -> Iterator[Frame]:
        clock.advance(19.0)  # of the 20 s that a session may last
        for frame in drawn(request):
            clock.advance(0.01)
            yield frame

    point = played(slow_start, mode="streaming", max_s=20.0)
    assert point.figures is not None
    live = point.figures.streaming
    assert live is not None
    assert live.sustained_fps is None
    assert {trial.why for trial in live.trials} == {"the session ended before its time"}
