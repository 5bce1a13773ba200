"""From what was taken by the clock to figures: pure functions, no clock in sight."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmark.speed.plan import QUERIES_FOR
from benchmark.speed.subject import Take


@dataclass(frozen=True, slots=True)
class Queries:
    """The steady part of a measurement, cut into queries.

    A query is a chunk: the frames that a method answers together. The first of every case carries
    what is done once a case, and is left out; so is a last one that is not full.

    Attributes:
        seconds: Of each query, inside the method.
        frames: Frames of a query.
        first_s: Seconds from the call to the first frame, of each case.
        stages: Seconds by stage over all ``seconds``.
        pending_s: Of all ``seconds``, those the device still worked after a frame was given.
        waited_s: Seconds that the method waited for input, in whole cases.
    """

    seconds: tuple[float, ...]
    frames: int
    first_s: tuple[float, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    pending_s: float = 0.0
    waited_s: float = 0.0

    @property
    def total_s(self) -> float:
        """Seconds of all queries together."""
        return math.fsum(self.seconds)

    @property
    def fps(self) -> float:
        """Frames a second in steady state."""
        return len(self.seconds) * self.frames / self.total_s


def cut(takes: Sequence[Take], chunk: int) -> Queries:
    """Cut takes into queries of ``chunk`` frames; a take that came at once is one query."""
    seconds: list[float] = []
    stages: dict[str, float] = {}
    pending = 0.0
    frames = chunk
    for take in takes:
        spent = [given.spent for given in take.given]
        if take.whole:
            frames = len(spent)
            seconds.append(math.fsum(spent))
        else:
            full = len(spent) - len(spent) % chunk
            seconds += [math.fsum(spent[i : i + chunk]) for i in range(chunk, full, chunk)]
            pending += math.fsum(given.pending for given in take.given[chunk:full])
        for name, value in take.stages.items():
            steady = value - (0.0 if take.whole else take.head.get(name, 0.0))
            stages[name] = stages.get(name, 0.0) + steady
    return Queries(
        tuple(seconds),
        frames,
        tuple(take.given[0].spent for take in takes if take.given and not take.whole),
        stages,
        pending,
        math.fsum(take.waited_s for take in takes),
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the percentile by nearest rank, or ``None`` if there are too few queries for it.

    The smallest value that at least ``percent`` per cent do not exceed: a query that happened,
    never one made up between two.
    """
    if len(values) < QUERIES_FOR[percent]:
        return None
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1]


def burst(takes: Sequence[Take], n_frames: int) -> int:
    """Return the most frames given in a row without drawing input, while there was input left.

    0 if nothing can be said: the method reads the video itself, or there never was input left.

    Args:
        takes: What was played.
        n_frames: Driving frames of a case.
    """
    longest = 0
    for take in takes:
        left = [given.drawn for given in take.given if 0 < given.drawn < n_frames]
        longest = max([longest, *(left.count(number) for number in set(left))])
    return longest


def wants_all(takes: Sequence[Take], n_frames: int) -> bool:
    """Return whether the method drew all ``n_frames`` before it gave its first frame."""
    return any(take.given and take.given[0].drawn >= n_frames for take in takes)


def reach(takes: Sequence[Take]) -> int | None:
    """Return chunk and look-ahead in frames as they were seen.

    The most driving frames that had been drawn, from the one that a frame answers, when that was
    given; ``None`` for a method that reads the video itself.
    """
    ahead = [given.drawn - given.of for take in takes for given in take.given if given.drawn]
    return max(ahead, default=None)
