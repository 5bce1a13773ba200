"""Which driving frames a method's frames came from, by its rule and never by the container."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class FrameRule:
    """What a method does to the driving frames, in this order.

    Attributes:
        fps: It resamples the driving video to this rate: frame i is taken at time i / fps, that is
            driving frame floor(i · rate / fps). ``None``: it takes every frame.
        most: It takes at most so many.
        multiple: It takes the largest ``multiple · k + plus`` frames that there are.
        plus: See ``multiple``.
        first: It has no output for so many of the first of these.
        last: It has no output for so many of the last.
        surplus: It may add frames at the end that came from nowhere; they are cut.
    """

    fps: Fraction | None = None
    most: int | None = None
    multiple: int = 1
    plus: int = 0
    first: int = 0
    last: int = 0
    surplus: bool = False

    def frame_map(self, n_frames: int, rate: Fraction) -> list[int]:
        """Return the driving frame of each output frame.

        Args:
            n_frames: Length of the driving video.
            rate: Its frame rate.

        Returns:
            Rising indices in ``[0, n_frames)``; empty when the video is too short for the method.
        """
        taken = list(range(n_frames))
        if self.fps is not None:
            count = int(n_frames * self.fps / rate)
            taken = [int(i * rate / self.fps) for i in range(count)]
        taken = taken[: self.most]
        whole = (len(taken) - self.plus) // self.multiple
        taken = taken[: whole * self.multiple + self.plus] if whole >= 0 else []
        return taken[self.first : max(0, len(taken) - self.last)]

    def __str__(self) -> str:
        """Say the rule in a few words, for lists."""
        said = []
        if self.fps is not None:
            said.append(f"resampled to {float(self.fps):g} fps")
        if self.most is not None:
            said.append(f"at most {self.most}")
        if self.multiple > 1:
            said.append(f"{self.multiple}k" + (f"+{self.plus}" if self.plus else ""))
        for count, which in ((self.first, "first"), (self.last, "last")):
            if count:
                said.append(f"drops the {which}" + (f" {count}" if count > 1 else ""))
        if self.surplus:
            said.append("extra frames cut")
        return ", ".join(said) or "every frame"
