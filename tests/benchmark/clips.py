"""Small media that tests make, and a tracker that finds white rectangles instead of faces."""

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Face, Frame


def gradients(n: int = 12, height: int = 48, width: int = 80) -> list[Frame]:
    """Smooth pictures, each another."""
    y, x = np.mgrid[:height, :width]
    return [
        np.stack([x * 2 + i * 5, y * 3 + i, (x + y + 2 * i) % 200], -1).clip(0, 255).astype("uint8")
        for i in range(n)
    ]


def noise(n: int, height: int, width: int, seed: int = 0) -> list[Frame]:
    """Random pixels."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(n)]


def encode(
    path: Path,
    frames: list[Frame],
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    rate: Fraction = Fraction(25),
    times: list[int] | None = None,
    container: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    audio: bool = False,
    **options: str,
) -> Path:
    """Write a video as other people's tools would; ``times`` are in 1/600 s."""
    with av.open(str(path), "w", container_options=container or {}) as out:
        stream: Any = out.add_stream(codec, rate=rate, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if times:
            stream.codec_context.time_base = Fraction(1, 600)
        sound: Any = out.add_stream("aac", rate=44100) if audio else None
        for i, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            if times:
                picture.pts, picture.time_base = times[i], Fraction(1, 600)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        if sound:
            _silence(out, sound)
    return path


def _silence(out: Any, sound: Any) -> None:
    for i in range(10):
        block = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        block.sample_rate, block.pts = 44100, i * 1024
        out.mux(sound.encode(block))
    out.mux(sound.encode(None))


def only_audio(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        _silence(out, out.add_stream("aac", rate=44100))
    return path


def turned(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Set the display matrix of the first track of an MP4 file, as a phone does."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4
    at += 4 + (32 if data[at] else 20) + 16
    values = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    data[at : at + 36] = struct.pack(">9i", *values)
    path.write_bytes(data)
    return path


def cut(path: Path, keep: int) -> Path:
    """Keep the first ``keep`` bytes."""
    path.write_bytes(path.read_bytes()[:keep])
    return path


def scene(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (120, 160)) -> Frame:
    """A grey picture with a white rectangle (x0, y0, x1, y1) for each face."""
    y, x = np.mgrid[: size[0], : size[1]]
    frame = np.stack([40 + x % 64, 40 + y % 64, np.full_like(x, 90)], -1).astype(np.uint8)
    for x0, y0, x1, y1 in boxes:
        frame[max(0, y0) : y1, max(0, x0) : x1] = 255
    return frame


class BoxTracker:
    """Finds the white rectangles of `scene`; counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        self.calls += 1
        white = (frame.min(axis=2) > 235).astype(np.uint8)
        _, _, found, _ = cv2.connectedComponentsWithStats(white)
        boxes = [row for row in found[1:] if row[4] >= 30]
        boxes = sorted(boxes, key=lambda row: -row[4])[:max_faces]
        return [self._face(row, frame) for row in sorted(boxes, key=lambda row: row[0])]

    def _face(self, row: NDArray[np.int32], frame: Frame) -> Face:
        height, width = frame.shape[:2]
        x, y, w, h, _ = (int(v) for v in row)
        landmarks = np.zeros((478, 3), np.float32)
        landmarks[:, :2] = (x / width, y / height)
        landmarks[1, :2] = ((x + w) / width, (y + h) / height)
        return Face(landmarks, np.zeros(52, np.float32), np.eye(4, dtype=np.float32))
