"""Drift: how a per-frame score changes over a clip of minutes, with an interval.

The clip is cut into ten blocks of equal time; a line through the ten block means gives the slope,
and Student's t with eight degrees of freedom its interval (the method of batch means).

Why so: neighbouring frames say nearly the same, so that the textbook interval over frames is far
too narrow. Means of blocks that are long beside the memory of the score are nearly independent.
Simulated with autoregressive noise, 400 clips a case (nominal 0.95): a minute at 25 fps with a
memory of 1.3 s covers 0.93, four minutes with a memory of 4 s as well; twenty blocks cover 0.88 and
0.90, Newey-West with Andrews' bandwidth 0.81 and 0.85, fixed-b Newey-West at best 0.88 and 0.90.
Mixtures of white noise and slow changes, which scores of faces are, take automatic bandwidths to
0.5. A memory beyond a quarter of a block is too long for ten blocks, too: a minute with 4 s
covers 0.86. Theil-Sen's slope would disregard a clip that falls apart in its last tenth: the very
thing to be seen.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.card import Card, Direction
from metrics.common import INFINITE
from metrics.score import NotMeasured

BLOCKS = 10
SHORTEST_S = 60.0
"""Seconds from the first to the last frame below which a clip has no drift."""
_T_975 = 2.306004135204166
"""Student's t at 0.975 with `BLOCKS` - 2 degrees of freedom."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drift:
    """A slope with its interval.

    Attributes:
        slope: Change of the score per minute, in its own unit.
        low: Lower end of the 95 % interval.
        high: Upper end.
        frames: Frames with a value.
        total: Frames in all.
    """

    slope: float
    low: float
    high: float
    frames: int
    total: int


def drift(values: ArrayLike, seconds: ArrayLike) -> Drift | NotMeasured:
    """Return the slope of a score per minute with its 95 % interval.

    Args:
        values: ``(N,)`` score of each frame in time order; NaN where there is none.
        seconds: ``(N,)`` increasing times of the frames.

    Returns:
        The drift; `NotMeasured` if the clip is shorter than `SHORTEST_S` or one of its `BLOCKS`
        has no value.

    Raises:
        ValueError: If the arrays differ in length, a value is infinite, or times do not increase.
    """
    score, time = _checked(values, seconds)
    if not len(time) or time[-1] - time[0] < SHORTEST_S:
        return NotMeasured(f"the clip is shorter than {SHORTEST_S:g} seconds", of_input=True)
    measured = np.isfinite(score)
    found = _block_means(score[measured], time[measured], (time[0], time[-1]))
    if found is None:
        return NotMeasured(f"at least a stretch of 1/{BLOCKS} of the clip could not be measured")
    slope, error = _line(*found)
    reach = _T_975 * error
    return Drift(slope, slope - reach, slope + reach, int(measured.sum()), len(score))


def drift_card(card: Card) -> Card:
    """Return the card of the drift of a metric.

    Args:
        card: A metric with a value for each frame.

    Raises:
        ValueError: If better is the nearer to the driver: then a slope has no better side.
    """
    if card.direction is Direction.DRIVER:
        raise ValueError(f"{card.id} is judged by the driver's own value: its drift has no side")
    return replace(
        card,
        name=f"{card.name}_drift",
        title=f"{card.title} drift",
        formula=f"slope of a line through the means of {BLOCKS} blocks of equal time, with "
        f"Student's interval; of: {card.formula}",
        unit=f"{card.unit}/min" if card.unit else "1/min",
        bounds=(-INFINITE, INFINITE),
        missing=f"{card.missing}; clips under {SHORTEST_S:g} s, and clips with a block that has no "
        "value, are not measured",
        identical=None if card.identical is None else 0.0,
        source=f"our definition: batch means; of: {card.source}",
        inference="no paper prints a slope; FlashPortrait (supplement, section 7) says in words "
        "that methods become unstable beyond 800 frames",
        default=False,
        notes=(),
    )


def _checked(values: ArrayLike, seconds: ArrayLike) -> tuple[FloatArray, FloatArray]:
    score, time = np.asarray(values, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    if score.ndim != 1 or score.shape != time.shape:
        raise ValueError(f"expected two arrays (N,), got {score.shape} and {time.shape}")
    if np.isinf(score).any():
        raise ValueError("a value is infinite")
    if not np.isfinite(time).all() or (np.diff(time) <= 0.0).any():
        raise ValueError("the times must increase")
    return score, time


def _block_means(
    score: FloatArray, time: FloatArray, span: tuple[float, float]
) -> tuple[FloatArray, FloatArray] | None:
    """Return mean times in minutes and mean scores of the blocks; ``None`` if one is empty."""
    edges = np.linspace(*span, BLOCKS + 1)[1:-1]
    block = np.searchsorted(edges, time, side="right")
    count = np.bincount(block, minlength=BLOCKS)
    if not count.all():
        return None
    minutes = np.bincount(block, time, BLOCKS) / count / 60.0
    return minutes, np.bincount(block, score, BLOCKS) / count


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Return the least-squares slope and its standard error."""
    centred = x - x.mean()
    spread = float((centred * centred).sum())
    slope = float((centred * (y - y.mean())).sum()) / spread
    rest = y - y.mean() - slope * centred
    variance = float((rest * rest).sum()) / (len(x) - 2)
    return slope, float(np.sqrt(variance / spread))
