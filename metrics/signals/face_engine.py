"""What every face engine gives, whichever runtime it stands on."""

from concurrent.futures import Future
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal

Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FaceDefinition:
    """Everything about the extractor that can change a number.

    Attributes:
        weights_sha256: The model file.
        max_faces: Faces looked for in each frame.
        confidence: Minimum detection and presence confidence.
        runtime: Which definition of the computation; engines that agree within the documented
            bounds carry the same one.
        mode: Running mode.
        precision: Arithmetic.
        version: Raised when this file changes what comes out.
    """

    weights_sha256: str
    max_faces: int
    confidence: float = 0.5
    runtime: str = "mediapipe-tasks"
    mode: str = "IMAGE"
    precision: str = "fp32"
    version: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the definition as plain data, for fingerprints and records."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Detection:
    """Faces of one frame, as in `FaceSignal` without the time axis."""

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]

    @property
    def count(self) -> int:
        """Number of faces."""
        return len(self.landmarks)


class FaceEngine(Protocol):
    """Detects faces in single frames. Use as a context manager."""

    @property
    def definition(self) -> FaceDefinition:
        """What it computes."""
        ...

    @property
    def in_flight(self) -> int:
        """Frames a caller should submit before it asks for the first result."""
        ...

    def detect(self, frame: Frame) -> Detection:
        """Return the faces of one ``(H, W, 3)`` uint8 RGB frame, in the detector's order."""
        ...

    def submit(self, frame: Frame) -> Future[Detection]:
        """Start `detect`; the frame must not be changed until the result is there."""
        ...

    def close(self) -> None:
        """Release the networks."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def check_frame(frame: Frame) -> None:
    """Raise `ValueError` if ``frame`` is not ``(H, W, 3)`` uint8."""
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(f"expected an (H, W, 3) uint8 RGB frame, got {frame.shape}")


def stack(detections: list[Detection], size: tuple[int, int]) -> FaceSignal:
    """Join the detections of a clip's frames into one signal, padded with NaN."""
    length = len(detections)
    count = np.array([d.count for d in detections], dtype=np.int64)
    most = int(count.max(initial=0))
    shape = (length, most)
    landmarks = np.full((*shape, N_LANDMARKS, 3), np.nan, dtype=np.float32)
    blendshapes = np.full((*shape, N_BLENDSHAPES), np.nan, dtype=np.float32)
    pose = np.full((*shape, 4, 4), np.nan, dtype=np.float32)
    for frame, found in enumerate(detections):
        landmarks[frame, : found.count] = found.landmarks
        blendshapes[frame, : found.count] = found.blendshapes
        pose[frame, : found.count] = found.pose
    return FaceSignal(count, landmarks, blendshapes, pose, size)
