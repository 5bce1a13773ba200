"""The face signal by MediaPipe's FaceLandmarker: the official runtime, IMAGE mode, fp32.

IMAGE mode treats every frame alone. VIDEO mode smooths over time, which moves blendshapes by
0.016 on average: a third of a published leaderboard, so it would be another definition.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import numpy as np

from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS
from metrics.signals.face_engine import Detection, FaceDefinition, Frame, check_frame

_IN_FLIGHT = 16


class FaceLandmarker:
    """Detects faces in single frames, on several threads if asked.

    Args:
        model: Path of ``face_landmarker.task``.
        definition: What to look for; the model's hash in it is the caller's to check.
        threads: Frames worked on at the same time. Does not change any result.
    """

    def __init__(self, model: Path, definition: FaceDefinition, threads: int = 1) -> None:
        import mediapipe

        self._mediapipe = mediapipe
        self.definition = definition
        self._all = [_open(mediapipe, model, definition) for _ in range(threads)]
        self._free: SimpleQueue[Any] = SimpleQueue()
        for landmarker in self._all:
            self._free.put(landmarker)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="face")

    @property
    def in_flight(self) -> int:
        """Frames a caller should submit before it asks for the first result."""
        return _IN_FLIGHT

    def detect(self, frame: Frame) -> Detection:
        """Return the faces of one ``(H, W, 3)`` uint8 RGB frame, in the detector's order."""
        check_frame(frame)
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame)
        )
        landmarker = self._free.get()
        try:
            return _detection(self._look(landmarker, image))
        finally:
            self._free.put(landmarker)

    def _look(self, landmarker: Any, image: Any) -> Any:  # noqa: ANN401 - untyped library
        return landmarker.detect(image)

    def submit(self, frame: Frame) -> Future[Detection]:
        """Start `detect` on another thread."""
        return self._pool.submit(self.detect, frame)

    def close(self) -> None:
        """Release the networks."""
        self._pool.shutdown()
        for landmarker in self._all:
            landmarker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _open(mediapipe: Any, model: Path, definition: FaceDefinition) -> Any:  # noqa: ANN401 - untyped library
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
        running_mode=vision.RunningMode[definition.mode],
        num_faces=definition.max_faces,
        min_face_detection_confidence=definition.confidence,
        min_face_presence_confidence=definition.confidence,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with _quiet_stderr():
        landmarker = vision.FaceLandmarker.create_from_options(options)
        zeros = np.zeros((64, 64, 3), dtype=np.uint8)
        blank = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=zeros)
        if definition.mode == "IMAGE":
            landmarker.detect(blank)
        else:  # no face in it, so that nothing is tracked on from here
            landmarker.detect_for_video(blank, 0)
    return landmarker


def _detection(result: Any) -> Detection:  # noqa: ANN401 - untyped library
    faces = len(result.face_landmarks)
    landmarks = np.array(
        [[(p.x, p.y, p.z) for p in face] for face in result.face_landmarks], dtype=np.float32
    ).reshape(faces, N_LANDMARKS, 3)
    blendshapes = np.array(
        [[c.score for c in face] for face in result.face_blendshapes], dtype=np.float32
    ).reshape(faces, N_BLENDSHAPES)
    pose = np.array(result.facial_transformation_matrixes, dtype=np.float32).reshape(faces, 4, 4)
    return Detection(landmarks, blendshapes, pose)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the C++ library's start-up chatter off the terminal; it has no switch for it."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as sink:
            os.dup2(sink.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
