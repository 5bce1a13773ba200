"""One point: a loaded method is played, judged and put on record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.base import Method
from adapters.resident import Resident
from benchmark.speed.clock import WatchedClock
from benchmark.speed.cohort import cohort_of, stated
from benchmark.speed.figures import Queries, percentile, reach
from benchmark.speed.latency import Reach, latency
from benchmark.speed.machine import Watch
from benchmark.speed.memory import MemoryWatch
from benchmark.speed.offline import Takes, play_offline
from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import (
    Figures,
    MachineReport,
    Memory,
    Percentiles,
    Point,
    Stage,
)
from benchmark.speed.subject import Material, Subject, Tools
from benchmark.speed.validity import Judged, flaws


@dataclass(frozen=True, slots=True)
class Loaded:
    """A method that is ready to be measured.

    Attributes:
        method: The method.
        kind: ``process``, ``worker`` or ``command``, see `benchmark.speed.cohort.INCLUDES`.
        name: What tables call it, with its chunk.
        label: Row name.
        load_s: Seconds that loading took; ``None`` if it cannot be told.
        words: Options and attributes that state precision, steps and so on.
        said: The same as the user says.
    """

    method: Method
    kind: str
    name: str
    label: str
    load_s: float | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement is made on and with.

    Attributes:
        material: The case.
        tools: Clock and synchronisation; the clock is watched here.
        watch: Looks at the machine.
        memory: Reads peaks.
        options: How.
    """

    material: Material
    tools: Tools
    watch: Watch
    memory: MemoryWatch
    options: PerfOptions


def said_chunk(method: object, options: PerfOptions) -> int:
    """Return how many frames are answered together: as asked for, as the method says, or one.

    A method says it in an attribute ``chunk_frames``, or ``chunk`` where that counts frames; a
    worker's hook in the same.
    """
    for value in (
        getattr(method, "chunk_frames", None),
        told(method, "says").get("chunk_frames"),
        options.chunk,
        getattr(method, "chunk", None),
    ):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
    return 1


def told(method: object, name: str) -> Mapping[str, int]:
    """Return what a worker told us by ``name``; empty for a method in this process."""
    return getattr(method, name) if isinstance(method, Resident) else {}


def said_ahead(method: object) -> int | None:
    """Return the look-ahead in frames that the method states in ``look_ahead``, if any."""
    value = getattr(method, "look_ahead", told(method, "says").get("look_ahead"))
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def measure_offline(loaded: Loaded, bench: Bench) -> Point:
    """Measure as fast as the method goes; whatever goes wrong is a flaw of the point."""
    clock = WatchedClock(bench.tools.clock)
    tools = Tools(clock, bench.tools.synchronise, bench.tools.settle_s)
    subject = Subject(loaded.method, bench.material, tools)
    takes = Takes(said_chunk(loaded.method, bench.options))
    broken = ""
    try:
        play_offline(subject, bench.options, takes, bench.watch.begin)
    except Exception as error:  # whatever a method raises ends its measurement, not ours
        broken = failure(error, sum(len(take.given) for take in takes.timed))
    machine = bench.watch.end()
    n_frames = bench.material.request.n_frames
    judged = Judged(takes, n_frames, clock.stepped_back_s)
    wrong = [broken] if broken else flaws(bench.options, judged, machine)
    figures = None
    if not broken and takes.queries.total_s > 0:
        figures = offline_figures(
            loaded, bench, takes, machine, bench.memory.report(told(loaded.method, "memory"))
        )
    seconds = tuple(round(value, 7) for value in takes.queries.seconds)
    outcome = Outcome(tuple(wrong), notes(takes), figures, seconds)
    return point(loaded, bench.options, machine, outcome)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a measurement."""

    flaws: tuple[str, ...]
    notes: tuple[str, ...] = ()
    figures: Figures | None = None
    query_s: tuple[float, ...] = ()


def point(loaded: Loaded, options: PerfOptions, machine: MachineReport, outcome: Outcome) -> Point:
    """Put a measurement on record."""
    how = stated({**loaded.words, **_attributes(loaded.method)}, loaded.said)
    return Point(
        name=loaded.name,
        label=loaded.label,
        chunk=options.chunk,
        flaws=outcome.flaws,
        notes=outcome.notes,
        cohort=cohort_of(machine, loaded.kind, options, how),
        machine=machine,
        figures=outcome.figures,
        query_s=outcome.query_s,
    )


def _attributes(method: object) -> dict[str, Any]:
    names = ("precision", "compile", "batch", "steps")
    return {n: getattr(method, n) for n in names if isinstance(getattr(method, n, None), str | int)}


def failure(error: Exception, frames: int) -> str:
    """Say how a method ended in mid-run; want of memory is named as such."""
    text = " ".join(str(error).split())[:400]
    after = f"after {frames} timed frames"
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, MemoryError) or "out of memory" in text.lower():
        return f"out of memory {after}: {said}"
    return f"the method failed {after}: {said}"


def percentiles(seconds: tuple[float, ...]) -> Percentiles:
    """Return the percentiles there are enough queries for."""
    return Percentiles(
        p50=percentile(seconds, 50), p90=percentile(seconds, 90), p99=percentile(seconds, 99)
    )


def offline_figures(
    loaded: Loaded, bench: Bench, takes: Takes, machine: MachineReport, memory: Memory
) -> Figures:
    """Return the figures of the timed part."""
    queries = takes.queries
    compute = percentiles(queries.seconds)
    warm = sorted(queries.first_s)
    cold = takes.warm[0].given if takes.warm else []
    whole = bool(takes.timed) and takes.timed[0].whole
    ahead = said_ahead(loaded.method)
    said = None if ahead is None else queries.frames + ahead
    seen = reach([*takes.warm, *takes.timed])
    frames = sum(len(take.given) for take in takes.timed)
    energy = machine.gpu.energy_j if machine.gpu is not None else None
    return Figures(
        fps=queries.fps,
        frame_s=1 / queries.fps,
        load_s=loaded.load_s,
        first_cold_s=cold[0].spent if cold and not whole else None,
        first_warm_s=warm[(len(warm) - 1) // 2] if warm else None,
        queries=len(queries.seconds),
        seconds=queries.total_s,
        query_frames=queries.frames,
        query_s=compute,
        pending_s=queries.pending_s,
        stages=stages(queries),
        latency=latency(
            Reach(seen, said, bench.material.request.n_frames), compute, bench.options.fps
        ),
        memory=memory,
        frame_j=energy / frames if energy and frames else None,
    )


def stages(queries: Queries) -> tuple[Stage, ...]:
    """Return seconds a frame by stage, and what no stage accounts for as ``other``."""
    frames = len(queries.seconds) * queries.frames
    named = [Stage(name=name, frame_s=value / frames) for name, value in queries.stages.items()]
    if not named:
        return ()
    rest = 1 / queries.fps - sum(stage.frame_s for stage in named)
    return (*named, Stage(name="other", frame_s=rest))


def notes(takes: Takes) -> tuple[str, ...]:
    """Return what is good to know and makes nothing invalid."""
    found = []
    queries = takes.queries
    if takes.whole or any(take.whole for take in takes.timed):
        found.append("every case comes at once: a query is a whole case, set-up included")
    if queries.total_s > 0 and queries.pending_s > 0.01 * queries.total_s:
        share = 100 * queries.pending_s / queries.total_s
        found.append(
            f"{share:.0f} % of the time the device still worked on a frame that had been handed "
            "over; it is counted"
        )
    if sum(queries.stages.values()) > 1.02 * queries.total_s > 0:
        found.append("the stages overlap: together they are longer than the whole")
    return tuple(found)
