"""Whether a measurement is one: VALID, or INVALID and why. Figures of the latter rank nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmark.speed.figures import Queries
from benchmark.speed.offline import Takes
from benchmark.speed.plan import LEAST_S, QUERIES_FOR, PerfOptions
from benchmark.speed.record import MachineReport
from benchmark.speed.subject import Take

STARVED = 0.05
"""Share of the time that may go by waiting for input offline, where it lies in memory."""
SLOWER = 0.10
"""The last third of the queries may be this much slower than the first third, by medians."""
CLOCKS = 0.95
"""The clock of the last third of the samples is at least this share of that of the first third."""
OTHERS = 0.10
"""Share of all processor cores that other processes may use."""
BUSY_GPU = 10.0
"""Per cent that the GPU may be used before the method is loaded."""
SETUP_SHARE = 0.5
"""Share of a case that may go before the first frame, where nothing tells set-up from work."""
_CLOCK_SAMPLES = 6
_THIRD = 3
_APART = 0.02
_BURSTS = 0.5
"""The median query is at least this share of the mean; else most of the work is in a few."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is looked at besides queries."""

    takes: Takes
    n_frames: int
    stepped_back_s: float


def flaws(options: PerfOptions, judged: Judged, machine: MachineReport) -> list[str]:
    """Return why an offline measurement is not valid; an empty list if it is."""
    takes = judged.takes
    found = clock_flaws(judged.stepped_back_s) + _taken(judged)
    if not found:
        found += (
            chunk_flaws(options, takes)
            + _long_enough(options, takes)
            + _steady(takes.queries)
            + _setup(takes)
        )
    return found + machine_flaws(machine)


def clock_flaws(stepped_back_s: float) -> list[str]:
    """Return whether the clock can be trusted."""
    if stepped_back_s <= 0:
        return []
    return [f"the clock stepped back by {1000 * stepped_back_s:.3g} ms: no duration can be trusted"]


def machine_flaws(report: MachineReport) -> list[str]:
    """Return what the machine did that makes its figures another machine's."""
    found = []
    if report.others is not None and report.others > OTHERS:
        found.append(
            f"machine under load: other processes used {100 * report.others:.0f} % of "
            f"{report.cores} processor cores (at most {100 * OTHERS:.0f} %)"
        )
    if report.gpu is None:
        return found
    gpu = report.gpu
    if gpu.busy_before is not None and gpu.busy_before > BUSY_GPU:
        found.append(
            f"machine under load: the GPU was {gpu.busy_before:.0f} % busy before the method was "
            f"loaded (at most {BUSY_GPU:.0f} %)"
        )
    if gpu.slowed:
        found.append(f"clocks falling: the driver slowed the GPU down ({', '.join(gpu.slowed)})")
    clocks = [sample.sm_mhz for sample in gpu.samples if sample.sm_mhz is not None]
    if (fell := _fell(clocks)) is not None:
        found.append(f"clocks falling: the GPU went from {fell[0]:.0f} to {fell[1]:.0f} MHz")
    return found


def _fell(clocks: Sequence[float]) -> tuple[float, float] | None:
    if len(clocks) < _CLOCK_SAMPLES:
        return None
    third = len(clocks) // 3
    first, last = median(clocks[:third]), median(clocks[-third:])
    return (first, last) if last < CLOCKS * first else None


def _frames(count: int) -> str:
    return f"{count} frame{'s' * (count != 1)}"


def taken_flaws(takes: Takes) -> list[str]:
    """Return what is wrong with the frames that were handed over, whatever their number."""
    played = [*takes.warm, *takes.timed]
    if clocks := _clocks_apart(takes.timed):
        return clocks
    if not any(take.given for take in played):
        return ["the method gave no frame"]
    changed = sum(take.changed for take in played)
    if changed:
        return [
            f"the method returned before it had finished: {changed} frames still changed after "
            "they were handed over"
        ]
    return _owed(played)


def _owed(played: Sequence[Take]) -> list[str]:
    """Return whether the frames are those that are owed: one for each drawn, none made up.

    A case that was broken off is judged too: a frame given twice would double the speed, and one
    left out would raise the input rate that seems to be kept up.
    """
    for take in played:
        if take.ended and len(take.given) != take.expected:
            return [f"the method gave {len(take.given)} of {take.expected} frames"]
        early = [given.of for given in take.given if 0 < given.drawn <= given.of]
        if early:
            return [f"the method gave frame {early[0]} before it had drawn it: frames given twice?"]
        lags = [given.drawn - given.of for given in take.given if given.drawn < take.expected]
        third = len(lags) // 3
        if not take.ended and third >= _THIRD and min(lags[-third:]) > max(lags[:third]):
            return ["the method draws more frames than it answers, and has no frame map"]
    return []


def chunk_flaws(options: PerfOptions, takes: Takes) -> list[str]:
    """Return whether another chunk was answered than was asked for: the row would be misnamed."""
    if options.chunk is None or (options.chunk == takes.chunk and not takes.whole):
        return []
    seen = "everything" if takes.whole else _frames(takes.chunk)
    return [f"a chunk of {options.chunk} was asked for, and the method answers {seen} together"]


def _taken(judged: Judged) -> list[str]:
    takes = judged.takes
    if found := taken_flaws(takes):
        return found
    if judged.n_frames < takes.chunk:
        return [f"a case of {_frames(judged.n_frames)} is shorter than a chunk of {takes.chunk}"]
    if not takes.whole and not takes.queries.seconds:
        return [
            f"a case of {_frames(judged.n_frames)} has no second chunk of {takes.chunk}, and the "
            "first of a case is not steady state: give --frames more"
        ]
    return []


def _clocks_apart(timed: Sequence[Take]) -> list[str]:
    """Return whether a worker counted more seconds than went by here, which no clock can.

    Durations only ever come from one clock, so that its distance to ours does not matter; that it
    runs at another speed does.
    """
    own = [take for take in timed if take.own_clock and take.given]
    counted = sum(given.spent for take in own for given in take.given)
    passed = sum(take.given[-1].at - take.begun for take in own)
    if counted <= (1 + _APART) * passed:
        return []
    return [
        f"the worker's clock cannot be trusted: it counted {counted:.2f} s while {passed:.2f} s "
        "went by"
    ]


def _long_enough(options: PerfOptions, takes: Takes) -> list[str]:
    queries, found = takes.queries, []
    if queries.total_s < LEAST_S:
        found.append(f"too short: {queries.total_s:.1f} s, at least {LEAST_S:.0f} s count")
    count, needed = len(queries.seconds), QUERIES_FOR[options.percentile]
    if count < needed:
        found.append(f"too short: {count} queries, p{options.percentile} needs {needed}")
    return found


def _steady(queries: Queries) -> list[str]:
    found = []
    if queries.waited_s > STARVED * queries.total_s:
        share = queries.waited_s / queries.total_s
        found.append(f"input starved: {100 * share:.0f} % of the time went by waiting for input")
    count = len(queries.seconds)
    if count >= QUERIES_FOR[90] and median(queries.seconds) < _BURSTS * queries.total_s / count:
        found.append(
            f"frames come in bursts: half of the queries took under "
            f"{1000 * median(queries.seconds):.3g} ms, the mean is "
            f"{1000 * queries.total_s / count:.3g} ms; say how many come together by chunk_frames "
            "or --chunk"
        )
    third = count // 3
    if third >= _THIRD:
        first, last = median(queries.seconds[:third]), median(queries.seconds[-third:])
        if last > (1 + SLOWER) * first:
            found.append(
                f"not steady: the last third of the queries was {100 * (last / first - 1):.0f} % "
                "slower than the first (clocks falling, or work that grows)"
            )
    return found


def _setup(takes: Takes) -> list[str]:
    """Return whether set-up can be told from work in a method that reads the video itself."""
    shares = []
    for take in takes.timed:
        total = sum(given.spent for given in take.given)
        if take.ended and not take.whole and total > 0 and not take.given[-1].drawn:
            shares.append(take.given[0].spent / total)
    if shares and median(shares) > SETUP_SHARE:
        return [
            f"{100 * median(shares):.0f} % of a case goes before its first frame: set-up cannot be "
            "told from work done ahead; give --frames more, or --chunk as many as come together"
        ]
    return []
