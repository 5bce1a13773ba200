"""Reading videos: frames by index as uint8 RGB. Container times are never used as indices."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.sidedata.sidedata import Type as SideDataType
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.errors import UsageProblem
from benchmark.media.files import missing_bytes, require_file

MAX_FRAME_PIXELS = 7680 * 4320
"""Larger frames (above 8K) are refused before they are decoded."""

# Tags that are not UTF-8 must not stop anybody: up to PyAV 18 that has to be asked for, later the
# argument is gone.
_TOLERANT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)
_CONTAINERS = "mov,matroska,avi"
_CONVERT = "convert it: ffmpeg -i FILE -c:v libx264 -crf 8 FILE.mp4"
_MAX_DENOMINATOR = 1001
"""Rates are fractions with at most this denominator, so that 30000/1001 is exact and the average
rate of a clip with uneven times is still a readable number."""


_MATRIX = struct.Struct("=9i")


@dataclass(frozen=True, slots=True)
class VideoClaims:
    """What the container says before anything is decoded.

    Attributes:
        n_frames: Frames it claims to hold; an estimate from the duration where it counts none,
            0 where it states neither. For progress only.
        size: ``(height, width)`` as stored, before rotation.
        pixel_aspect: Width of a pixel over its height; 1 where it is not stated.
        stated: Frames it counts; 0 where it counts none.
    """

    n_frames: int
    size: tuple[int, int]
    pixel_aspect: Fraction
    stated: int = 0


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

    Containers are MP4/MOV, Matroska/WebM and AVI; playlists, image files and streams are not
    opened. Colours follow the matrix and range that the stream states; high dynamic range is not
    tone-mapped, the pixel aspect not applied. A file that was cut short or whose frames decode
    with errors is refused rather than read as a shorter or patched-up video; a reader that stops
    early is told nothing about frames it did not ask for.

    Raises:
        UsageProblem: If the file is missing, empty, truncated, damaged, no video, too large, or
            changes its frame size.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"err_detect": "explode"}  # default: paint over errors
        size: tuple[int, ...] | None = None
        turn: _Turn | None = None
        decoded = skipped = 0
        try:
            for packet in container.demux(stream):
                _refuse_corrupt(path, packet, decoded)
                skipped += packet.is_discard  # outside the container's edit list: not shown
                for frame in packet.decode():
                    _refuse_corrupt(path, frame, decoded)
                    _check_pixels(path, frame.height, frame.width)
                    turn = turn or _Turn.of(frame)
                    image = turn.apply(frame)
                    if size is not None and image.shape != size:
                        raise UsageProblem(f"{path} changes its frame size at frame {decoded}")
                    size = image.shape
                    decoded += 1
                    yield image
        except FFmpegError as error:
            raise UsageProblem(f"{path} is damaged or truncated: {error.strerror}") from None
        if decoded == 0:
            raise UsageProblem(f"{path} has no video frames")
        if decoded + skipped < stream.frames:
            raise UsageProblem(
                f"{path} is damaged or truncated: it states {stream.frames} frames, "
                f"{decoded + skipped} can be decoded"
            )


def read_video(path: Path) -> NDArray[np.uint8]:
    """Return all frames as ``(T, H, W, 3)`` uint8 RGB; for short clips only."""
    return np.stack(list(read_frames(path)))


def frame_rate(path: Path) -> Fraction:
    """Return the container's average frame rate, with a denominator of at most 1001.

    Raises:
        UsageProblem: As `read_frames` does, or if the file states no rate.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        rate = Fraction(stream.average_rate or stream.guessed_rate or 0)
    if rate <= 0:
        raise UsageProblem(f"{path} states no frame rate", _CONVERT)
    return rate.limit_denominator(_MAX_DENOMINATOR)


def claims(path: Path) -> VideoClaims:
    """Return what the container says, without decoding.

    Raises:
        UsageProblem: If the file cannot be opened as a video.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        n_frames = stream.frames
        if not n_frames and container.duration and stream.average_rate:
            n_frames = max(0, round(container.duration * stream.average_rate / 1_000_000))
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        return VideoClaims(n_frames, (stream.height, stream.width), aspect, stream.frames)


def probe(path: Path) -> VideoInfo:
    """Decode the whole video once and say what is in it.

    Raises:
        UsageProblem: As `read_frames` and `frame_rate` do.
    """
    count, size = 0, (0, 0)
    for frame in read_frames(path):
        count += 1
        size = (frame.shape[0], frame.shape[1])
    return VideoInfo(count, frame_rate(path), size)


def _open(path: Path) -> InputContainer:
    require_file(path, "video")
    missing = missing_bytes(path)
    if missing:
        raise UsageProblem(f"{path} is truncated: {missing:,} bytes are missing at its end")
    # One plain file in a known container: a playlist or concat script must not make ffmpeg open
    # others, an image renamed to .mp4 is no video. Tags in odd encodings concern nobody here.
    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    try:
        container = av.open(str(path.absolute()), options=options, **_TOLERANT)
        assert isinstance(container, InputContainer)
        return container
    except FFmpegError:
        raise UsageProblem(
            f"{path} is not an MP4, MOV, Matroska, WebM or AVI video that can be read", _CONVERT
        ) from None


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    pictures = Disposition.attached_pic | Disposition.timed_thumbnails
    streams = [s for s in container.streams.video if not s.disposition & pictures]
    if not streams:
        raise UsageProblem(f"{path} has no video stream")
    stream = streams[0]
    if stream.codec_context is None:
        raise UsageProblem(f"{path} is coded in a way that cannot be read here", _CONVERT)
    _check_pixels(path, stream.height, stream.width)
    return stream


def _refuse_corrupt(path: Path, item: "av.Packet[VideoStream] | av.VideoFrame", index: int) -> None:
    if item.is_corrupt:
        raise UsageProblem(f"{path} is damaged or truncated near frame {index}")


def _check_pixels(path: Path, height: int, width: int) -> None:
    if height * width > MAX_FRAME_PIXELS:
        raise UsageProblem(
            f"{path} has frames of {width}x{height}; the limit is {MAX_FRAME_PIXELS:,} pixels",
            "scale it down first",
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    """How to bring the stored picture upright: mirror it, then turn it counter-clockwise."""

    mirrored: bool
    quarters: int

    @classmethod
    def of(cls, frame: "av.VideoFrame") -> "_Turn":
        """Read the display matrix: phones store the sensor's picture and how it was held.

        Ask once a video: looking at a frame's side data keeps the frame until garbage collection.
        """
        try:
            matrix = cast(Any, frame.side_data)[SideDataType.DISPLAYMATRIX]  # mistyped in PyAV
        except KeyError:
            return cls(False, 0)
        if matrix.buffer_size != _MATRIX.size:
            return cls(False, 0)
        # Row vectors (x, y) times [[a, b], [c, d]], y down: ISO/IEC 14496-12 6.2.2.
        a, b, _, c, d, *_ = _MATRIX.unpack(bytes(memoryview(matrix)))
        mirrored = a * d - b * c < 0
        if mirrored:
            a, b = -a, -b
        return cls(mirrored, -round(math.degrees(math.atan2(b, a)) / 90) % 4)

    def apply(self, frame: "av.VideoFrame") -> Frame:
        """Return the upright picture as RGB."""
        image: Frame = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        if self.mirrored:
            image = image[:, ::-1]
        return np.ascontiguousarray(np.rot90(image, self.quarters))
