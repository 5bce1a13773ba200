"""Our SMIRK encoder and crop against the authors' code and scikit-image."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import pytest

pytest.importorskip("torch")

from reference_arrays import TOLERANCE, levels, recorded, relative, with_recipe

from metrics.signals import smirk
from metrics.signals.extractor import Where
from metrics.torchvision_guard import import_torchvision

PARTS = {
    "pose_params": smirk.POSE,
    "cam": smirk.CAMERA,
    "shape_params": smirk.SHAPE,
    "expression_params": smirk.EXPRESSION,
    "eyelid_params": smirk.EYELIDS,
    "jaw_params": smirk.JAW,
}


@pytest.mark.parametrize("runtime", [pytest.param("auto", marks=pytest.mark.slow), "torch"])
def test_the_same_parameters_as_the_reference(
    runtime: Literal["auto", "torch"], parity_record: Callable[..., None]
) -> None:
    import_torchvision()  # timm imports it
    pytest.importorskip("timm", reason="timm is not installed")
    from metrics.signals.smirk_network import SmirkEncoder

    theirs = recorded("smirk")
    module = SmirkEncoder()
    with_recipe(module, str(theirs["state_sha256"]), {"_layers.": 2.0**-12})
    network = smirk.run_on(module, Where(runtime=runtime))
    ours = network(levels(2, 2, 224, 224, 3))
    for name, part in PARTS.items():
        parity_record(
            "smirk",
            "georgeretsi/smirk",
            "c7de404",
            relative(ours[:, part], theirs[name]),
            TOLERANCE,
            of=f"relative L2 of {name}",
            on=f"2 pictures, random weights, runtime {runtime}",
        )


def _by_scikit_image(frame: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The crop as the authors' demo describes it, by the library they use."""
    transform = pytest.importorskip("skimage.transform")
    points = landmarks[:, :2].astype(np.float64) * (frame.shape[1], frame.shape[0])
    low, high = points.min(axis=0), points.max(axis=0)
    half = int((high - low).mean() * 1.4) / 2
    corners = (low + high) / 2 + np.array([[-half, -half], [-half, half], [half, -half]])
    target = np.array([[0, 0], [0, 223], [223, 0]])
    fitted: Any = transform.AffineTransform()
    if hasattr(transform.AffineTransform, "from_estimate"):
        fitted = transform.AffineTransform.from_estimate(corners, target)
    else:
        assert fitted.estimate(corners, target)
    warped = transform.warp(frame, fitted.inverse, output_shape=(224, 224), preserve_range=True)
    return warped.astype(np.uint8)


@pytest.mark.parametrize("seed", range(6))
def test_the_crop_is_scikit_images_warp(seed: int, parity_record: Callable[..., None]) -> None:
    rng = np.random.default_rng(seed)
    frame = levels(seed, int(rng.integers(90, 700)), int(rng.integers(90, 700)), 3)
    spread, centre = rng.uniform(0.05, 0.4), rng.uniform(0.2, 0.8, (1, 3))
    landmarks = (centre + rng.uniform(-spread, spread, (478, 3))).astype(np.float32)
    ours = smirk.crop(frame, landmarks)
    assert ours is not None
    apart = np.abs(ours.astype(int) - _by_scikit_image(frame, landmarks))
    # Cutting off to whole levels lets rounding of 1e-13 show, where noise hits a whole number.
    assert apart.max() <= 1
    parity_record(
        "smirk",
        "scikit-image",
        version("scikit-image"),
        float((apart > 0).mean()),
        1e-4,
        of="share of pixels of the crop that differ (by one level)",
        on=f"noise of {frame.shape[0]}x{frame.shape[1]}",
    )
