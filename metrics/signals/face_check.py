"""What a face track must look like before anything is measured on it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from metrics.signals.face import FaceTrack

N_LANDMARKS, N_BLENDSHAPES = 478, 52
_FAR = 10.0
"""Landmarks are in [0, 1] of the frame; a face may reach out of it, not by this many frames."""
_ROUNDING = 1e-3


def check_track(track: "FaceTrack", frames: int) -> None:
    """Refuse a track of a wrong type, shape or range; NaN is a person who was not found.

    Args:
        track: The track.
        frames: How many frames it must have.

    Raises:
        ValueError: With what was expected and what came.
    """
    _check_array("landmarks", track.landmarks, (frames, N_LANDMARKS, 3))
    _check_array("blendshapes", track.blendshapes, (frames, N_BLENDSHAPES))
    _check_array("pose", track.pose, (frames, 4, 4))
    for name, array in track.features.items():
        _check_array(name, array, (frames, *array.shape[1:]))
    if min(track.size) < 1:
        raise ValueError(f"expected a frame size, got {track.size}")
    _check_range("landmarks", track.landmarks[..., :2], -_FAR, _FAR)
    _check_range("blendshapes", track.blendshapes, -_ROUNDING, 1.0 + _ROUNDING)
    _check_rotations(track.rotation)


def _check_array(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape or not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"expected {name} {shape} float, got {array.shape} {array.dtype}")


def _check_range(name: str, array: NDArray[Any], low: float, high: float) -> None:
    if ((array < low) | (array > high)).any():  # False for NaN
        found = float(np.nanmin(array)), float(np.nanmax(array))
        raise ValueError(
            f"expected {name} in [{low:g}, {high:g}], got {found[0]:g} to {found[1]:g}"
        )


def _check_rotations(rotation: NDArray[np.float64]) -> None:
    error = np.abs(rotation @ rotation.transpose(0, 2, 1) - np.eye(3))
    if (error > _ROUNDING).any():
        raise ValueError(f"a head rotation is not orthonormal: off by {np.nanmax(error):.2g}")
