"""Scores over the minutes of long clips, for plots; the slopes themselves are `benchmark.drift`'s.

The longest clip is cut into ten blocks of equal time, as drift cuts every clip; what a clip says of
a block is the mean of its values there. Over clips it is the course that matters, and not that one
clip is harder than another: each clip is shifted to the mean of all (Cousineau 2005), and a block
has Student's interval between the shifted clips, widened by sqrt(B / (B - 1)) for the shift (Morey
2008). A clip that ends early then does not bend the course either. Of a single clip the interval is
between the means of five parts of the block (batch means).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.drift import RunDrift
from benchmark.frame_values import CaseFrames, load_frame_values
from benchmark.stats.estimate import CONFIDENCE, quantile
from benchmark.store import RunRecord
from metrics.drift import BLOCKS, Drift

PARTS = 5
"""Parts of a block whose means give a single clip its interval."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DriftCurve:
    """One metric of one run over time.

    Attributes:
        minutes: ``(B,)`` middle of each block, minutes from the first frame.
        mean: ``(B,)`` in the metric's own unit; NaN where no clip has a value.
        low: ``(B,)`` lower end of the 95 % interval; NaN where there is none.
        high: ``(B,)`` upper end.
        clips: ``(B,)`` clips that have values in the block; shorter ones end earlier.
    """

    minutes: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    clips: NDArray[np.intp]

    @property
    def whole(self) -> NDArray[np.bool_]:
        """``(B,)``: whether all clips that drift was measured of are in the block."""
        found: NDArray[np.bool_] = self.clips == self.clips.max()
        return found


def curve(record: RunRecord, found: RunDrift, span: float) -> DriftCurve:
    """Return the course of the clips that have a drift.

    Args:
        record: The run.
        found: Its drift; at least one clip is measured.
        span: Seconds that the blocks divide, the same for all runs of a plot.

    Raises:
        UsageProblem: If the values of frames are missing or damaged.
    """
    edges = np.linspace(0.0, span, BLOCKS + 1)
    clips = [
        _case(load_frame_values(record.paths, case), found.metric, edges)
        for case, one in found.clips.items()
        if isinstance(one, Drift)
    ]
    fine = np.stack(clips)  # (clips, blocks, parts)
    blocks = _mean(fine, axis=2)
    levels = _mean(blocks, axis=1)
    blocks += (levels.mean() - levels)[:, None]
    if len(clips) == 1:
        low, high = _interval(fine[0], 1.0)
    else:
        low, high = _interval(blocks.T, (BLOCKS / (BLOCKS - 1)) ** 0.5)
    return DriftCurve(
        minutes=(edges[1:] + edges[:-1]) / 120.0,
        mean=_mean(blocks, axis=0),
        low=low,
        high=high,
        clips=np.isfinite(blocks).sum(axis=0),
    )


def span(records: Mapping[str, RunRecord], found: Sequence[RunDrift]) -> float:
    """Return the seconds of the longest clip that has a drift in any run.

    Raises:
        UsageProblem: If the values of frames are missing or damaged.
    """
    longest = 0.0
    for one in found:
        for case, drift in one.clips.items():
            if isinstance(drift, Drift):
                frames = load_frame_values(records[one.run].paths, case)
                longest = max(longest, len(frames.scored) / float(frames.rate))
    return longest


def _case(frames: CaseFrames, metric: str, edges: FloatArray) -> FloatArray:
    """Return the means of the parts of each block, ``(blocks, parts)``, over the persons."""
    persons = frames.persons(metric)
    own = [p for p in persons if p >= 0] or persons
    fine = np.linspace(edges[0], edges[-1], BLOCKS * PARTS + 1)
    place = np.searchsorted(fine[1:-1], frames.seconds, side="right")
    found = []
    for person in own:
        values = frames.series(metric, person)
        there = np.isfinite(values)
        count = np.bincount(place[there], minlength=BLOCKS * PARTS)
        total = np.bincount(place[there], values[there], BLOCKS * PARTS)
        found.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    # A person who is lost in a part leaves it without a value, as in the scores of cases.
    parts: FloatArray = np.mean(found, axis=0).reshape(BLOCKS, PARTS)
    return parts


def _mean(values: FloatArray, axis: int) -> FloatArray:
    """Return the mean of what is finite; NaN of nothing."""
    count = np.isfinite(values).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    found: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def _interval(samples: Iterable[FloatArray], wider: float) -> tuple[FloatArray, FloatArray]:
    """Return Student's interval of the mean of each sample; NaN of fewer than two values."""
    low, high = [], []
    for sample in samples:
        values = sample[np.isfinite(sample)]
        reach = float("nan")
        if len(values) > 1:
            error = wider * float(values.std(ddof=1)) / len(values) ** 0.5
            reach = quantile(0.5 + CONFIDENCE / 2.0, len(values) - 1) * error
        middle = float(values.mean()) if len(values) else float("nan")
        low.append(middle - reach)
        high.append(middle + reach)
    return np.array(low), np.array(high)
