"""Distances between sets against torch-fidelity and pytorch-fid, on the same features."""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.torchvision_guard import import_torchvision

torch = pytest.importorskip("torch")
Features = NDArray[np.float32]

SETS = "sets of made features, up to 1400 of them"
# Fewer items than dimensions, more, one set of each, and about as many.
SHAPES = [(60, 80, 256), (700, 500, 64), (50, 400, 128), (130, 140, 128)]


@pytest.fixture(scope="module")
def fidelity() -> Any:
    import_torchvision()
    pytest.importorskip("torch_fidelity", reason="torch-fidelity is not installed (extra: parity)")
    from torch_fidelity import metric_fid, metric_kid

    return metric_fid, metric_kid


@pytest.fixture(scope="module")
def pytorch_fid() -> Any:
    import_torchvision()
    score = pytest.importorskip(
        "pytorch_fid.fid_score", reason="pytorch-fid is not installed (extra: parity)"
    )
    from scipy.linalg import sqrtm

    if "disp" not in inspect.signature(sqrtm).parameters:
        pytest.skip("this scipy has lost an argument that pytorch-fid passes")
    return score


def features(n: int, m: int, width: int, seed: int = 0) -> tuple[Features, Features]:
    """Like pooled activations: not negative, correlated, of different strength, some always 0."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(width, width)) * np.geomspace(1.0, 0.01, width) / width**0.5
    x = np.maximum(rng.normal(size=(n, width)) @ mix + 0.05, 0)
    y = np.maximum(rng.normal(size=(m, width)) @ mix * 1.2 + 0.07, 0)
    x[:, ::16] = y[:, ::16] = 0
    return x.astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_fid_equals_torch_fidelity(
    fidelity: Any, shape: tuple[int, int, int], parity_record: Callable[..., None]
) -> None:
    fid, _ = fidelity
    x, y = features(*shape)
    stats = [fid.fid_features_to_statistics(torch.from_numpy(s)) for s in (x, y)]
    reference = fid.fid_statistics_to_metric(*stats, verbose=False)[fid.KEY_METRIC_FID]
    parity_record(
        "fid.torch-fidelity@1",
        "torch-fidelity",
        version("torch-fidelity"),
        abs(Frechet()(x, y) - reference) / reference,
        1e-5,
        of="relative difference of the distance",
        on=SETS,
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_fid_equals_pytorch_fid(
    pytorch_fid: Any, shape: tuple[int, int, int], parity_record: Callable[..., None]
) -> None:
    x, y = (s.astype(np.float64) for s in features(*shape))
    moments = [m for s in (x, y) for m in (s.mean(axis=0), np.cov(s, rowvar=False))]
    reference = pytorch_fid.calculate_frechet_distance(*moments)
    parity_record(
        "fid.pytorch-fid@1",
        "pytorch-fid",
        version("pytorch-fid"),
        abs(Frechet()(x, y) - reference) / reference,
        1e-5,
        of="relative difference of the distance",
        on=SETS,
    )


NAMES = {"kid_subsets": "subsets", "kid_subset_size": "size"}


def kid_of_both(kid: Any, x: NDArray[Any], y: NDArray[Any], **options: int) -> tuple[float, float]:
    ours = KernelDistance(**{NAMES[name]: value for name, value in options.items()})(x, y)
    tensors = (torch.from_numpy(x), torch.from_numpy(y))
    reference = kid.kid_features_to_metric(*tensors, verbose=False, **options)
    return ours, float(reference[kid.KEY_METRIC_KID_MEAN])


@pytest.mark.parametrize("shape", [(100, 100, 32), (400, 300, 64)], ids=str)
def test_kid_equals_torch_fidelity(fidelity: Any, shape: tuple[int, int, int]) -> None:
    options = {"kid_subsets": 20, "kid_subset_size": 100}
    x, y = features(*shape)
    ours, reference = kid_of_both(fidelity[1], x, y, **options)
    assert ours == pytest.approx(reference, rel=1e-4, abs=1e-6)
    precise = kid_of_both(fidelity[1], x.astype(np.float64), y.astype(np.float64), **options)
    assert precise[0] == pytest.approx(precise[1], rel=1e-10)
    assert ours == pytest.approx(precise[1], rel=1e-6, abs=1e-9)


def test_torch_fidelity_loses_digits_of_small_kids_in_float32(fidelity: Any) -> None:
    """Why values are not equal to 1e-7: the reference adds kernels near 1 in float32."""
    options = {"kid_subsets": 3, "kid_subset_size": 500}
    x, y = (s / 16 for s in features(600, 600, 64))
    ours, reference = kid_of_both(fidelity[1], x, y, **options)
    _, precise = kid_of_both(fidelity[1], x.astype(np.float64), y.astype(np.float64), **options)
    assert ours == pytest.approx(precise, rel=1e-3)
    assert abs(reference - precise) > 100 * abs(ours - precise)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1000, 1000, 32), (1400, 1100, 64)], ids=str)
def test_kid_equals_torch_fidelity_as_both_come(fidelity: Any, shape: tuple[int, int, int]) -> None:
    ours, reference = kid_of_both(fidelity[1], *features(*shape))
    assert ours == pytest.approx(reference, rel=1e-4, abs=1e-6)


def test_kid_of_few_items_is_the_reference_on_all_of_them(fidelity: Any) -> None:
    x, y = (s.astype(np.float64) for s in features(300, 300, 64))
    _, reference = kid_of_both(fidelity[1], x, y, kid_subsets=1, kid_subset_size=300)
    assert KernelDistance()(x, y) == pytest.approx(reference, rel=1e-10)
