"""Who is who over time: tracks of people from unordered detections, by geometry alone.

People are named by their left-to-right rank in the first frame where all of them are seen. From
there each one is followed forwards and backwards: detections are assigned to the last seen boxes
so that the summed distance is least. What is later scored (expression, pose) plays no part.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from metrics.signals.face import FaceSignal, FaceTrack

_GATE = 1.0
"""Centres further apart than this many box sizes are two people."""

Boxes = NDArray[np.float64]


def left_to_right(boxes: Boxes, people: int) -> NDArray[np.intp]:
    """Return the indices of the ``people`` largest boxes ``(F, 4)``, by box centre from the left.

    Fewer indices come back if there are fewer boxes.
    """
    valid = np.flatnonzero(np.isfinite(boxes[:, 0]))
    area = (boxes[valid, 2] - boxes[valid, 0]) * (boxes[valid, 3] - boxes[valid, 1])
    largest = valid[np.argsort(-area, kind="stable")[:people]]
    centre = (boxes[largest, 0] + boxes[largest, 2]) / 2.0
    return largest[np.argsort(centre, kind="stable")]


def people_in(signal: FaceSignal, at_least: int) -> int:
    """Return how many people a clip shows: the most frequent count, but ``at_least`` that many."""
    present = signal.count[signal.count > 0]
    usual = int(np.bincount(present).argmax()) if len(present) else 0
    return max(usual, at_least)


def track_people(signal: FaceSignal, people: int) -> list[FaceTrack] | None:
    """Follow ``people`` people through a clip.

    Returns:
        One track a person, left to right in the first frame where all are seen; ``None`` if no
        frame shows all of them, since then nothing says who is who.
    """
    boxes = signal.boxes()
    complete = np.flatnonzero(signal.count >= people)
    if people < 1 or not len(complete):
        return None
    start = int(complete[0])
    length = len(signal.count)
    slots = np.full((people, length), -1, dtype=np.intp)
    slots[:, start] = left_to_right(boxes[start], people)
    for order in (range(start + 1, length), range(start - 1, -1, -1)):
        last = boxes[start, slots[:, start]].copy()
        for frame in order:
            slots[:, frame] = _assign(last, boxes[frame])
            seen = slots[:, frame] >= 0
            last[seen] = boxes[frame, slots[seen, frame]]
    return [_track(signal, slots[person]) for person in range(people)]


def _assign(last: Boxes, found: Boxes) -> NDArray[np.intp]:
    """Return for each person the index of their detection in this frame, or -1."""
    slots = np.full(len(last), -1, dtype=np.intp)
    valid = np.flatnonzero(np.isfinite(found[:, 0])) if len(found) else np.zeros(0, dtype=np.intp)
    if len(last) == 1 and len(valid) == 1:
        slots[0] = valid[0]  # one person, one face: nothing to confuse it with
        return slots
    if not len(valid):
        return slots
    extent = np.maximum(last[:, 2:] - last[:, :2], 1.0).max(axis=1)
    between = _centres(last)[:, None] - _centres(found[valid])[None]
    cost = np.linalg.norm(between, axis=-1) / extent[:, None]
    people, faces = linear_sum_assignment(np.minimum(cost, 2.0 * _GATE))
    for person, face in zip(people, faces, strict=True):
        if cost[person, face] <= _GATE:
            slots[person] = valid[face]
    return slots


def _centres(boxes: Boxes) -> Boxes:
    return (boxes[:, :2] + boxes[:, 2:]) / 2.0


def _track(signal: FaceSignal, slots: NDArray[np.intp]) -> FaceTrack:
    track = FaceTrack.absent(len(slots), signal.size)
    seen = np.flatnonzero(slots >= 0)
    track.landmarks[seen] = signal.landmarks[seen, slots[seen]]
    track.blendshapes[seen] = signal.blendshapes[seen, slots[seen]]
    track.pose[seen] = signal.pose[seen, slots[seen]]
    return track
