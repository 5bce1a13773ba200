"""The executor against the official TFLite runtime, network by network."""

import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tflite", reason="the package tflite is not installed")
litert = pytest.importorskip(
    "ai_edge_litert.interpreter", reason="ai-edge-litert is not installed (extra: parity)"
)

from metrics.signals.tflite_network import TFLiteNetwork  # noqa: E402

TOLERANCE = 1e-4
NETWORKS = {"face_detector": 1.0, "face_landmarks_detector": 1.0, "face_blendshapes": 300.0}


def official(data: bytes, rows: np.ndarray) -> list[np.ndarray]:
    interpreter = litert.Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    outputs = []
    for row in rows:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], row[None])
        interpreter.invoke()
        details = interpreter.get_output_details()
        outputs.append([interpreter.get_tensor(d["index"]).copy() for d in details])
    return [np.stack([row[i].reshape(-1) for row in outputs]) for i in range(len(outputs[0]))]


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_agree(name: str, face_model: Path, parity_record: Callable[..., None]) -> None:
    with zipfile.ZipFile(face_model) as archive:
        data = archive.read(f"{name}.tflite")
    network = TFLiteNetwork.from_bytes(data)
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, NETWORKS[name], (6, *network.input_shape)).astype(np.float32)
    ours = network(torch.from_numpy(rows))
    for mine, theirs in zip(ours, official(data, rows), strict=True):
        difference = np.abs(mine.numpy().reshape(len(rows), -1) - theirs).max()
        parity_record(
            f"face: {name}",
            "ai-edge-litert",
            version("ai-edge-litert"),
            difference / np.abs(theirs).max(),
            TOLERANCE,
            of="largest difference of an output, relative to the largest value",
            on="6 random inputs",
        )
