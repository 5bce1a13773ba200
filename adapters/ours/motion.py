"""What moves in a driving person: head and expression, relative to the first frame."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Face
from adapters.ours import indices as at
from adapters.ours.geometry import Points, fit_rigid, pictured, pixels, solid, to_image_axes
from adapters.ours.lids import openness
from adapters.ours.rings import face_size

CAMERA = 3.0
"""Distance of the camera in face sizes: about 40 cm, that of a phone or webcam. Between 2 and 6 it
matters little; without perspective, nods are carried over by a tenth too small."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """A face without its pose.

    Attributes:
        rotation: ``(3, 3)`` from head axes (x right, y down, z away) to image axes.
        centre: ``(3,)`` middle of the tragi, pixels.
        points: ``(478, 3)`` landmarks in head axes about the centre, perspective undone, pixels.
        distance: Of the camera, see `geometry.solid`.
    """

    rotation: NDArray[np.float64]
    centre: NDArray[np.float64]
    points: Points
    distance: float

    @classmethod
    def of(cls, face: Face, size: tuple[int, int]) -> "HeadShape":
        """Take the pose off a face tracked in a frame of ``(height, width)``."""
        points, rotation = pixels(face, size), to_image_axes(face.pose[:3, :3])
        centre = points[list(at.TRAGI)].mean(axis=0)
        distance = CAMERA * face_size(points)
        return cls(rotation, centre, solid(points - centre, distance) @ rotation, distance)

    def placed(self, points: Points) -> Points:
        """Return where ``points`` given in head axes lie in the picture."""
        result: Points = self.centre + pictured(points @ self.rotation.T, self.distance)
        return result


@dataclass(frozen=True, slots=True)
class Motion:
    """Movement of one driving person since the first frame.

    Attributes:
        rotation: ``(3, 3)`` of the head, in image axes.
        scale: Growth of the head in the picture.
        shift: ``(2,)`` of its centre, pixels of the driving frame.
        expression: ``(478, 3)`` movement of the landmarks in head axes, pixels of the first
            driving frame.
        eyes: Openness of each eye, first frame and now.
    """

    rotation: NDArray[np.float64]
    scale: float
    shift: NDArray[np.float64]
    expression: Points
    eyes: Mapping[at.Opening, tuple[float, float]]

    def scaled(self, strength: float) -> "Motion":
        """Return the part ``strength`` of the motion: 0 is rest, 1 is all of it."""
        if strength == 1.0:
            return self
        turn, _ = cv2.Rodrigues(self.rotation)
        rotation, _ = cv2.Rodrigues(strength * turn)
        eyes = {
            eye: (first, first + strength * (now - first))
            for eye, (first, now) in self.eyes.items()
        }
        return Motion(
            np.asarray(rotation, dtype=np.float64),
            1.0 + strength * (self.scale - 1.0),
            strength * self.shift,
            strength * self.expression,
            eyes,
        )


class Driver:
    """One driving person, known from the first frame.

    Args:
        face: As tracked in the first frame.
        size: ``(height, width)`` of the driving frames.
    """

    def __init__(self, face: Face, size: tuple[int, int]) -> None:
        self._size = size
        self._first = HeadShape.of(face, size)

    @property
    def first(self) -> HeadShape:
        """The first frame's face."""
        return self._first

    def motion(self, face: Face) -> Motion:
        """Return how the person moved until now.

        The head's motion is fitted to the landmarks that expression hardly moves, in 3D. The
        tracker's own pose would do as well, but it assumes a camera with perspective, in which a
        face that is shifted sideways reads as turned.
        """
        first, steady = self._first, list(at.STEADY)
        picture = pixels(face, self._size)
        middle = picture[list(at.TRAGI)].mean(axis=0)
        before = (first.points @ first.rotation.T)[steady]
        after = solid(picture - middle, first.distance)[steady]
        rotation, scale = fit_rigid(before, after)
        # The first centre is the origin of ``before``; it goes to:
        centre = middle + after.mean(axis=0) - scale * rotation @ before.mean(axis=0)
        points = solid(picture - centre, first.distance) @ (rotation @ first.rotation) / scale
        return Motion(
            rotation,
            scale,
            (centre - first.centre)[:2],
            points - first.points,
            {eye: (openness(first.points, eye), openness(points, eye)) for eye in at.EYES},
        )
