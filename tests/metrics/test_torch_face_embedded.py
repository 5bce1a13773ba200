"""The embedded engine: its own student and mean face, and the networks where they are at hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage import data

pytest.importorskip("torch")
pytest.importorskip("tflite", reason="the package tflite is not installed")

from metrics.signals.face_backends import STUDENT_FILE, embedded_sha256
from metrics.signals.face_engine import FaceDefinition
from metrics.signals.tflite_model import ModelError
from metrics.signals.torch_face import TorchFaceLandmarker, Where, open_embedded
from metrics.signals.torch_face_student import load_student, student_input


def points(count: int = 5) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.3, 0.7, (count, 478, 3)).astype(np.float32)


def test_the_student_is_part_of_the_package_and_small() -> None:
    import metrics.signals

    path = Path(metrics.signals.__path__[0]) / STUDENT_FILE
    assert path.stat().st_size < 500_000
    assert len(embedded_sha256()) == 64


def test_answers_are_coefficients() -> None:
    answers = load_student().blendshapes(points(), (512, 512))
    assert answers.shape == (5, 52)
    assert answers.min() >= 0 and answers.max() <= 1
    assert answers.std() > 0.01  # a trained student, not an empty one


def test_a_row_does_not_depend_on_the_others() -> None:
    student, many = load_student(), points(7)
    together = student.blendshapes(many, (512, 512))
    for i, row in enumerate(together):
        np.testing.assert_array_equal(student.blendshapes(many[i : i + 1], (512, 512))[0], row)


def test_place_and_size_of_a_face_do_not_matter() -> None:
    here = points()
    there = here * 0.5 + 0.1
    np.testing.assert_allclose(
        student_input(here, (512, 512)), student_input(there, (512, 512)), atol=1e-4
    )
    assert student_input(np.zeros((1, 478, 3), np.float32), (8, 8)).any() == np.False_


def test_the_mean_face_is_a_face() -> None:
    face = load_student().face
    assert face.points.shape == (468, 3)
    assert face.weights.sum() == pytest.approx(1, abs=1e-3)
    right, left = face.points[[33, 133]].mean(axis=0), face.points[[362, 263]].mean(axis=0)
    np.testing.assert_allclose(np.linalg.norm(right - left), 6.3, atol=0.01)
    assert left[0] > right[0]  # the face's left is on the right, seen from the front
    assert face.points[10, 1] > face.points[152, 1]  # forehead above chin
    assert face.points[4, 2] > face.points[[234, 454], 2].max()  # the nose is nearest


def test_missing_networks_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"face_detection_short_range\.tflite"):
        open_embedded(tmp_path, FaceDefinition("test", 1), Where())


@pytest.fixture(scope="module")
def engine(embedded_models: Path) -> Iterator[TorchFaceLandmarker]:
    with open_embedded(embedded_models, FaceDefinition("test", 4), Where(batch=2)) as opened:
        yield opened


def test_a_portrait(engine: TorchFaceLandmarker) -> None:
    found = engine.detect(np.ascontiguousarray(data.astronaut()))
    assert found.count == 1
    assert found.landmarks.shape == (1, 478, 3)
    right, left = found.landmarks[0, 468, :2] * 512, found.landmarks[0, 473, :2] * 512
    assert 15 < left[0] - right[0] < 60 and abs(left[1] - right[1]) < 15
    smile = found.blendshapes[0, [44, 45]]
    assert smile.min() > 0.3  # she smiles
    edges = found.landmarks[0, [469, 471, 474, 476], 0]
    assert edges[0] > edges[1] and edges[2] > edges[3]  # as the official irises are numbered


def test_no_face(engine: TorchFaceLandmarker) -> None:
    assert engine.detect(np.full((90, 60, 3), 99, np.uint8)).count == 0


def test_another_network_in_its_place_is_refused(embedded_models: Path, tmp_path: Path) -> None:
    for path in embedded_models.glob("*.tflite"):
        other = embedded_models / "iris_landmark.tflite"
        source = other if path.name == "face_landmark.tflite" else path
        (tmp_path / path.name).write_bytes(source.read_bytes())
    with pytest.raises(ModelError, match="not a face network"):
        open_embedded(tmp_path, FaceDefinition("test", 1), Where())
