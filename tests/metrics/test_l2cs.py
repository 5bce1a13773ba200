"""L2CS-Net: the face's box, the bins, and which head is yaw."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from metrics.signals import l2cs  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.face_engine import Detection  # noqa: E402
from metrics.signals.tflite_model import ModelError  # noqa: E402

PLAIN = Where(runtime="torch")
SIZE = (80, 120)


def landmarks(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Points that fill a box in pixels of a frame of `SIZE`."""
    grid = np.linspace(0, 1, 478)
    x, y = left + (right - left) * grid, top + (bottom - top) * grid[::-1]
    points = np.stack([x / SIZE[1], y / SIZE[0], np.zeros(478)], axis=1)
    return points.astype(np.float32)


whole = st.integers(-200, 300)


@given(whole, whole, whole, whole)
def test_boxes_are_cut_to_whole_pixels_inside_the_frame(a: int, b: int, c: int, d: int) -> None:
    (left, right), (top, bottom) = sorted((a, b)), sorted((c, d))
    found = l2cs.face_box(landmarks(left + 0.5, top + 0.5, right + 0.5, bottom + 0.5), SIZE)
    height, width = SIZE
    expected = (
        min(max(left, 0), width),
        min(max(top, 0), height),
        min(max(right, 0), width),
        min(max(bottom, 0), height),
    )
    empty = expected[0] == expected[2] or expected[1] == expected[3]
    assert found == (None if empty else expected)


def test_the_crop_holds_the_face_and_nothing_else() -> None:
    frame = np.zeros((*SIZE, 3), dtype=np.uint8)
    frame[20:60, 30:70] = (10, 200, 90)
    crop = l2cs.crop(frame, landmarks(30.5, 20.5, 70.5, 60.5))
    assert crop is not None and crop.shape == (448, 448, 3) and crop.dtype == np.uint8
    assert (crop == (10, 200, 90)).all()
    wider = l2cs.crop(frame, landmarks(29.5, 20.5, 70.5, 60.5))
    assert wider is not None and not wider[:, 0].any()


def test_faces_that_cannot_be_used() -> None:
    frame = np.zeros((*SIZE, 3), dtype=np.uint8)
    outside, inside = landmarks(130, 10, 150, 30), landmarks(10, 10, 50, 50)
    nobody = np.full((478, 3), np.nan, dtype=np.float32)
    rows = np.stack([nobody, outside, inside])
    faces = Detection(rows, np.zeros((3, 52), np.float32), np.zeros((3, 4, 4), np.float32))
    absent, beyond, found = l2cs.crops(frame, faces)
    assert absent is None and beyond is None and found is not None
    with pytest.raises(ValueError, match="uint8"):
        l2cs.crop(frame.astype(np.float32), inside)


@given(st.integers(0, 89))
def test_a_sure_bin_is_its_angle(index: int) -> None:
    from metrics.signals.l2cs_network import expected_degrees

    logits = torch.zeros(1, 90)
    logits[0, index] = 200.0
    assert expected_degrees(logits).item() == pytest.approx(4 * index - 180, abs=1e-4)


def test_all_bins_alike_are_their_middle() -> None:
    from metrics.signals.l2cs_network import expected_degrees

    assert expected_degrees(torch.zeros(1, 90)).item() == pytest.approx(-2, abs=1e-4)


def checkpoint(path: Path, yaw_bin: int, pitch_bin: int) -> Path:
    """The published state with heads that are sure of a bin whatever the picture."""
    from metrics.signals.l2cs_network import L2CS

    state = L2CS().state_dict()
    for head, index in (("fc_yaw_gaze", yaw_bin), ("fc_pitch_gaze", pitch_bin)):
        state[f"{head}.weight"].zero_()
        state[f"{head}.bias"].zero_()[index] = 200.0
    torch.save(state, path)
    return path


def test_the_first_number_is_yaw(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "L2CSNet_gaze360.pkl", yaw_bin=50, pitch_bin=42)
    network = l2cs.open_canonical({"l2cs_gaze360": path}, PLAIN)
    angles = network(np.zeros((1, 448, 448, 3), dtype=np.uint8))
    assert angles.shape == (1, l2cs.WIDTH)
    assert angles[0, l2cs.YAW] == pytest.approx(20, abs=1e-3)
    assert angles[0, l2cs.PITCH] == pytest.approx(-12, abs=1e-3)


def test_pictures_are_normalised_as_imagenets() -> None:
    from metrics.signals.l2cs_network import normalised

    grey = normalised(torch.full((1, 2, 2, 3), 255, dtype=torch.uint8))[0, :, 0, 0]
    expected = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert grey.tolist() == pytest.approx(expected)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "L2CSNet_gaze360.pkl"
    torch.save({"conv1.weight": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match=r"L2CSNet_gaze360\.pkl"):
        l2cs.open_canonical({"l2cs_gaze360": path}, PLAIN)
