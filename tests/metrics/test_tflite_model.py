"""Reading TFLite files: the official ones, and what is none."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tflite", reason="the package tflite is not installed")

from metrics.signals.tflite_model import ModelError, read_model


@pytest.fixture(scope="module")
def blendshapes(face_model: Path) -> bytes:
    with zipfile.ZipFile(face_model) as archive:
        return archive.read("face_blendshapes.tflite")


def test_an_official_network(blendshapes: bytes) -> None:
    graph = read_model(blendshapes)
    assert graph.shapes[graph.inputs[0]] == (1, 146, 2)
    assert graph.shapes[graph.outputs[0]] == (52,)
    assert {"CONV_2D", "MEAN", "STRIDED_SLICE"} <= {op.kind for op in graph.ops}
    assert {array.dtype for array in graph.constants.values()} <= {
        np.dtype(np.float16),
        np.dtype(np.float32),
        np.dtype(np.int32),
    }


@pytest.mark.parametrize("data", [b"", b"TFL3", b"<html>no</html>", b"\0" * 64])
def test_no_network_at_all(data: bytes) -> None:
    with pytest.raises(ModelError, match="not a TFLite network"):
        read_model(data)


def test_a_truncated_network_is_refused(blendshapes: bytes) -> None:
    for length in (8, 100, 5_000, len(blendshapes) // 2):
        with pytest.raises(ModelError):
            read_model(blendshapes[:length])
