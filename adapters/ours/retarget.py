"""Carrying a driver's motion over to a portrait."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from adapters.base import ALL_COMPONENTS, Component, Face
from adapters.ours import indices as at
from adapters.ours import lids, topology
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.motion import HeadShape, Motion

GAZE_GAIN = 1.25
"""The tracker reports about three quarters of an iris' way: that much of what is drawn is read
back, from mini's known gaze and from clips carried over to their own first frame. On those clips
the gaze of the result is nearest to the driver's with gains between 1.15 and 1.5."""

_KNEE = 0.6  # of the room around a face, up to which it moves freely


class Sitter:
    """One face of a portrait, and the driver whose motion it takes.

    Args:
        face: As tracked in the portrait.
        size: ``(height, width)`` of the portrait.
        driver: The driver's face in the first driving frame.
        room: Distance in pixels that the face can move to the left, right, up and down before
            it leaves the frame or meets a neighbour.
        components: What is carried over.
    """

    def __init__(
        self,
        face: Face,
        size: tuple[int, int],
        driver: HeadShape,
        room: tuple[float, float, float, float] = (np.inf, np.inf, np.inf, np.inf),
        components: Collection[Component] = ALL_COMPONENTS,
    ) -> None:
        self.shape = HeadShape.of(face, size)
        self._room = room
        self._components = frozenset(components)
        self._proportions = proportions(self.shape.points, driver.points)
        weights = topology.region_weights()
        self._driven = sum(
            (weights[c] for c in weights if c in self._components), np.zeros(at.N_LANDMARKS)
        )

    @property
    def landmarks(self) -> Points:
        """``(478, 3)`` pixels at rest."""
        return self.shape.placed(self.shape.points)

    def follow(self, motion: Motion) -> tuple[Points, RigidMotion]:
        """Return where the landmarks go, ``(478, 3)`` pixels, and how the head moves."""
        head = self.head(motion)
        return head(self.shape.placed(self.expression(motion))), head

    def head(self, motion: Motion) -> RigidMotion:
        """Return how the head moves."""
        if Component.POSE not in self._components:
            return RigidMotion.still(self.shape.centre)
        shift = float(self._proportions.mean()) * motion.shift
        left, right, up, down = self._room
        limited = (_limited(shift[0], left, right), _limited(shift[1], up, down), 0.0)
        return RigidMotion(
            motion.rotation, motion.scale, self.shape.centre, np.array(limited), self.shape.distance
        )

    def expression(self, motion: Motion) -> Points:
        """Return the face with its expression, ``(478, 3)`` in head axes."""
        rest = self.shape.points
        expression = motion.expression.copy()
        for eye in at.EYES:
            with_socket = expression[[eye.upper[0], eye.upper[-1]]].mean(axis=0)
            gaze = expression[list(eye.iris)] - with_socket
            expression[list(eye.iris)] = with_socket + GAZE_GAIN * gaze
        moved = rest + self._driven[:, None] * self._proportions * expression
        if Component.EYES in self._components:
            for eye, (first, now) in motion.eyes.items():
                wanted = lids.carried_openness(lids.openness(rest, eye), first, now)
                lids.set_openness(moved, eye, rest, wanted)
        for opening in (*at.EYES, at.MOUTH):
            lids.uncross(moved, opening)
        return moved


def proportions(portrait: Points, driver: Points) -> NDArray[np.float64]:
    """Return how much wider, higher and deeper the portrait's face is, ``(3,)``.

    Least squares over the landmarks that expression hardly moves, in head axes.
    """
    steady = list(at.STEADY)
    a = driver[steady] - driver[steady].mean(axis=0)
    b = portrait[steady] - portrait[steady].mean(axis=0)
    result: NDArray[np.float64] = (a * b).sum(axis=0) / (a * a).sum(axis=0)
    return result


def _limited(shift: float, room_before: float, room_after: float) -> float:
    """Return a shift that stays free up to the knee and then nears the room, never passing it."""
    room = room_before if shift < 0.0 else room_after
    size, knee = abs(shift), _KNEE * room
    if size <= knee:
        return shift
    rest = max(room - knee, 1e-9)
    return float(np.sign(shift) * (knee + rest * (1.0 - np.exp(-(size - knee) / rest))))
