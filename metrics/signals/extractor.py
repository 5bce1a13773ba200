"""What every extractor is to the harness: one array a clip, made while its frames go by.

A *network* turns a batch of items (pictures, windows of frames, face crops) into vectors: it is
what parity tests hold against the reference. An *extractor* says which items a frame gives and
where their vectors belong. Batches are filled across clips; what comes out does not depend on how
they were filled, beyond the rounding of float32.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from metrics.signals.face_engine import Detection

Frame = NDArray[np.uint8]
Batch = NDArray[Any]
Profile = Literal["canonical", "embedded"]


@dataclass(frozen=True, slots=True)
class ExtractorDefinition:
    """Everything that can change what an extractor gives; its fingerprint keys the cache.

    Attributes:
        name: Name of the extractor (``inception``).
        weights_sha256: Hash of the weights' file; of the generated state if embedded; empty for
            an extractor without weights.
        preprocessing: Size, filter, range, crop and colour order, in words and numbers.
        profile: Official weights, or the embedded stand-in.
        precision: Arithmetic.
        version: Raised when the code changes what comes out.
        needs: Fingerprint of the signal it stands on (the face engine), if any.
    """

    name: str
    weights_sha256: str
    preprocessing: str
    profile: Profile = "canonical"
    precision: str = "fp32"
    version: int = 1
    needs: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the definition as plain data, for fingerprints and records."""
        return asdict(self)


class Network(Protocol):
    """A network on batches of items of one shape."""

    def __call__(self, batch: Batch) -> NDArray[np.float32]:
        """Return ``(B, ...)`` float32 for ``(B, ...)`` items as its extractor makes them."""
        ...


class Stream(Protocol):
    """One extractor on the frames of one clip, in order."""

    def add(self, frame: Frame, faces: Detection) -> None:
        """Take the next frame, ``(H, W, 3)`` uint8 RGB, and the faces found in it."""
        ...

    def finish(self) -> NDArray[Any]:
        """Return the clip's array; its first axis counts frames, steps or windows.

        Per face: ``(T, F, ...)`` with faces in the order of the detections, NaN where there is
        no face or the extractor cannot use it.
        """
        ...


class Extractor(Protocol):
    """Makes one array a clip."""

    @property
    def definition(self) -> ExtractorDefinition:
        """What it computes."""
        ...

    def stream(self) -> Stream:
        """Begin a clip; streams of several clips may be open at once."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """Where and how networks run.

    Attributes:
        device: Torch device.
        threads: Threads of the CPU they may use; 0 leaves it to the libraries.
        runtime: ``auto`` takes the fastest float32 runtime known for this device, ``torch`` plain
            torch. Not part of a definition: features agree within the parity bound.
    """

    device: str = "cpu"
    threads: int = 0
    runtime: Literal["auto", "torch"] = "auto"


Files = Mapping[str, Any]
"""Verified paths of weights by their name in the registry."""
