"""LPIPS while frames go by: of neighbouring frames, and of a result beside the true frame.

Every frame goes through the trunk once (`metrics.signals.batching`); its features are let go as
soon as the distances they are needed for are known.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from metrics.frame_pair import FrameError, check_pair, reduce_frame
from metrics.perceptual import face_mask, masked_sum
from metrics.signals.batching import Batcher, Ticket
from metrics.signals.extractor import ExtractorDefinition, Frame
from metrics.signals.face import FaceSignal
from metrics.signals.face_engine import Detection
from metrics.signals.lpips_trunk import SMALLEST
from metrics.signals.pairs import PairValues

if TYPE_CHECKING:
    from metrics.signals.lpips_net import Lpips

_AHEAD = 8 << 20
"""Bytes of pictures in a batch: 10 frames of 512x512, whose features take 70 MB on AlexNet."""


@dataclass(slots=True)
class PerceptualExtractor:
    """LPIPS of the steps of a clip, ``(T - 1,)`` float64; also compares results with true frames.

    Attributes:
        definition: What it computes.
        lpips: The network.
        frame_id: Protocol id of LPIPS over the frame.
        face_id: Protocol id of LPIPS inside the face; empty if there is none.
        reduced_id: Protocol id of LPIPS of frames at 256x256; empty if there is none.
    """

    definition: ExtractorDefinition
    lpips: "Lpips"
    frame_id: str
    face_id: str = ""
    reduced_id: str = ""
    batcher: Batcher = field(init=False)

    def __post_init__(self) -> None:
        self.batcher = Batcher(self.lpips, most_bytes=_AHEAD)

    def stream(self) -> "PerceptualSteps":
        """Begin a clip."""
        return PerceptualSteps(self.batcher)

    def pairs(self, ids: set[str]) -> "PerceptualPairs | None":
        """Begin a comparison of a result with the true frames, if one of ``ids`` needs it."""
        wanted = {self.frame_id, self.face_id, self.reduced_id} & ids
        return PerceptualPairs(self, wanted) if wanted else None


class PerceptualSteps:
    """A clip whose neighbouring frames are compared."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._before: Ticket | None = None
        self._waiting: deque[tuple[Ticket, Ticket]] = deque()
        self._steps: list[float] = []
        self._frames = 0

    def add(self, frame: Frame, faces: Detection | None = None) -> None:
        """Take the next frame; faces are not looked at."""
        if min(frame.shape[:2]) < SMALLEST:  # frames of a clip are of one size
            if self._frames:
                self._steps.append(float("nan"))
            self._frames += 1
            return
        ticket = self._batcher.submit(frame)
        if self._before is not None:
            self._waiting.append((self._before, ticket))
        self._before = ticket
        while self._waiting and self._waiting[0][1].done:
            self._next()

    def finish(self) -> NDArray[np.float64]:
        """Return ``(T - 1,)`` LPIPS of neighbouring frames; NaN if they are too small for it."""
        while self._waiting:
            self._next()
        self._before = None
        return np.array(self._steps, dtype=np.float64)

    def _next(self) -> None:
        from metrics.signals.lpips_net import distance

        before, after = self._waiting.popleft()
        self._steps.append(float(distance(before.result(), after.result())))


class PerceptualPairs:
    """A result beside the true frames, `metrics.signals.pairs.PairStream`."""

    def __init__(self, extractor: PerceptualExtractor, wanted: set[str]) -> None:
        self._extractor = extractor
        reduced = extractor.reduced_id in wanted
        self._reduced = ReducedPairs(extractor.batcher) if reduced else None
        self._ids = wanted - {extractor.reduced_id}
        self._frame = extractor.frame_id in wanted
        self._face = extractor.face_id in wanted
        self._waiting: deque[tuple[Ticket, Ticket]] = deque()
        self._values: list[float] = []
        self._maps: list[list[NDArray[np.float32]]] = []
        self._truth: list[int] = []
        self._size = (0, 0)

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame and the true one, of one size."""
        if self._reduced is not None:
            self._reduced.add(generated, truth)
        if not self._ids:
            return
        self._size = (truth.shape[0], truth.shape[1])
        if min(self._size) < SMALLEST:
            return
        submit = self._extractor.batcher.submit
        self._waiting.append((submit(generated), submit(truth)))
        self._truth.append(truth_index)
        while self._waiting and self._waiting[0][0].done and self._waiting[0][1].done:
            self._next()

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return the values by canonical protocol id.

        Args:
            faces: Faces of the driving frames: the mask.
        """
        found: PairValues = {}
        if self._reduced is not None:
            found[self._extractor.reduced_id] = self._reduced.finish()
        while self._waiting:
            self._next()
        if min(self._size) < SMALLEST:
            problem = f"LPIPS needs frames of at least {SMALLEST} pixels"
            return {**found, **dict.fromkeys(self._ids, problem)}
        if self._frame:
            found[self._extractor.frame_id] = np.array(self._values, dtype=np.float64)
        if self._face:
            inside = [
                masked_sum(maps, face_mask(faces.landmarks[index], self._size))
                for maps, index in zip(self._maps, self._truth, strict=True)
            ]
            found[self._extractor.face_id] = np.array(inside, dtype=np.float64)
        return found

    def _next(self) -> None:
        from metrics.signals.lpips_net import maps, overall

        generated, truth = (ticket.result() for ticket in self._waiting.popleft())
        layers = maps(generated, truth)
        if self._frame:
            self._values.append(float(overall(layers)))
        if self._face:
            self._maps.append([layer[0].cpu().numpy() for layer in layers])


class ReducedPairs:
    """A result beside the true frames, both at 256x256, through the trunk of the others.

    Args:
        batcher: Of the trunk.
    """

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._truth: tuple[Frame, Ticket] | None = None
        self._waiting: deque[tuple[Ticket, Ticket]] = deque()
        self._values: list[float] = []
        self._problem = ""

    def add(self, generated: Frame, truth: Frame) -> None:
        """Take a result frame and the true one.

        Raises:
            FrameError: If these are not two ``(H, W, 3)`` uint8 frames of one size.
        """
        check_pair(generated, truth)
        try:
            self._waiting.append((self._submit(generated), self._of_truth(truth)))
        except FrameError as problem:
            self._problem = str(problem)
            return
        while self._waiting and self._waiting[0][0].done and self._waiting[0][1].done:
            self._next()

    def finish(self) -> NDArray[np.float64] | str:
        """Return ``(N,)`` values of the result's frames, or why there are none."""
        while self._waiting:
            self._next()
        self._truth = None
        return self._problem or np.array(self._values, dtype=np.float64)

    def _submit(self, frame: Frame) -> Ticket:
        return self._batcher.submit(reduce_frame(frame))

    def _of_truth(self, truth: Frame) -> Ticket:
        """Submit a true frame; one that several result frames came from goes through once."""
        if self._truth is None or self._truth[0] is not truth:
            self._truth = truth, self._submit(truth)
        return self._truth[1]

    def _next(self) -> None:
        from metrics.signals.lpips_net import distance

        generated, truth = (ticket.result() for ticket in self._waiting.popleft())
        self._values.append(float(distance(generated, truth)))
