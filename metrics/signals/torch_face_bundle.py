"""Reading ``face_landmarker.task``: a zip of three networks and the canonical face."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from metrics.signals.tflite_model import ModelError
from metrics.signals.torch_face_geometry import CanonicalFace

_DETECTOR = "face_detector.tflite"
_LANDMARKS = "face_landmarks_detector.tflite"
_BLENDSHAPES = "face_blendshapes.tflite"
_GEOMETRY = "geometry_pipeline_metadata_landmarks.binarypb"
_LARGEST = 64 << 20

# Field numbers of GeometryPipelineMetadata, WeightedLandmarkRef and Mesh3d (MediaPipe's .proto).
_MESH, _BASIS = 1, 2
_LANDMARK_ID, _WEIGHT = 1, 2
_VERTICES = 3
_VERTEX_SIZE = 5  # x, y, z, u, v


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is in the file.

    Attributes:
        detector: TFLite file of the face detector.
        landmarks: TFLite file of the landmark network.
        blendshapes: TFLite file of the blendshape network.
        face: The canonical face.
    """

    detector: bytes
    landmarks: bytes
    blendshapes: bytes
    face: CanonicalFace


def read_bundle(path: Path) -> Bundle:
    """Read the file.

    Raises:
        ModelError: If it is not a face landmarker bundle, or is damaged.
    """
    try:
        with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
            return Bundle(
                _member(archive, _DETECTOR),
                _member(archive, _LANDMARKS),
                _member(archive, _BLENDSHAPES),
                canonical_face(_member(archive, _GEOMETRY)),
            )
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(f"{path.name} cannot be read: {error}") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        raise ModelError(f"not a face landmarker bundle: it has no {name}")
    if archive.getinfo(name).file_size > _LARGEST:
        raise ModelError(f"{name} is too large to be the face landmarker's")
    return archive.read(name)


def canonical_face(data: bytes) -> CanonicalFace:
    """Read the geometry metadata, a protocol buffer.

    Raises:
        ModelError: If it is damaged.
    """
    try:
        fields = list(_fields(data))
        mesh = next(value for number, value in fields if number == _MESH)
        vertices = b"".join(v for number, v in _fields(mesh) if number == _VERTICES)
        table = np.frombuffer(vertices, dtype="<f4").reshape(-1, _VERTEX_SIZE)
        weights = np.zeros(len(table))
        for number, value in fields:
            if number == _BASIS:
                reference = dict(_fields(value))
                weights[int.from_bytes(reference[_LANDMARK_ID], "little")] = struct.unpack(
                    "<f", reference[_WEIGHT]
                )[0]
    except (struct.error, IndexError, KeyError, ValueError, StopIteration) as error:
        raise ModelError(f"damaged face geometry: {error!r}") from None
    if not len(table) or weights.sum() <= 0:
        raise ModelError("damaged face geometry: no points or no weights")
    return CanonicalFace(table[:, :3].astype(np.float64), weights)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield field number and content; numbers as eight little-endian bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value.to_bytes(8, "little")
        else:
            if kind == 2:
                length, at = _varint(data, at)
            else:
                length = {1: 8, 5: 4}[kind]
            if at + length > len(data):
                raise IndexError("a field ends outside the file")
            yield number, data[at : at + length]
            at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number without end")
