"""EmoNet's crop, its state, and that it really evaluates."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from metrics.signals import emonet  # noqa: E402
from metrics.signals.emonet_network import EmoNet, load  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.face_engine import Detection  # noqa: E402
from metrics.signals.tflite_model import ModelError  # noqa: E402


def detection(landmarks: np.ndarray) -> Detection:
    count = len(landmarks)
    blendshapes, pose = np.zeros((count, 52), np.float32), np.zeros((count, 4, 4), np.float32)
    return Detection(landmarks.astype(np.float32), blendshapes, pose)


ramps = np.stack(np.broadcast_arrays(*np.ogrid[0:200, 0:250], 100), axis=-1).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(st.floats(40, 90), st.floats(60, 120), st.floats(20, 70), st.floats(20, 70))
def test_the_crop_is_a_square_around_the_middle_of_the_box(
    left: float, top: float, width: float, height: float
) -> None:
    """On a frame whose levels are its own coordinates, the crop says where it was cut."""
    side = (width + height) / 1.1
    box = np.array([[left, top], [left + width, top + height]])
    crop = emonet.crop(ramps, box)
    assert crop is not None
    assert crop.shape == (256, 256, 3)
    inside = crop[..., 2] == 100  # not the black around the frame
    at = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1)[inside]
    expected = box.mean(axis=0) + (at - 128) * side / 256
    whole = (expected > 0.5).all(axis=1) & (expected < (248.5, 198.5)).all(axis=1)
    cut = crop[inside][:, [1, 0]]
    assert np.abs(cut - expected)[whole].max() < 0.6


def test_crops_keep_their_order_and_their_gaps() -> None:
    landmarks = np.random.default_rng(0).uniform(0.3, 0.6, (1, 478, 3))
    three = np.concatenate([landmarks, landmarks * np.nan, landmarks * 0 + 0.5])
    found = emonet.crops(ramps, detection(three))
    assert [crop is None for crop in found] == [False, True, True]
    assert emonet.crops(ramps, detection(three[:0])) == []
    with pytest.raises(ValueError, match="uint8"):
        emonet.crops(ramps[0], detection(landmarks))


def test_the_state_has_the_published_names() -> None:
    with torch.device("meta"):
        network = EmoNet()
    state = network.state_dict()
    assert len(state) == 682
    assert sum(p.numel() for p in network.parameters()) == 13_963_410
    for name, shape in {
        "conv2.downsample.2.weight": (128, 64, 1, 1),
        "m1.b2_plus_1.conv3.weight": (64, 64, 3, 3),
        "bl0.bias": (256,),
        "l1.weight": (68, 256, 1, 1),
        "conv1x1_input_emo_2.weight": (256, 768, 1, 1),
        "emo_net_2.6.bn3.running_var": (64,),
        "emo_fc_2.3.weight": (10, 128),
    }.items():
        assert tuple(state[name].shape) == shape


def test_torch_is_left_as_it_was() -> None:
    """The reference renames torch's InstanceNorm2d for everybody."""
    assert nn.InstanceNorm2d.__name__ == "InstanceNorm2d"
    assert not issubclass(nn.InstanceNorm2d, nn.BatchNorm2d)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file like the authors': names with a prefix, and an entry more than needed."""
    torch.manual_seed(0)
    state = {f"module.{name}": value for name, value in EmoNet().state_dict().items()}
    path = tmp_path_factory.mktemp("emonet") / "emonet_8.pth"
    torch.save({**state, "module.temporal_weights": torch.zeros(5)}, path)
    return path


def test_a_file_is_loaded_for_evaluation(published: Path) -> None:
    network = load(published)
    torch.manual_seed(0)
    first = nn.Conv2d(3, 64, 7)  # what a fresh EmoNet draws first
    assert torch.equal(network.conv1.weight, first.weight)
    assert not any(part.training for part in network.modules())
    assert not any(p.requires_grad for p in network.parameters())


@pytest.mark.slow
def test_one_at_a_time_is_the_same_as_together(published: Path) -> None:
    network = emonet.open_canonical({"emonet_8": published}, Where(runtime="torch"))
    crops = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), dtype=np.uint8)
    together = network(crops)
    assert together.shape == (2, emonet.WIDTH)
    assert together.dtype == np.float32
    alone = network(crops[1:])  # in training, one item's batch norm would raise
    np.testing.assert_allclose(together[1:], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("content", [{"conv1.weight": torch.zeros(64, 3, 7, 7)}, [1, 2]])
def test_other_files_are_refused(tmp_path: Path, content: object) -> None:
    path = tmp_path / "emonet_8.pth"
    torch.save(content, path)
    with pytest.raises(ModelError, match="no checkpoint of EmoNet"):
        emonet.open_canonical({"emonet_8": path}, Where())
