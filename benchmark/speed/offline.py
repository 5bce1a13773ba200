"""Offline: one case after the other, as fast as the method goes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmark.speed.feed import Feed
from benchmark.speed.figures import Queries, burst, cut, wants_all
from benchmark.speed.plan import PerfOptions
from benchmark.speed.subject import Enough, Playing, Subject, Take


@dataclass(slots=True)
class Takes:
    """Everything that was played.

    Attributes:
        chunk: Frames of a query; raised to what was seen, where a method answers more together.
        whole: Every case is one query: the method gives nothing before it has seen everything.
        warm: Takes of the warm-up, the first of them cold.
        timed: Takes of the timed part.
        elapsed_s: Seconds that the timed part lasted.
    """

    chunk: int
    whole: bool = False
    warm: list[Take] = field(default_factory=list)
    timed: list[Take] = field(default_factory=list)
    elapsed_s: float = 0.0

    @property
    def queries(self) -> Queries:
        """The steady part."""
        return cut(self.timed, self.chunk)


def play_offline(
    subject: Subject,
    options: PerfOptions,
    takes: Takes,
    begin: Callable[[], None] = lambda: None,
) -> None:
    """Warm up by count and time, then play until there is enough; fills ``takes``.

    What was played stays in ``takes`` when the method fails.

    Args:
        subject: What is measured.
        options: How long.
        takes: Filled.
        begin: Called when the timed part begins.
    """
    warm_up(subject, options, takes)
    see_chunk(takes, subject.material.request.n_frames)
    begin()
    clock = subject.tools.clock
    start = clock.now()
    seconds, count = 0.0, 0
    while not _done(seconds, count, options) and clock.now() - start < options.max_s:
        stop = _until(takes, options, (seconds, count), lambda: clock.now() - start)
        take = subject.play(Feed(clock), Playing(stop, group=takes.chunk))
        take.whole |= takes.whole
        takes.timed.append(take)
        takes.elapsed_s = clock.now() - start
        queries = cut([take], takes.chunk)
        if not queries.seconds:  # the case is too short for a query: more of them give none
            return
        seconds, count = seconds + queries.total_s, count + len(queries.seconds)


def warm_up(subject: Subject, options: PerfOptions, takes: Takes) -> None:
    """Play until count and time of the warm-up are reached; fills ``takes.warm``."""
    clock = subject.tools.clock
    start, done = clock.now(), 0

    def enough(take: Take) -> bool:
        count, rest = divmod(len(take.given), takes.chunk)
        lasted = clock.now() - start
        return not rest and done + count >= options.warm_queries and lasted >= options.warm_s

    while done < options.warm_queries or clock.now() - start < options.warm_s:
        take = subject.play(Feed(clock), Playing(enough, settle=True, group=takes.chunk))
        takes.warm.append(take)
        # One case that comes at once is a whole warm-up by count; chunks too large give none.
        done += options.warm_queries if take.whole else len(take.given) // takes.chunk
        if len(take.given) < takes.chunk or clock.now() - start >= options.max_s:
            return


def see_chunk(takes: Takes, n_frames: int) -> None:
    """Believe what was seen over what was said: frames given together are one query."""
    if takes.chunk < n_frames and wants_all(takes.warm, n_frames):
        takes.whole = True
    else:
        takes.chunk = max(takes.chunk, burst(takes.warm, n_frames))


def _done(seconds: float, count: int, options: PerfOptions) -> bool:
    return seconds >= options.min_s and count >= options.queries


def _until(
    takes: Takes,
    options: PerfOptions,
    so_far: tuple[float, int],
    elapsed: Callable[[], float],
) -> Enough:
    """Return what stops a take at the end of the query that makes it enough."""
    spent, chunk = [so_far[0]], takes.chunk

    def enough(take: Take) -> bool:
        if takes.whole:
            return False
        given = take.given
        if len(given) > chunk:
            spent[0] += given[-1].spent
        if len(given) % chunk or len(given) == chunk:
            return False
        count = so_far[1] + len(given) // chunk - 1
        return elapsed() >= options.max_s or _done(spent[0], count, options)

    return enough
