"""One point in streaming: a live session, what it cost, and the highest rate that is kept up."""

from dataclasses import replace
from fractions import Fraction

from benchmark.speed.clock import WatchedClock
from benchmark.speed.figures import Queries, cut, reach
from benchmark.speed.latency import Reach, latency
from benchmark.speed.measure import (
    Bench,
    Loaded,
    Outcome,
    failure,
    notes,
    percentiles,
    point,
    said_ahead,
    said_chunk,
    stages,
    told,
)
from benchmark.speed.offline import Takes, see_chunk, warm_up
from benchmark.speed.plan import LEAST_S, QUERIES_FOR, PerfOptions
from benchmark.speed.record import Figures, Point, Streaming, Trial
from benchmark.speed.streaming import Session, Stream, Tried, bounds, hold, search, stream_of
from benchmark.speed.subject import Subject, Tools
from benchmark.speed.validity import chunk_flaws, clock_flaws, machine_flaws, taken_flaws

_LATE = 0.5
"""Share of a frame's time that it may come late by, while the method was waiting for it."""
_TRIAL_S = 5.0
_TRIAL_QUERIES = 12


class _CannotStream(Exception):
    """Why a method cannot be fed."""


def measure_streaming(loaded: Loaded, bench: Bench) -> Point:
    """Measure with frames at their real rate; whatever goes wrong is a flaw of the point."""
    clock = WatchedClock(bench.tools.clock)
    tools = Tools(clock, bench.tools.synchronise, bench.tools.settle_s)
    subject = Subject(loaded.method, bench.material, tools)
    options = bench.options
    takes = Takes(said_chunk(loaded.method, options))
    session: Session | None = None
    tried: list[Tried] = []
    wrong: list[str] = []
    try:
        warm_up(subject, options, takes)
        see_chunk(takes, bench.material.request.n_frames)
        _refuse(loaded, takes)
        bench.watch.begin()
        stream = stream_of(options, takes.chunk, reach(takes.warm) or takes.chunk)
        session = hold(subject, stream)
        takes.timed.append(session.take)
        if options.search:
            tried = _search(subject, stream, takes)
    except _CannotStream as error:
        wrong.append(str(error))
    except Exception as error:  # whatever a method raises ends its measurement, not ours
        session = None
        wrong.append(failure(error, sum(len(take.given) for take in takes.timed)))
    machine = bench.watch.end()
    if not wrong:
        assert session is not None
        wrong = clock_flaws(clock.stepped_back_s) + _session_flaws(options, session, takes)
    wrong += machine_flaws(machine)
    figures = None
    if session is not None and session.seconds > 0:
        figures = _figures(loaded, bench, takes, session, tried)
    return point(loaded, options, machine, Outcome(tuple(wrong), notes(takes), figures))


def _refuse(loaded: Loaded, takes: Takes) -> None:
    if any(take.whole for take in takes.warm) or loaded.kind != "process":
        raise _CannotStream(
            "it does not stream: it reads the driving video itself, or gives all frames at once"
        )
    if not any(given.drawn for take in takes.warm for given in take.given):
        raise _CannotStream("it does not stream: it reads the driving video itself")
    if takes.whole:
        raise _CannotStream("it does not stream: it needs the whole clip before its first frame")


def _search(subject: Subject, stream: Stream, takes: Takes) -> list[Tried]:
    compute = cut(takes.timed, takes.chunk)

    def try_rate(fps: Fraction) -> Tried:
        session = hold(subject, replace(stream, fps=fps, seconds=_TRIAL_S, queries=_TRIAL_QUERIES))
        return Tried(fps, session.broken, session.dropped)

    return search(try_rate, compute.fps) if compute.total_s > 0 else []


def _session_flaws(options: PerfOptions, session: Session, takes: Takes) -> list[str]:
    found = taken_flaws(takes)
    if found:
        return found
    found = chunk_flaws(options, takes)
    if session.seconds < LEAST_S:
        found.append(f"too short: {session.seconds:.1f} s, at least {LEAST_S:.0f} s count")
    queries = (len(session.take.given) - session.first) // session.chunk
    if queries < QUERIES_FOR[options.percentile]:
        needed = QUERIES_FOR[options.percentile]
        found.append(f"too short: {queries} queries, p{options.percentile} needs {needed}")
    late_s = session.feed.late_s
    if late_s * float(options.fps) > _LATE:
        found.append(f"input starved: a frame of the camera came {1000 * late_s:.1f} ms late")
    return found


def _figures(
    loaded: Loaded, bench: Bench, takes: Takes, session: Session, tried: list[Tried]
) -> Figures:
    queries: Queries = cut([session.take], takes.chunk)
    compute = percentiles(queries.seconds[session.first // takes.chunk - 1 :])
    ahead = said_ahead(loaded.method)
    said = None if ahead is None else takes.chunk + ahead
    case = bench.material.request.n_frames
    kept, failed = bounds(tried)
    cold = takes.warm[0].given
    return Figures(
        fps=session.fps,
        frame_s=1 / session.fps,
        load_s=loaded.load_s,
        first_cold_s=cold[0].spent if cold else None,
        first_warm_s=session.take.given[0].spent,
        queries=(len(session.take.given) - session.first) // takes.chunk,
        seconds=session.seconds,
        query_frames=takes.chunk,
        query_s=compute,
        pending_s=queries.pending_s,
        stages=stages(queries),
        latency=latency(Reach(reach(takes.warm), said, case), compute, bench.options.fps),
        memory=bench.memory.report(told(loaded.method, "memory")),
        streaming=Streaming(
            input_fps=float(bench.options.fps),
            delivered=len(session.take.given) - session.first,
            dropped=session.dropped,
            room=session.feed.room,
            queue_most=max(session.queued, default=0),
            queue_growth=session.growth,
            latency_s=percentiles(session.latencies),
            late_input_s=session.feed.late_s,
            sustained_fps=kept,
            failed_fps=failed,
            trials=tuple(
                Trial(fps=float(t.fps), sustained=not t.why, dropped=t.dropped, why=t.why)
                for t in tried
            ),
        ),
    )
