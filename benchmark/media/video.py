"""Reading videos: frames by index as uint8 RGB. Container times are never used as indices."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.errors import UsageProblem

_FALLBACK_RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a full decode of a video says about it.

    Attributes:
        n_frames: Frames that decode (not what the container claims).
        fps: Average frame rate of the container.
        size: ``(height, width)`` as displayed, after rotation.
    """

    n_frames: int
    fps: Fraction
    size: tuple[int, int]


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield every frame in presentation order as ``(H, W, 3)`` uint8 RGB, rotation applied.

    Raises:
        UsageProblem: If the file is missing, empty, truncated, no video, or changes its size.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        stream.thread_type = "AUTO"
        size: tuple[int, ...] | None = None
        try:
            for frame in container.decode(stream):
                image = _upright(frame)
                if size is not None and image.shape != size:
                    raise UsageProblem(f"{path} changes its frame size in the middle")
                size = image.shape
                yield image
        except FFmpegError as error:
            raise UsageProblem(f"{path} is damaged or truncated: {error.strerror}") from None
    if size is None:
        raise UsageProblem(f"{path} has no video frames")


def read_video(path: Path) -> NDArray[np.uint8]:
    """Return all frames as ``(T, H, W, 3)`` uint8 RGB; for short clips only."""
    return np.stack(list(read_frames(path)))


def frame_rate(path: Path) -> Fraction:
    """Return the container's average frame rate (25 where it states none)."""
    with _open(path) as container:
        stream = _video_stream(container, path)
        return Fraction(stream.average_rate or stream.guessed_rate or _FALLBACK_RATE)


def probe(path: Path) -> VideoInfo:
    """Decode the whole video once and say what is in it.

    Raises:
        UsageProblem: As `read_frames` does.
    """
    count, size = 0, (0, 0)
    for frame in read_frames(path):
        count += 1
        size = (frame.shape[0], frame.shape[1])
    return VideoInfo(count, frame_rate(path), size)


def _open(path: Path) -> "av.container.InputContainer":
    if not path.is_file():
        raise UsageProblem(f"no video at {path}")
    if path.stat().st_size == 0:
        raise UsageProblem(f"{path} is empty (0 bytes)")
    try:
        # Only plain files: a playlist or concat script must not make ffmpeg open other things.
        return av.open(str(path.absolute()), options={"protocol_whitelist": "file"})
    except FFmpegError as error:
        raise UsageProblem(f"{path} is not a video that can be read: {error.strerror}") from None


def _video_stream(
    container: "av.container.InputContainer", path: Path
) -> "av.video.stream.VideoStream":
    if not container.streams.video:
        raise UsageProblem(f"{path} has no video stream")
    return container.streams.video[0]


def _upright(frame: "av.VideoFrame") -> Frame:
    image: Frame = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    turns = round(frame.rotation / 90) % 4  # degrees, counter-clockwise
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
