"""How much of a face's motion comes from whom: non-negative least squares on everybody's motion.

For each person i of a result, over the frames in which i and all driving people are measured: take
the mean over time off every signal and find the weights w >= 0 that minimise
``|G_i - sum_j w_j X_j|``, over all frames and components at once, one weight a driving person.

    gain_i = sum_j w_j        leakage_i = sum over j other than i's own driver of w_j / gain_i

A plain distance to the drivers cannot tell: the constant difference between two people is larger
than their motion. Means are therefore taken off, and a weight is a share of the driver's motion,
whatever its size: a person who moves little is not hidden by one who moves much.

Chance: two people who have nothing to do with each other still move alike a little. What chance
would do is seen by moving one of them in time: shifted around the end by at least half a second,
and played backwards from every frame. Shifts alone are too few in a short clip: of 1.3 s, 43 % of
the faces that follow nobody would fit better than any of them, and 10 % with the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.leakage.motion import Motion
from metrics.score import Measured, NotMeasured, Score

LEAST_GAIN = 0.1
"""Below this sum of weights nothing moves."""
MOST_ALIKE = 0.8
"""Share of a driver's motion that the others may explain."""
SHIFT_S = 0.5
"""Smallest shift in time, in seconds, after which two motions are taken as unrelated."""
LEAST_S = 1.0
"""Seconds of frames that a fit takes."""
QUANTILE = 0.95
"""Share of what chance gives that stays at or below the floor."""
MOST_ORDERS = 100
"""Ways in which a motion is moved in time; evenly spaced, where there are more."""

Columns = Sequence[Motion]


@dataclass(frozen=True, slots=True)
class Clip:
    """The frames of a clip.

    Attributes:
        scored: ``(N,)`` which of them count.
        fps: Frames a second.
        still: `Channel.still` of the motion in them.
    """

    scored: NDArray[np.bool_]
    fps: float
    still: float


@dataclass(frozen=True, slots=True)
class PersonLeakage:
    """What a fit says about one person.

    Attributes:
        source: Their rank in the portrait.
        driving: Rank of the driving person whose motion they should have.
        leakage: Share of the weights that belongs to others.
        gain: Sum of the weights, beside the driver's own, which is 1.
        floor: Leakage that chance alone exceeds in one of twenty cases.
        weights: ``(M,)`` one a driving person; 0 for those who do not move; NaN without a fit.
        explained: Share of the motion that the fit explains.
    """

    source: int
    driving: int
    leakage: Score
    gain: Score
    floor: Score
    weights: NDArray[np.float64]
    explained: float = float("nan")


def leakage(
    generated: Columns, drivers: Columns, pairs: Sequence[tuple[int, int]], clip: Clip
) -> list[PersonLeakage]:
    """Fit every driven person of a result.

    Args:
        generated: Motion of the people of the portrait by rank, ``(N, D)`` each, by driving frame;
            NaN where not measured.
        drivers: Motion of the driving people by rank, ``(N, D)`` each, likewise.
        pairs: Portrait rank and driving rank of each pair.
        clip: The frames.

    Returns:
        One entry a pair, in that order. Scores are `NotMeasured` and not the method's doing where
        the drivers do not allow a judgement; see `unfit`. They are the method's doing where the
        person is not found, does not move (gain below 0.1), or moves no more like anybody than
        the same face moved in time does.
    """
    return [_person(generated[i], drivers, pair=(i, j), clip=clip) for i, j in pairs]


def unfit(drivers: Columns, own: int, clip: Clip) -> str:
    """Say why no leakage into the face that driver ``own`` drives can be judged; empty if it can.

    Depends on the input alone, so that it holds for every method alike.
    """
    others = [m for m in range(len(drivers)) if m != own]
    if not others:
        return "one person drives: there is no other motion that could leak"
    common = clip.scored & known(drivers)
    if common.sum() < LEAST_S * clip.fps:
        return f"all driving people are measured together for less than {LEAST_S:g} s"
    columns = [_centred(motion[common]) for motion in drivers]
    if _size(columns[own]) < clip.still:
        return "the driver hardly moves"
    moving = [columns[m] for m in others if _size(columns[m]) >= clip.still]
    if not moving:
        return "no other driver moves"
    if _fit(columns[own], moving)[1] > MOST_ALIKE:
        return "the drivers move alike: whose motion it is cannot be told"
    return ""


def known(motions: Columns) -> NDArray[np.bool_]:
    """Return ``(N,)``: frames in which all ``motions`` are measured."""
    result: NDArray[np.bool_] = np.all([np.isfinite(m).all(axis=-1) for m in motions], axis=0)
    return result


def weights(made: Motion, drivers: Columns, clip: Clip) -> tuple[NDArray[np.float64], float]:
    """Return the weights ``(M,)`` of the drivers in ``made``, and the share they explain.

    Drivers who do not move get 0. NaN where fewer than a second of frames can be used.
    """
    used = clip.scored & known([made, *drivers])
    result = np.full(len(drivers), np.nan)
    if used.sum() < LEAST_S * clip.fps:
        return result, float("nan")
    columns = [_centred(motion[used]) for motion in drivers]
    moving = [m for m, column in enumerate(columns) if _size(column) >= clip.still]
    result[:] = 0.0
    found, explained = _fit(_centred(made[used]), [columns[m] for m in moving])
    result[moving] = found
    return result, explained


def _person(made: Motion, drivers: Columns, pair: tuple[int, int], clip: Clip) -> PersonLeakage:
    own = pair[1]
    if reason := unfit(drivers, own, clip):
        return _nothing(pair, len(drivers), NotMeasured(reason, of_input=True))
    found, explained = weights(made, drivers, clip)
    if np.isnan(explained):
        reason = f"the face is measured beside the drivers for less than {LEAST_S:g} s"
        return _nothing(pair, len(drivers), NotMeasured(reason))
    common = clip.scored & known(drivers)
    frames, total = int((common & known([made])).sum()), int(common.sum())
    unjudged = int(clip.scored.sum()) - total
    gain = float(found.sum())
    # The driver's own gain is 1, by the same fit and thus with the same rounding.
    itself = float(weights(np.where(np.isnan(made), np.nan, drivers[own]), drivers, clip)[0].sum())
    measured_gain = Measured(gain, frames, total, driver=itself, unjudged=unjudged)
    if gain < LEAST_GAIN:
        still = NotMeasured(f"nothing moves: gain {gain:.2f}")
        return PersonLeakage(*pair, still, measured_gain, still, found, explained)
    share: Score = Measured((gain - float(found[own])) / gain, frames, total, unjudged=unjudged)
    orders = unrelated(len(clip.scored), clip.fps)
    if explained <= max(_chance_fits(made, drivers, clip, orders), default=0.0):
        share = NotMeasured("follows nobody: the fit is no better than by chance")
    by_chance = list(_chance_weights(made, drivers, own, clip, orders))
    floor: Score = NotMeasured("the clip is too short to tell chance", of_input=True)
    if by_chance:
        level = float(np.quantile(by_chance, QUANTILE, method="higher"))
        floor = Measured(min(level / gain, 1.0), frames, total, unjudged=unjudged)
    return PersonLeakage(*pair, share, measured_gain, floor, found, explained)


def _nothing(pair: tuple[int, int], drivers: int, why: NotMeasured) -> PersonLeakage:
    return PersonLeakage(*pair, why, why, why, np.full(drivers, np.nan))


def unrelated(length: int, fps: float) -> list[NDArray[np.intp]]:
    """Return orders of ``length`` frames in which a motion has nothing to do with what it was.

    Shifts around the end by `SHIFT_S` or more either way, then every shift of the reversed clip;
    `MOST_ORDERS` of them, evenly spaced, where there are more.
    """
    least = int(np.ceil(SHIFT_S * fps))
    forth = np.arange(length)
    orders = [np.roll(forth, shift) for shift in range(least, length - least + 1)]
    orders += [np.roll(forth[::-1], shift) for shift in range(length)]
    chosen = np.linspace(0, len(orders) - 1, min(len(orders), MOST_ORDERS))
    return [orders[k] for k in np.round(chosen).astype(int)]


def _chance_fits(
    made: Motion, drivers: Columns, clip: Clip, orders: Sequence[NDArray[np.intp]]
) -> Iterator[float]:
    """Yield what everybody explains of a face that is moved in time."""
    fits = (weights(made[order], drivers, clip)[1] for order in orders)
    return (explained for explained in fits if np.isfinite(explained))


def _chance_weights(
    made: Motion, drivers: Columns, own: int, clip: Clip, orders: Sequence[NDArray[np.intp]]
) -> Iterator[float]:
    """Yield the summed weights of all drivers but ``own`` when they are moved in time."""
    for order in orders:
        moved = [m if k == own else m[order] for k, m in enumerate(drivers)]
        found, explained = weights(made, moved, clip)
        if np.isfinite(explained):
            yield float(found.sum() - found[own])


def _centred(motion: Motion) -> Motion:
    result: Motion = motion - motion.mean(axis=0)
    return result


def _size(motion: Motion) -> float:
    """Return the root of the mean squared length of a centred motion."""
    return float(np.sqrt((motion * motion).sum(axis=-1).mean()))


def _fit(made: Motion, columns: Columns) -> tuple[NDArray[np.float64], float]:
    """Return non-negative least squares weights of centred motions, and the share explained.

    Solved on the Gram matrix, which has the same minimum and is small: with G = X^T X = R^T R and
    c = X^T y, the weights minimise ``|R w - R^-T c|``.
    """
    from scipy.optimize import nnls  # slow to import, and cards need it not

    energy = float((made * made).sum())
    if not columns or energy == 0.0:
        return np.zeros(len(columns)), 0.0
    table = np.stack([column.ravel() for column in columns], axis=-1)
    gram, product = table.T @ table, table.T @ made.ravel()
    values, vectors = np.linalg.eigh(gram)
    root = np.sqrt(np.maximum(values, 0.0))
    usable = root > 1e-8 * root.max()
    target = (vectors.T @ product)[usable] / root[usable]
    found, _ = nnls(root[usable, None] * vectors.T[usable], target)
    explained = (2.0 * found @ product - found @ gram @ found) / energy
    return found, float(explained)
