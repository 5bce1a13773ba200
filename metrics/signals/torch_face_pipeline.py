"""From frames to faces, as MediaPipe's FaceLandmarker does it with single images.

Detector on the letterboxed frame, weighted suppression, upright regions, landmark network on
crops, presence, blendshapes, pose. docs/face.md states how far the results differ from the
official runtime on real clips.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from metrics.signals.face_engine import Detection, FaceDefinition, Frame
from metrics.signals.torch_face_boxes import Regions, decode, face_regions, letterbox, suppress
from metrics.signals.torch_face_bundle import Bundle
from metrics.signals.torch_face_crop import affine_maps, crop, warp_maps
from metrics.signals.torch_face_geometry import poses
from metrics.signals.torch_face_networks import FaceNetworks

_PIXELS_AT_ONCE = 1 << 24  # of frames that are on the device together

Floats = NDArray[np.float32]


class FacePipeline:
    """The whole way for any number of frames.

    Args:
        bundle: The model files.
        definition: What to look for.
        device: Where networks and crops run.
        batch: Rows the networks run with.
    """

    def __init__(
        self, bundle: Bundle, definition: FaceDefinition, device: torch.device, batch: int
    ) -> None:
        self._face = bundle.face
        self._definition = definition
        self._batch = batch
        self._networks = FaceNetworks(bundle, device, batch)

    def look(self, frames: Sequence[Frame]) -> list[Detection]:
        """Return the faces of each frame, best detection first."""
        found: list[Detection] = []
        for group in size_groups(frames):
            found.extend(self._look(group))
        return found

    def _look(self, frames: Sequence[Frame]) -> list[Detection]:
        """Handle frames of one size that fit on the device together."""
        height, width = frames[0].shape[:2]
        pixels = torch.from_numpy(np.stack(frames)).to(self._networks.device)
        square = [letterbox(height, width)] * len(frames)
        small = cut(pixels, square, self._networks.detector_size, False, self._batch)
        regions = [
            self._regions(raw, scores, (height, width))
            for raw, scores in zip(*self._networks.detect(small), strict=True)
        ]
        crops = cut(pixels, regions, self._networks.landmark_size, True, self._batch)
        raw, presence = self._networks.landmarks(crops)
        points = project(raw / np.float32(self._networks.landmark_size), regions, (height, width))
        owner = np.repeat(np.arange(len(frames)), [len(r) for r in regions])
        kept = presence > np.float32(self._definition.confidence)
        points, owner = points[kept], owner[kept]
        scale = np.array([width, height], dtype=np.float32)
        shapes = self._networks.blendshapes(points[..., :2] * scale)
        pose = poses(points, (height, width), self._face)
        return [
            Detection(*(a[owner == i] for a in (points, shapes, pose))) for i in range(len(frames))
        ]

    def _regions(self, raw: Floats, scores: Floats, size: tuple[int, int]) -> Regions:
        boxes, probability = decode(
            raw, scores, self._definition.confidence, self._networks.detector_size
        )
        merged = suppress(boxes, probability)[: self._definition.max_faces]
        return face_regions(merged, *size)


def cut(
    pixels: torch.Tensor, regions: list[Regions], size: int, border: bool, batch: int
) -> torch.Tensor:
    """Cut all regions of all frames, a batch at a time to bound the memory of the sampling.

    Args:
        pixels: ``(B, H, W, 3)`` uint8.
        regions: The regions of each frame.
        size: Side of the crops.
        border: As in `crop`.
        batch: Crops that are sampled together.

    Returns:
        ``(K, size, size, 3)`` uint8, in the order of the frames.
    """
    counts = torch.tensor([len(r) for r in regions])
    owner = torch.arange(len(regions)).repeat_interleave(counts).to(pixels.device)
    maps = torch.from_numpy(np.concatenate([warp_maps(r, size) for r in regions]))
    pieces = zip(
        torch.functional.split(owner, batch),
        torch.functional.split(maps.to(pixels.device), batch),
        strict=True,
    )
    parts = [crop(pixels, o, m, size, border) for o, m in pieces if len(o)]
    return torch.cat(parts) if parts else pixels.new_zeros((0, size, size, 3))


def size_groups(frames: Sequence[Frame]) -> Iterator[list[Frame]]:
    """Split into runs of frames of one size, no run above `_PIXELS_AT_ONCE`."""
    group: list[Frame] = []
    for frame in frames:
        if group and (
            frame.shape != group[0].shape
            or (len(group) + 1) * frame.shape[0] * frame.shape[1] > _PIXELS_AT_ONCE
        ):
            yield group
            group = []
        group.append(frame)
    if group:
        yield group


def project(points: Floats, regions: list[Regions], size: tuple[int, int]) -> Floats:
    """Take landmarks in [0, 1] of their crops to [0, 1] of the frame; z like a horizontal step."""
    height, width = size
    maps = np.concatenate([affine_maps(r) for r in regions])
    flat = np.einsum("kij,knj->kni", maps[:, :, :2], points[..., :2]) + maps[:, None, :, 2]
    depth = np.hypot(maps[:, 0, 0] / width, maps[:, 1, 0] / height)
    return np.concatenate(
        [flat / (width, height), points[..., 2:] * depth[:, None, None]], axis=-1
    ).astype(np.float32)
