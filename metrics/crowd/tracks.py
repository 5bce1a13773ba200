"""Who is who over time: tracks of people from unordered detections, by geometry alone.

People are named by their left-to-right rank in the first frame where all of them are seen. From
there each one is followed forwards and backwards by place and shape, as `definition` states. What
is later scored (expression, pose, gaze) plays no part, and nothing is kept from clip to clip.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.crowd.boxes import Boxes, giou, sizes
from metrics.crowd.definition import TRACKER
from metrics.crowd.people import grown, left_to_right
from metrics.crowd.shape import Shapes, distance, shapes
from metrics.signals.face import FaceSignal, FaceTrack

_FORBIDDEN = 1e6
"""Cost of a pair that fails a gate: more than any sum of costs of pairs that pass."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """People over the frames of a clip.

    Attributes:
        slots: ``(P, T)`` index of each person's detection in each frame, -1 where unseen. No
            detection belongs to two people.
    """

    slots: NDArray[np.intp]

    @property
    def people(self) -> int:
        """Number of people."""
        return len(self.slots)

    @property
    def present(self) -> NDArray[np.bool_]:
        """``(P, T)``: whether the person was found."""
        return self.slots >= 0

    def take(self, faces: NDArray[Any]) -> NDArray[Any]:
        """Return values a person, ``(P, T, ...)``, of values a face, ``(T, F, ...)``.

        Whatever an extractor says of each detection, in the detector's order. Floating point;
        NaN where a person is not seen.

        Raises:
            ValueError: If ``faces`` does not belong to these frames or has no NaN.
        """
        if len(faces) != self.slots.shape[1]:
            raise ValueError(f"{len(faces)} frames of faces for {self.slots.shape[1]} of tracks")
        if not np.issubdtype(faces.dtype, np.floating):
            raise ValueError(f"faces must be floating point, got {faces.dtype}")
        taken = np.full((*self.slots.shape, *faces.shape[2:]), np.nan, dtype=faces.dtype)
        who, when = np.nonzero(self.present)
        taken[who, when] = faces[when, self.slots[who, when]]
        return taken

    def faces(
        self, signal: FaceSignal, features: Mapping[str, NDArray[Any]] | None = None
    ) -> list[FaceTrack]:
        """Return each person's track.

        Args:
            signal: The signal that was followed.
            features: What further extractors say of each detection, ``(T, F, ...)`` by name.
        """
        landmarks, pose = self.take(signal.landmarks), self.take(signal.pose)
        blendshapes = self.take(signal.blendshapes)
        further = {name: self.take(array) for name, array in (features or {}).items()}
        return [
            FaceTrack(
                landmarks[k],
                blendshapes[k],
                pose[k],
                signal.size,
                {name: array[k] for name, array in further.items()},
            )
            for k in range(self.people)
        ]


@dataclass(slots=True)
class _Seen:
    """Where and how each person was last seen, ``(P, ...)``, and how many frames ago."""

    boxes: Boxes
    shapes: Shapes
    lost: NDArray[np.intp]

    def copy(self) -> "_Seen":
        return _Seen(self.boxes.copy(), self.shapes.copy(), self.lost.copy())


def follow(
    signal: FaceSignal, people: int, fps: float, portrait: FaceSignal | None = None
) -> Tracks | None:
    """Follow ``people`` people through a clip.

    Args:
        signal: Faces as detected.
        people: How many to follow.
        fps: Frames a second, for the length of gaps.
        portrait: The picture that the clip animates, if any, of one frame: where a clip shows
            more faces than people, those that lie most like the portrait's are the people; where
            no frame shows all of them, they are looked for where the portrait has them.

    Returns:
        Tracks, left to right in the first frame where all are seen (in the portrait, where it
        had to serve); ``None`` if nothing says who is who.
    """
    length, boxes = len(signal.count), signal.boxes()
    form = shapes(signal.landmarks, signal.size)
    slots = np.full((max(people, 0), length), -1, dtype=np.intp)
    home = _home(portrait, people, signal.size)
    complete = _complete(boxes, people)
    if people < 1 or (not len(complete) and home is None):
        return None
    patience = TRACKER.bridge_s * fps
    if not len(complete):
        assert home is not None
        _walk(range(length), home, (boxes, form), slots, patience)
        return Tracks(slots)
    start = int(complete[0])
    slots[:, start] = _first(boxes[start], people, home)
    seen = _Seen(
        boxes[start, slots[:, start]], form[start, slots[:, start]], np.zeros(people, dtype=np.intp)
    )
    for order in (range(start + 1, length), range(start - 1, -1, -1)):
        _walk(order, seen.copy(), (boxes, form), slots, patience)
    return Tracks(slots)


def track_people(signal: FaceSignal, people: int, fps: float = 25.0) -> list[FaceTrack] | None:
    """Follow ``people`` people through a clip; see `follow`.

    Returns:
        One track a person, left to right in the first frame where all are seen; ``None`` if no
        frame shows all of them, since then nothing says who is who.
    """
    tracks = follow(signal, people, fps)
    return None if tracks is None else tracks.faces(signal)


def _complete(boxes: Boxes, people: int) -> NDArray[np.intp]:
    """Return the frames that show all people; a bystander stands in for nobody, if avoidable."""
    large = np.flatnonzero(grown(boxes) >= people)
    return large if len(large) else np.flatnonzero(np.isfinite(boxes[..., 0]).sum(axis=1) >= people)


def _home(portrait: FaceSignal | None, people: int, size: tuple[int, int]) -> _Seen | None:
    """Return the people of the portrait in pixels of a result of ``size``."""
    if portrait is None or not len(portrait.count):
        return None
    boxes = portrait.boxes()[0]
    who = left_to_right(boxes, people)
    if len(who) < people:
        return None
    scale = np.array([size[1] / portrait.size[1], size[0] / portrait.size[0]] * 2)
    form = shapes(portrait.landmarks[0, who], portrait.size)
    # Not yet seen is not lost: the first sighting may come at any time.
    return _Seen(boxes[who] * scale, form, np.full(people, -1, dtype=np.intp))


def _first(boxes: Boxes, people: int, home: _Seen | None) -> NDArray[np.intp]:
    """Return the people of the first complete frame, left to right."""
    valid = np.flatnonzero(np.isfinite(boxes[:, 0]))
    if home is None or len(valid) == people:
        return left_to_right(boxes, people)
    _, chosen = _best_pairs(-giou(home.boxes, boxes[valid]))
    who = valid[chosen]
    result: NDArray[np.intp] = who[left_to_right(boxes[who], people)]
    return result


def _walk(
    order: Iterable[int],
    seen: _Seen,
    faces: tuple[Boxes, Shapes],
    slots: NDArray[np.intp],
    patience: float,
) -> None:
    """Follow everybody through frames in ``order``; fills ``slots``, changes ``seen``."""
    boxes, form = faces
    for frame in order:
        slots[:, frame] = _assign(seen, boxes[frame], form[frame], patience)
        found = slots[:, frame] >= 0
        seen.boxes[found] = boxes[frame, slots[found, frame]]
        seen.shapes[found] = form[frame, slots[found, frame]]
        seen.lost[~found & (seen.lost >= 0)] += 1
        seen.lost[found] = 0


def _assign(seen: _Seen, boxes: Boxes, form: Shapes, patience: float) -> NDArray[np.intp]:
    """Return for each person the index of their detection in this frame, or -1."""
    slots = np.full(len(seen.boxes), -1, dtype=np.intp)
    valid = np.flatnonzero(np.isfinite(boxes[:, 0]))
    if len(slots) == 1 and len(valid) == 1:
        slots[0] = valid[0]  # one person, one face: nothing to confuse it with
        return slots
    if not len(valid):
        return slots
    overlap = giou(seen.boxes, boxes[valid])
    growth = sizes(boxes[valid])[None] / np.maximum(sizes(seen.boxes)[:, None], 1e-9)
    apart = distance(seen.shapes[:, None], form[valid][None])
    cost = (1.0 - overlap) / 2.0
    cost += TRACKER.shape_weight * np.minimum(apart / TRACKER.shape_scale, 1.0)
    allowed = overlap >= TRACKER.least_giou
    allowed &= (growth <= TRACKER.most_growth) & (growth >= 1.0 / TRACKER.most_growth)
    allowed &= (seen.lost <= patience)[:, None]
    people, faces = _best_pairs(np.where(allowed, cost, _FORBIDDEN))
    kept = allowed[people, faces]
    slots[people[kept]] = valid[faces[kept]]
    return slots


def _best_pairs(cost: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns whose summed cost is least (the Hungarian method)."""
    from scipy.optimize import linear_sum_assignment  # slow to import, and cards need it not

    rows, columns = linear_sum_assignment(cost)
    return rows, columns
