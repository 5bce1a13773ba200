"""Our EmoNet and its crop against the authors' code and formulas."""

from collections.abc import Callable

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reference_arrays import TOLERANCE, levels, recorded, relative, with_recipe  # noqa: E402

from metrics.emotion import ccc, pcc  # noqa: E402
from metrics.signals.emonet import AROUSAL, EXPRESSION, VALENCE, crop, run_on  # noqa: E402
from metrics.signals.emonet_network import EmoNet  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402

REFERENCE, COMMIT = "face-analysis/emonet", "49eef30"


@pytest.mark.slow
def test_the_same_outputs_as_the_reference(parity_record: Callable[..., None]) -> None:
    theirs = recorded("emonet")
    network = EmoNet()
    with_recipe(network, str(theirs["state_sha256"]), {"conv": 0.375})
    crops = levels(5, 2, 8, 8, 3).repeat(32, axis=1).repeat(32, axis=2)
    ours = run_on(network, Where(runtime="torch"))(crops)
    expected = np.empty_like(ours)
    expected[:, VALENCE], expected[:, AROUSAL] = theirs["valence"], theirs["arousal"]
    expected[:, EXPRESSION] = theirs["expression"]
    parity_record(
        "emonet",
        REFERENCE,
        COMMIT,
        relative(ours, expected),
        TOLERANCE,
        of="relative L2 of valence, arousal and logits",
        on="2 pictures, random weights",
    )
    # The two pictures differ little in the outputs: what differs must be right too.
    assert relative(ours[0] - ours[1], expected[0] - expected[1]) < 1e-3


def test_the_same_correlations_as_the_reference() -> None:
    """The reference's lines: np.corrcoef, and 2 r s t / (s^2 + t^2 + (m - n)^2)."""
    rng = np.random.default_rng(0)
    a = rng.normal(0.1, 0.3, 64)
    b = 0.5 * a + rng.normal(-0.2, 0.2, 64)
    r = np.corrcoef(a, b)[0, 1]
    concordance = 2 * r * a.std() * b.std() / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    assert pcc(a, b) == pytest.approx(r, rel=1e-12)
    assert ccc(a, b) == pytest.approx(concordance, rel=1e-12)


def test_the_crop_is_the_reference_s_box() -> None:
    """get_transform: the square of 200 (w + h) / 220 around the box's middle fills 256 pixels."""
    import cv2

    frame = levels(6, 200, 300, 3)
    points = np.array([[90.5, 40.25], [200.0, 110.0], [150.0, 171.75]])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    height = 200 * (right - left + bottom - top) / 220
    middle = (right - (right - left) / 2, bottom - (bottom - top) / 2)
    matrix = np.array([[256 / height, 0, 0], [0, 256 / height, 0]])
    matrix[:, 2] = [256 * (-m / height + 0.5) for m in middle]
    theirs = cv2.warpAffine(frame, matrix, (256, 256))
    ours = crop(frame, points)
    assert ours is not None
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # a hair's breadth of the grid
