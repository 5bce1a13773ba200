"""Our I3D and its preprocessing against piergiaj/pytorch-i3d and TensorFlow 1's resizing."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Literal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reference_arrays import TOLERANCE, levels, recorded, relative, with_recipe  # noqa: E402

from metrics.signals import i3d  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.i3d_network import I3D  # noqa: E402
from metrics.torchvision_guard import import_torchvision  # noqa: E402


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["auto", "torch"])
def test_the_same_logits_as_the_reference(
    runtime: Literal["auto", "torch"], parity_record: Callable[..., None]
) -> None:
    theirs = recorded("i3d")
    module = I3D()
    with_recipe(module, str(theirs["state_sha256"]))
    network = i3d.run_on(module, Where(runtime=runtime))
    window = np.stack([i3d.prepare(frame) for frame in levels(1, 16, 48, 64, 3)])
    parity_record(
        "i3d",
        "piergiaj/pytorch-i3d",
        "05783d1",
        relative(network(window[None]), theirs["logits"]),
        TOLERANCE,
        of="relative L2 of logits, frames resized by torch-fidelity there",
        on=f"1 window, random weights, runtime {runtime}",
    )


@pytest.mark.parametrize("height,width", [(48, 64), (512, 512), (224, 300), (719, 203)])
def test_frames_are_resized_as_by_tensorflow_1(
    height: int, width: int, parity_record: Callable[..., None]
) -> None:
    import_torchvision()
    compat = pytest.importorskip(
        "torch_fidelity.interpolate_compat_tensorflow",
        reason="torch-fidelity is not installed (extra: parity)",
    )
    frame = levels(4, height, width, 3)
    resized = compat.interpolate_bilinear_2d_like_tensorflow1x(
        torch.from_numpy(frame).permute(2, 0, 1)[None].float(), (224, 224), align_corners=False
    )
    theirs = (2.0 * resized[0] / 255.0 - 1.0).permute(1, 2, 0).numpy()
    parity_record(
        "i3d",
        "torch-fidelity",
        version("torch-fidelity"),
        float(np.abs(i3d.prepare(frame) - theirs).max()),
        1e-6,
        of="largest difference of a prepared frame on [-1, 1]",
        on=f"a frame of {height}x{width}",
    )
