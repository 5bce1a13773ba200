from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from subjects import DEFINITION, NO_FACES

from metrics.signals.extractor import Where
from metrics.signals.warp import Motions, WarpStream, open_warp_step
from metrics.temporal import WARP_ERROR
from metrics.warping import FLOW_SIDE, Motion, motion, pulled, warp_error, warp_step

Frame = NDArray[np.uint8]


def texture(height: int = 96, width: int = 128, seed: int = 0) -> Frame:
    """Soft noise with structure at the scale that flow can follow."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.normal(size=(height, width, 3)), (3, 3, 0))
    spread = (noise - noise.min()) / np.ptp(noise)
    return np.rint(spread * 255).astype(np.uint8)


def shifted(frame: Frame, right: int, down: int) -> Frame:
    return np.roll(frame, (down, right), axis=(0, 1))


def test_pulling_back_is_bilinear_and_clamped() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((30, 40, 3)).astype(np.float32)
    flow = rng.uniform(-50, 50, (30, 40, 2)).astype(np.float32)
    rows, columns = np.mgrid[:30, :40]
    places = [rows + flow[..., 1], columns + flow[..., 0]]
    for channel in range(3):
        expected = map_coordinates(
            image[..., channel].astype(float), places, order=1, mode="nearest"
        )
        assert pulled(image, flow)[..., channel] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -2), (4, 3)])
def test_flow_of_a_shift(right: int, down: int) -> None:
    frame = texture()
    found = motion(frame, shifted(frame, right, down))
    inside = found.forward[20:-20, 20:-20]
    assert np.median(inside, axis=(0, 1)) == pytest.approx([right, down], abs=0.3)
    assert found.visible[20:-20, 20:-20].mean() > 0.9


def test_flow_is_in_pixels_of_the_frame_whatever_size_it_was_found_at() -> None:
    small = texture(150, 180, 3)
    large = np.kron(small, np.ones((3, 3, 1), np.uint8))
    assert min(large.shape[:2]) > FLOW_SIDE
    found = motion(large, shifted(large, 6, 3))
    inside = found.forward[60:-60, 60:-60]
    assert np.median(inside, axis=(0, 1)) == pytest.approx([6, 3], abs=0.5)


def test_error_of_known_motion() -> None:
    frame = texture()
    height, width = frame.shape[:2]
    right = Motion(
        np.tile(np.float32([1.0, 0.0]), (height, width, 1)), np.ones((height, width), np.bool_)
    )
    right.visible[:, -1] = False  # what comes in from the other side
    assert warp_error(frame, shifted(frame, 1, 0), right) == 0.0
    brighter = np.clip(frame.astype(int) // 2 + 51, 0, 255).astype(np.uint8)
    half = (frame // 2).astype(np.uint8)
    rest = Motion(np.zeros_like(right.forward), right.visible)
    assert warp_error(half, brighter, rest) == pytest.approx(0.04)


def test_only_visible_pixels_count() -> None:
    before, after = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    after[:, 4:] = 255
    still = np.zeros((8, 8, 2), np.float32)
    left = np.zeros((8, 8), np.bool_)
    left[:, :4] = True
    assert warp_error(before, after, Motion(still, left)) == 0.0
    assert warp_error(before, after, Motion(still, ~left)) == 1.0
    assert np.isnan(warp_error(before, after, Motion(still, np.zeros_like(left))))


def test_pixels_that_do_not_come_back_and_edges_of_motion_are_hidden() -> None:
    """A square moves over a still ground: its rim is covered and uncovered."""
    ground, square = texture(seed=1), texture(40, 40, seed=2)
    before, after = ground.copy(), ground.copy()
    before[20:60, 20:60] = square
    after[20:60, 28:68] = square
    found = motion(before, after)
    assert found.visible[:10].mean() > 0.95
    assert found.visible[25:55, 56:72].mean() < 0.6


def test_a_still_clip_has_no_error_and_noise_has() -> None:
    frame = texture()
    noise = np.random.default_rng(0).normal(0, 5, frame.shape)
    other = np.clip(frame + noise, 0, 255).astype(np.uint8)
    assert 0.0 <= warp_step(frame, frame) < 1e-6  # the flow of nothing is not quite nothing
    assert warp_step(frame, other) == pytest.approx((5 / 255) ** 2, rel=0.3)


def test_the_true_motion_catches_a_frozen_result_and_flicker() -> None:
    true = [shifted(texture(seed=4), 3 * t, 0) for t in range(4)]
    frozen = [true[0]] * 4
    darker = [(f * (0.9 if t % 2 else 1.0)).astype(np.uint8) for t, f in enumerate(true)]
    own = np.mean([warp_step(a, b) for a, b in pairwise(true)])
    errors = [np.nanmean(_along_truth(made, true)) for made in (true, darker, frozen)]
    assert errors[0] == pytest.approx(own)
    assert errors[0] < errors[1] < errors[2]


def _along_truth(made: list[Frame], true: list[Frame]) -> NDArray[np.float64]:
    stream = WarpStream(Motions())
    for index, (frame, truth) in enumerate(zip(made, true, strict=True)):
        stream.add(frame, truth, index)
    values = stream.finish(NO_FACES)[WARP_ERROR.id]
    assert not isinstance(values, str)
    return values


def test_steps_across_a_gap_are_not_measured() -> None:
    frame = texture(48, 48)
    stream = WarpStream(Motions())
    for index in (0, 1, 3, 3, 4, 2):
        stream.add(frame, frame, index)
    values = stream.finish(NO_FACES)[WARP_ERROR.id]
    assert list(np.isfinite(np.array(values, dtype=float))) == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_the_driver_and_the_comparison_share_the_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counting(before: Frame, after: Frame) -> Motion:
        calls.append(1)
        return motion(before, after)

    monkeypatch.setattr("metrics.signals.warp.motion", counting)
    extractor = open_warp_step(DEFINITION, {}, Where())
    stream, pairs = extractor.stream(), extractor.pairs({WARP_ERROR.id})
    assert pairs is not None
    assert extractor.pairs({"warp_error.farneback-own@1"}) is None
    for index, truth in enumerate(texture(48, 48, seed) for seed in range(4)):
        stream.add(truth)
        pairs.add(truth, truth, index)
    assert len(calls) == 3
    along = pairs.finish(NO_FACES)[WARP_ERROR.id]
    assert list(along[1:]) == list(stream.finish())
