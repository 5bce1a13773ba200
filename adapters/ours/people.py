"""Who is who over time: the tracker lists faces left to right, people change places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.base import Face

_FARTHEST = 0.7
"""Of a face's size, that its centre may move from one frame to the next and be the same person."""

_LARGEST_GROWTH = 1.6  # of its size, from one frame to the next
_PATIENCE = 0.15  # by which both limits widen with each frame in which the person is lost
_BYSTANDER = 0.25  # of the largest face's size, as the tracker that scores has it


def without_bystanders(faces: Sequence[Face], size: tuple[int, int]) -> list[Face]:
    """Return the faces that count as people, in the same order: no pictures on the wall.

    Ranks in pairs are ranks among these.

    Args:
        faces: Of one frame.
        size: ``(height, width)`` of the frame.
    """
    sizes = [face_extent(face, size) for face in faces]
    return [f for f, s in zip(faces, sizes, strict=True) if s >= _BYSTANDER * max(sizes)]


def face_extent(face: Face, size: tuple[int, int]) -> float:
    """Return the root of the area of a face's box in pixels."""
    points = face.landmarks[:, :2] * np.array([size[1], size[0]], dtype=np.float64)
    return float(np.sqrt(np.ptp(points, axis=0).prod()))


@dataclass(slots=True)
class _Person:
    centre: NDArray[np.float64]
    size: float
    lost: int = 0


class People:
    """Follows people from frame to frame by where they are.

    Each face goes to the person who was nearest in the last frame in which that person was seen;
    nearest pairs first. A face too far from everybody, or of quite another size, is nobody's.

    Args:
        faces: Faces of the first frame; their order names the people.
        size: ``(height, width)`` of the frames.
    """

    def __init__(self, faces: Sequence[Face], size: tuple[int, int]) -> None:
        self._size = size
        self._scale = np.array([size[1], size[0]], dtype=np.float64)
        self._people = [self._person(face) for face in faces]

    def _person(self, face: Face) -> _Person:
        points = face.landmarks[:, :2] * self._scale
        low, high = points.min(axis=0), points.max(axis=0)
        return _Person((low + high) / 2.0, face_extent(face, self._size))

    def assign(self, faces: Sequence[Face]) -> list[Face | None]:
        """Return each person's face among those of the next frame, ``None`` for who is lost."""
        seen = [self._person(face) for face in faces]
        found: list[Face | None] = [None] * len(self._people)
        candidates = sorted(
            (distance, who, which)
            for who, person in enumerate(self._people)
            for which, other in enumerate(seen)
            if (distance := _distance(person, other)) is not None
        )
        taken: set[int] = set()
        for _, who, which in candidates:
            if found[who] is None and which not in taken:
                found[who] = faces[which]
                taken.add(which)
                self._people[who] = seen[which]
        for who, face in enumerate(found):
            if face is None:
                self._people[who].lost += 1
        return found


def _distance(person: _Person, other: _Person) -> float | None:
    """Return the distance in face sizes, or ``None`` if they cannot be the same person."""
    slack = 1.0 + _PATIENCE * person.lost
    growth = max(other.size / person.size, person.size / other.size)
    away = float(np.linalg.norm(other.centre - person.centre)) / person.size
    if away > _FARTHEST * slack or growth > _LARGEST_GROWTH * slack:
        return None
    return away
