"""Streaming: frames at their real rate, on a clock that tests move."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speed_lab import bench, loaded, material, measured

from adapters.base import Animation, Request
from benchmark.speed.clock import ManualClock
from benchmark.speed.feed import PacedFeed
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import Streaming
from benchmark.speed.streaming import Tried, bounds, search
from benchmark.speed.synthetic import Synthetic, Truth

RATE = Fraction(32)
LIVE = PerfOptions(mode="streaming", fps=RATE, search=False)


def live(truth: Truth, options: PerfOptions = LIVE) -> tuple[Any, Streaming]:
    point = measured(truth, options)
    assert point.figures is not None, point.flaws
    assert point.figures.streaming is not None
    return point, point.figures.streaming


def test_a_fast_method_answers_every_frame_at_once() -> None:
    point, seen = live(Truth({"render": 1 / 128}))
    assert point.valid, point.flaws
    assert (seen.dropped, seen.queue_most, seen.queue_growth) == (0, 0, 0.0)
    assert seen.latency_s.p50 == seen.latency_s.p90 == 1 / 32 + 1 / 128
    assert point.figures.fps == 32.0
    assert point.figures.query_s.p50 == 1 / 128
    assert point.figures.latency.total_s == 1 / 32 + 1 / 128
    assert point.cohort.mode == "streaming"


@pytest.mark.parametrize(("chunk", "ahead"), [(1, 2), (4, 0), (8, 3)])
def test_seen_latency_is_algorithmic_and_compute(chunk: int, ahead: int) -> None:
    point, seen = live(Truth({"render": chunk / 128}, chunk=chunk, ahead=ahead))
    assert point.valid, point.flaws
    parts = point.figures.latency
    assert parts.frames == chunk + ahead
    assert parts.algorithmic_s == (chunk + ahead) / 32
    # The oldest frame of a chunk waits for all of it; frames of a chunk come together.
    waits = sorted({(n + ahead) / 32 + chunk / 128 for n in range(1, chunk + 1)})
    assert parts.total_s == waits[-1]
    assert seen.latency_s.p50 in waits
    assert seen.latency_s.p90 in waits


def test_a_slow_method_drops_what_it_cannot_take() -> None:
    point, seen = live(Truth({"render": 1 / 16}))
    assert point.valid, point.flaws
    assert point.figures.fps == 16.0
    assert seen.dropped == pytest.approx(seen.delivered, abs=1)
    assert seen.queue_most == seen.room == 2
    assert seen.queue_growth == pytest.approx(16.0, rel=0.01)
    # Behind a full queue: two frames wait, and one is worked on.
    assert seen.latency_s.p50 == pytest.approx(1 / 32 + 2 / 32 + 1 / 16, abs=1 / 32)
    assert seen.latency_s.p50 > 1 / 32 + 1 / 16


@settings(max_examples=6, deadline=None)
@given(frame=st.integers(20, 90), chunk=st.sampled_from([1, 2, 4, 8]))
def test_the_search_encloses_what_the_method_can_do(frame: int, chunk: int) -> None:
    truth = Truth({"render": chunk * frame / 1024}, chunk=chunk)
    options = PerfOptions(mode="streaming", fps=Fraction(25), search=True)
    _, seen = live(truth, options)
    assert seen.sustained_fps is not None
    assert seen.failed_fps is not None
    assert seen.sustained_fps <= truth.fps * 1.005
    assert seen.failed_fps >= truth.fps * 0.995
    assert seen.failed_fps <= 1.06 * seen.sustained_fps


@given(limit=st.floats(0.05, 500), guess=st.floats(0.05, 500))
def test_bisection_keeps_the_limit_between(limit: float, guess: float) -> None:
    def try_rate(fps: Fraction) -> Tried:
        return Tried(fps, "" if fps <= limit else "dropped", 0)

    kept, failed = bounds(search(try_rate, guess))
    assert kept is None or kept <= limit
    assert failed is None or failed >= limit


def test_frames_that_arrive_while_the_queue_is_full_are_never_seen() -> None:
    clock = ManualClock()
    feed = PacedFeed(clock, fps=Fraction(10), room=2)
    frames = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    source = feed.stream(frames, 10)
    next(source)
    assert clock.now() == pytest.approx(0.1)
    clock.advance(1.0)  # ten more frames arrive; two are kept
    next(source)
    next(source)
    assert feed.dropped == 8
    assert feed.arrivals == pytest.approx([0.1, 1.0, 1.1])
    assert clock.now() == pytest.approx(1.1)
    next(source)
    assert clock.now() == pytest.approx(1.2)
    assert feed.queued == [0, 2, 1, 0]
    assert feed.late_s < 1e-9


def test_what_cannot_be_fed_is_said() -> None:
    clock = ManualClock()

    class Reads:
        def animate(self, request: Request) -> Animation:
            def play() -> Any:
                for _ in range(request.n_frames):
                    clock.advance(0.125)
                    yield np.zeros((*request.size, 3), np.uint8)

            return Animation(play())

    class Whole:
        def animate(self, request: Request) -> Animation:
            def play() -> Any:
                frames = list(request.services.media.frames(request.driving))
                clock.advance(1.0)
                yield from frames

            return Animation(play())

    for method, kind, says in (
        (Reads(), "process", "reads the driving video itself"),
        (Reads(), "worker", "reads the driving video itself"),
        (Whole(), "process", "needs the whole clip"),
    ):
        point = measure(loaded(method, kind), bench(clock, LIVE))
        assert says in point.flaws[0]
        assert point.figures is None


def test_a_camera_that_is_late_starves_the_method() -> None:
    class Late(ManualClock):
        def sleep_until(self, moment: float) -> None:
            super().sleep_until(moment + 0.025)

    clock = Late()
    method = Synthetic(Truth({"render": 0.0}), clock, lambda seconds: clock.advance(1 / 128))
    point = measure(loaded(method), bench(clock, LIVE))
    assert "input starved: a frame of the camera came 25.0 ms late" in point.flaws


def test_a_failure_in_mid_session_is_a_flaw() -> None:
    point = measured(Truth({"render": 1 / 128}, fails_at=300), LIVE)
    assert point.flaws[0].startswith("out of memory")
    assert point.figures is None


def test_a_session_is_as_long_as_its_percentile_needs() -> None:
    point, seen = live(
        Truth({"render": 1 / 64}),
        PerfOptions(mode="streaming", fps=RATE, percentile=99, search=False),
    )
    assert point.figures.queries >= 300
    assert seen.latency_s.p99 == 1 / 32 + 1 / 64
    assert material().fps == 25


def test_what_piles_up_during_set_up_is_forgotten() -> None:
    options = replace(LIVE, queue=64)
    point, seen = live(Truth({"render": 1 / 128}, setup_s=1.0), options)
    assert point.valid, point.flaws
    assert (seen.dropped, seen.queue_most) == (0, 0)
    assert seen.latency_s.p90 == 1 / 32 + 1 / 128
    assert point.figures.first_warm_s == 1.0 + 1 / 128
