"""What of a person moves: expression, head and gaze as vectors that can be added up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.gaze import angle_degrees, head_relative_gaze
from metrics.pose import geodesic_degrees
from metrics.signals.face import FaceTrack

Motion = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of motion.

    Attributes:
        name: Part of the protocol ids.
        what: The vector in words, for cards.
        unit: Of the vector's components.
        motion: Returns ``(N, D)`` of a track, NaN where it cannot be read.
        distance: Returns ``(N,)``, the absolute distance of two tracks.
        still: Root of the mean squared length of the vector about its mean, below which a person
            does not move: what the tracker reads off a still picture in camera noise.
    """

    name: str
    what: str
    unit: str
    motion: Callable[[FaceTrack], Motion]
    distance: Callable[[FaceTrack, FaceTrack], Motion]
    still: float


def expression(track: FaceTrack) -> Motion:
    """Return the 51 blendshapes without ``_neutral``, ``(N, 51)`` in [0, 1]."""
    return track.blendshapes[:, 1:].astype(np.float64)


def pose(track: FaceTrack) -> Motion:
    """Return the rotation of the head against its mean, ``(N, 3)`` rotation vectors in degrees.

    In camera axes; the mean rotation is the one nearest to the mean of the matrices. Rotation
    vectors add up as long as heads turn by less than some 30 degrees from their mean.
    """
    from scipy.spatial.transform import Rotation  # slow to import, and cards need it not

    known = np.flatnonzero(track.present)
    vectors = np.full((len(track.pose), 3), np.nan)
    if len(known):
        turned = Rotation.from_matrix(track.rotation[known])
        vectors[known] = (turned * turned.mean().inv()).as_rotvec(degrees=True)
    return vectors


def gaze(track: FaceTrack) -> Motion:
    """Return yaw and pitch of the eyes in the head, ``(N, 2)`` degrees; NaN with closed eyes."""
    direction = head_relative_gaze(track)
    yaw = np.arctan2(direction[:, 0], direction[:, 2])
    pitch = np.arcsin(np.clip(direction[:, 1], -1.0, 1.0))
    angles: Motion = np.degrees(np.stack([yaw, pitch], axis=-1))
    return angles


def _expression_distance(a: FaceTrack, b: FaceTrack) -> Motion:
    result: Motion = np.abs(expression(a) - expression(b)).mean(axis=-1)
    return result


def _pose_distance(a: FaceTrack, b: FaceTrack) -> Motion:
    return geodesic_degrees(a.rotation, b.rotation)


def _gaze_distance(a: FaceTrack, b: FaceTrack) -> Motion:
    return angle_degrees(head_relative_gaze(a), head_relative_gaze(b))


CHANNELS: tuple[Channel, ...] = (
    Channel("expression", "the 51 blendshapes", "", expression, _expression_distance, still=0.15),
    Channel(
        "pose", "the rotation vector of the head against its mean", "deg", pose, _pose_distance, 1.0
    ),
    Channel("gaze", "yaw and pitch of the eyes in the head", "deg", gaze, _gaze_distance, 2.0),
)
