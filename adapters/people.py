"""Cutting a driving video of several people into one video a person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.base import FaceTracker, Frame, MethodError, Request

Box = tuple[int, int, int, int]
"""``(left, top, right, bottom)`` in pixels, right and bottom exclusive."""


def driver_of_each_face(request: Request, count: int | None = None) -> list[int]:
    """Return the driving person of every face of the portrait, left to right.

    Raises:
        MethodError: If a face has no driver.
    """
    drivers = {pair.source: pair.driving for pair in request.pairs}
    faces = count or len(drivers)
    if sorted(drivers) != list(range(faces)):
        raise MethodError(f"drives every face or none; the case drives {len(drivers)} of {faces}")
    return [drivers[face] for face in range(faces)]


def cut_people(request: Request, folder: Path, margin: float) -> list[Path]:
    """Write ``person0.mp4``, ``person1.mp4`` ...: each person of the driving video, left to right.

    Every video has all frames, in the same order; its box is the union of the person's face over
    time with ``margin`` of its size on each side, and ends midway to the neighbour.

    Raises:
        MethodError: If the faces of the driving people are never seen together.
    """
    people = 1 + max(pair.driving for pair in request.pairs)
    boxes = face_boxes(request, people, margin)
    written = []
    for rank, box in enumerate(boxes):
        path = folder / f"person{rank}.mp4"
        whole = request.services.media.frames(request.driving)
        request.services.media.write_video(path, crops(whole, box), request.fps)
        written.append(path)
    return written


def face_boxes(request: Request, people: int, margin: float) -> list[Box]:
    """Return the box of each driving person, left to right, as `cut_people` uses it."""
    frames = request.services.media.frames(request.driving)
    seen = extents(frames, request.services.faces, people)
    boxes = []
    for rank, (left_wall, right_wall) in enumerate(seen.walls):
        extra = margin * (seen.high[rank] - seen.low[rank])
        left, top = seen.low[rank] - extra
        right, bottom = seen.high[rank] + extra
        boxes.append(
            _even(
                (max(left, left_wall), max(top, 0.0)),
                (min(right, right_wall), min(bottom, float(seen.size[0]))),
            )
        )
    return boxes


def square_boxes(seen: "Extents", margin: float) -> list[Box]:
    """Return a square around each person's face, as large as ``margin`` asks and walls allow."""
    boxes = []
    for rank, (left_wall, right_wall) in enumerate(seen.walls):
        low, high = seen.low[rank], seen.high[rank]
        limit = min(right_wall - left_wall, float(seen.size[0]))
        side = min(float((high - low).max()) * (1 + 2 * margin), limit)
        left, top = (low + high - side) / 2
        left = float(np.clip(left, left_wall, right_wall - side))
        top = float(np.clip(top, 0.0, seen.size[0] - side))
        boxes.append(_even((left, top), (left + side, top + side)))
    return boxes


@dataclass(frozen=True, slots=True)
class Extents:
    """Where each person's face was seen over time, left to right.

    Attributes:
        low: ``(people, 2)`` smallest x and y, in pixels.
        high: ``(people, 2)`` largest x and y.
        size: ``(height, width)`` of the frames.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    size: tuple[int, int]

    @property
    def walls(self) -> list[tuple[float, float]]:
        """Left and right end of each person's part: midway to the neighbours."""
        middles = (self.high[:-1, 0] + self.low[1:, 0]) / 2
        ends = [0.0, *(float(middle) for middle in middles), float(self.size[1])]
        return list(pairwise(ends))


def extents(
    frames: Iterable[Frame],
    tracker: FaceTracker,
    people: int,
    missing: str = "no driving frame shows",
) -> Extents:
    """Return where the faces of ``people`` people are in ``frames``.

    Raises:
        MethodError: If no frame shows all of them, beginning with ``missing``.
    """
    size = (0, 0)
    low = np.full((people, 2), np.inf)
    high = np.full((people, 2), -np.inf)
    for frame in frames:
        size = (frame.shape[0], frame.shape[1])
        faces = tracker(frame, people)
        if len(faces) != people:  # ranks mean nothing where somebody is missing
            continue
        for rank, face in enumerate(faces):
            points = face.landmarks[:, :2] * (size[1], size[0])
            low[rank] = np.minimum(low[rank], points.min(axis=0))
            high[rank] = np.maximum(high[rank], points.max(axis=0))
    if not np.isfinite(low).all():
        raise MethodError(f"{missing} the faces of all {people} people")
    return Extents(low, high, size)


def _even(start: tuple[float, float], stop: tuple[float, float]) -> Box:
    """Round to pixels inside, with even sides: H.264 in yuv420p has no others."""
    left, top = (int(np.ceil(v)) for v in start)
    right, bottom = (int(np.floor(v)) for v in stop)
    right -= (right - left) % 2
    bottom -= (bottom - top) % 2
    if right - left < 2 or bottom - top < 2:
        raise MethodError("the driving people stand too close to be cut apart")
    return left, top, right, bottom


def crops(frames: Iterable[Frame], box: Box) -> Iterator[Frame]:
    """Yield the part of each frame that lies in ``box``."""
    left, top, right, bottom = box
    for frame in frames:
        yield np.ascontiguousarray(frame[top:bottom, left:right])
