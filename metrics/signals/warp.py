"""Warping errors while frames go by: of a clip along its own motion, of a result along the true."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from metrics.frame_pair import check_pair
from metrics.signals.extractor import ExtractorDefinition, Files, Frame, Where
from metrics.signals.face import FaceSignal
from metrics.signals.pairs import PairValues
from metrics.signals.streams import StepExtractor, StepStream
from metrics.temporal import WARP_ERROR
from metrics.warping import Motion, motion, warp_error


class Motions:
    """Motion between frames; remembers the last, which two streams may ask for in turn."""

    def __init__(self) -> None:
        self._last: tuple[Frame, Frame, Motion] | None = None

    def __call__(self, before: Frame, after: Frame) -> Motion:
        """Return `metrics.warping.motion` of two frames, which are not changed afterwards."""
        last = self._last
        if last is not None and last[0] is before and last[1] is after:
            return last[2]
        found = motion(before, after)
        self._last = before, after, found
        return found


@dataclass(frozen=True, slots=True)
class WarpExtractor:
    """`metrics.warping.warp_step` of a clip, ``(T - 1,)``; also holds results to the true motion.

    Attributes:
        definition: What it computes.
        motions: Shared between the driving clip's own stream and the comparison with it.
    """

    definition: ExtractorDefinition
    motions: Motions = field(default_factory=Motions)

    def step(self, before: Frame, after: Frame) -> float:
        """Return the warping error of two neighbouring frames along their own motion."""
        return warp_error(before, after, self.motions(before, after))

    def stream(self) -> StepStream:
        """Begin a clip."""
        return StepExtractor(self.definition, self.step).stream()

    def pairs(self, ids: set[str]) -> "WarpStream | None":
        """Begin a comparison of a result with the true frames, if one of ``ids`` needs it."""
        return WarpStream(self.motions) if WARP_ERROR.id in ids else None


def open_warp_step(definition: ExtractorDefinition, files: Files, where: Where) -> WarpExtractor:
    """Open the extractor; neither files nor a device are needed."""
    return WarpExtractor(definition)


class WarpStream:
    """A `metrics.signals.pairs.PairStream`: the result's error along the true video's motion.

    The value of a result frame is that of the step which ends in it. It is NaN for the first
    frame, and where frame and predecessor do not come from neighbouring driving frames.

    Args:
        motions: Gives the motion of the true frames.
    """

    def __init__(self, motions: Motions) -> None:
        self._motions = motions
        self._before: tuple[Frame, Frame, int] | None = None
        self._values: list[float] = []

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame and the true one; neither may be changed afterwards.

        Raises:
            FrameError: If these are not two ``(H, W, 3)`` uint8 frames of one size.
        """
        check_pair(generated, truth)
        before, self._before = self._before, (generated, truth, truth_index)
        if before is None or truth_index != before[2] + 1:
            self._values.append(float("nan"))
            return
        self._values.append(warp_error(before[0], generated, self._motions(before[1], truth)))

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return ``(N,)`` float64 under the id of `metrics.temporal.WARP_ERROR`.

        Args:
            faces: Not looked at.
        """
        values: NDArray[np.float64] = np.array(self._values, dtype=np.float64)
        return {WARP_ERROR.id: values}
