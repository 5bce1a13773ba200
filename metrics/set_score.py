"""One score of all results against all references, and what is needed to read it.

The unit of chance is the reference clip: frames of a clip resemble each other, and so do results
with the same driving clip. Whatever is left out or halved below is therefore whole reference
clips, each with all cases that it drives. Sources that several driving clips share are not
accounted for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from metrics.feature_sets import Distance, DistanceError, Features, Groups, Labels, TooFewItems
from metrics.score import NotMeasured

MAX_GROUPS = 20
SMALL = 256


@dataclass(frozen=True, slots=True)
class SetScore:
    """A distance between the results and the references of a set of cases.

    Attributes:
        value: Raw value in the unit of the metric's card.
        cases: Cases whose reference clip gives items.
        clips: How many of their results do; the others are missing from the value.
        items: Items of these results (frames, windows).
        reference_clips: Different reference clips that give items; the same for every method.
        reference_items: Their items.
        replicates: Values without each group of reference clips and their cases; groups are
            neighbours in case order, at most `MAX_GROUPS`, as equal as can be, the same for every
            method. Empty where there are fewer than two reference clips, or fewer than two items
            left without a group.
        half: Value of one result for every second reference clip (the first, third, ... ; of the
            cases that it drives the first that gives items, if one does) against the other
            reference clips.
        floor: The same with the reference clips themselves in place of their results: what
            clips of different people score. Both ``None`` where a half has fewer than two items.
        expected: Items of all these cases if every frame of their reference clips had a result; 0
            where nobody counted.
    """

    value: float
    cases: int
    clips: int
    items: int
    reference_clips: int
    reference_items: int
    replicates: tuple[float, ...] = ()
    half: float | None = None
    floor: float | None = None
    expected: int = 0

    @property
    def stderr(self) -> float | None:
        """Standard error of the value, by delete-a-group jackknife; ``None`` without replicates."""
        return jackknife_stderr(self.replicates)

    @property
    def small(self) -> bool:
        """Whether a set has fewer than `SMALL` clips, so that such values are mostly noise."""
        return min(self.clips, self.reference_clips) < SMALL


def jackknife_stderr(replicates: Sequence[float]) -> float | None:
    """Return ``sqrt((G - 1) / G * sum (v_g - mean v)²)``; ``None`` for fewer than two.

    The delete-a-group jackknife (Kott 2001). The mean is that of the replicates: what the smaller
    sets add to a Fréchet distance is then common to all terms and cancels. Measured on Gaussian
    clips: 0.95 to 1.05 of the true error of a Fréchet distance, 1.4 where both sets have the same
    distribution.
    """
    count = len(replicates)
    if count < 2:
        return None
    return float(np.sqrt((count - 1) * np.var(replicates)))


def stderr_of_difference(first: SetScore, second: SetScore) -> float | None:
    """Return the standard error of ``first.value - second.value``, two methods on the same cases.

    What a hard driving clip does to both cancels, so it is below what the two errors suggest.
    ``None`` where either has no replicates, or not as many as the other.
    """
    if len(first.replicates) != len(second.replicates):
        return None
    pairs = zip(first.replicates, second.replicates, strict=True)
    return jackknife_stderr([a - b for a, b in pairs])


def set_score(
    generated: Sequence[Features],
    reference: Sequence[Features],
    keys: Sequence[str],
    distance: Distance,
) -> SetScore | NotMeasured:
    """Score the results of a set of cases.

    Args:
        generated: One ``(n, D)`` array a case, in case order; empty where a case gave nothing.
        reference: The reference clip of each case, ``(m, D)``.
        keys: Content of each case's reference clip (its sha256); cases with the same key have
            the same reference clip, which enters once.
        distance: Between two sets of items.

    Returns:
        The score, or why there is none: no items or only one, something not finite. Cases whose
        reference clip gives no item are left out on both sides, for every method alike.

    Raises:
        ValueError: If the arguments do not fit together.
    """
    _check(generated, reference, keys)
    clips = _reference_clips(reference, keys)
    results = {
        case: (key, features)
        for case, (key, features) in enumerate(zip(keys, generated, strict=True))
        if key in clips and len(features)
    }
    refusal = _refusal(results, clips)
    if refusal is not None:
        return refusal
    x, y = _pooled(features for _, features in results.values()), _pooled(clips.values())
    try:
        value, replicates = _with_replicates(x, y, _groups(results, clips), distance)
        half, floor = _halves(results, clips, distance)
        return SetScore(
            value=value,
            cases=sum(key in clips for key in keys),
            clips=len(results),
            items=len(x),
            reference_clips=len(clips),
            reference_items=len(y),
            replicates=replicates,
            half=half,
            floor=floor,
            expected=sum(len(clips[key]) for key in keys if key in clips),
        )
    except DistanceError as error:
        return NotMeasured(str(error))


Results = dict[int, tuple[str, Features]]
"""By case, in case order: key of its reference clip, and what the result gives."""
Clips = dict[str, Features]
"""Reference clips by key, in the order of the cases that need them first."""


def _check(
    generated: Sequence[Features], reference: Sequence[Features], keys: Sequence[str]
) -> None:
    if not len(generated) == len(reference) == len(keys):
        counts = f"{len(generated)} results, {len(reference)} references, {len(keys)} keys"
        raise ValueError(f"expected one of each a case, got {counts}")
    shapes = {array.shape[1:] for array in (*generated, *reference) if len(array)}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError(f"items differ in shape, or are no vectors: {sorted(shapes)}")


def _reference_clips(reference: Sequence[Features], keys: Sequence[str]) -> Clips:
    clips: Clips = {}
    for key, features in zip(keys, reference, strict=True):
        if len(clips.setdefault(key, features)) != len(features):
            raise ValueError(f"two references with the key {key} differ in length")
    return {key: features for key, features in clips.items() if len(features)}


def _refusal(results: Results, clips: Clips) -> NotMeasured | None:
    if not clips:
        return NotMeasured("no reference clip is long enough to give an item", of_input=True)
    if not all(np.isfinite(features).all() for features in clips.values()):
        return NotMeasured("a feature of a reference clip is not finite", of_input=True)
    if not results:
        return NotMeasured("no result is long enough to give an item")
    for case, (_, features) in results.items():
        if not np.isfinite(features).all():
            return NotMeasured(f"a feature of result {case + 1} is not finite")
    return None


def _groups(results: Results, clips: Clips) -> Groups:
    count = min(MAX_GROUPS, len(clips))
    of = {key: place * count // len(clips) for place, key in enumerate(clips)}
    return Groups(
        _labels((of[key], len(features)) for key, features in results.values()),
        _labels((of[key], len(features)) for key, features in clips.items()),
        count,
    )


def _labels(runs: Iterable[tuple[int, int]]) -> Labels:
    groups, lengths = zip(*runs, strict=True)
    return np.repeat(np.array(groups, dtype=np.intp), lengths)


def _with_replicates(
    x: Features, y: Features, groups: Groups, distance: Distance
) -> tuple[float, tuple[float, ...]]:
    if groups.count < 2:
        return distance(x, y), ()
    try:
        value, replicates = distance.leave_out(x, y, groups)
    except TooFewItems:
        return distance(x, y), ()
    return value, tuple(replicates.tolist())


def _halves(
    results: Results, clips: Clips, distance: Distance
) -> tuple[float | None, float | None]:
    """Return score and floor at half the clips, see `SetScore`."""
    first: Clips = {}
    for key, features in results.values():
        first.setdefault(key, features)
    half, other = list(clips)[0::2], list(clips)[1::2]
    against = [clips[key] for key in other]
    made = [first[key] for key in half if key in first]
    return _between(made, against, distance), _between(
        [clips[key] for key in half], against, distance
    )


def _between(x: list[Features], y: list[Features], distance: Distance) -> float | None:
    if not x or not y:
        return None
    try:
        return distance(_pooled(x), _pooled(y))
    except TooFewItems:
        return None


def _pooled(clips: Iterable[Features]) -> Features:
    return np.concatenate(list(clips))
