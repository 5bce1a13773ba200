"""Columns of speed tables as data: title, unit, which way is better, where the number is."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.speed.record import Figures, Point

_GIB = 2.0**30
_GONE = "not told: by the system, or its processes are gone by then"
_NO_SEARCH = "in streaming it is that of the sustained rate, and there is none"
_HIGHER, _LOWER = "↑", "↓"


@dataclass(frozen=True, slots=True)
class SpeedColumn:
    """One column.

    Attributes:
        title: Header.
        unit: Below it.
        value: Finds the number; ``None`` where there is none.
        digits: After the point.
        better: An arrow, or empty for what is not ranked.
        why: Why there is no number where the figures are there.
    """

    title: str
    unit: str
    value: Callable[[Figures, Point], float | None]
    digits: int = 2
    better: str = ""
    why: str = ""

    @property
    def detail(self) -> str:
        """What stands below the title."""
        return f"{self.better} {self.unit}".strip()


RESOLUTION = SpeedColumn("resolution", "pixels", lambda _, p: p.cohort.size, 0)
FPS = SpeedColumn("FPS", "1/s", lambda f, _: f.fps, 2, _HIGHER)
FRAME_S = SpeedColumn("speed", "s/frame", lambda f, _: f.frame_s, 3, _LOWER)
CHUNK = SpeedColumn("chunk", "frames", lambda f, _: f.query_frames, 0)
P50 = SpeedColumn(
    "compute p50", "ms", lambda f, _: _ms(f.query_s.p50), 1, _LOWER, "too few queries"
)
P90 = SpeedColumn(
    "compute p90", "ms", lambda f, _: _ms(f.query_s.p90), 1, _LOWER, "p90 needs 30 queries"
)
_UNKNOWN = "chunk and look-ahead are not known: the method reads the driving video itself"
ALGORITHMIC = SpeedColumn(
    "algorithmic", "ms", lambda f, _: _ms(f.latency.algorithmic_s), 1, _LOWER, _UNKNOWN
)
LATENCY = SpeedColumn("sum", "ms", lambda f, _: _ms(f.latency.total_s), 1, _LOWER, _UNKNOWN)
_NO_GPU = "torch did not use a GPU in this process"
ALLOCATED = SpeedColumn(
    "GPU allocated", "GiB", lambda f, _: _gib(f.memory.allocated), 2, _LOWER, _NO_GPU
)
RESERVED = SpeedColumn(
    "GPU reserved", "GiB", lambda f, _: _gib(f.memory.reserved), 2, _LOWER, _NO_GPU
)
PROCESS = SpeedColumn("process", "GiB", lambda f, _: _gib(f.memory.process), 2, _LOWER, _GONE)
LOAD = SpeedColumn("load", "s", lambda f, _: f.load_s, 2, "", "not told apart from running")
FIRST = SpeedColumn(
    "first frame", "ms", lambda f, _: _ms(f.first_cold_s), 1, "", "all frames come at once"
)
SUSTAINED = SpeedColumn(
    "sustained",
    "1/s",
    lambda f, _: None if f.streaming is None else f.streaming.sustained_fps,
    2,
    _HIGHER,
    "not looked for, or none was sustained",
)


def reached(figures: Figures) -> float | None:
    """Return the frames a second that a method can do.

    In streaming that is the highest input rate it keeps up, not the rate at which it was fed;
    ``None`` where that was not looked for.
    """
    return figures.fps if figures.streaming is None else figures.streaming.sustained_fps


def stage_column(name: str) -> SpeedColumn:
    """Return the column of one stage, in milliseconds a chunk as the papers print it."""

    def value(figures: Figures, point: Point) -> float | None:
        del point
        found = [s.frame_s for s in figures.stages if s.name == name]
        return 1000 * found[0] * figures.query_frames if found else None

    return SpeedColumn(name, "ms", value, 1, "", "the method names no such stage")


def whole_column() -> SpeedColumn:
    """Return the column of a whole chunk in milliseconds, on average."""
    return SpeedColumn("whole chunk", "ms", lambda f, _: 1000 * f.frame_s * f.query_frames, 1)


def real_time_column(fps: int) -> SpeedColumn:
    """Return the column of speed in multiples of an input rate."""

    def value(figures: Figures, point: Point) -> float | None:
        del point
        rate = reached(figures)
        return None if rate is None else rate / fps

    return SpeedColumn(f"of {fps}", "×", value, 2, "", _NO_SEARCH)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _gib(size: int | None) -> float | None:
    return None if size is None else size / _GIB
