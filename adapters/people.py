"""Cutting a driving video of several people into one video a person."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from adapters.base import Frame, MethodError, Request

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
        request.services.media.write_video(path, _crops(request, box), request.fps)
        written.append(path)
    return written


def face_boxes(request: Request, people: int, margin: float) -> list[Box]:
    """Return the box of each driving person, left to right, as `cut_people` uses it."""
    height = width = 0
    low = np.full((people, 2), np.inf)
    high = np.full((people, 2), -np.inf)
    for frame in request.services.media.frames(request.driving):
        height, width = frame.shape[:2]
        faces = request.services.faces(frame, people)
        if len(faces) != people:  # ranks mean nothing where somebody is missing
            continue
        for rank, face in enumerate(faces):
            points = face.landmarks[:, :2] * (width, height)
            low[rank] = np.minimum(low[rank], points.min(axis=0))
            high[rank] = np.maximum(high[rank], points.max(axis=0))
    if not np.isfinite(low).all():
        raise MethodError(f"no driving frame shows the faces of all {people} people")
    middles = (high[:-1, 0] + low[1:, 0]) / 2
    walls = np.concatenate([[0.0], middles, [float(width)]])
    extra = margin * (high - low)
    boxes = []
    for rank in range(people):
        left, top = low[rank] - extra[rank]
        right, bottom = high[rank] + extra[rank]
        boxes.append(
            _even(
                (max(left, walls[rank]), max(top, 0.0)),
                (min(right, walls[rank + 1]), min(bottom, float(height))),
            )
        )
    return boxes


def _even(start: tuple[float, float], stop: tuple[float, float]) -> Box:
    """Round to pixels inside, with even sides: H.264 in yuv420p has no others."""
    left, top = (int(np.ceil(v)) for v in start)
    right, bottom = (int(np.floor(v)) for v in stop)
    right -= (right - left) % 2
    bottom -= (bottom - top) % 2
    if right - left < 2 or bottom - top < 2:
        raise MethodError("the driving people stand too close to be cut apart")
    return left, top, right, bottom


def _crops(request: Request, box: Box) -> Iterator[Frame]:
    left, top, right, bottom = box
    for frame in request.services.media.frames(request.driving):
        yield np.ascontiguousarray(frame[top:bottom, left:right])
