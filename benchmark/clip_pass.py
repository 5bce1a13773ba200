"""One pass over the frames of a clip: each extractor that lacks its signal sees each frame once."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.signals import (
    ClipSignals,
    Media,
    SignalStore,
    detection,
    face_arrays,
    face_signal,
)
from metrics.signals.extractor import Extractor, Stream
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal
from metrics.signals.face_engine import Detection, FaceEngine, stack

_NO_FACES = Detection(
    np.zeros((0, N_LANDMARKS, 3), dtype=np.float32),
    np.zeros((0, N_BLENDSHAPES), dtype=np.float32),
    np.zeros((0, 4, 4), dtype=np.float32),
)


class OpenExtractor:
    """An extractor that is opened when the first clip needs it.

    Args:
        name: Its name.
        key: Stands for its definition and library in the store.
        opener: Opens it.
        on_face: Whether it needs the faces of a frame.
    """

    def __init__(self, name: str, key: str, opener: Callable[[], Extractor], on_face: bool) -> None:
        self.name, self.key, self.on_face = name, key, on_face
        self._opener = opener
        self._extractor: Extractor | None = None

    @property
    def opened(self) -> bool:
        """Whether it was needed so far."""
        return self._extractor is not None

    @property
    def extractor(self) -> Extractor:
        """The extractor."""
        if self._extractor is None:
            self._extractor = self._opener()
        return self._extractor


@dataclass(frozen=True, slots=True)
class Tools:
    """What a measurement works with.

    Attributes:
        face: The face engine.
        face_key: Stands for its definition and library in the store.
        extractors: All others that the run's metrics need.
        store: Where signals are kept.
    """

    face: FaceEngine
    face_key: str
    extractors: Sequence[OpenExtractor]
    store: SignalStore


class ClipPass:
    """Collects what is not known yet of one clip; `add` every frame, then `finish`.

    Args:
        tools: Extractors and store.
        media: What the clip is.
        only: Names of the extractors that are asked for; all by default.
    """

    def __init__(self, tools: Tools, media: Media, only: Sequence[str] | None = None) -> None:
        self._tools = tools
        self._media = media
        self._known: dict[str, NDArray[Any]] = {}
        self._face = face_signal(tools.store.load(tools.face_key, media))
        self._streams: list[tuple[OpenExtractor, Stream]] = []
        for opened in tools.extractors:
            if only is not None and opened.name not in only:
                continue
            kept = tools.store.load(opened.key, media)
            if kept is not None and "values" in kept:
                self._known[opened.name] = kept["values"]
            else:
                self._streams.append((opened, opened.extractor.stream()))
        self._waiting: deque[tuple[Frame, Future[Detection]]] = deque()
        self._detections: list[Detection] = []
        self._frames = 0
        self._size = (0, 0)
        self._ended = self._face is not None and not self._streams
        self._result: ClipSignals | None = None

    @property
    def ended(self) -> bool:
        """Whether it needs no frame any more: everything was known, or all frames were added."""
        return self._ended

    @property
    def frames(self) -> int:
        """Frames that were added."""
        return self._frames

    def add(self, frame: Frame) -> None:
        """Take the next frame, which must not be changed afterwards."""
        self._size = (frame.shape[0], frame.shape[1])
        for opened, stream in self._streams:
            if not opened.on_face:
                stream.add(frame, _NO_FACES)
        if self._face is not None:
            self._on_faces(frame, detection(self._face, self._frames))
        else:
            self._waiting.append((frame, self._tools.face.submit(frame)))
            while len(self._waiting) > self._tools.face.in_flight:
                self._next()
        self._frames += 1

    def detected(self, index: int) -> Detection | None:
        """Return the faces of a frame; ``None`` while the engine is still at work on it."""
        if self._face is not None:
            return detection(self._face, index)
        return self._detections[index] if index < len(self._detections) else None

    def end(self) -> None:
        """Say that all frames were added."""
        self._ended = True

    def finish(self) -> ClipSignals:
        """Wait for the networks, keep what is new, and return everything; may be called again."""
        if self._result is not None:
            return self._result
        self._ended = True
        while self._waiting:
            self._next()
        store, media = self._tools.store, self._media
        if self._face is None:
            self._face = stack(self._detections, self._size)
            store.save(self._tools.face_key, media, face_arrays(self._face))
        for opened, stream in self._streams:
            values = stream.finish()
            store.save(opened.key, media, {"values": values})
            self._known[opened.name] = values
        self._streams.clear()
        self._result = ClipSignals(self._face, self._known)
        return self._result

    def _next(self) -> None:
        frame, future = self._waiting.popleft()
        found = future.result()
        self._detections.append(found)
        self._on_faces(frame, found)

    def _on_faces(self, frame: Frame, found: Detection) -> None:
        for opened, stream in self._streams:
            if opened.on_face:
                stream.add(frame, found)


def known(tools: Tools, media: Media) -> FaceSignal | None:
    """Return the kept face signal of a clip, if there is one."""
    return face_signal(tools.store.load(tools.face_key, media))
