"""insightface's classes as we open them, on files of ours with the interfaces of theirs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
insightface = pytest.importorskip("insightface", reason="insightface is not installed")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from insightface.utils import face_align  # noqa: E402
from onnx_models import IResNet, RedMarkDetector, SmallEmbedder, export, with_random_state  # noqa: E402
from reference_arrays import TOLERANCE, levels, relative  # noqa: E402

from metrics.signals import arcface  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.face_points import ALIGNED_FIVE, aligned, similarity  # noqa: E402
from metrics.signals.tflite_model import ModelError  # noqa: E402

ONE = Where(threads=1)


def arcface_file(path: Path, network: torch.nn.Module) -> Path:
    return export(network, torch.zeros(1, 3, 112, 112), path, {0: "N"})


def difference(network: torch.nn.Module, path: Path, count: int) -> float:
    """Ours on uint8 crops through onnxruntime, against torch on (x - 127.5) / 127.5 RGB."""
    crops = levels(7, count, 112, 112, 3)
    ours = arcface.open_canonical({"arcface_r50": arcface_file(path, network)}, ONE)(crops)
    with torch.inference_mode():
        pictures = (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - 127.5) / 127.5
        theirs = network(pictures).numpy()
    return relative(ours, theirs)


def test_a_small_network_gives_what_torch_gives(tmp_path: Path) -> None:
    network = with_random_state(SmallEmbedder(), 0)
    assert difference(network, tmp_path / "small.onnx", 3) < TOLERANCE


@pytest.mark.slow
def test_iresnet50_gives_what_torch_gives(
    tmp_path: Path, parity_record: Callable[..., None]
) -> None:
    network = with_random_state(IResNet(), 1)
    assert sum(p.numel() for p in network.parameters()) == 43_590_848
    parity_record(
        "arcface",
        "torch (iresnet50)",
        torch.__version__,
        difference(network, tmp_path / "r50.onnx", 2),
        TOLERANCE,
        of="relative L2 of embeddings",
        on="insightface's ArcFaceONNX, 2 crops, random weights",
    )


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> arcface.Detector:
    path = tmp_path_factory.mktemp("scrfd") / "det.onnx"
    export(RedMarkDetector(), torch.zeros(1, 3, 64, 64), path, {2: "h", 3: "w"})
    return arcface.open_detector({"scrfd_10g": path}, ONE)


def marked(height: int, width: int, at: tuple[int, int], side: int, channel: int) -> np.ndarray:
    frame = np.zeros((height, width, 3), dtype=np.uint8)
    frame[at[1] : at[1] + side, at[0] : at[0] + side, channel] = 255
    return frame


@pytest.mark.parametrize("height,width", [(320, 320), (200, 320), (320, 240)])
def test_points_are_in_pixels_of_the_frame(
    detector: arcface.Detector, height: int, width: int
) -> None:
    """320 pixels become 640: a red square of 8 at (80, 40) is the cell (10, 5) of stride 16."""
    points = detector(marked(height, width, (80, 40), 8, 0))
    expected = np.array([80.0, 40.0]) + np.array(RedMarkDetector.OFFSETS) * 16 / 2
    assert points.shape == (1, 5, 2)
    np.testing.assert_allclose(points[0], expected, atol=1e-4)


def test_red_is_red(detector: arcface.Detector) -> None:
    assert len(detector(marked(320, 320, (80, 40), 8, 2))) == 0  # blue
    assert detector(np.zeros((320, 320, 3), dtype=np.uint8)).shape == (0, 5, 2)


def test_every_face_is_found_once(detector: arcface.Detector) -> None:
    two = marked(320, 320, (80, 40), 8, 0) | marked(320, 320, (200, 240), 8, 0)
    found = detector(two).mean(axis=1)
    assert sorted(found[:, 0].round().tolist()) == [80.0, 200.0]
    # Neighbouring cells are one face: their boxes overlap by more than OVERLAP.
    assert len(detector(marked(320, 320, (80, 40), 16, 0))) == 1


def test_other_files_are_refused(tmp_path: Path, detector: arcface.Detector) -> None:
    recogniser = arcface_file(tmp_path / "recogniser.onnx", SmallEmbedder())
    with pytest.raises(ModelError, match="no SCRFD"):
        arcface.open_detector({"scrfd_10g": recogniser}, ONE)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(recogniser.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be opened"):
        arcface.open_canonical({"arcface_r50": broken}, ONE)
    other = export(torch.nn.Flatten(), torch.zeros(1, 3, 64, 64), tmp_path / "other.onnx", {0: "N"})
    with pytest.raises(ModelError, match="no ArcFace"):
        arcface.open_canonical({"arcface_r50": other}, ONE)


place = st.floats(-0.2, 1.2)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of scikit-image, about insightface
@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 6), st.floats(-180, 180), place, place, st.integers(0, 1000))
def test_the_alignment_is_insightface_s(
    scale: float, turn: float, x: float, y: float, seed: int
) -> None:
    """Our similarity, which the embedded descriptor is cut by, against theirs."""
    jitter = np.random.default_rng(seed).normal(0, 3, (5, 2))
    c, s = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    points = (ALIGNED_FIVE + jitter) @ np.array([[c, s], [-s, c]]) + (x * 512, y * 512)
    theirs = face_align.estimate_norm(points.astype(np.float32))
    np.testing.assert_allclose(similarity(points, ALIGNED_FIVE), theirs, rtol=1e-4, atol=2e-3)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_aligned_crop_is_insightface_s() -> None:
    frame = levels(8, 40, 40, 3).repeat(8, axis=0).repeat(8, axis=1)
    points = ALIGNED_FIVE * 1.7 + (40, 60)
    theirs = face_align.norm_crop(frame, points.astype(np.float32))
    ours = aligned(frame, points)
    assert ours is not None
    assert np.mean(ours != theirs) < 0.02  # one level here and there: float32 against float64
    assert np.abs(ours.astype(int) - theirs).max() <= 8
