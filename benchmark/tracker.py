"""The face tracker that the harness lends: MediaPipe's landmarker, faces left to right."""

import sys
from pathlib import Path

from adapters.base import Face, Frame
from benchmark.weights import require
from metrics.crowd import left_to_right
from metrics.signals.mediapipe_face import FaceDefinition, FaceLandmarker, stack
from metrics.weights import registry

FACE_MODEL = "face_landmarker"
MOST_FACES = 8


class LentTracker:
    """A `FaceTracker` on one model file.

    One landmarker that looks for up to `MOST_FACES` faces serves every call; of those it finds,
    the largest are returned. It is opened here, so that no call pays for loading it.
    """

    def __init__(self, model: Path) -> None:
        self._landmarker = FaceLandmarker(model, face_definition(MOST_FACES))

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        """Return at most ``max_faces`` faces, left to right by the centre of their box."""
        found = self._landmarker.detect(frame)
        boxes = stack([found], (frame.shape[0], frame.shape[1])).boxes()[0]
        return [
            Face(found.landmarks[i], found.blendshapes[i], found.pose[i])
            for i in left_to_right(boxes, max_faces)
        ]

    def close(self) -> None:
        """Release the network; at the end of the process its own clean-up comes too late."""
        self._landmarker.close()


def face_definition(max_faces: int) -> FaceDefinition:
    """Return the definition of the face extractor on the registered model."""
    return FaceDefinition(registry()[FACE_MODEL].sha256, max_faces)


def face_tracker() -> LentTracker:
    """Return the lent tracker; fetches the model if it is missing and that is allowed.

    Raises:
        EnvironmentProblem: If the face model is not to be had.
    """
    return LentTracker(require(FACE_MODEL, lambda text: print(text, file=sys.stderr)))
