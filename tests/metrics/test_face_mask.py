import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.perceptual import face_mask, masked_sum


def face(*corners: tuple[float, float]) -> np.ndarray:
    """478 points on the corners of a convex shape, ``(1, 478, 2)``."""
    points = np.array(corners, dtype=np.float32)
    return points[np.arange(478) % len(points)][None]


SQUARE = face((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def test_the_hull_is_filled() -> None:
    mask = face_mask(SQUARE, (100, 200))
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert mask.mean() == pytest.approx(0.25, abs=0.02)
    assert mask[50, 100] == 1.0
    assert mask[10, 100] == mask[50, 30] == 0.0


def test_all_faces_count_and_absent_ones_do_not() -> None:
    other = face((0.8, 0.8), (0.9, 0.8), (0.9, 0.9))
    absent = np.full_like(other, np.nan)
    both = face_mask(np.concatenate([SQUARE, other, absent]), (100, 100))
    assert both.sum() == face_mask(SQUARE, (100, 100)).sum() + face_mask(other, (100, 100)).sum()
    assert not face_mask(absent, (100, 100)).any()
    assert not face_mask(SQUARE[:0], (100, 100)).any()


def test_a_face_may_reach_out_of_the_frame() -> None:
    assert face_mask(face((-1, -1), (3, -1), (3, 3), (-1, 3)), (20, 30)).all()


def layers(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.random(shape).astype(np.float32) for shape in ((15, 31), (7, 15), (3, 7))]


def test_a_mask_of_ones_is_plain_lpips() -> None:
    plain = sum(float(layer.mean()) for layer in layers())
    assert masked_sum(layers(), np.ones((64, 128), np.float32)) == pytest.approx(plain, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(left=st.integers(0, 100), width=st.integers(16, 28), seed=st.integers(0, 9))
def test_a_mask_weighs_it_does_not_scale(left: int, width: int, seed: int) -> None:
    """Even differences give the same number whatever the size of the face."""
    mask = np.zeros((64, 128), np.float32)
    mask[20:40, left : left + width] = 1.0
    even = [np.full_like(layer, 0.1) for layer in layers(seed)]
    assert masked_sum(even, mask) == pytest.approx(0.3, rel=1e-5)
    low, high = (sum(float(f(layer)) for layer in layers(seed)) for f in (np.min, np.max))
    assert low <= masked_sum(layers(seed), mask) <= high


def test_what_lies_outside_does_not_count() -> None:
    mask = np.zeros((64, 128), np.float32)
    mask[:, :64] = 1.0
    layer = np.zeros((8, 16), np.float32)
    layer[:, 8:] = 5.0
    assert masked_sum([layer], mask) == 0.0
    assert masked_sum([layer], 1.0 - mask) == 5.0


def test_no_face_no_value() -> None:
    assert np.isnan(masked_sum(layers(), np.zeros((64, 128), np.float32)))
