"""Blendshapes from landmarks by this project's own small network, and its own mean face.

Trained by ``tools/face_student.py``; the official blendshape network was the teacher. The weights
lie beside this file.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from metrics.signals.face import N_BLENDSHAPES
from metrics.signals.face_backends import STUDENT_FILE
from metrics.signals.torch_face_boxes import sigmoid
from metrics.signals.torch_face_geometry import CanonicalFace
from metrics.signals.torch_face_networks import BLENDSHAPE_LANDMARKS

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Student:
    """A perceptron on normalised landmarks, and the mean face.

    Attributes:
        layers: Weight ``(out, in)`` and bias ``(out,)`` of each layer.
        face: The mean face that pose is measured from.
    """

    layers: tuple[tuple[Floats, Floats], ...]
    face: CanonicalFace

    def blendshapes(self, landmarks: Floats, size: tuple[int, int]) -> Floats:
        """Return ``(K, 52)`` coefficients in [0, 1].

        Args:
            landmarks: ``(K, 478, 3)`` as in `FaceSignal`.
            size: ``(height, width)`` of the frame.
        """
        # One face at a time: the rounding of sums over a batch would depend on who else is in it.
        alone = (landmarks[i : i + 1] for i in range(len(landmarks)))
        rows = [self._logits(student_input(one, size)[0]) for one in alone]
        return sigmoid(np.array(rows, dtype=np.float32).reshape(-1, N_BLENDSHAPES))

    def _logits(self, x: Floats) -> Floats:
        for weight, bias in self.layers[:-1]:
            x = np.maximum(weight @ x + bias, 0)
        weight, bias = self.layers[-1]
        logits: Floats = weight @ x + bias
        return logits


def student_input(landmarks: Floats, size: tuple[int, int]) -> Floats:
    """Return ``(K, 292)``: 146 landmarks in pixels, centred, their mean distance 1."""
    pixels = landmarks[:, BLENDSHAPE_LANDMARKS, :2] * np.array([size[1], size[0]], np.float32)
    offset = pixels - pixels.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(offset, axis=-1).mean(axis=1)[:, None, None]
    unit = offset / np.maximum(spread, np.float32(1e-6))
    flat: Floats = unit.reshape(-1, 2 * len(BLENDSHAPE_LANDMARKS)).astype(np.float32)
    return flat


@cache
def load_student() -> Student:
    """Return the student that is part of the package."""
    from safetensors.numpy import load

    data = load(files("metrics.signals").joinpath(STUDENT_FILE).read_bytes())
    count = sum(name.startswith("weight") for name in data)
    layers = tuple(
        (data[f"weight{i}"].astype(np.float32), data[f"bias{i}"].astype(np.float32))
        for i in range(count)
    )
    face = CanonicalFace(data["face"].astype(np.float64), data["fit"].astype(np.float64))
    return Student(layers, face)
