"""LPIPS against the packages lpips and torchmetrics, on one random trunk and the real weights."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reference_arrays import TOLERANCE  # noqa: E402
from reference_pictures import real_pictures  # noqa: E402

from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.lpips_net import Lpips, build, distance, open_canonical, spatial  # noqa: E402
from metrics.signals.random_state import State, he_normal_state  # noqa: E402
from metrics.torchvision_guard import import_torchvision  # noqa: E402

_SEED = 1
_OF = "largest relative difference of values"
_ON = (
    "2 photographs of 256x256 and 240x192, noisy and blurred, random trunk, ONNX Runtime and torch"
)

NETS = ["alex", "vgg"]


def _opened(net: str, folder: Any) -> list[Lpips]:
    """The canonical form on a file of random weights, in both runtimes."""
    name = {"alex": "alexnet", "vgg": "vgg16"}[net]
    path = folder / "trunk.pth"
    torch.save({f"features.{k}": v for k, v in _state(net).items()}, path)
    opened = [
        open_canonical({name: path}, where, net) for where in (Where(), Where(runtime="torch"))
    ]
    assert [one.core.runtime for one in opened] == ["onnxruntime", "torch"]
    return opened


def _state(net: str) -> State:
    return he_normal_state(build(net), _SEED, 0.05)


def _give(reference: Any, net: str) -> Any:
    """Give the trunk of a reference, whose slices keep torchvision's numbers, our state."""
    state = _state(net)
    names = reference.net.state_dict()
    reference.net.load_state_dict({name: state[name.partition(".")[2]] for name in names})
    return reference.eval()


def _pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    """Pictures beside what methods do to them, and one pair of different people."""
    from PIL import Image, ImageFilter

    rng = np.random.default_rng(0)
    pairs = []
    one, other = (np.ascontiguousarray(picture[::2, ::2]) for picture in real_pictures())
    for picture in (one, other):
        noisy = np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)
        blurred = Image.fromarray(picture).filter(ImageFilter.GaussianBlur(2))
        pairs += [(picture, noisy), (picture, np.array(blurred))]
    return [*pairs, (np.ascontiguousarray(one[:240, :192]), other)]


def _signed(picture: np.ndarray) -> Any:
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1


def _value(reference: Any, one: np.ndarray, other: np.ndarray) -> float:
    with torch.inference_mode():
        return float(reference(_signed(one), _signed(other)))


@pytest.mark.slow
@pytest.mark.parametrize("net", NETS)
def test_lpips(net: str, tmp_path: Any, parity_record: Callable[..., None]) -> None:
    import_torchvision()
    package = pytest.importorskip("lpips")
    reference = _give(package.LPIPS(net=net, pnet_rand=True, verbose=False), net)
    expected = [_value(reference, *pair) for pair in _pairs()]
    reference.spatial = True
    one, other = _pairs()[-1]
    with torch.inference_mode():
        expected_map = reference(_signed(one), _signed(other))[:, 0]
    values, maps = [], []
    for opened in _opened(net, tmp_path):
        features = [opened(np.stack(pair)) for pair in _pairs()]
        found = [float(distance(*pair)) for pair in features]
        values.append(np.abs(np.divide(found, expected) - 1).max())
        apart = (spatial(*features[-1], one.shape[:2]) - expected_map).abs().max()
        maps.append(float(apart / expected_map.max()))
    record = (version("lpips"), max(values), TOLERANCE)
    parity_record(f"lpips-{net}", "lpips", *record, of=_OF, on=_ON)
    # Where all channels are near zero, a single point rounds worse than their mean.
    record = (version("lpips"), max(maps), 5 * TOLERANCE)
    of = "largest difference of a point of the map, relative to the largest value"
    on = "2 photographs of 240x192, random trunk, ONNX Runtime and torch"
    parity_record(f"lpips-{net}", "lpips spatial=True", *record, of=of, on=on)


@pytest.mark.slow
@pytest.mark.parametrize("net", ["alex", "vgg"])
def test_torchmetrics(net: str, tmp_path: Any, parity_record: Callable[..., None]) -> None:
    import_torchvision()
    package = pytest.importorskip("torchmetrics.functional.image.lpips")
    reference = _give(package._LPIPS(net=net, pnet_rand=True), net)
    opened = _opened(net, tmp_path)[0]
    expected = [_value(reference, *pair) for pair in _pairs()]
    found = [float(distance(*opened(np.stack(pair)))) for pair in _pairs()]
    furthest = float(np.abs(np.divide(found, expected) - 1).max())
    record = (version("torchmetrics"), furthest, TOLERANCE)
    on = _ON.removesuffix(" and torch")
    parity_record(f"lpips-{net}", "torchmetrics", *record, of=_OF, on=on)
