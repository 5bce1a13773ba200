"""One point of a one-shot command: runs of two lengths, and the line through them."""

from benchmark.speed.clock import WatchedClock
from benchmark.speed.feed import Feed
from benchmark.speed.fit import REPEATS, fit, short_length
from benchmark.speed.latency import Reach, latency
from benchmark.speed.measure import Bench, Loaded, Outcome, failure, point
from benchmark.speed.plan import LEAST_S
from benchmark.speed.record import Figures, Fit, Memory, Percentiles, Point
from benchmark.speed.subject import Playing, Subject, Take, Tools
from benchmark.speed.validity import clock_flaws, machine_flaws

Runs = dict[int, list[tuple[int, float]]]
"""By driving frames, the frames that each run gave and its seconds."""
_UNSURE = 1.5
"""The fastest line may be this much faster than the slowest."""


def measure_command(loaded: Loaded, bench: Bench) -> Point:
    """Estimate loading and speed of a command; whatever goes wrong is a flaw of the point."""
    if bench.options.mode == "streaming":
        wrong = "it does not stream: it is one process a case"
        return point(loaded, bench.options, bench.watch.end(), Outcome((wrong,)))
    clock = WatchedClock(bench.tools.clock)
    runs: Runs = {}
    wrong = ""
    found: Fit | str = ""
    try:
        _run(loaded, bench, clock, runs)
        found = _line(runs)
    except Exception as error:  # whatever a method raises ends its measurement, not ours
        wrong = failure(error, sum(given for done in runs.values() for given, _ in done))
    machine = bench.watch.end()
    flaws = [wrong] if wrong else clock_flaws(clock.stepped_back_s) + _flaws(found, runs)
    figures = None
    if isinstance(found, Fit):
        figures = _figures(loaded, bench, found)
    return point(
        loaded, bench.options, machine, Outcome((*flaws, *machine_flaws(machine)), (), figures)
    )


def _run(loaded: Loaded, bench: Bench, clock: WatchedClock, runs: Runs) -> None:
    """Fill ``runs`` with seconds by length, the lengths in turn; the very first is warm-up."""
    tools = Tools(clock, bench.tools.synchronise, bench.tools.settle_s)
    frames = bench.material.request.n_frames
    if frames < 2:
        raise ValueError(f"a case of {frames} frame has no shorter one: give --frames more")
    short = Subject(loaded.method, bench.material.at(short_length(frames)), tools)
    subjects = {short_length(frames): short}
    subjects[frames] = Subject(loaded.method, bench.material, tools)
    _once(short, clock)
    bench.watch.begin()
    start = clock.now()
    while True:
        for length, subject in subjects.items():
            take = _once(subject, clock)
            runs.setdefault(length, []).append((len(take.given), take.given[0].spent))
        lasted = sum(seconds for done in runs.values() for _, seconds in done)
        full = lasted >= LEAST_S and len(runs[frames]) >= REPEATS
        if full or clock.now() - start >= bench.options.max_s:
            return


def _once(subject: Subject, clock: WatchedClock) -> Take:
    take = subject.play(Feed(clock), Playing(lambda _: False))
    if not take.given:
        raise ValueError("it gave no frame")
    return take


def _line(runs: Runs) -> Fit | str:
    """Return the line through both lengths, by the frames that came of them.

    Those are fewer than the driving frames where the method resamples or stops at a length.
    """
    (few, quick), (many, slow) = (
        (given.pop() if len(given := {count for count, _ in done}) == 1 else 0, done)
        for _, done in sorted(runs.items())
    )
    if not few or not many:
        return "runs of one length gave different numbers of frames"
    return fit((few, [s for _, s in quick]), (many, [s for _, s in slow]))


def _flaws(found: Fit | str, runs: Runs) -> list[str]:
    if isinstance(found, str):
        return [found]
    wrong = []
    if (count := min(map(len, runs.values()))) < REPEATS:
        wrong.append(f"too short: {count} runs of each length, {REPEATS} are needed")
    if found.fps_high is None or found.fps_low is None or found.fps_high > _UNSURE * found.fps_low:
        wrong.append(
            "the runs of one length differ too much for a line through two: give --frames more"
        )
    return wrong


def _figures(loaded: Loaded, bench: Bench, found: Fit) -> Figures:
    return Figures(
        fps=found.fps,
        estimated=True,
        frame_s=found.frame_s,
        load_s=found.load_s,
        queries=len(found.short_s) + len(found.long_s),
        seconds=sum(found.short_s) + sum(found.long_s),
        query_frames=found.long_frames,
        query_s=Percentiles(),
        latency=latency(
            Reach(None, None, bench.material.request.n_frames), Percentiles(), bench.options.fps
        ),
        memory=Memory(),  # its processes are gone by now
        fit=found,
    )
