"""Our L2CS-Net against the authors' code."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from reference_arrays import TOLERANCE, levels, recorded, relative, with_recipe  # noqa: E402

from metrics.signals import l2cs  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402

REFERENCE = ("Ahmednull/L2CS-Net", "a4d8f7f")
ON = "2 pictures, random weights"


def crops() -> np.ndarray:
    size, bilinear = (l2cs.NETWORK_SIDE, l2cs.NETWORK_SIDE), Image.Resampling.BILINEAR
    faces = levels(3, 2, l2cs.SIDE, l2cs.SIDE, 3)
    return np.stack([np.asarray(Image.fromarray(face).resize(size, bilinear)) for face in faces])


@pytest.mark.slow
def test_the_same_heads_as_the_reference(parity_record: Callable[..., None]) -> None:
    from metrics.signals.l2cs_network import L2CS, normalised

    theirs = recorded("l2cs")
    module = L2CS()
    with_recipe(module, str(theirs["state_sha256"]), {"fc_": 2.0**-6})
    with torch.inference_mode():
        heads = module.heads(normalised(torch.from_numpy(crops())))
    for ours, name in zip(heads, ("head_1", "head_2"), strict=True):
        apart = relative(ours, theirs[name])
        parity_record(
            "l2cs", *REFERENCE, apart, TOLERANCE, of=f"relative L2 of {name}", on=f"{ON}, torch"
        )


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["auto", "torch"])
def test_the_same_angles_as_the_reference(
    runtime: Literal["auto", "torch"], parity_record: Callable[..., None]
) -> None:
    from metrics.signals.l2cs_network import L2CS

    theirs = recorded("l2cs")
    module = L2CS()
    with_recipe(module, str(theirs["state_sha256"]), {"fc_": 2.0**-6})
    network = l2cs.run_on(module, Where(runtime=runtime))
    # What the reference's pipeline calls pitch is its first head, which its training calls yaw.
    assert (l2cs.YAW, l2cs.PITCH) == (0, 1)
    apart = relative(network(crops()), theirs["degrees"])
    parity_record(
        "l2cs", *REFERENCE, apart, TOLERANCE, of="relative L2 of angles", on=f"{ON}, {runtime}"
    )
