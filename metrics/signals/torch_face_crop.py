"""Batched crops of rotated rectangles, with the resampling of the official runtime.

MediaPipe's CPU path calls OpenCV's ``warpPerspective`` on uint8: source coordinates are rounded to
1/32 pixel, bilinear weights to 1/1024, the result to uint8. A smooth float sampler differs by up
to half a grey level, and where coordinates fall exactly between two steps (frames whose side is
not a multiple of 4) even the rounding noise of OpenCV's 3x3 matrix decides. So this is the same
arithmetic, in float64 and integers that come out alike on every device.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from metrics.signals.torch_face_boxes import Regions

_STEPS = 32  # OpenCV: INTER_TAB_SIZE
_BLOCK = 64  # OpenCV walks the result in blocks of that many columns
_HALF = _STEPS * _STEPS // 2

Doubles = NDArray[np.float64]


def crop(
    frames: torch.Tensor, owner: torch.Tensor, maps: torch.Tensor, size: int, border: bool
) -> torch.Tensor:
    """Sample rectangles from frames.

    Args:
        frames: ``(B, H, W, 3)`` uint8.
        owner: ``(K,)`` int64, the frame of each rectangle.
        maps: ``(K, 3, 3)`` float64 from `warp_maps`, on the device of the frames.
        size: Side of the result.
        border: Whether pixels outside a frame repeat its edge; otherwise they are black.

    Returns:
        ``(K, size, size, 3)`` uint8.
    """
    column, row = _coordinates(maps, size)
    if frames.device.type == "cpu":
        return _crop_opencv(frames, owner, column, row, border)
    return crop_torch(frames, owner, column, row, border)


def _crop_opencv(
    frames: torch.Tensor, owner: torch.Tensor, column: torch.Tensor, row: torch.Tensor, border: bool
) -> torch.Tensor:
    """Let OpenCV look the pixels up: the same integers as `crop_torch`, several times faster."""
    whole = torch.stack([column >> 5, row >> 5], dim=-1).clamp(-(1 << 15), (1 << 15) - 1)
    steps = (row & (_STEPS - 1)) * _STEPS + (column & (_STEPS - 1))
    places, parts = whole.to(torch.int16).numpy(), steps.to(torch.int16).numpy().view(np.uint16)
    out = np.empty((*column.shape, 3), dtype=np.uint8)
    mode = cv2.BORDER_REPLICATE if border else cv2.BORDER_CONSTANT
    for index, frame in enumerate(owner.tolist()):
        cv2.remap(
            frames[frame].numpy(),
            places[index],
            parts[index],
            cv2.INTER_LINEAR,
            dst=out[index],
            borderMode=mode,
        )
    return torch.from_numpy(out)


def crop_torch(
    frames: torch.Tensor, owner: torch.Tensor, column: torch.Tensor, row: torch.Tensor, border: bool
) -> torch.Tensor:
    """Sample at ``(K, size, size)`` coordinates in 1/32 pixel, on any device."""
    right, down = (column & (_STEPS - 1))[..., None], (row & (_STEPS - 1))[..., None]
    column, row = column >> 5, row >> 5
    _, height, width, _ = frames.shape
    pixels = frames.reshape(-1, 3)
    base = owner[:, None, None] * (height * width)

    def tap(dx: int, dy: int) -> torch.Tensor:
        at_x, at_y = column + dx, row + dy
        near_x, near_y = at_x.clamp(0, width - 1), at_y.clamp(0, height - 1)
        values = pixels[base + near_y * width + near_x].to(torch.int32)
        if border:
            return values
        return values * ((near_x == at_x) & (near_y == at_y))[..., None]

    right, down = right.to(torch.int32), down.to(torch.int32)
    left, up = _STEPS - right, _STEPS - down
    total = (tap(0, 0) * left + tap(1, 0) * right) * up
    total += (tap(0, 1) * left + tap(1, 1) * right) * down
    return ((total + _HALF) >> 10).to(torch.uint8)


def _coordinates(maps: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where each result pixel lies in the frame, ``(K, size, size)`` in 1/32 pixel."""
    line = torch.arange(size, device=maps.device, dtype=torch.float64)
    m = maps[..., None, None]
    y, start = line[:, None], (line // _BLOCK * _BLOCK)[None, :]
    inside = line[None, :] - start
    x_sum, y_sum, w_sum = (m[:, i, 0] * start + m[:, i, 1] * y + m[:, i, 2] for i in range(3))
    scale = _STEPS / (w_sum + m[:, 2, 0] * inside)
    column = (x_sum + m[:, 0, 0] * inside) * scale
    row = (y_sum + m[:, 1, 0] * inside) * scale
    return column.round().to(torch.int64), row.round().to(torch.int64)  # ties to even


def warp_maps(regions: Regions, size: int) -> Doubles:
    """Return ``(K, 3, 3)`` maps from pixels of the crop to pixels of the frame.

    Found as OpenCV finds them: the perspective transform from the rectangle's corners to the
    crop's is solved for, then inverted. Corners are mapped, not pixel centres.
    """
    if not len(regions):
        return np.zeros((0, 3, 3))
    source = _corners(regions).astype(np.float64)
    target = np.array([[0, size], [0, 0], [size, 0], [size, size]], dtype=np.float64)
    system = np.zeros((len(source), 8, 8))
    for axis in range(2):
        rows, first = slice(4 * axis, 4 * axis + 4), 3 * axis
        system[:, rows, first : first + 2] = source
        system[:, rows, first + 2] = 1
        system[:, rows, 6:] = -source * target[:, axis, None]
    right = np.broadcast_to(target.T.reshape(8, 1), (len(source), 8, 1))
    forward = np.concatenate([np.linalg.solve(system, right)[..., 0], np.ones((len(source), 1))], 1)
    return _inverse(forward.reshape(-1, 3, 3))


def _corners(regions: Regions) -> NDArray[np.float32]:
    """Return corners ``(K, 4, 2)``: bottom left, top left, top right, bottom right; float32."""
    half = np.float32(0.5)
    # Through degrees in float32 and back, as the angle travels in the official code.
    degrees = (regions.angle * np.float32(180) / np.pi).astype(np.float32)
    angle = degrees.astype(np.float64) * np.pi / 180
    cos, sin = np.cos(angle).astype(np.float32) * half, np.sin(angle).astype(np.float32) * half
    (x, y), (width, height) = regions.centre.T, regions.size.T
    low = np.stack([x - sin * height - cos * width, y + cos * height - sin * width], axis=-1)
    high = np.stack([x + sin * height - cos * width, y - cos * height - sin * width], axis=-1)
    both = 2 * regions.centre
    return np.stack([low, high, both - low, both - high], axis=1)


def _inverse(m: Doubles) -> Doubles:
    """Invert 3x3 matrices by cofactors, in OpenCV's order of operations."""
    (a, b, c), (d, e, f), (g, h, i) = m.transpose(1, 2, 0)
    scale = 1 / (a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))
    rows = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
    inverse: Doubles = np.array(rows).transpose(2, 0, 1) * scale[:, None, None]
    return inverse


def affine_maps(regions: Regions) -> Doubles:
    """Return ``(K, 2, 3)`` maps from [0, 1] of each rectangle to pixels of the frame."""
    angle = regions.angle.astype(np.float64)
    cos, sin = np.cos(angle), np.sin(angle)
    width, height = regions.size.astype(np.float64).T
    maps = np.empty((len(angle), 2, 3))
    maps[:, 0, 0], maps[:, 0, 1] = cos * width, -sin * height
    maps[:, 1, 0], maps[:, 1, 1] = sin * width, cos * height
    maps[:, :, 2] = regions.centre - (maps[:, :, 0] + maps[:, :, 1]) / 2
    return maps
