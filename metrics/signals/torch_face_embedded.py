"""The embedded face pipeline: models from a package index instead of a model host.

Official networks of an older MediaPipe (short-range detector, 468-point mesh, iris) give landmarks
and irises; head pose is measured from this project's own mean face, blendshapes come from this
project's own student (`torch_face_student`). Its numbers are near the official engine's and are
not the same quantity: another definition, another fingerprint. docs/face.md says how near.

Regions follow MediaPipe's FaceLandmarkFront and IrisLandmark graphs, except that the mesh runs
twice, the second time on the region that the first one found, as a tracker would. Lids are the
mean of mesh and iris network: on real clips that follows the official lids better than either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from metrics.signals.face_engine import Detection, FaceDefinition, Frame
from metrics.signals.tflite_model import ModelError
from metrics.signals.torch_face_boxes import (
    Regions,
    box_pixels,
    decode,
    letterbox,
    sigmoid,
    square_regions,
    suppress,
)
from metrics.signals.torch_face_geometry import poses
from metrics.signals.torch_face_networks import load_network, run_padded, signed, unit
from metrics.signals.torch_face_pipeline import cut, project, size_groups
from metrics.signals.torch_face_student import Student

Floats = NDArray[np.float32]

DETECTOR = "face_detection_short_range.tflite"
MESH = "face_landmark.tflite"
IRIS = "iris_landmark.tflite"

_FACE_SCALE, _EYE_SCALE = 1.5, 2.3
_EYE_CORNERS = ((33, 133), (362, 263))  # right eye, left eye; left to right on the screen
# The iris network's first contour points: lower lid, then upper lid without the corners.
_LIDS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
)
_TEMPLES = (33, 263)
_N_MESH = 468
_MIRRORED = (0, 3, 2, 1, 4)  # centre, right, top, left, bottom edge, seen in a mirror


@dataclass(frozen=True, slots=True)
class EmbeddedFiles:
    """The networks' files."""

    detector: bytes
    mesh: bytes
    iris: bytes

    @classmethod
    def read(cls, folder: Path) -> "EmbeddedFiles":
        """Read them from a folder.

        Raises:
            ModelError: If one cannot be read.
        """
        try:
            return cls(*((folder / name).read_bytes() for name in (DETECTOR, MESH, IRIS)))
        except OSError as error:
            raise ModelError(f"cannot read {error.filename}: {error.strerror}") from None


class EmbeddedPipeline:
    """The whole way for any number of frames.

    Args:
        files: The networks.
        student: Blendshapes and mean face.
        definition: What to look for.
        device: Where networks and crops run.
        batch: Rows the networks run with.
    """

    def __init__(
        self,
        files: EmbeddedFiles,
        student: Student,
        definition: FaceDefinition,
        device: torch.device,
        batch: int,
    ) -> None:
        self._detector = load_network(files.detector, device, ("regressors", "classificators"))
        self._mesh = load_network(files.mesh, device, ("conv2d_21", "conv2d_31"))
        self._iris = load_network(
            files.iris, device, ("output_eyes_contours_and_brows", "output_iris")
        )
        self._student = student
        self._definition = definition
        self._device = device
        self._batch = batch

    def look(self, frames: Sequence[Frame]) -> list[Detection]:
        """Return the faces of each frame, best detection first."""
        found: list[Detection] = []
        for group in size_groups(frames):
            found.extend(self._look(group))
        return found

    def _look(self, frames: Sequence[Frame]) -> list[Detection]:
        size = (frames[0].shape[0], frames[0].shape[1])
        pixels = torch.from_numpy(np.stack(frames)).to(self._device)
        regions = self._detect(pixels, size)
        points, _ = self._mesh_points(pixels, regions, size)
        owner = np.repeat(np.arange(len(frames)), [len(r) for r in regions])
        regions = [_around(points[owner == i], size) for i in range(len(frames))]
        points, presence = self._mesh_points(pixels, regions, size)
        kept = presence > np.float32(self._definition.confidence)
        points, owner = points[kept], owner[kept]
        points = self._with_eyes(pixels, points, owner, size)
        shapes = self._student.blendshapes(points, size)
        pose = poses(points, size, self._student.face)
        return [
            Detection(*(a[owner == i] for a in (points, shapes, pose))) for i in range(len(frames))
        ]

    def _detect(self, pixels: torch.Tensor, size: tuple[int, int]) -> list[Regions]:
        side = self._detector.input_shape[0]
        small = cut(pixels, [letterbox(*size)] * len(pixels), side, False, self._batch)
        raw, scores = run_padded(self._detector, small, self._batch, signed)
        regions = []
        for boxes, logits in zip(raw, scores[..., 0], strict=True):
            merged = suppress(*decode(boxes, logits, self._definition.confidence, side))
            low, high, across = box_pixels(merged[: self._definition.max_faces], *size)
            regions.append(square_regions(low, high, across, _FACE_SCALE))
        return regions

    def _mesh_points(
        self, pixels: torch.Tensor, regions: list[Regions], size: tuple[int, int]
    ) -> tuple[Floats, Floats]:
        """Return landmarks ``(K, 468, 3)`` in [0, 1] of the frame and presence ``(K,)``."""
        side = self._mesh.input_shape[0]
        crops = cut(pixels, regions, side, True, self._batch)
        raw, presence = run_padded(self._mesh, crops, self._batch, unit)
        points = raw.reshape(-1, _N_MESH, 3) / np.float32(side)
        return project(points, regions, size), sigmoid(presence.reshape(-1))

    def _with_eyes(
        self, pixels: torch.Tensor, points: Floats, owner: NDArray[np.intp], size: tuple[int, int]
    ) -> Floats:
        """Return ``(K, 478, 3)``: lids as the mean of mesh and iris network, irises added."""
        side = self._iris.input_shape[0]
        points, irises = points.copy(), []
        for mirrored, (corners, lids) in enumerate(zip(_EYE_CORNERS, _LIDS, strict=True)):
            regions = [_around_eye(points[owner == i], corners, size) for i in range(len(pixels))]
            crops = cut(pixels, regions, side, True, self._batch)
            # The network knows one eye; the other one is shown to it in the mirror.
            crops = crops.flip(2) if mirrored else crops
            outputs = run_padded(self._iris, crops, self._batch, unit)
            contour, iris = (
                out.reshape(-1, out.shape[1] // 3, 3) / np.float32(side) for out in outputs
            )
            if mirrored:
                contour[..., 0], iris[..., 0] = 1 - contour[..., 0], 1 - iris[..., 0]
                iris = iris[:, _MIRRORED]
            contour, iris = (project(found, regions, size) for found in (contour, iris))
            seen = contour[:, : len(lids), :2]
            points[:, lids, :2] = (points[:, lids, :2] + seen) * np.float32(0.5)
            # Depth comes relative to the eye; the frame's is that of the corners.
            iris[..., 2] = points[:, corners, 2].mean(axis=1, keepdims=True)
            irises.append(iris)
        return np.concatenate([points, *irises], axis=1)


def _around(points: Floats, size: tuple[int, int]) -> Regions:
    """Return the square that a tracker looks at next."""
    flat = _pixels(points, size)
    across = flat[:, _TEMPLES[1]] - flat[:, _TEMPLES[0]]
    return square_regions(flat.min(axis=1), flat.max(axis=1), across, _FACE_SCALE)


def _around_eye(points: Floats, corners: tuple[int, int], size: tuple[int, int]) -> Regions:
    ends = _pixels(points, size)[:, list(corners)]
    return square_regions(ends.min(axis=1), ends.max(axis=1), ends[:, 1] - ends[:, 0], _EYE_SCALE)


def _pixels(points: Floats, size: tuple[int, int]) -> Floats:
    return points[..., :2] * np.array([size[1], size[0]], dtype=np.float32)
