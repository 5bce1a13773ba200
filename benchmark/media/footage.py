"""A driving clip wherever it lies: a video file, or a folder of pictures with a stated rate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from adapters.base import Frame
from benchmark.errors import UsageProblem
from benchmark.media.files import require_file
from benchmark.media.image import read_image
from benchmark.media.video import claims, frame_rate, read_frames

_CHUNK = 1 << 20


class Footage(Protocol):
    """What can be read as a clip."""

    @property
    def path(self) -> Path:
        """Where it lies, for messages."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Yield every frame in order as ``(H, W, 3)`` uint8 RGB, all of one size."""
        ...

    def rate(self) -> Fraction:
        """Return frames a second."""
        ...

    def claimed(self) -> int:
        """Return how many frames it claims to hold; for progress only."""
        ...

    def pixel_aspect(self) -> Fraction:
        """Return width over height of a pixel."""
        ...

    def sha256(self) -> str:
        """Return a hash of its content."""
        ...


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video file. All methods raise `UsageProblem` if it cannot be used."""

    path: Path

    def frames(self) -> Iterator[Frame]:
        """Yield every frame in order."""
        return read_frames(self.path)

    def rate(self) -> Fraction:
        """Return the average rate of the container."""
        return frame_rate(self.path)

    def claimed(self) -> int:
        """Return the container's count, or an estimate."""
        return claims(self.path).n_frames

    def pixel_aspect(self) -> Fraction:
        """Return what the stream states; 1 if nothing."""
        return claims(self.path).pixel_aspect

    def sha256(self) -> str:
        """Return the hash of the file."""
        return content_sha256(self.path, "video")


@dataclass(frozen=True, slots=True)
class FrameFolder:
    """Pictures in order. All methods raise `UsageProblem` if one cannot be used.

    Attributes:
        path: The folder.
        pictures: Its pictures in order.
        stated: Their rate, which pictures do not say themselves.
    """

    path: Path
    pictures: tuple[Path, ...]
    stated: Fraction

    def frames(self) -> Iterator[Frame]:
        """Yield every picture in order."""
        size: tuple[int, ...] = ()
        for picture in self.pictures:
            frame = read_image(picture)
            if size and frame.shape != size:
                raise UsageProblem(f"{picture} has another size than the pictures before it")
            size = frame.shape
            yield frame

    def rate(self) -> Fraction:
        """Return the stated rate."""
        return self.stated

    def claimed(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)

    def pixel_aspect(self) -> Fraction:
        """Return 1: pictures have square pixels."""
        return Fraction(1)

    def sha256(self) -> str:
        """Return a hash over the pictures' contents in order, and the rate."""
        digest = hashlib.sha256(f"frames at {self.stated}\n".encode())
        for picture in self.pictures:
            digest.update(content_sha256(picture, "image").encode())
        return digest.hexdigest()


def content_sha256(path: Path, kind: str) -> str:
    """Return the sha256 of a file as hex.

    Raises:
        UsageProblem: If it is missing, empty or cannot be read.
    """
    require_file(path, kind)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}") from None
    return digest.hexdigest()
