"""The face signal: what a face network sees in each frame, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

N_LANDMARKS = 478
N_BLENDSHAPES = 52

EYES = (
    "eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight "
    "eyeWideLeft eyeWideRight"
).split()
BROWS = "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight".split()
CHEEKS = "cheekPuff cheekSquintLeft cheekSquintRight".split()
JAW = "jawForward jawLeft jawOpen jawRight".split()
MOUTH = (
    "mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel "
    "mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker "
    "mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight"
).split()
NOSE = "noseSneerLeft noseSneerRight".split()
BLENDSHAPES: tuple[str, ...] = ("_neutral", *BROWS, *CHEEKS, *EYES, *JAW, *MOUTH, *NOSE)
"""MediaPipe's order (face_blendshapes_graph.cc); papers that give indices usually leave
``_neutral`` out, so everything here selects by name."""


def blendshape_indices(names: list[str]) -> NDArray[np.intp]:
    """Return the positions of ``names`` in `BLENDSHAPES`."""
    return np.array([BLENDSHAPES.index(name) for name in names], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class FaceSignal:
    """All faces of all frames, as detected: unordered, frames independent.

    Attributes:
        count: ``(T,)`` faces found in each frame.
        landmarks: ``(T, F, 478, 3)`` float32; x in [0, 1] of the width, y of the height, z in
            units of the width; NaN from ``count`` on.
        blendshapes: ``(T, F, 52)`` float32 in [0, 1].
        pose: ``(T, F, 4, 4)`` float32, canonical face to camera.
        size: ``(height, width)`` of the frames.
    """

    count: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]
    size: tuple[int, int]

    def boxes(self) -> NDArray[np.float64]:
        """Return face boxes ``(T, F, 4)`` as x0, y0, x1, y1 in pixels; NaN where no face is."""
        height, width = self.size
        points = self.landmarks[..., :2].astype(np.float64) * (width, height)
        if points.shape[1] == 0:
            return np.zeros((len(points), 0, 4))
        return np.concatenate([points.min(axis=2), points.max(axis=2)], axis=-1)


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One person over time; NaN where the person was not found.

    Attributes:
        landmarks: ``(T, 478, 3)``, as in `FaceSignal`.
        blendshapes: ``(T, 52)``.
        pose: ``(T, 4, 4)``.
        size: ``(height, width)`` of the frames.
        features: What further extractors say of this person, ``(T, ...)`` float by the
            extractor's name; NaN where they do not see the person.
    """

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]
    size: tuple[int, int]
    features: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def present(self) -> NDArray[np.bool_]:
        """``(T,)``: whether the person was found."""
        return np.isfinite(self.landmarks[:, 0, 0])

    @property
    def rotation(self) -> NDArray[np.float64]:
        """``(T, 3, 3)`` head rotation, canonical face to camera."""
        return self.pose[:, :3, :3].astype(np.float64)

    def take(self, frames: NDArray[np.intp]) -> Self:
        """Return the track at the given frames, in that order; absent where the index is -1."""
        features = {name: array[frames] for name, array in self.features.items()}
        taken = type(self)(
            self.landmarks[frames],
            self.blendshapes[frames],
            self.pose[frames],
            self.size,
            features,
        )
        for array in (taken.landmarks, taken.blendshapes, taken.pose, *features.values()):
            array[frames < 0] = np.nan
        return taken

    @classmethod
    def absent(cls, length: int, size: tuple[int, int]) -> Self:
        """Return a track of a person who is never found."""
        nan = np.float32(np.nan)
        return cls(
            np.full((length, N_LANDMARKS, 3), nan),
            np.full((length, N_BLENDSHAPES), nan),
            np.full((length, 4, 4), nan),
            size,
        )
