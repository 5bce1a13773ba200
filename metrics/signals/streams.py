"""The extractors there are: of frames, of steps between frames, of windows, of faces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.signals.batching import Batcher, Ticket
from metrics.signals.extractor import Batch, ExtractorDefinition, Frame
from metrics.signals.face_engine import Detection


@dataclass(frozen=True, slots=True)
class FrameExtractor:
    """One vector a frame: ``(T, ...)``.

    Attributes:
        definition: What it computes.
        batcher: The network.
        prepare: Turns a frame into the item the network takes; by default the frame itself.
    """

    definition: ExtractorDefinition
    batcher: Batcher
    prepare: Callable[[Frame], Batch] = lambda frame: frame

    def stream(self) -> "FrameStream":
        """Begin a clip."""
        return FrameStream(self)


@dataclass(slots=True)
class FrameStream:
    """A clip that goes through a `FrameExtractor`."""

    extractor: FrameExtractor
    tickets: list[Ticket] = field(default_factory=list)

    def add(self, frame: Frame, faces: Detection | None = None) -> None:
        """Take the next frame."""
        self.tickets.append(self.extractor.batcher.submit(self.extractor.prepare(frame)))

    def finish(self) -> NDArray[np.float32]:
        """Return ``(T, ...)`` float32."""
        return _stacked([ticket.result() for ticket in self.tickets])


@dataclass(frozen=True, slots=True)
class WindowExtractor:
    """One vector a window of frames: ``(W, ...)``; frames that fill no window are left over.

    Attributes:
        definition: What it computes; states length and stride.
        batcher: The network, on ``(length, ...)`` items.
        prepare: Turns a frame into its part of the item, so that little is held in memory.
        length: Frames in a window. Windows do not overlap: each frame goes through the network
            once.
    """

    definition: ExtractorDefinition
    batcher: Batcher
    prepare: Callable[[Frame], Batch]
    length: int = 16

    def stream(self) -> "WindowStream":
        """Begin a clip."""
        return WindowStream(self)


@dataclass(slots=True)
class WindowStream:
    """A clip that goes through a `WindowExtractor`."""

    extractor: WindowExtractor
    held: list[Batch] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def add(self, frame: Frame, faces: Detection | None = None) -> None:
        """Take the next frame."""
        self.held.append(self.extractor.prepare(frame))
        if len(self.held) == self.extractor.length:
            self.tickets.append(self.extractor.batcher.submit(np.stack(self.held)))
            self.held.clear()

    def finish(self) -> NDArray[np.float32]:
        """Return ``(W, ...)`` float32; ``(0, 0)`` if the clip is shorter than a window."""
        return _stacked([ticket.result() for ticket in self.tickets])


@dataclass(frozen=True, slots=True)
class FaceExtractor:
    """One vector a face: ``(T, F, D)`` in the order of the detections.

    Attributes:
        definition: What it computes.
        batcher: The network.
        crops: Turns a frame and its detections into one item a face; ``None`` for a face that
            the extractor cannot use.
        width: D.
    """

    definition: ExtractorDefinition
    batcher: Batcher
    crops: Callable[[Frame, Detection], list[Batch | None]]
    width: int

    def stream(self) -> "FaceStream":
        """Begin a clip."""
        return FaceStream(self)


@dataclass(slots=True)
class FaceStream:
    """A clip that goes through a `FaceExtractor`."""

    extractor: FaceExtractor
    frames: list[list[Ticket | None]] = field(default_factory=list)

    def add(self, frame: Frame, faces: Detection) -> None:
        """Take the next frame and its faces."""
        submit = self.extractor.batcher.submit
        crops = self.extractor.crops(frame, faces)
        self.frames.append([None if crop is None else submit(crop) for crop in crops])

    def finish(self) -> NDArray[np.float32]:
        """Return ``(T, F, D)`` float32 with NaN where there is nothing."""
        return _padded(self.frames, self.extractor.width)


@dataclass(frozen=True, slots=True)
class FaceWindowExtractor:
    """One vector a face and window of frames: ``(W, F, D)``, faces as in the window's first frame.

    What a face's window shows is the place where the face is in the first frame: nothing needs to
    be followed, and nothing that is detected later moves the picture.

    Attributes:
        definition: What it computes; states length and stride.
        batcher: The network, on ``(length, ...)`` items.
        places: Turns the size and the detections of a window's first frame into one place a face;
            ``None`` for a face that cannot be used.
        prepare: Turns a frame and a place into the frame's part of the item.
        width: D.
        length: Frames in a window. Windows do not overlap.
    """

    definition: ExtractorDefinition
    batcher: Batcher
    places: Callable[[Detection, tuple[int, int]], Sequence[Any]]
    prepare: Callable[[Frame, Any], Batch]
    width: int
    length: int = 16

    def stream(self) -> "FaceWindowStream":
        """Begin a clip."""
        return FaceWindowStream(self)


@dataclass(slots=True)
class FaceWindowStream:
    """A clip that goes through a `FaceWindowExtractor`."""

    extractor: FaceWindowExtractor
    places: Sequence[Any] = ()
    held: list[list[Batch]] = field(default_factory=list)
    frames: int = 0
    windows: list[list[Ticket | None]] = field(default_factory=list)

    def add(self, frame: Frame, faces: Detection) -> None:
        """Take the next frame and its faces."""
        if self.frames % self.extractor.length == 0:
            self.places = self.extractor.places(faces, (frame.shape[0], frame.shape[1]))
            self.held = [[] for _ in self.places]
        for place, parts in zip(self.places, self.held, strict=True):
            if place is not None:
                parts.append(self.extractor.prepare(frame, place))
        self.frames += 1
        if self.frames % self.extractor.length == 0:
            submit = self.extractor.batcher.submit
            self.windows.append([submit(np.stack(p)) if p else None for p in self.held])
            self.held = []

    def finish(self) -> NDArray[np.float32]:
        """Return ``(W, F, D)`` float32 with NaN where there is nothing."""
        return _padded(self.windows, self.extractor.width)


@dataclass(frozen=True, slots=True)
class StepExtractor:
    """One number a pair of neighbouring frames: ``(T - 1,)`` float64, without a network.

    Attributes:
        definition: What it computes.
        step: Takes a frame and the next one.
    """

    definition: ExtractorDefinition
    step: Callable[[Frame, Frame], float]

    def stream(self) -> "StepStream":
        """Begin a clip."""
        return StepStream(self)


@dataclass(slots=True)
class StepStream:
    """A clip that goes through a `StepExtractor`."""

    extractor: StepExtractor
    before: Frame | None = None
    steps: list[float] = field(default_factory=list)

    def add(self, frame: Frame, faces: Detection | None = None) -> None:
        """Take the next frame."""
        if self.before is not None:
            self.steps.append(self.extractor.step(self.before, frame))
        self.before = frame

    def finish(self) -> NDArray[np.float64]:
        """Return ``(T - 1,)`` float64."""
        return np.array(self.steps, dtype=np.float64)


def _padded(rows: list[list[Ticket | None]], width: int) -> NDArray[np.float32]:
    """Return ``(rows, F, width)`` for as many faces as the fullest row has; NaN elsewhere."""
    most = max((len(faces) for faces in rows), default=0)
    values = np.full((len(rows), most, width), np.nan, dtype=np.float32)
    for row, faces in enumerate(rows):
        for face, ticket in enumerate(faces):
            if ticket is not None:
                values[row, face] = ticket.result()
    return values


def _stacked(vectors: list[Any]) -> NDArray[np.float32]:
    if not vectors:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([np.asarray(vector, dtype=np.float32) for vector in vectors])
