"""Clips that differ from a real one by next to nothing, for the noise floor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from adapters.base import Frame
from benchmark.media.video import read_frames
from benchmark.media.write import Encoding, write_video

H264_CRF18 = Encoding(
    "libx264",
    "yuv420p",
    {"crf": "18", "preset": "medium", "threads": "1", "x264-params": "cpu-independent=1"},
    even=True,
)
_JPEG_QUALITY = 75

Change = Callable[[Sequence[Frame], Fraction, Path], Iterator[Frame]]
"""Takes the frames of a clip, its rate and a folder for scratch."""


def identical(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the frames themselves."""
    yield from frames


def h264(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the frames as H.264 gives them back: x264, crf 18, medium, 4:2:0."""
    path = scratch / "crf18.mp4"
    write_video(path, frames, fps, H264_CRF18)
    height, width = frames[0].shape[:2]
    for frame in read_frames(path):
        yield frame[:height, :width]
    path.unlink()


def jpeg(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the frames as JPEG gives them back: libjpeg, quality 75, 4:2:0."""
    for frame in frames:
        bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        fine, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        assert fine
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert decoded is not None
        yield np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def shift(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the frames one pixel to the right; the left edge is repeated."""
    for frame in frames:
        yield np.concatenate([frame[:, :1], frame[:, :-1]], axis=1)


def down_up(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the frames at half the size (area) and back (cubic)."""
    for frame in frames:
        height, width = frame.shape[:2]
        half = (max(1, width // 2), max(1, height // 2))
        small = cv2.resize(frame, half, interpolation=cv2.INTER_AREA)
        large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        yield np.asarray(large, dtype=np.uint8)


def frozen(frames: Sequence[Frame], fps: Fraction, scratch: Path) -> Iterator[Frame]:
    """Yield the first frame again and again."""
    for _ in frames:
        yield frames[0]


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "identical": identical,
        "h264-crf18": h264,
        "jpeg-75": jpeg,
        "shift-1px": shift,
        "down-up-2": down_up,
        "frozen": frozen,
    }
)
"""By the name of the condition in `metrics.floor`; VIDEO mode changes no frame."""
