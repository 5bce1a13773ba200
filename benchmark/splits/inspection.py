"""Reading the media of a split for what they are."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from adapters.base import FaceTracker, Frame
from benchmark.errors import UsageProblem
from benchmark.media.footage import content_sha256
from benchmark.media.image import read_image
from benchmark.media.video import claims, frame_rate, read_frames
from benchmark.splits.case import Split
from benchmark.splits.rules import MAX_PEOPLE

FACES_EVERY = 25
"""Of a driving video, every so many frames are searched for faces, from the first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one file turned out to be.

    Attributes:
        sha256: Its content.
        size: ``(height, width)``.
        n_frames: Frames that decode.
        fps: Rate; 0 of a picture.
        stated: Frames that the container states; 0 if it does not.
        faces: Most faces found in a frame that was searched; ``None`` if none was.
    """

    sha256: str
    size: tuple[int, int]
    n_frames: int = 1
    fps: Fraction = Fraction(0)
    stated: int = 0
    faces: int | None = None


class Media:
    """Reads files of a split; keeps one frame of each role, since a self case needs them at once.

    All methods raise `BenchError` if a file cannot be read.

    Args:
        split: The split.
        tracker: Finds faces; ``None``: they are not looked for.
    """

    def __init__(self, split: Split, tracker: FaceTracker | None) -> None:
        self._split, self._tracker = split, tracker
        self._kept: dict[str, tuple[str, int, Frame]] = {}

    def look(self, role: str, relative: str, keep: int | None) -> Facts:
        """Read a file whole.

        Args:
            role: ``source`` (a picture) or ``driving`` (a video).
            relative: Path in the split.
            keep: Index of a frame that `frame` will be asked for, if any.
        """
        if role == "source":
            return self._picture(relative)
        return self._video(relative, keep)

    def frame(self, role: str, relative: str, index: int) -> Frame:
        """Return one frame."""
        kept = self._kept.get(role)
        if kept is not None and kept[:2] == (relative, index):
            return kept[2]
        path = self._split.file(relative)
        if role == "source":
            frame = read_image(path)
        else:
            found = next(islice(read_frames(path), index, None), None)
            if found is None:
                raise UsageProblem(f"{relative} has no frame {index}")
            frame = found
        self._kept[role] = (relative, index, frame)
        return frame

    def _picture(self, relative: str) -> Facts:
        path = self._split.file(relative)
        frame = read_image(path)
        self._kept["source"] = (relative, 0, frame)
        size = (frame.shape[0], frame.shape[1])
        return Facts(content_sha256(path, "image"), size, faces=self._faces(frame))

    def _video(self, relative: str, keep: int | None) -> Facts:
        path = self._split.file(relative)
        count, size, faces = 0, (0, 0), None
        for index, frame in enumerate(read_frames(path)):
            count, size = index + 1, (frame.shape[0], frame.shape[1])
            if index == keep:
                self._kept["driving"] = (relative, index, frame)
            if index % FACES_EVERY == 0 and (found := self._faces(frame)) is not None:
                faces = max(found, faces or 0)
        return Facts(
            content_sha256(path, "video"), size, count, frame_rate(path), claims(path).stated, faces
        )

    def _faces(self, frame: Frame) -> int | None:
        return None if self._tracker is None else len(self._tracker(frame, MAX_PEOPLE))
