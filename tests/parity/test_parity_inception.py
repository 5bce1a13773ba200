"""Inception features against torch-fidelity, torchmetrics, pytorch-fid and clean-fid."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reference_arrays import TOLERANCE, relative  # noqa: E402
from reference_pictures import real_pictures  # noqa: E402

from metrics.signals import inception, resize  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.inception_network import PREPARE, build  # noqa: E402
from metrics.signals.pieces import BatchNetwork  # noqa: E402
from metrics.signals.random_state import he_normal_state, shapes_of  # noqa: E402
from metrics.torchvision_guard import import_torchvision  # noqa: E402

_ON = "2 photographs of 512x512 and 480x384, random weights, ONNX Runtime and torch"
_OF = "relative L2 of 2048 features"


@dataclass(frozen=True)
class Given:
    """One random state, as a file and as tensors, and what our networks make of pictures."""

    path: Path
    state: dict[str, Any]
    pictures: list[np.ndarray]
    ours: dict[str, list[np.ndarray]]

    def furthest(self, front_end: str, theirs: Callable[[np.ndarray], np.ndarray]) -> float:
        """Largest relative distance over pictures and runtimes."""
        expected = [theirs(picture)[0] for picture in self.pictures]
        found = self.ours[front_end]
        return max(relative(one, expected[i % len(expected)]) for i, one in enumerate(found))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Open the canonical form on a file of random weights, in both runtimes."""
    import_torchvision()
    pytest.importorskip("torch_fidelity", reason="torch-fidelity is not installed")
    shapes = {**shapes_of(build()), "fc.weight": (1008, 2048), "fc.bias": (1008,)}
    state = he_normal_state(shapes, 1, 0.2)
    path = tmp_path_factory.mktemp("inception") / "random.pth"
    torch.save(state, path)
    pictures = real_pictures()
    ours: dict[str, list[np.ndarray]] = {}
    for where in (Where(), Where(runtime="torch")):
        opened = inception.open_canonical({"inception": path}, where, "torch-fidelity")
        assert opened.core.fallback == ""
        for front_end, prepare in PREPARE.items():
            network = BatchNetwork(prepare, opened.core)  # one core: opening takes seconds
            found = ours.setdefault(front_end, [])
            found.extend(network(picture[None])[0] for picture in pictures)
    return Given(path, state, pictures, ours)


def _planes(picture: np.ndarray) -> Any:
    return torch.from_numpy(picture).permute(2, 0, 1)[None]


@pytest.mark.slow
def test_torch_fidelity(given: Given, parity_record: Callable[..., None]) -> None:
    from torch_fidelity import FeatureExtractorInceptionV3

    theirs = FeatureExtractorInceptionV3("x", ["2048"], str(given.path))
    difference = given.furthest("torch-fidelity", lambda p: theirs(_planes(p))[0].numpy())
    record = (version("torch-fidelity"), difference, TOLERANCE)
    parity_record("inception-torch-fidelity", "torch-fidelity", *record, of=_OF, on=_ON)


@pytest.mark.slow
def test_torchmetrics(given: Given, parity_record: Callable[..., None]) -> None:
    """As torch-fidelity, once its default of antialiasing is off."""
    fid = pytest.importorskip("torchmetrics.image.fid")
    metric = fid.FrechetInceptionDistance(
        feature_extractor_weights_path=str(given.path), antialias=False
    )
    with torch.inference_mode():
        difference = given.furthest(
            "torch-fidelity", lambda p: metric.inception(_planes(p)).reshape(1, -1).numpy()
        )
    record = (version("torchmetrics"), difference, TOLERANCE)
    on = f"{_ON}; antialias=False"
    parity_record("inception-torch-fidelity", "torchmetrics", *record, of=_OF, on=on)


@pytest.mark.slow
def test_pytorch_fid(
    given: Given, monkeypatch: pytest.MonkeyPatch, parity_record: Callable[..., None]
) -> None:
    reference = pytest.importorskip(
        "pytorch_fid.inception", reason="pytorch-fid is not installed (extra: parity)"
    )
    monkeypatch.setattr(reference, "load_state_dict_from_url", lambda *_, **__: given.state)
    network = reference.InceptionV3([3]).eval()

    def theirs(picture: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return network(_planes(picture).float() / 255)[0][..., 0, 0].numpy()

    difference = given.furthest("pytorch-fid", theirs)
    record = (version("pytorch-fid"), difference, TOLERANCE)
    parity_record("inception-pytorch-fid", "pytorch-fid", *record, of=_OF, on=_ON)


@pytest.mark.slow
def test_clean_fid(
    given: Given, monkeypatch: pytest.MonkeyPatch, parity_record: Callable[..., None]
) -> None:
    """clean-fid's resizer before its own copy of the network, as its torchscript is called."""
    resizer = pytest.importorskip(
        "cleanfid.resize", reason="clean-fid is not installed (extra: parity)"
    ).build_resizer("clean")
    reference = pytest.importorskip("cleanfid.inception_pytorch")
    monkeypatch.setattr(reference, "load_state_dict_from_url", lambda *_, **__: given.state)
    network = reference.InceptionV3([3], resize_input=False, normalize_input=False).eval()

    def theirs(picture: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return network((_planes(resizer(picture)) - 128) / 128)[0][..., 0, 0].numpy()

    difference = given.furthest("clean-fid", theirs)
    record = (version("clean-fid"), difference, TOLERANCE)
    parity_record("inception-clean-fid", "clean-fid", *record, of=_OF, on=_ON)


@pytest.mark.slow
def test_front_ends_are_three_definitions(given: Given) -> None:
    """What the papers call FID in one word: features differ a hundred times the tolerance."""
    one, other, third = (given.ours[name][0] for name in inception.PREPROCESSING)
    for pair in ((one, other), (one, third), (other, third)):
        assert relative(*pair) > 100 * TOLERANCE


@pytest.mark.parametrize("side", [(299, 299), (512, 512), (180, 620), (64, 64)])
def test_pillow_resizes_the_same(side: tuple[int, int]) -> None:
    from PIL import Image

    picture = np.random.default_rng(0).integers(0, 256, (*side, 3), dtype=np.uint8)
    channels = [Image.fromarray(picture[..., c].astype(np.float32)) for c in range(3)]
    expected = [np.asarray(c.resize((299, 299), Image.Resampling.BICUBIC)) for c in channels]
    ours = resize.pil_bicubic(torch.from_numpy(picture)[None], (299, 299))[0].numpy()
    assert np.abs(ours - np.stack(expected)).max() < 1e-4


@pytest.mark.parametrize("side", [(299, 299), (512, 512), (180, 620), (64, 64)])
def test_torch_fidelity_resizes_the_same(side: tuple[int, int]) -> None:
    import_torchvision()
    reference = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    picture = np.random.default_rng(0).integers(0, 256, (*side, 3), dtype=np.uint8)
    expected = reference.interpolate_bilinear_2d_like_tensorflow1x(
        _planes(picture).float(), (299, 299), align_corners=False
    )
    ours = resize.tf1_bilinear(torch.from_numpy(picture)[None], (299, 299))
    assert (ours - expected).abs().max() < 1e-4
