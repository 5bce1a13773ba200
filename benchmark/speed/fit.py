"""One-shot commands: loading told from running by a line through two lengths.

A process that runs n frames takes a + b·n seconds: a to start, load and end, b a frame. Two lengths
give both, and only as estimates: whatever else grows with the length is in b, and neither was
measured by itself.
"""

from collections.abc import Sequence
from statistics import median

from benchmark.speed.record import Fit

REPEATS = 3
"""Runs of each length at least."""
SHARE = 3
"""The short length is this part of the long one."""


def short_length(frames: int) -> int:
    """Return the short length to a long one of ``frames``."""
    return max(1, frames // SHARE)


def fit(short: tuple[int, Sequence[float]], long: tuple[int, Sequence[float]]) -> Fit | str:
    """Return the line through the medians, or why there is none.

    The bounds are those of the steepest and flattest line through any two runs.

    Args:
        short: Frames, and seconds of each run.
        long: The same of the longer; both have runs.
    """
    (few, quick), (many, slow) = short, long
    if many <= few:
        return f"a case of {many} frames has no shorter one: give --frames more"
    frame_s = (median(slow) - median(quick)) / (many - few)
    if frame_s <= 0:
        return (
            f"{many} frames took no longer than {few}: loading cannot be told from running; give "
            "--frames more"
        )
    load_s = median(quick) - frame_s * few
    if load_s < 0:
        return (
            f"the time of {few} and {many} frames is no line: loading would take "
            f"{load_s:.2f} s; give --frames more"
        )
    flattest = (min(slow) - max(quick)) / (many - few)
    steepest = (max(slow) - min(quick)) / (many - few)
    return Fit(
        short_frames=few,
        long_frames=many,
        short_s=tuple(quick),
        long_s=tuple(slow),
        load_s=load_s,
        frame_s=frame_s,
        fps=1 / frame_s,
        fps_low=1 / steepest,
        fps_high=1 / flattest if flattest > 0 else None,
    )
