"""How a measurement is made, as one object: durations, counts, sizes, rates."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from benchmark.errors import UsageProblem

Mode = Literal["offline", "streaming"]

QUERIES_FOR = {50: 1, 90: 30, 99: 300}
"""Queries that a percentile needs. Three tail samples: p90 of 30, p99 of 300."""

LEAST_S = 10.0
"""Seconds that the timed part lasts at least, whatever `PerfOptions.min_s` was lowered to."""

_WEEK_S = 604_800

CASE_FRAMES = 48
"""Frames of a case by default: two seconds, and whole numbers of chunks of 1, 2, 4, 8, 16."""


@dataclass(frozen=True, slots=True)
class PerfOptions:
    """How a method is timed, after MLPerf's load generator.

    Attributes:
        mode: Frames as fast as they are made, or fed at their real rate.
        size: Side of the square canvas in pixels.
        frames: Driving frames of a case; cases are repeated until the time is up.
        chunk: Frames that the method is to answer together; ``None`` takes what it says itself.
        fps: Rate of the driving video, frames a second.
        percentile: Highest percentile that is wanted: 50, 90 or 99.
        min_s: Seconds that the timed part lasts at least. Below `LEAST_S` nothing is valid.
        max_s: Seconds after which the timed part is given up.
        warm_s: Seconds of warm-up at least.
        warm_queries: Queries of warm-up at least.
        queue: Frames that wait for a streaming method at most; of more, the oldest is dropped.
            ``None`` leaves room for two chunks.
        search: Whether the highest input rate that a streaming method sustains is looked for.
        seed: Seed given to the method.
    """

    mode: Mode = "offline"
    size: int = 512
    frames: int = CASE_FRAMES
    chunk: int | None = None
    fps: Fraction = Fraction(25)
    percentile: int = 90
    min_s: float = LEAST_S
    max_s: float = 600.0
    warm_s: float = 2.0
    warm_queries: int = 5
    queue: int | None = None
    search: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            UsageProblem: Names the value and its bounds.
        """
        _require("--size", self.size, 16 <= self.size <= 8192, "16 to 8192 pixels")
        _require("--frames", self.frames, _counts(self.frames), "1 to 100000")
        _require("--chunk", self.chunk, self.chunk is None or _counts(self.chunk), "1 to 100000")
        _require("--fps", self.fps, 0 < self.fps <= 1000, "above 0, at most 1000")
        known = ", ".join(map(str, QUERIES_FOR))
        _require("--percentile", self.percentile, self.percentile in QUERIES_FOR, known)
        _require("--max-s", self.max_s, 0 < self.max_s <= _WEEK_S, f"above 0, at most {_WEEK_S}")
        _require("min_s", self.min_s, self.min_s > 0, "above 0")
        least = f"{self.min_s:g} or more: that long is measured at least"
        _require("--max-s", self.max_s, self.max_s >= self.min_s, least)
        _require("--warm-s", self.warm_s, 0 <= self.warm_s <= self.max_s, "0 to --max-s")
        _require("--warm-queries", self.warm_queries, self.warm_queries >= 0, "0 or more")
        _require("--queue", self.queue, self.queue is None or _counts(self.queue), "1 to 100000")

    @property
    def queries(self) -> int:
        """Queries that are needed at least."""
        return QUERIES_FOR[self.percentile]


def _counts(frames: int) -> bool:
    return 1 <= frames <= 100_000


def _require(name: str, value: object, holds: bool, wanted: str) -> None:
    if not holds:
        raise UsageProblem(f"{name} must be {wanted}; got {value}")
