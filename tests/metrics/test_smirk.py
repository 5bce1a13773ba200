"""SMIRK's crop and heads."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from metrics.signals import smirk  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.face_engine import Detection  # noqa: E402
from metrics.signals.tflite_model import ModelError  # noqa: E402
from metrics.torchvision_guard import import_torchvision  # noqa: E402

PLAIN = Where(runtime="torch")
HEADS = {
    "pose": "pose_encoder.pose_cam_layers.0",
    "shape": "shape_encoder.shape_layers.0",
    "expression": "expression_encoder.expression_layers.0",
}


def box(left: float, top: float, right: float, bottom: float, size: tuple[int, int]) -> np.ndarray:
    """Landmarks that fill a box given in pixels of a frame of (height, width)."""
    grid = np.linspace(0, 1, 478)
    x, y = left + (right - left) * grid, top + (bottom - top) * grid[::-1]
    points = np.stack([x / size[1], y / size[0], np.zeros(478)], axis=1)
    return points.astype(np.float32)


def ramp(height: int, width: int) -> np.ndarray:
    """Red says the column, green the row, blue is 200."""
    row, column = np.mgrid[:height, :width]
    return np.stack([column, row, np.full_like(row, 200)], axis=-1).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(
    left=st.integers(60, 100),
    top=st.integers(60, 100),
    width=st.integers(10, 60),
    height=st.integers(10, 60),
)
def test_the_crop_is_the_square_around_the_box(
    left: int, top: int, width: int, height: int
) -> None:
    assume((width + height) % 10)  # else the side is cut off at a whole number, on either side
    landmarks = box(left, top, left + width, top + height, (250, 250))
    found = smirk.crop(ramp(250, 250), landmarks)
    assert found is not None and found.shape == (224, 224, 3) and found.dtype == np.uint8
    size = int((width + height) / 2 * 1.4)
    x = left + width / 2 - size / 2 + np.arange(224) * size / 223
    y = top + height / 2 - size / 2 + np.arange(224) * size / 223
    # float32 landmarks move the box by some 1e-5 pixel, which shows where a ramp is whole
    assert np.abs(found[:, :, 0] - (x - 0.5)).max() < 0.501
    assert np.abs(found[:, :, 1] - (y - 0.5)[:, None]).max() < 0.501
    assert set(np.unique(found[..., 2])) <= {199, 200}


def test_outside_the_frame_is_black() -> None:
    frame = np.full((100, 80, 3), 255, dtype=np.uint8)
    found = smirk.crop(frame, box(-30, 20, 30, 80, (100, 80)))
    assert found is not None
    # The square runs from -42 to 42 in x: its left half has nothing in it.
    assert not found[:, :108].any()
    assert (found[:, 113:] == 255).all()


def test_a_face_far_outside_is_all_black_and_nothing_overflows() -> None:
    found = smirk.crop(ramp(50, 50), box(-90_000, 0, -80_000, 9_000, (50, 50)))
    assert found is not None and not found.any()


def test_faces_that_cannot_be_used() -> None:
    frame = ramp(64, 64)
    assert smirk.crop(frame, np.full((478, 3), np.nan, dtype=np.float32)) is None
    assert smirk.crop(frame, box(20, 20, 20.5, 20.5, (64, 64))) is None
    faces = Detection(
        np.stack([np.full((478, 3), np.nan, np.float32), box(10, 10, 50, 50, (64, 64))]),
        np.zeros((2, 52), np.float32),
        np.zeros((2, 4, 4), np.float32),
    )
    nothing, something = smirk.crops(frame, faces)
    assert nothing is None and something is not None
    with pytest.raises(ValueError, match="uint8"):
        smirk.crop(frame.astype(np.float32), faces.landmarks[1])


def checkpoint(folder: Path, **bias: float) -> Path:
    """A checkpoint as published, with heads that say their bias whatever the picture."""
    from metrics.signals.random_state import he_normal_state
    from metrics.signals.smirk_network import SmirkEncoder

    state = he_normal_state(SmirkEncoder(), 1)
    for name, value in bias.items():
        state[f"{HEADS[name]}.weight"] *= 0
        state[f"{HEADS[name]}.bias"] += value
    published = {f"smirk_encoder.{name}": value for name, value in state.items()}
    published["smirk_generator.layer.weight"] = torch.zeros(3)
    path = folder / "SMIRK_em1.pt"
    torch.save(published, path)
    return path


@pytest.mark.slow
def test_numbers_lie_where_their_names_say(tmp_path: Path) -> None:
    import_torchvision()  # timm imports it
    pytest.importorskip("timm", reason="timm is not installed")
    path = checkpoint(tmp_path, pose=0.5, shape=-2.0, expression=-0.7)
    network = smirk.open_canonical({"smirk": path}, PLAIN)
    crops = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    vectors = network(crops)
    assert vectors.shape == (2, smirk.WIDTH) and vectors.dtype == np.float32
    for part, expected in (
        (smirk.POSE, 0.5),
        (smirk.CAMERA, 0.5),
        (smirk.SHAPE, -2.0),
        (smirk.EXPRESSION, -0.7),
        (smirk.EYELIDS, 0.0),  # cut to [0, 1]
    ):
        np.testing.assert_allclose(vectors[:, part], expected, rtol=1e-6)
    np.testing.assert_allclose(vectors[:, smirk.JAW], [[0.0, -0.2, -0.2]] * 2, rtol=1e-6)


def test_other_files_are_refused(tmp_path: Path) -> None:
    import_torchvision()  # timm imports it
    pytest.importorskip("timm", reason="timm is not installed")
    path = tmp_path / "SMIRK_em1.pt"
    torch.save({"smirk_encoder.nothing": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match=r"SMIRK_em1\.pt"):
        smirk.open_canonical({"smirk": path}, PLAIN)
    path.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"SMIRK_em1\.pt"):
        smirk.open_canonical({"smirk": path}, PLAIN)
    torch.save({"smirk_encoder.nothing": Path("x")}, path)  # needs a pickle that could run code
    with pytest.raises(ModelError, match=r"SMIRK_em1\.pt"):
        smirk.open_canonical({"smirk": path}, PLAIN)
