"""How originals become canonical: sizes, frames and sound, as data and as sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, Literal, TypeVar

from benchmark.errors import UsageProblem

T = TypeVar("T")
BOX_SCALE = 1.8
MAX_PEOPLE = 8
"""Faces looked for in a picture with several people."""

VERSION = 1
"""Raised when the code that follows the rules makes other pixels."""

RATES = (1, 1000)
_SIDES = (64, 4096)
RESIZE_RULE = "resized by cv2 INTER_AREA when shrinking, INTER_CUBIC when growing"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a preparation.

    Attributes:
        side: Side of a prepared single-person picture in pixels, even.
        longest: Longest side of a prepared picture with several people in pixels, even.
        fps: Constant rate to choose frames for; ``None``: frame for frame, at the native rate.
        max_frames: Prepare the first so many frames of each clip; ``None`` for all.
        audio: Whether a prepared clip carries a silent track, which some methods insist on.

    Raises:
        UsageProblem: If a value is out of range.
    """

    side: int = 512
    longest: int = 1024
    fps: Fraction | None = None
    max_frames: int | None = None
    audio: Literal["none", "silent"] = "none"

    def __post_init__(self) -> None:
        for name, value in (("--size", self.side), ("--longest", self.longest)):
            if not _SIDES[0] <= value <= _SIDES[1] or value % 2:
                raise UsageProblem(
                    f"{name} must be even, from {_SIDES[0]} to {_SIDES[1]}, got {value}"
                )
        if self.fps is not None and not RATES[0] <= self.fps <= RATES[1]:
            raise UsageProblem(f"--fps must be from {RATES[0]} to {RATES[1]}, got {self.fps}")
        if self.max_frames is not None and self.max_frames < 2:
            raise UsageProblem(f"--max-frames must be 2 or more, got {self.max_frames}")

    def rate(self, native: Fraction) -> Fraction:
        """Return the rate of the prepared clip."""
        return native if self.fps is None else self.fps

    def source_of(self, index: int, native: Fraction) -> int:
        """Return which original frame the prepared frame ``index`` is.

        The one on display when the prepared frame begins: ``floor(index * native / fps)``. Frames
        are repeated or left out, never blended.
        """
        return index if self.fps is None else int(index * native / self.fps)

    def needed(self, native: Fraction) -> int | None:
        """Return how many original frames are used at most; ``None``: all there are."""
        return None if self.max_frames is None else 1 + self.source_of(self.max_frames - 1, native)

    def prepared(self, n_frames: int, native: Fraction) -> int:
        """Return how many frames are made of ``n_frames`` original ones."""
        if self.fps is not None:
            n_frames = -int(-n_frames * self.fps // native)  # the ceiling
        return n_frames if self.max_frames is None else min(n_frames, self.max_frames)

    def choose(self, frames: Iterable[T], native: Fraction) -> Iterator[T]:
        """Yield the prepared frames of the original ones, in order."""
        made = count()
        wanted = next(made)
        for index, frame in enumerate(frames):
            while self.source_of(wanted, native) == index:
                if wanted == self.max_frames:
                    return
                yield frame
                wanted = next(made)

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain data."""
        return {
            "side": self.side,
            "longest": self.longest,
            "fps": None if self.fps is None else str(self.fps),
            "max_frames": self.max_frames,
            "audio": self.audio,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Rules":
        """Rebuild rules from `as_dict`."""
        return cls(**{**data, "fps": None if data["fps"] is None else Fraction(data["fps"])})

    def crop_text(self, split: str) -> str:
        """Return the sentence on geometry for the header."""
        if split == "multi":
            return f"the whole frame, longest side {self.longest}, both sides even; {RESIZE_RULE}"
        return (
            "one static square a clip: union over its frames of the face box (bounds of the 478 "
            f"points), longer side x {BOX_SCALE} about its centre, at most the short side of the "
            "frame, shifted to lie inside it; the centre square where there is no face; "
            f"{self.side}x{self.side}; {RESIZE_RULE}"
        )

    def fps_text(self) -> str:
        """Return the sentence on time and sound for the header."""
        text = "native: frame for frame at the average rate of the original"
        if self.fps is not None:
            text = (
                f"constant {self.fps}: prepared frame i is original frame "
                f"floor(i * average rate / {self.fps}), never blended"
            )
        sound = "audio stripped" if self.audio == "none" else "a silent track instead of audio"
        limit = "" if self.max_frames is None else f"; the first {self.max_frames} frames"
        return f"{text}, {sound}{limit}"
