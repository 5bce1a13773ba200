"""Offline: on a clock that tests move, every figure of a synthetic method is exact."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speed_lab import MS, bench, loaded, material, measured

from adapters.base import Animation, Request
from benchmark.errors import UsageProblem
from benchmark.speed.clock import ManualClock, WatchedClock
from benchmark.speed.feed import Feed
from benchmark.speed.figures import percentile
from benchmark.speed.latency import GlassModel
from benchmark.speed.plan import QUERIES_FOR, PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.show import point_lines
from benchmark.speed.subject import Subject, Tools
from benchmark.speed.synthetic import Asynchronous, Synthetic, Truth

THREE = {"encode": 4 * MS, "denoise": 24 * MS, "decode": 4 * MS}


def test_every_figure_is_exact() -> None:
    point = measured(Truth(THREE, setup_s=64 * MS), PerfOptions(percentile=99))
    assert point.valid, point.flaws
    figures = point.figures
    assert figures is not None
    assert figures.fps == 32.0
    assert figures.frame_s == 32 * MS
    assert figures.first_cold_s == figures.first_warm_s == 96 * MS
    assert figures.query_s.model_dump() == {"p50": 32 * MS, "p90": 32 * MS, "p99": 32 * MS}
    assert {s.name: s.frame_s for s in figures.stages} == {**THREE, "other": 0.0}
    assert figures.seconds == 10.0
    assert figures.queries == 320
    assert figures.load_s == 0.5
    assert figures.pending_s == 0.0


@pytest.mark.parametrize("chunk", [1, 2, 8])
@pytest.mark.parametrize("ahead", [0, 3])
def test_latency_is_chunk_and_look_ahead_and_compute(chunk: int, ahead: int) -> None:
    point = measured(Truth({"render": 64 * MS}, chunk=chunk, ahead=ahead))
    figures = point.figures
    assert point.valid and figures is not None
    assert figures.query_frames == chunk
    assert figures.fps == chunk * 16.0
    assert figures.latency.frames == chunk + ahead
    assert figures.latency.seen
    assert figures.latency.algorithmic_s == pytest.approx((chunk + ahead) / 25, rel=1e-15)
    assert figures.latency.compute_s.p50 == 64 * MS
    assert figures.latency.total_s == pytest.approx((chunk + ahead) / 25 + 64 * MS, rel=1e-15)


def test_jitter_gives_the_percentiles_of_what_was_spent() -> None:
    clock = ManualClock()
    method = Synthetic(Truth({"render": 16 * MS}, jitter=0.5, seed=3), clock)
    point = measure(loaded(method), bench(clock, PerfOptions(percentile=99)))
    figures = point.figures
    assert point.valid and figures is not None
    # What the method spent, less warm-up and each case's first, ends with what was timed.
    assert figures.queries > 600
    spent, cases = [], 0
    warm = len(method.spent) - figures.queries
    for first in range(0, 20):
        warm_frames = warm - first
        rest = method.spent[warm_frames:]
        kept = [s for i, s in enumerate(rest) if i % 48]
        if len(kept) == figures.queries:
            spent, cases = kept, first
    assert cases
    for percent in (50, 90, 99):
        wanted = sorted(spent)[math.ceil(percent / 100 * len(spent)) - 1]
        assert getattr(figures.query_s, f"p{percent}") == pytest.approx(wanted, rel=1e-9)
    assert figures.fps == pytest.approx(len(spent) / math.fsum(spent), rel=1e-9)


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=400), st.sampled_from([50, 90, 99]))
def test_a_percentile_is_a_query_that_enough_others_do_not_exceed(
    values: list[float], percent: int
) -> None:
    found = percentile(values, percent)
    if len(values) < QUERIES_FOR[percent]:
        assert found is None
        return
    assert found in values
    assert sum(v <= found for v in values) * 100 >= percent * len(values)
    assert sum(v < found for v in values) * 100 < percent * len(values)


@settings(max_examples=15, deadline=None)
@given(
    frame=st.integers(20, 200),
    setup=st.integers(0, 500),
    chunk=st.integers(1, 6),
    n_frames=st.integers(12, 60),
)
def test_set_up_and_case_length_never_enter_steady_state(
    frame: int, setup: int, chunk: int, n_frames: int
) -> None:
    truth = Truth({"render": frame * MS}, setup_s=setup * MS, chunk=chunk)
    point = measured(truth, n_frames=n_frames)
    assert point.figures is not None
    assert point.figures.fps == pytest.approx(truth.fps, rel=1e-12)
    assert point.figures.query_frames == chunk
    assert point.figures.seconds >= 10.0
    assert point.figures.queries >= 30


def test_a_percentile_without_its_queries_is_not_printed() -> None:
    slow = measured(Truth({"render": 1.0}), PerfOptions(percentile=50))
    assert slow.valid and slow.figures is not None
    assert slow.figures.queries == 10
    assert slow.figures.query_s.p90 is None
    assert slow.figures.query_s.p99 is None


def test_warm_up_is_by_count_and_time() -> None:
    clock = ManualClock()
    method = Synthetic(Truth({"render": 0.5}), clock)
    options = PerfOptions(warm_s=2.0, warm_queries=7, percentile=50)
    subject = Subject(method, material(48), Tools(clock, settle_s=0.0))
    from benchmark.speed.offline import Takes, play_offline

    takes = Takes(1)
    began: list[float] = []
    play_offline(subject, options, takes, lambda: began.append(clock.now()))
    assert began == [3.5]  # seven of half a second, more than two seconds
    assert sum(len(t.given) for t in takes.warm) == 7


class _Early:
    """Draws the whole video, works on it, then gives everything."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def animate(self, request: Request) -> Animation:
        def play() -> Any:
            frames = list(request.services.media.frames(request.driving))
            self._clock.advance(4.0)
            yield from frames

        return Animation(play())


def test_a_method_that_needs_the_whole_clip_is_one_query_a_case() -> None:
    clock = ManualClock()
    point = measure(loaded(_Early(clock)), bench(clock, PerfOptions(percentile=50)))
    figures = point.figures
    assert point.valid and figures is not None, point.flaws
    assert figures.query_frames == 48
    assert figures.fps == 12.0
    assert figures.latency.whole_clip
    assert figures.latency.frames == 48
    assert figures.queries == 3
    assert any("comes at once" in note for note in point.notes)


class _Array(_Early):
    def animate(self, request: Request) -> Animation:
        frames = list(request.services.media.frames(request.driving))
        self._clock.advance(6.0)
        return Animation(np.stack(frames))


def test_an_array_is_one_query_too() -> None:
    clock = ManualClock()
    point = measure(loaded(_Array(clock)), bench(clock, PerfOptions(percentile=50)))
    assert point.valid and point.figures is not None, point.flaws
    assert point.figures.fps == 8.0
    assert point.figures.queries == 2


class _Ahead:
    """Reads the video itself, does everything before its first frame."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def animate(self, request: Request) -> Animation:
        def play() -> Any:
            self._clock.advance(4.0)
            for _ in range(request.n_frames):
                self._clock.advance(MS)
                yield np.zeros((*request.size, 3), np.uint8)

        return Animation(play())


def test_work_done_ahead_is_not_taken_for_set_up() -> None:
    clock = ManualClock()
    point = measure(loaded(_Ahead(clock)), bench(clock, PerfOptions(max_s=1000)))
    assert not point.valid
    assert any("before its first frame" in flaw for flaw in point.flaws)


def test_the_method_s_own_clock_goes_before_ours() -> None:
    clock = ManualClock()

    class Elsewhere:
        def animate(self, request: Request) -> Animation:
            times: list[float] = []

            def play() -> Any:
                for _ in range(request.n_frames):
                    clock.advance(20 * MS)  # the way from there is in it
                    times.append(16 * MS)
                    yield np.zeros((*request.size, 3), np.uint8)

            return Animation(play(), times=times)

    point = measure(loaded(Elsewhere(), "worker"), bench(clock))
    assert point.valid and point.figures is not None, point.flaws
    assert point.figures.fps == 64.0
    assert point.figures.latency.frames is None
    assert "reads the driving video itself" in point.figures.latency.reason


def test_waiting_for_the_device_is_part_of_the_frame() -> None:
    clock = ManualClock()
    owed = [0.0]

    class Queue:
        def launch(self, seconds: float, finish: Any) -> None:
            owed[0] += seconds
            finish()

    def synchronise() -> None:
        clock.advance(owed[0])
        owed[0] = 0.0

    method = Asynchronous(Queue(), 8 * MS)  # type: ignore[arg-type]
    with_it = measure(loaded(method), bench(clock, synchronise=synchronise))
    assert with_it.figures is not None
    assert with_it.figures.fps == 128.0
    assert with_it.figures.pending_s == pytest.approx(with_it.figures.seconds)
    assert any("still worked" in note for note in with_it.notes)


def test_options_are_refused_by_name() -> None:
    for changes in (
        {"size": 0},
        {"frames": 0},
        {"chunk": 0},
        {"percentile": 95},
        {"max_s": 1.0},
        {"queue": 0},
        {"warm_s": -1.0},
    ):
        with pytest.raises(UsageProblem, match="--"):
            replace(PerfOptions(), **changes)


def test_a_watched_clock_never_goes_back() -> None:
    clock = ManualClock(5.0)
    watched = WatchedClock(clock)
    clock.advance(-2.0)
    assert watched.now() == 5.0
    assert watched.stepped_back_s == 2.0
    clock.advance(3.0)
    assert watched.now() == 6.0


def test_a_feed_counts_and_takes_no_time() -> None:
    clock = ManualClock()
    feed = Feed(clock)
    assert len(list(feed.stream(material(5).frames, 5))) == 5
    assert (feed.drawn, feed.waited_s, feed.dropped) == (5, 0.0, 0)


def test_a_method_that_goes_through_the_video_twice_waits_for_it_once() -> None:
    clock = ManualClock()

    class Twice(_Early):
        def animate(self, request: Request) -> Animation:
            sum(1 for _ in request.services.media.frames(request.driving))
            return super().animate(request)

    point = measure(loaded(Twice(clock)), bench(clock, PerfOptions(percentile=50)))
    assert point.valid and point.figures is not None, point.flaws
    assert point.figures.latency.frames == 48
    assert point.figures.latency.whole_clip


def test_a_frame_map_says_what_is_owed_and_answered() -> None:
    clock = ManualClock()

    class Skips:
        """Drops the first frame, as methods that need a pair do."""

        def __init__(self, gives: int) -> None:
            self._gives = gives

        def animate(self, request: Request) -> Animation:
            def play() -> Any:
                frames = request.services.media.frames(request.driving)
                next(frames)
                for number, frame in enumerate(frames):
                    clock.advance(16 * MS)
                    if number < self._gives:
                        yield frame

            return Animation(play(), frame_map=range(1, request.n_frames))

    point = measure(loaded(Skips(47)), bench(clock))
    assert point.valid and point.figures is not None, point.flaws
    assert point.figures.latency.frames == 1
    short = measure(loaded(Skips(46)), bench(clock))
    assert short.flaws == ("the method gave 46 of 47 frames",)


def test_glass_to_glass_is_a_model_with_its_terms() -> None:
    point = measured(Truth({"render": 64 * MS}, chunk=8))
    assert point.figures is not None
    terms = GlassModel(0.030, 0.005, 60.0).terms(point.figures.latency)
    assert sum(terms.values()) == pytest.approx(8 / 25 + 64 * MS + 0.035 + 1 / 60)
    shown = "\n".join(point_lines(point, GlassModel(0.030, 0.005, 60.0)))
    assert "a model and no measurement" in shown
    for name in terms:
        assert name.split()[0] in shown
    assert "glass" not in "\n".join(point_lines(point))
