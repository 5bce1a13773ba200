"""Boxes, suppression and regions: known answers."""

import numpy as np
import pytest

from metrics.signals.torch_face_boxes import anchors, decode, face_regions, suppress


def box(x: float, y: float, side: float) -> np.ndarray:
    half = side / 2
    return np.array([x - half, y - half, x + half, y + half, *([x, y] * 6)], dtype=np.float32)


def test_anchors_of_the_short_range_detector() -> None:
    grid = anchors(128)
    assert grid.shape == (896, 2)
    np.testing.assert_allclose(
        grid[:4], [[1 / 32] * 2, [1 / 32] * 2, [3 / 32, 1 / 32]] + [[3 / 32, 1 / 32]]
    )
    np.testing.assert_allclose(grid[-1], [15 / 16, 15 / 16])


def test_decoding_is_relative_to_the_anchor() -> None:
    raw, scores = np.zeros((896, 16), np.float32), np.full(896, -200, np.float32)
    raw[0, :4], raw[0, 4:6], scores[0] = (12.8, 0, 64, 32), (-1.28, 1.28), 2
    raw[1, 2], scores[1] = -5, 3  # a box turned inside out
    boxes, probability = decode(raw, scores, 0.5, 128)
    assert probability == pytest.approx([1 / (1 + np.exp(-2))])
    x = y = 1 / 32
    np.testing.assert_allclose(
        boxes[0, :4], [x + 0.1 - 0.25, y - 0.125, x + 0.1 + 0.25, y + 0.125], atol=1e-6
    )
    np.testing.assert_allclose(boxes[0, 4:6], [x - 0.01, y + 0.01], atol=1e-6)


def test_a_cluster_becomes_its_weighted_mean() -> None:
    boxes = np.stack([box(0.5, 0.5, 0.4), box(0.51, 0.5, 0.4), box(0.1, 0.1, 0.1)])
    merged = suppress(boxes, np.array([0.9, 0.6, 0.7], np.float32))
    assert len(merged) == 2
    np.testing.assert_allclose(merged[0, 4], (0.5 * 0.9 + 0.51 * 0.6) / 1.5, atol=1e-6)
    np.testing.assert_allclose(merged[1], box(0.1, 0.1, 0.1), atol=1e-6)


def test_nothing_stays_nothing() -> None:
    assert suppress(np.zeros((0, 16), np.float32), np.zeros(0, np.float32)).shape == (0, 16)
    assert len(face_regions(np.zeros((0, 16), np.float32), 10, 20)) == 0


def test_a_box_without_area_ends_the_search() -> None:
    boxes = np.stack([box(0.5, 0.5, 0.0), box(0.2, 0.2, 0.1)])
    assert len(suppress(boxes, np.array([0.9, 0.6], np.float32))) == 1


def test_regions_are_upright_and_half_as_large_again() -> None:
    face = box(0.5, 0.5, 0.2)
    face[4:8] = (0.45, 0.5, 0.55, 0.6)  # the right eye above the left one
    region = face_regions(face[None], 100, 200)
    np.testing.assert_allclose(region.centre, [[100, 50]], atol=1e-4)
    np.testing.assert_allclose(region.size, [[60, 60]], atol=1e-4)
    np.testing.assert_allclose(region.angle, [np.pi / 4], atol=1e-6)
