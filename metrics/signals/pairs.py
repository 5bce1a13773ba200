"""What is measured on a result frame and the true frame together: self-reenactment only."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Frame
from metrics.signals.face import FaceSignal
from metrics.signals.face_engine import Detection

PairValues = dict[str, NDArray[np.float64] | str]
"""By protocol id: ``(N,)`` values of the result's frames, or the sentence why there are none."""


class PairStream(Protocol):
    """One clip beside its driving video, frame by frame."""

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame, already at the size of the true one, and the true frame.

        Args:
            generated: ``(H, W, 3)`` uint8.
            truth: The same size.
            truth_index: Which driving frame it is.
        """
        ...

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return what was measured.

        Args:
            faces: Faces of the driving frames.
        """
        ...


@runtime_checkable
class FacePairStream(Protocol):
    """A pair stream that needs the faces of each true frame while it has the pixels."""

    def add_with_faces(self, generated: Frame, truth: Frame, faces: Detection) -> None:
        """Take a result frame, already at the size of the true one, the true frame, its faces."""
        ...

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return what was measured; see `PairStream.finish`."""
        ...
