"""Writing videos: lossless for what is scored, H.264 for what methods read and people watch."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np

from adapters.base import Frame

_BITEXACT = {"fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a video is written.

    Attributes:
        codec: Encoder name.
        pixel_format: Format handed to the encoder.
        options: Encoder options.
        even: Whether the codec needs even sizes; odd ones are padded by repeating the edge.
    """

    codec: str
    pixel_format: str
    options: dict[str, str]
    even: bool = False


LOSSLESS = Encoding("libx264rgb", "rgb24", {"qp": "0", "preset": "veryfast", "threads": "1"})
"""What is scored: H.264 in RGB at qp 0 is exact (a test holds that), and both encodes and decodes
three times as fast as FFV1 at a fifth of the size."""

CANONICAL = Encoding(
    "libx264", "yuv420p", {"crf": "8", "preset": "medium", "threads": "1"}, even=True
)
"""The prepared driving video: one thread, so that the bytes do not depend on the machine."""

PREVIEW = Encoding(
    "libx264", "yuv420p", {"crf": "20", "preset": "veryfast", "movflags": "+faststart"}, even=True
)
"""For a browser; never scored."""


class VideoWriter:
    """Streams frames into a file that appears under its name only when it is complete.

    Use as a context manager; leaving it by an exception removes the partial file.

    Args:
        path: Final path; the container follows its suffix.
        fps: Constant frame rate.
        encoding: How to write.
    """

    def __init__(self, path: Path, fps: Fraction, encoding: Encoding) -> None:
        self._path = path
        self._fps = fps
        self._encoding = encoding
        self._part = path.with_name(f"{path.stem}.part{path.suffix}")
        self._container: av.container.OutputContainer | None = None
        self._stream: av.video.stream.VideoStream | None = None
        self.count = 0
        self.size = (0, 0)

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._container = av.open(str(self._part), "w", options=dict(_BITEXACT))
        return self

    def write(self, frame: Frame) -> None:
        """Append one ``(H, W, 3)`` uint8 RGB frame; all frames have one size."""
        stream = self._stream or self._start(frame)
        if frame.shape[:2] != self.size:
            raise ValueError(f"frame {self.count} is {frame.shape[:2]}, the first was {self.size}")
        picture = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(self._padded(frame)), format="rgb24"
        )
        picture.pts = self.count
        assert self._container is not None
        self._container.mux(stream.encode(picture))
        self.count += 1

    def _start(self, frame: Frame) -> "av.video.stream.VideoStream":
        assert self._container is not None
        self.size = (frame.shape[0], frame.shape[1])
        padded = self._padded(frame)
        options = {**self._encoding.options, "flags": "+bitexact"}
        stream = self._container.add_stream(self._encoding.codec, rate=self._fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = padded.shape[:2]
        stream.pix_fmt = self._encoding.pixel_format
        stream.codec_context.time_base = 1 / self._fps
        self._stream = stream
        return stream

    def _padded(self, frame: Frame) -> Frame:
        bottom, right = frame.shape[0] % 2, frame.shape[1] % 2
        if not self._encoding.even or not (bottom or right):
            return frame
        return np.pad(frame, ((0, bottom), (0, right), (0, 0)), mode="edge")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._container is not None
        try:
            if kind is None and self._stream is not None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        if kind is None and self.count:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)


def write_video(path: Path, frames: Iterable[Frame], fps: Fraction, encoding: Encoding) -> int:
    """Write all of ``frames`` to ``path`` and return how many there were."""
    with VideoWriter(path, fps, encoding) as writer:
        for frame in frames:
            writer.write(frame)
    return writer.count
