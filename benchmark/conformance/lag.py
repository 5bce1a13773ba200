"""The frame map of methods that look at the whole clip: where does a known motion come out?

Such a method answers a change of one driving frame everywhere, so that nothing can be learnt from
replacing one. What is left is its motion: mini moves smoothly and without period, so the shift by
which the output's motion fits the driving clip's best is the error of the frame map. It takes
trained weights: the result must show a face that moves.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.base import Face, Frame
from benchmark.conformance.verdict import Finding, broken, held, untestable
from metrics.signals.face import blendshape_indices

RULE = "frame map"
CHANNELS = ("yaw", "pitch", "roll", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft")

Motion = NDArray[np.float64]
"""``(T, 7)``: sines of the head's turns, then blendshapes in [0, 1]; NaN where no face is."""

_MOST = 8  # frames of lag that are looked for, either way
_LEAST_FRAMES = 12
_LEAST_FOUND = 0.8  # of the frames must show the face
_STILL = 0.01  # standard deviation of a channel that does not move
_FITS = 0.6  # correlation, mean over channels
_CLEARER = 0.05  # by which the best lag must fit better than every other


def motion_of(
    frames: Iterable[Frame], tracker: Callable[[Frame, int], list[Face]], people: int, who: int
) -> Motion:
    """Return how one person moves.

    Args:
        frames: ``(H, W, 3)`` uint8 each.
        tracker: The lent face tracker.
        people: How many there are; frames that do not show all of them are NaN.
        who: Rank of the person, from the left.
    """
    return np.array([_sight(tracker(frame, people), people, who) for frame in frames])


def _sight(faces: list[Face], people: int, who: int) -> NDArray[np.float64]:
    if len(faces) != people:
        return np.full(len(CHANNELS), np.nan)
    turn, shapes = faces[who].pose, faces[who].blendshapes
    turns = [turn[0, 2], turn[1, 2], turn[1, 0]]
    return np.array([*turns, *shapes[blendshape_indices(list(CHANNELS[3:]))]], dtype=np.float64)


def by_lag(driving: Motion, outputs: Motion, stated: Sequence[int]) -> Finding:
    """Judge the frame map by where the driving clip's motion comes out.

    Args:
        driving: Motion of the driving person.
        outputs: Motion of the face that this person drives.
        stated: The frame map.
    """
    if len(outputs) < _LEAST_FRAMES:
        return untestable(RULE, f"{len(outputs)} frames are too few to place a motion in time")
    for motion, where in ((driving, "driving frames"), (outputs, "outputs")):
        found = float(np.isfinite(motion[:, 0]).mean())
        if found < _LEAST_FOUND:
            return untestable(RULE, f"only {found:.0%} of the {where} show a face that is found")
    moving = np.flatnonzero(np.nanstd(driving, axis=0) > _STILL)
    fits = {lag: _fit(driving, outputs, stated, lag, moving) for lag in range(-_MOST, _MOST + 1)}
    fits = {lag: fit for lag, fit in fits.items() if np.isfinite(fit)}
    best = max(fits, key=lambda lag: fits[lag], default=0)
    others = max((fit for lag, fit in fits.items() if lag != best), default=-1.0)
    if fits.get(best, -1.0) < _FITS or fits[best] - others < _CLEARER:
        said = f"best fit {fits[best]:.2f}" if fits else "no motion"
        return untestable(RULE, f"the driving motion cannot be placed in the outputs ({said})")
    if best == 0:
        return held(RULE, f"the driving motion comes out in time (correlation {fits[0]:.2f})")
    return broken(
        RULE,
        f"the driving motion comes out {-best:+d} frames away from where the frame map puts it "
        f"(correlation {fits[best]:.2f})",
    )


def _fit(
    driving: Motion, outputs: Motion, stated: Sequence[int], lag: int, moving: NDArray[np.intp]
) -> float:
    """Return the mean correlation over channels if outputs come ``-lag`` frames late.

    A channel that stands still in the outputs counts 0: it fits no lag better than another.
    """
    wanted = np.asarray(stated) + lag
    inside = np.flatnonzero((wanted >= 0) & (wanted < len(driving)))
    a, b = outputs[inside][:, moving], driving[wanted[inside]][:, moving]
    seen = np.isfinite(a[:, 0]) & np.isfinite(b[:, 0]) if moving.size else np.zeros(0, np.bool_)
    if seen.sum() < _LEAST_FRAMES / 2:
        return float("nan")
    a, b = a[seen] - a[seen].mean(axis=0), b[seen] - b[seen].mean(axis=0)
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return float(
        np.divide((a * b).sum(axis=0), size, out=np.zeros_like(size), where=size > 0).mean()
    )
