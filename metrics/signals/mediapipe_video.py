"""The official runtime in VIDEO mode: it tracks and smooths, and reads other numbers than IMAGE.

No metric uses it. It is here to measure how much the running mode alone changes (the noise floor),
because some papers' numbers come from it.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from metrics.signals.face_engine import FaceDefinition
from metrics.signals.mediapipe_face import FaceLandmarker


class VideoLandmarker(FaceLandmarker):
    """Detects faces in the frames of one clip, in order; open another one for the next clip.

    Args:
        model: Path of ``face_landmarker.task``.
        definition: What to look for; its mode becomes VIDEO.
        fps: Frames a second of the clip.
    """

    def __init__(self, model: Path, definition: FaceDefinition, fps: Fraction) -> None:
        super().__init__(model, replace(definition, mode="VIDEO"), threads=1)
        self._fps = fps
        self._frames = 0

    def _look(self, landmarker: Any, image: Any) -> Any:  # noqa: ANN401 - untyped library
        self._frames += 1
        return landmarker.detect_for_video(image, round(self._frames * 1000 / self._fps))
