"""A portrait with dials: from known motion to where its landmarks go.

The face is a solid in head axes (x right, y down, z away; unit: pixels of the canonical crop).
Expressions move landmarks there; the head then turns about the middle of its tragi and is pictured
by a camera at three face sizes. Sizes of expressions are shares of the face's width.
"""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from adapters.base import Face
from adapters.ours import indices as at
from adapters.ours import lids, topology
from adapters.ours.geometry import RigidMotion, to_image_axes
from adapters.ours.motion import HeadShape
from benchmark.splits.mini.portraits import SIDE, Portrait

CONVENTION = (
    "Relative to the first frame. Head rotation R = Rz(roll) Ry(yaw) Rx(pitch) in camera axes "
    "(x right, y up, z towards the viewer), degrees: positive yaw turns the nose to the right of "
    "the picture, positive pitch lowers it, positive roll tilts the head counter-clockwise. "
    "gaze_yaw and gaze_pitch turn the eyes in head axes, degrees, positive to the right of the "
    "picture and up. blink, mouth, smile and brow run from 0 to 1: lids shut, jaw dropped, corners "
    "of the mouth drawn, brows raised."
)

_JAW_DROP = 0.19  # of the chin at mouth = 1
_CORNERS_FOLLOW = 0.25  # share of the corners of the mouth in the chin's drop
_CORNERS_INWARDS = 0.02  # at mouth = 1
_SMILE = (0.045, 0.022, 0.025)  # of the mouth's corners: outwards, up, back
_BROW_RAISE = 0.045
_EYEBALL = 12.0 / 30.0  # radius over the width of the opening, adult means in mm
_AT_REST = {"astronaut": -1.1}
"""Smile to take off a portrait, whose lips are then closed, to make its neutral face: she was
photographed laughing, and the tracker reads the same movement of a laughing and of a calm mouth as
different expressions. Between two people it should read alike."""

_LID_FOLLOWS = 0.5  # share of the iris' way up or down that the upper lid goes too


@dataclass(frozen=True, slots=True)
class Dials:
    """The known motion of one person in one frame; `CONVENTION` says what the numbers mean."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze_yaw: float = 0.0
    gaze_pitch: float = 0.0
    blink: float = 0.0
    mouth: float = 0.0
    smile: float = 0.0
    brow: float = 0.0


DIALS: tuple[str, ...] = tuple(field.name for field in fields(Dials))


def head_rotation(dials: Dials) -> NDArray[np.float64]:
    """Return the head rotation ``(3, 3)`` in camera axes (x right, y up, z to the viewer)."""
    pitch, yaw, roll = np.radians([dials.pitch, dials.yaw, dials.roll])
    cp, sp, cy, sy, cr, sr = (f(a) for a in (pitch, yaw, roll) for f in (np.cos, np.sin))
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    about_y = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    about_z = np.array([[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]])
    result: NDArray[np.float64] = about_z @ about_y @ about_x
    return result


class Rig:
    """A portrait that moves by dials.

    Args:
        portrait: The portrait.
    """

    def __init__(self, portrait: Portrait) -> None:
        scale = np.full(3, float(SIDE))
        face = Face(
            (portrait.landmarks / scale).astype(np.float32),
            np.zeros(52, dtype=np.float32),
            portrait.pose.astype(np.float32),
        )
        self._shape = HeadShape.of(face, (SIDE, SIDE))
        points = self._shape.points
        self._width = float(np.linalg.norm(points[at.TRAGI[1]] - points[at.TRAGI[0]]))
        self._calm = self._calmed(_AT_REST.get(portrait.name))

    @property
    def landmarks(self) -> NDArray[np.float64]:
        """``(478, 3)`` pixels of the portrait as it was taken."""
        return self._shape.placed(self._shape.points)

    def _calmed(self, smile: float | None) -> NDArray[np.float64]:
        """Return the face with neutral dials, in head axes: a smile as taken is let go."""
        calm = self._shape.points.copy()
        if smile is not None:
            calm[: at.N_MESH] += smile * self._width * _smile()
            lids.set_openness(calm, at.MOUTH, self._shape.points, 0.0)
            lids.uncross(calm, at.MOUTH)
        return calm

    def turn(self, dials: Dials) -> tuple[NDArray[np.float64], RigidMotion]:
        """Return where the landmarks go, ``(478, 3)`` pixels, and the motion of the head."""
        shape = self._shape
        head = RigidMotion(
            to_image_axes(head_rotation(dials)), 1.0, shape.centre, np.zeros(3), shape.distance
        )
        return head(shape.placed(self._expression(dials))), head

    def _expression(self, dials: Dials) -> NDArray[np.float64]:
        moved = self._calm.copy()
        for amounts, way in _spreads():
            amount = getattr(dials, way)
            moved[: at.N_MESH] += amount * self._width * amounts
        for eye in at.EYES:
            self._look(moved, eye, dials)
        lids.uncross(moved, at.MOUTH)
        return moved

    def _look(self, moved: NDArray[np.float64], eye: at.Opening, dials: Dials) -> None:
        rest = self._shape.points
        opening = np.linalg.norm(rest[eye.upper[-1]] - rest[eye.upper[0]])
        right, up = np.sin(np.radians([dials.gaze_yaw, dials.gaze_pitch])) * _EYEBALL
        moved[list(eye.iris), 0] += right * opening
        moved[list(eye.iris), 1] -= up * opening
        rest_open = lids.openness(rest, eye)
        wanted = (rest_open + _LID_FOLLOWS * up) * (1.0 - dials.blink)
        lids.set_openness(moved, eye, rest, max(float(wanted), 0.0))


@cache
def _spreads() -> tuple[tuple[NDArray[np.float64], str], ...]:
    """Return, for each dial that moves skin, ``(468, 3)`` movement in face widths at 1."""
    return (_jaw(), "mouth"), (_smile(), "smile"), (_brows(), "brow")


def _arch(contour: tuple[int, ...], ends: float, middle: float = 1.0) -> dict[int, float]:
    """Return weights along a contour: ``middle`` in its middle, ``ends`` at its ends."""
    x = np.linspace(-1.0, 1.0, len(contour))
    values = ends + (middle - ends) * (1.0 - x * x)
    return dict(zip(contour, values.tolist(), strict=True))


def _still(*groups: tuple[int, ...]) -> dict[int, float]:
    return {i: 0.0 for group in groups for i in group}


def _spread(weights: dict[int, float]) -> NDArray[np.float64]:
    fixed = sorted(weights)
    values = np.array([[weights[i]] for i in fixed])
    return topology.spread(fixed, values, (*at.EYES, at.MOUTH))


def _jaw() -> NDArray[np.float64]:
    """The chin and the lower lip go down, the corners of the mouth follow and draw inwards."""
    eyes = (at.RIGHT_EYE.loop, at.LEFT_EYE.loop)
    still = _still(at.OVAL, at.NOSE, at.UPPER_CHEEKS, at.BROWS, *eyes)
    down = still | {i: w * w for i, w in _arch(at.JAW, 0.0).items()}  # it turns about its hinge
    inwards = still | _still(at.JAW)
    for lips in (at.MOUTH, at.OUTER_LIPS):
        down |= {i: _CORNERS_FOLLOW - w for i, w in _arch(lips.upper, 0.0, _CORNERS_FOLLOW).items()}
        down |= _arch(lips.lower, _CORNERS_FOLLOW)
        for contour in (lips.upper, lips.lower):
            inwards |= {i: 1.0 - w for i, w in _arch(contour, 0.0).items()}
    side = np.sign(topology.load().mean[: at.N_MESH, :1])
    fall = _spread(down) * _JAW_DROP
    return np.concatenate([-_CORNERS_INWARDS * side * _spread(inwards), fall, 0.25 * fall], axis=1)


def _smile() -> NDArray[np.float64]:
    eyes = (at.RIGHT_EYE.loop, at.LEFT_EYE.loop)
    still = _still(at.OVAL, at.NOSE, at.BROWS, *eyes)
    weights = dict(still)
    for lips in (at.MOUTH, at.OUTER_LIPS):
        for contour in (lips.upper, lips.lower):
            weights |= {i: 1.0 - w for i, w in _arch(contour, 0.0).items()}
    amount = _spread(weights)
    side = np.sign(topology.load().mean[: at.N_MESH, :1])
    outwards, up, back = _SMILE
    way = np.concatenate(
        [outwards * side, np.full_like(side, -up), np.full_like(side, back)], axis=1
    )
    drawn: NDArray[np.float64] = amount * way
    return drawn


def _brows() -> NDArray[np.float64]:
    eyes = (at.RIGHT_EYE.loop, at.LEFT_EYE.loop)
    weights = _still(at.OVAL, at.NOSE, at.UPPER_CHEEKS, at.SIDES, *eyes)
    weights |= dict.fromkeys(at.BROWS, 1.0)
    raised: NDArray[np.float64] = _spread(weights) * np.array([0.0, -_BROW_RAISE, 0.0])
    return raised
