"""Streaming: frames come at their real rate, and the method keeps up or does not."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from benchmark.speed.feed import PacedFeed
from benchmark.speed.plan import PerfOptions
from benchmark.speed.subject import Playing, Subject, Take

_SLACK = 1.5
"""Frames are fed for this much longer than needed, so that a case does not end before its time."""


@dataclass(frozen=True, slots=True)
class Session:
    """One live session.

    Attributes:
        take: What the method gave.
        feed: The camera.
        first: Index of the first frame of the steady part.
        chunk: Frames of a query.
        dropped: Frames dropped in the steady part.
        full: Whether it lasted as long as was asked for.
    """

    take: Take
    feed: PacedFeed
    first: int
    chunk: int
    dropped: int
    full: bool = True

    @property
    def seconds(self) -> float:
        """Seconds of the steady part, by the clock."""
        given = self.take.given
        if len(given) <= self.first:
            return 0.0
        return given[-1].at - given[self.first - 1].at

    @property
    def fps(self) -> float:
        """Frames answered a second in the steady part."""
        return (len(self.take.given) - self.first) / self.seconds if self.seconds else 0.0

    @property
    def latencies(self) -> tuple[float, ...]:
        """Seconds from the start of each frame's exposure to its answer, in the steady part."""
        exposure = float(1 / self.feed.fps)
        return tuple(
            given.at - (self.feed.arrivals[given.of] - exposure)
            for given in self.take.given[self.first :]
            if given.of < given.drawn  # another one is a flaw, see `validity.taken_flaws`
        )

    @property
    def queued(self) -> list[int]:
        """Frames that were waiting when each frame of the steady part was drawn."""
        return self.feed.queued[self.first :]

    @property
    def growth(self) -> float:
        """Frames a second by which an endless queue would grow: dropped ones count as waiting."""
        return (self.dropped + self._longer) / self.seconds if self.seconds else 0.0

    @property
    def _longer(self) -> int:
        third = len(self.queued) // 3
        return max(self.queued[-third:]) - max(self.queued[:third]) if third else 0

    @property
    def _never_waited(self) -> bool:
        """Whether the method never waited for the camera in the last third: it runs behind.

        Sharper than the length of the queue, which at a rate just too high grows slowly.
        """
        return all(self.queued[-max(1, len(self.queued) // 3) :])

    @property
    def broken(self) -> str:
        """Why the rate was not kept up; empty if it was."""
        if len(self.take.given) <= self.first:
            return f"answered {len(self.take.given)} frames"
        if self.dropped:
            return f"{self.dropped} frames were dropped"
        if not self.full:
            return "the session ended before its time"
        return "frames were always waiting" if self._never_waited else ""


@dataclass(frozen=True, slots=True)
class Stream:
    """A session to be held.

    Attributes:
        fps: Frames a second.
        chunk: Frames of a query.
        reach: Chunk and look-ahead in frames.
        room: Frames that wait at most.
        seconds: Seconds of steady part at least.
        queries: Queries of steady part at least.
        max_s: Seconds after which it is given up.
    """

    fps: Fraction
    chunk: int
    reach: int
    room: int
    seconds: float
    queries: int
    max_s: float

    @property
    def first(self) -> int:
        """Frames before the steady part: the first query, and what was drawn with it."""
        return self.chunk * (1 + math.ceil(self.reach / self.chunk))

    @property
    def count(self) -> int:
        """Driving frames of the session."""
        wanted = math.ceil(float(self.fps) * self.seconds) + self.queries * self.chunk
        return self.first + math.ceil(_SLACK * wanted)


def hold(subject: Subject, stream: Stream) -> Session:
    """Hold a session, from its set-up to the end of a query.

    What piles up during the set-up, until the first query is answered, is forgotten.

    Raises:
        Exception: Whatever the method raises.
    """
    feed = PacedFeed(subject.tools.clock, fps=stream.fps, room=stream.room)
    before, full = [0], [False]

    def enough(take: Take) -> bool:
        given = take.given
        if len(given) == stream.chunk:
            feed.flush()
        if len(given) == stream.first:
            before[0] = feed.dropped
        if len(given) % stream.chunk or len(given) <= stream.first:
            return False
        lasted = given[-1].at - given[stream.first - 1].at
        queries = (len(given) - stream.first) // stream.chunk
        full[0] = lasted >= stream.seconds and queries >= stream.queries
        return full[0] or given[-1].at - take.begun >= stream.max_s

    take = subject.play(feed, Playing(enough, group=stream.chunk, count=stream.count))
    return Session(take, feed, stream.first, stream.chunk, feed.dropped - before[0], full[0])


def stream_of(options: PerfOptions, chunk: int, reach: int) -> Stream:
    """Return the session that ``options`` ask for, of a method of this chunk and reach."""
    return Stream(
        fps=options.fps,
        chunk=chunk,
        reach=reach,
        room=options.queue if options.queue is not None else 2 * chunk,
        seconds=options.min_s,
        queries=options.queries,
        max_s=options.max_s,
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """One rate of the search, and why it was not kept up; empty if it was."""

    fps: Fraction
    why: str
    dropped: int


TRIALS = 8
CLOSE = 1.02
"""The search ends when the rate that failed is this near the one that was kept up."""
_FINE = 1000


def search(try_rate: Callable[[Fraction], Tried], guess: float) -> list[Tried]:
    """Look for the highest input rate that is kept up, by bisection around a guess.

    Args:
        try_rate: Holds a session at a rate.
        guess: Frames a second that are likely kept up.

    Returns:
        Everything tried, in order; the highest kept up and the lowest failed enclose the limit.
    """
    tried: list[Tried] = []
    low, high = 0.0, math.inf
    rate = guess
    for _ in range(TRIALS):
        if high <= CLOSE * low:
            break
        tried.append(try_rate(max(Fraction(1, _FINE), Fraction(rate).limit_denominator(_FINE))))
        if tried[-1].why:
            high = min(high, rate)
        else:
            low = max(low, rate)
        rate = low * 1.1 if math.isinf(high) else (low + high) / 2 if low else high * 0.8
    return tried


def bounds(tried: list[Tried]) -> tuple[float | None, float | None]:
    """Return the highest rate kept up and the lowest above it that failed, in frames a second."""
    kept = max((float(t.fps) for t in tried if not t.why), default=None)
    failed = [float(t.fps) for t in tried if t.why and (kept is None or float(t.fps) > kept)]
    return kept, min(failed, default=None)
