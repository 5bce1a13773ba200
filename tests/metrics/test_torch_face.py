"""The torch engine: batching never shows, and bad input ends in a clear error or no face."""

import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

pytest.importorskip("torch")
pytest.importorskip("tflite", reason="the package tflite is not installed")

from metrics.signals.face_engine import Detection, FaceDefinition, Frame, stack
from metrics.signals.tflite_model import ModelError
from metrics.signals.torch_face import TorchFaceLandmarker, Where, open_official


@pytest.fixture(scope="module")
def engine(face_model: Path) -> Iterator[TorchFaceLandmarker]:
    with open_official(face_model, FaceDefinition("test", 4), Where(threads=2)) as opened:
        yield opened


@pytest.fixture(scope="module")
def portrait() -> Frame:
    return np.ascontiguousarray(data.astronaut())


def equal(a: Detection, b: Detection) -> bool:
    return all(
        np.array_equal(x, y)
        for x, y in zip(
            (a.landmarks, a.blendshapes, a.pose), (b.landmarks, b.blendshapes, b.pose), strict=True
        )
    )


def clip(portrait: Frame, length: int) -> list[Frame]:
    return [np.roll(portrait, 3 * i, axis=1) for i in range(length)]


def test_a_portrait(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    found = engine.detect(portrait)
    assert found.count == 1
    assert found.landmarks.shape == (1, 478, 3) and found.blendshapes.shape == (1, 52)
    nose = found.landmarks[0, 1, :2] * 512
    assert 200 < nose[0] < 250 and 80 < nose[1] < 150
    assert found.blendshapes[0].min() >= 0 and found.blendshapes[0].max() <= 1
    turn = found.pose[0, :3, :3]
    np.testing.assert_allclose(
        turn @ turn.T / np.cbrt(np.linalg.det(turn)) ** 2, np.eye(3), atol=1e-5
    )


@pytest.mark.slow
def test_order_and_grouping_do_not_show(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    frames = clip(portrait, 18)  # more than a batch
    together = engine.detect_all(frames)
    alone = [engine.detect_all([frame])[0] for frame in frames]
    backwards = engine.detect_all(frames[::-1])[::-1]
    submitted = [future.result() for future in [engine.submit(frame) for frame in frames]]
    late = engine.submit(frames[0])
    demanded = [engine.submit(frame).result() for frame in frames[:4]]
    for i, expected in enumerate(together):
        for other in (alone, backwards, submitted, demanded):
            assert i >= len(other) or equal(expected, other[i])
    assert equal(late.result(), together[0])


def test_the_batch_size_moves_less_than_a_hundredth_of_a_pixel(
    engine: TorchFaceLandmarker, portrait: Frame
) -> None:
    single, batched = engine.detect(portrait), engine.detect_all([portrait])[0]
    assert np.abs(single.landmarks - batched.landmarks).max() * 512 < 1e-2
    assert np.abs(single.blendshapes - batched.blendshapes).max() < 1e-4


def test_sizes_may_change_from_frame_to_frame(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    half = np.ascontiguousarray(portrait[:256, 100:400])
    mixed = engine.detect_all([portrait, half, portrait])
    assert equal(mixed[0], mixed[2])
    assert equal(mixed[1], engine.detect_all([half])[0])


def test_opening_an_engine_leaves_the_threads_of_others_alone(face_model: Path) -> None:
    import torch

    def elsewhere() -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(torch.get_num_threads).result()

    usual = torch.get_num_threads(), elsewhere()
    with open_official(face_model, FaceDefinition("test", 1), Where(threads=2)) as engine:
        engine.submit(np.zeros((64, 64, 3), np.uint8)).result()
        assert (torch.get_num_threads(), elsewhere()) == usual
        inside = [engine._pool.submit(torch.get_num_threads).result() for _ in range(4)]
        torch.zeros(8).add(1)
        assert inside == [1] * 4


def test_no_frames_and_no_faces(engine: TorchFaceLandmarker) -> None:
    assert engine.detect_all([]) == []
    blank = np.full((64, 90, 3), 127, np.uint8)
    found = engine.detect_all([blank, blank])
    assert [d.count for d in found] == [0, 0]
    signal = stack(found, (64, 90))
    assert signal.landmarks.shape == (2, 0, 478, 3)


@pytest.mark.parametrize("side", [1, 2, 16])
def test_tiny_frames(engine: TorchFaceLandmarker, portrait: Frame, side: int) -> None:
    small = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    assert engine.detect(small).count == 0


def test_a_face_at_the_border(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    cut = np.ascontiguousarray(portrait[:, 215:])  # through the middle of the face
    found = engine.detect(cut)
    assert np.isfinite(found.landmarks).all() and np.isfinite(found.pose).all()


def test_a_tiny_face_in_a_large_frame(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    large = np.zeros((2160, 3840, 3), np.uint8)
    large[1000:1020, 2000:2020] = cv2.resize(portrait, (20, 20), interpolation=cv2.INTER_AREA)
    assert engine.detect(large).count == 0


def test_4k(engine: TorchFaceLandmarker, portrait: Frame) -> None:
    large = cv2.resize(portrait, (2160, 2160))
    large = np.pad(large, ((0, 0), (840, 840), (0, 0)))
    found, usual = (
        engine.detect(large),
        engine.detect(np.pad(portrait, ((0, 0), (199, 199), (0, 0)))),
    )
    assert found.count == usual.count == 1
    assert (
        np.abs(found.landmarks[0, :, :2] - usual.landmarks[0, :, :2]).mean() < 5e-3
    )  # other pixels, same face


def crowd(portrait: Frame, rows: int, columns: int) -> Frame:
    face = cv2.resize(portrait[20:220, 130:310], (160, 160), interpolation=cv2.INTER_AREA)
    return np.tile(face, (rows, columns, 1))


def test_nine_faces_left_to_right_and_top_to_bottom(face_model: Path, portrait: Frame) -> None:
    with open_official(face_model, FaceDefinition("test", 20), Where()) as engine:
        found = engine.detect(crowd(portrait, 3, 3))
    assert found.count == 9
    assert len({(int(x), int(y)) for x, y in found.landmarks[:, 1, :2] * 3}) == 9


def test_twenty_faces_are_too_small_for_the_detector(face_model: Path, portrait: Frame) -> None:
    """It sees 128 pixels: of 20 faces in a frame it misses most, as the official runtime does."""
    with open_official(face_model, FaceDefinition("test", 20), Where()) as engine:
        assert engine.detect(crowd(portrait, 4, 5)).count < 20


def test_no_more_faces_than_asked_for(face_model: Path, portrait: Frame) -> None:
    with open_official(face_model, FaceDefinition("test", 1), Where()) as engine:
        assert engine.detect(crowd(portrait, 1, 2)).count == 1


@pytest.mark.parametrize(
    "frame",
    [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32)],
)
def test_what_is_no_frame_is_refused(engine: TorchFaceLandmarker, frame: Frame) -> None:
    for ask in (engine.detect, engine.submit, lambda f: engine.detect_all([f])):
        with pytest.raises(ValueError, match="uint8 RGB"):
            ask(frame)


def test_a_truncated_bundle(face_model: Path, tmp_path: Path) -> None:
    cut = tmp_path / "face_landmarker.task"
    cut.write_bytes(face_model.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="cannot be read"):
        open_official(cut, FaceDefinition("test", 1), Where())


def test_another_bundle(face_model: Path, tmp_path: Path) -> None:
    hand = tmp_path / "hand_landmarker.task"
    with zipfile.ZipFile(hand, "w") as archive:
        archive.writestr("hand_detector.tflite", b"TFL3")
    with pytest.raises(ModelError, match=r"no face_detector\.tflite"):
        open_official(hand, FaceDefinition("test", 1), Where())


def test_a_bundle_with_its_networks_exchanged(face_model: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.task"
    with zipfile.ZipFile(face_model) as source, zipfile.ZipFile(wrong, "w") as target:
        for name in source.namelist():
            other = "face_blendshapes.tflite" if name == "face_detector.tflite" else name
            target.writestr(name, source.read(other))
    with pytest.raises(ModelError, match="not a face network"):
        open_official(wrong, FaceDefinition("test", 1), Where())


def test_a_missing_bundle(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        open_official(tmp_path / "face_landmarker.task", FaceDefinition("test", 1), Where())


def test_damaged_geometry(face_model: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.task"
    shutil.copy(face_model, damaged)
    with zipfile.ZipFile(face_model) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:500] if name.endswith("binarypb") else content)
    with pytest.raises(ModelError, match="damaged face geometry"):
        open_official(damaged, FaceDefinition("test", 1), Where())
