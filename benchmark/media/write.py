"""Writing videos: lossless for what is scored, H.264 for what methods read and people watch."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from adapters.base import Frame
from benchmark.media.files import writing

_BITEXACT = {"fflags": "+bitexact"}
_BITEXACT_CODEC = {"flags": "+bitexact"}
_BT601 = 6  # matrix coefficients of ISO/IEC 23091-2 that the converter uses for RGB input


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a video is written.

    Attributes:
        codec: Encoder name.
        pixel_format: Format handed to the encoder.
        options: Encoder options.
        container: Options of the container.
        even: Whether the codec needs even sizes; odd ones are padded by repeating the edge.
        silence: Whether a silent AAC track of the same length goes with the pictures.
    """

    codec: str
    pixel_format: str
    options: dict[str, str]
    container: dict[str, str] = field(default_factory=dict)
    even: bool = False
    silence: bool = False


_SOUND_RATE = 48_000
_SOUND_BLOCK = 1024  # samples in an AAC frame

LOSSLESS = Encoding(
    "libx264rgb", "rgb24", {"qp": "0", "preset": "superfast", "coder": "vlc", "threads": "1"}
)
"""What is scored: H.264 in RGB at qp 0 is exact (a test holds that). With variable-length codes in
place of arithmetic ones a real clip takes 4 ms a frame to write and 7 to read at 512x512, FFV1 8
and 8, at like size."""

CANONICAL = Encoding(
    "libx264",
    "yuv420p",
    {"crf": "8", "preset": "medium", "threads": "1", "x264-params": "cpu-independent=1"},
    even=True,
)
"""The prepared driving video: one thread and no choice of algorithm by processor, so that the
encoder's bytes do not depend on the machine."""

PREVIEW = Encoding(
    "libx264",
    "yuv420p",
    {"crf": "20", "preset": "veryfast"},
    container={"movflags": "+faststart"},
    even=True,
)
"""For a browser; never scored."""


class VideoWriter:
    """Streams frames into a file that appears under its name only when it is complete.

    Use as a context manager; leaving it by an exception, or without a frame, leaves no file.

    Args:
        path: Final path; the container follows its suffix.
        fps: Constant frame rate, above 0.
        encoding: How to write.

    Raises:
        EnvironmentProblem: From any step, if the disk or folder cannot be written.
        ValueError: From `write`, if a frame is not uint8 RGB or not of the first one's size.
    """

    def __init__(self, path: Path, fps: Fraction, encoding: Encoding) -> None:
        self._path = path
        self._fps = fps
        self._encoding = encoding
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")  # no case id starts so
        self._container: av.container.OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._sound: AudioStream | None = None
        self._samples = 0
        self.count = 0
        self.size = (0, 0)

    def __enter__(self) -> Self:
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            options = {**_BITEXACT, **self._encoding.container}
            self._container = av.open(str(self._part), "w", options=options)
        return self

    def write(self, frame: Frame) -> None:
        """Append one ``(H, W, 3)`` uint8 RGB frame; all frames have one size."""
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
            raise ValueError(f"frame {self.count} is {frame.dtype} {frame.shape}, not uint8 RGB")
        if self.count and frame.shape[:2] != self.size:
            raise ValueError(f"frame {self.count} is {frame.shape[:2]}, the first was {self.size}")
        padded = np.ascontiguousarray(self._padded(frame))
        picture = av.VideoFrame.from_ndarray(padded, format="rgb24")
        picture.pts = self.count
        with writing(self._path):
            stream = self._stream or self._start(frame, padded)
            assert self._container is not None
            self._container.mux(stream.encode(picture))
            self.count += 1
            self._write_silence(final=False)

    def _start(self, frame: Frame, padded: Frame) -> VideoStream:
        assert self._container is not None
        self.size = (frame.shape[0], frame.shape[1])
        options = {**self._encoding.options, "flags": "+bitexact"}
        stream = self._container.add_stream(self._encoding.codec, rate=self._fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = padded.shape[:2]
        stream.pix_fmt = self._encoding.pixel_format
        stream.codec_context.time_base = 1 / self._fps
        if self._encoding.pixel_format.startswith("yuv"):
            # Say which matrix was used; readers guess by the height otherwise.
            stream.codec_context.colorspace = _BT601
            stream.codec_context.color_range = ColorRange.MPEG
        if self._encoding.silence:
            # Before the first packet: a container's tracks are fixed with its header.
            sound = self._container.add_stream("aac", rate=_SOUND_RATE, options=_BITEXACT_CODEC)
            assert isinstance(sound, AudioStream)
            sound.codec_context.layout = "mono"
            self._sound = sound
        self._stream = stream
        return stream

    def _write_silence(self, *, final: bool) -> None:
        """Bring the silence up to the pictures, in whole blocks; the last may be shorter."""
        if self._sound is None:
            return
        assert self._container is not None
        until = round(self.count * _SOUND_RATE / self._fps)
        while (length := min(_SOUND_BLOCK, until - self._samples)) == _SOUND_BLOCK or (
            final and length > 0
        ):
            block = av.AudioFrame.from_ndarray(
                np.zeros((1, length), np.float32), format="fltp", layout="mono"
            )
            block.sample_rate, block.pts = _SOUND_RATE, self._samples
            self._container.mux(self._sound.encode(block))
            self._samples += length
        if final:
            self._container.mux(self._sound.encode(None))

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
                with writing(self._path):
                    self._container.mux(self._stream.encode(None))
                    self._write_silence(final=True)
                    self._container.close()
                    self._part.replace(self._path)
        finally:
            with suppress(FFmpegError, OSError):  # closing a failed file fails again
                self._container.close()
            self._part.unlink(missing_ok=True)


def write_video(path: Path, frames: Iterable[Frame], fps: Fraction, encoding: Encoding) -> int:
    """Write all of ``frames`` to ``path`` and return how many there were."""
    with VideoWriter(path, fps, encoding) as writer:
        for frame in frames:
            writer.write(frame)
    return writer.count
