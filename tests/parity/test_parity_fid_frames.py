"""FID and KID of frames on disk, from the pictures to the number, against the packages' own."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402
from reference_pictures import real_pictures  # noqa: E402

from metrics.distribution import FID_TORCH_FIDELITY, KID  # noqa: E402
from metrics.set_score import SetScore, set_score  # noqa: E402
from metrics.signals import inception  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.inception_network import build  # noqa: E402
from metrics.signals.random_state import he_normal_state, shapes_of  # noqa: E402
from metrics.torchvision_guard import import_torchvision  # noqa: E402

FRAMES = 12
_ON = f"2 x {FRAMES} frames of 320x320 panning over two photographs, random weights, PNG files"


def pan(picture: np.ndarray) -> np.ndarray:
    """Frames of a window that moves over a photograph."""
    return np.stack([picture[3 * i : 3 * i + 320, 2 * i : 2 * i + 320] for i in range(FRAMES)])


def folder(root: Path, frames: np.ndarray) -> str:
    root.mkdir()
    for index, frame in enumerate(frames):
        Image.fromarray(frame).save(root / f"{index:03d}.png")
    return str(root)


@pytest.mark.slow
def test_values_of_torch_fidelity(tmp_path: Path, parity_record: Callable[..., None]) -> None:
    import_torchvision()
    package = pytest.importorskip("torch_fidelity", reason="torch-fidelity is not installed")

    weights = tmp_path / "random.pth"
    shapes = {**shapes_of(build()), "fc.weight": (1008, 2048), "fc.bias": (1008,)}
    torch.save(he_normal_state(shapes, 1, 0.2), weights)
    first, second = (pan(picture) for picture in real_pictures())
    theirs = package.calculate_metrics(
        input1=folder(tmp_path / "a", first),
        input2=folder(tmp_path / "b", second),
        fid=True,
        kid=True,
        kid_subsets=1,
        kid_subset_size=FRAMES,
        feature_extractor_weights_path=str(weights),
        batch_size=6,
        cuda=False,
        cache=False,
        save_cpu_ram=True,
        verbose=False,
    )
    network = inception.open_canonical({"inception": weights}, Where(), "torch-fidelity")
    a, b = network(first), network(second)
    for metric, key, bound in (
        (FID_TORCH_FIDELITY, "frechet_inception_distance", 1e-4),
        (KID, "kernel_inception_distance_mean", 1e-3),  # its kernels are float32 and cancel
    ):
        ours = set_score([a], [b], ["b"], metric.distance)
        assert isinstance(ours, SetScore)
        difference = abs(ours.value - theirs[key]) / abs(theirs[key])
        parity_record(
            metric.card.id,
            "torch-fidelity",
            version("torch-fidelity"),
            difference,
            bound,
            of="relative difference of the value, from PNG files on",
            on=_ON,
        )
