"""Judging pictures: which output frames changed, and where. Pure functions of arrays.

Nothing here needs trained weights: what is judged is which outputs depend on which inputs.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.conformance.verdict import Finding, broken, held, untestable

Video = NDArray[np.uint8]
"""``(T, H, W, 3)``."""

MARK = 8
"""A corner mark is this fraction of a side, one over."""

_QUIET = 0.02  # levels: less than a bit of noise anywhere
_SHARE = 0.25  # of the largest change: what counts as changed
_NEIGHBOURS = 3  # outputs; and up to half of all: changes further apart have no place in time
_AGREE = 3  # replaced frames, whose images stand out by one offset
_STANDS_OUT = 3.0  # standard deviations of the other frames' change
_OVER = 0.1  # of their change
_OFF_BY = 0.75  # frames
_MISPLACED = 1 / 16  # of a side
_CELLS = 16  # a side: half a mark each
_PEAKED = 4.0  # times the median cell: a change that has a place
_STRETCH = 24  # levels beyond the input's range


def changes(one: Video, other: Video) -> NDArray[np.float64]:
    """Return the mean absolute difference of each frame, in levels, ``(T,)``."""
    apart = np.abs(one.astype(np.float32) - other)
    return np.asarray(apart.mean(axis=(1, 2, 3), dtype=np.float64))


def determinism(one: Video, other: Video) -> Finding:
    """Judge two runs with one seed."""
    rule = "same seed, same frames"
    if one.shape != other.shape:
        return broken(rule, f"the first run gave {one.shape}, the second {other.shape}")
    if np.array_equal(one, other):
        return held(rule, f"two runs gave the same {len(one)} frames, bit for bit")
    worst = int(np.abs(one.astype(np.int16) - other).max())
    mean = float(changes(one, other).mean())
    return broken(rule, f"two runs differ by up to {worst} levels, {mean:.2g} on average")


def frame_map(
    base: Video, perturbed: Mapping[int, Video], stated: Sequence[int], noise: float
) -> Finding:
    """Judge the frame map: driving frame j was replaced, which outputs changed?

    For a method that looks at each driving frame alone exactly the outputs that came from it
    change; for one that looks around, the middle of those that change is judged. Where all change,
    one output has to stand out, and by the same offset for each frame that was replaced.

    Args:
        base: The outputs of the untouched driving video.
        perturbed: By driving frame, the outputs when that frame was another picture.
        stated: The frame map.
        noise: Mean change between two equal runs, in levels.
    """
    rule = "frame map"
    offsets, spans, peaks = [], [], []
    for driving, outputs in sorted(perturbed.items()):
        expected = np.flatnonzero(np.asarray(stated) == driving)
        if not len(expected):
            continue
        change = changes(base, outputs)
        top = float(change.max())
        if top <= max(_QUIET, 3 * noise):
            continue
        moved = np.flatnonzero(change > max(_SHARE * top, 2 * noise))
        if np.ptp(moved) >= max(_NEIGHBOURS, len(base) // 2):
            peaks.append(_peak(change) - float(expected.mean()))
            continue
        offsets.append(float(moved[0] + moved[-1]) / 2 - float(expected.mean()))
        spans.append(len(moved))
    tried = ", ".join(str(driving) for driving in sorted(perturbed))
    if len(offsets) > len(peaks) and np.ptp(offsets) <= max(spans):  # blocks answer as a whole
        how = "that output alone" if max(spans) == 1 else f"up to {max(spans)} outputs around it"
    elif len(peaks) >= _AGREE and np.ptp(peaks) < _OFF_BY:  # never so with NaN, which is no peak
        offsets, how = peaks, "every output, and that one stood out"
    else:
        why = "changes outputs everywhere" if peaks or offsets else "changes no output"
        return untestable(rule, f"another driving frame ({tried}) {why}")
    offset = float(np.median(offsets))
    if abs(offset) < _OFF_BY:
        return held(rule, f"replacing driving frames {tried} changed {how}")
    return broken(
        rule,
        f"replacing driving frames {tried} changed outputs {offset:+.1f} frames away from where "
        "the frame map puts them",
    )


def _peak(change: NDArray[np.float64]) -> float:
    """Return the frame that stands out where all changed; NaN if none does.

    A lossy video spreads a small change over all of its frames, and evenly.
    """
    usual = float(np.median(change))
    spread = 1.4826 * float(np.median(np.abs(change - usual)))  # as a standard deviation
    out = np.flatnonzero(change > usual + max(_STANDS_OUT * spread, _OVER * usual))
    return float(out[0]) if len(out) == 1 else float("nan")


def corner_boxes(size: tuple[int, int]) -> list[tuple[slice, slice]]:
    """Return where the four corner marks lie on a canvas ``(height, width)``."""
    height, width = size
    h, w = height // MARK, width // MARK
    rows = (slice(h, 2 * h), slice(height - 2 * h, height - h))
    columns = (slice(w, 2 * w), slice(width - 2 * w, width - w))
    return [(row, column) for row in rows for column in columns]


def geometry(plain: Sequence[Video], marked: Sequence[Video], noise: float) -> Finding:
    """Judge where pixels lie: one corner of the portrait was marked, where did outputs change?

    Args:
        plain: The outputs, at the size of the canvas; one video serves for all corners.
        marked: For each of `corner_boxes`, the outputs when the portrait had a mark there.
        noise: Mean change between two equal runs, in levels.
    """
    rule = "geometry"
    size = (plain[0].shape[1], plain[0].shape[2])
    misses, lost = [], 0
    for box, outputs in zip(corner_boxes(size), marked, strict=True):
        heat = np.abs(plain[0].astype(np.float32) - outputs).mean(axis=(0, 3))
        at = _place(heat, max(_QUIET, 3 * noise))
        if at is None:
            lost += 1
            continue
        middle = [(s.start + s.stop) / 2 / size[i] for i, s in enumerate(box)]
        misses.append([at[i] - middle[i] for i in (0, 1)])
    if len(misses) < 2:
        return untestable(rule, f"{lost} of 4 marks in the corners left no trace that has a place")
    worst = float(np.abs(misses).max())
    said = f"{len(misses)} of 4 corner marks came out within {100 * worst:.1f}% of a side"
    if worst <= _MISPLACED:
        return held(rule, said)
    return broken(
        rule,
        f"corner marks came out {100 * worst:.0f}% of a side away: does a frame show more than the "
        "result (result.panel), or less of the portrait (result.geometry)?",
    )


def _place(heat: NDArray[np.float32], least: float) -> tuple[float, float] | None:
    """Return where ``heat`` is, as shares of height and width; ``None`` if it has no place.

    Judged in cells: a network that normalises by the whole picture answers a local change with
    large differences at single pixels anywhere, but not with large means.
    """
    cells = cv2.resize(heat, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    around = float(np.median(cells))
    top = float(cells.max())
    if top <= least or top < _PEAKED * around:
        return None
    found = np.argwhere(cells > around + (top - around) / 2) + 0.5
    if np.ptp(found, axis=0).max() > _CELLS / 2:  # here and there
        return None
    row, column = found.mean(axis=0) / _CELLS
    return float(row), float(column)


def value_range(outputs: Video, portrait: NDArray[np.uint8], low: int, high: int) -> Finding:
    """Judge the range: inputs lay in ``[low, high]``, do the outputs?

    A method that stretches contrast gives the full range whatever it gets. Only outputs that look
    like the portrait say anything about that.
    """
    rule = "value range"
    if outputs.max() <= 1 or np.ptp(outputs) == 0:
        return broken(rule, f"frames hold values from {outputs.min()} to {outputs.max()} alone")
    alike = np.corrcoef(outputs[0].ravel().astype(float), portrait.ravel().astype(float))[0, 1]
    if not alike > 0.5:
        return untestable(rule, f"outputs do not look like the portrait (correlation {alike:.2f})")
    bottom, top = (float(v) for v in np.percentile(outputs, (1, 99)))
    said = f"inputs in [{low}, {high}] gave outputs in [{bottom:.0f}, {top:.0f}]"
    if bottom < low - _STRETCH and top > high + _STRETCH:
        return broken(rule, f"{said}: contrast is stretched")
    return held(rule, said)


def assignment(base: Video, perturbed: Mapping[int, Video], pairs: Mapping[int, int]) -> Finding:
    """Judge who drives whom, of two people: driver d moved otherwise, which half changed?

    Args:
        base: The outputs.
        perturbed: By driving person, the outputs when that person moved otherwise.
        pairs: Driving person of each face of the portrait, left to right.
    """
    rule = "assignment"
    wrong = []
    for driver, outputs in sorted(perturbed.items()):
        heat = np.abs(base.astype(np.float32) - outputs).mean(axis=(0, 1, 3))
        middle = len(heat) // 2
        left, right = float(heat[:middle].mean()), float(heat[middle:].mean())
        if max(left, right) <= _QUIET or max(left, right) < 2 * min(left, right):
            return untestable(rule, f"driving person {driver} changes both halves alike")
        face = 0 if left > right else 1
        if pairs[face] != driver:
            wrong.append(f"person {driver} drives face {face}, not {1 - face}")
    if wrong:
        return broken(rule, "; ".join(wrong))
    return held(rule, "each driving person moved the face that the case gives it")
