"""LPIPS while frames go by equals LPIPS of the pairs, and no frame goes through twice."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face import FaceSignal
from metrics.signals.perceptual import PerceptualExtractor

torch = pytest.importorskip("torch")

WHOLE, FACE = "whole", "face"


class Trunk:
    """Features are the pixels themselves; counts the pictures it sees."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, pictures: NDArray[np.uint8]) -> list[Any]:
        self.seen += len(pictures)
        planes = torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2).float() / 255
        return [(plane[None],) for plane in planes]


def extractor() -> tuple[PerceptualExtractor, Trunk]:
    trunk = Trunk()
    definition = ExtractorDefinition("lpips", "", "")
    return PerceptualExtractor(definition, trunk, WHOLE, FACE), trunk  # type: ignore[arg-type]


def clip(length: int, seed: int, side: int = 40) -> list[NDArray[np.uint8]]:
    draw = np.random.default_rng(seed)
    return list(draw.integers(0, 256, (length, side, side, 3), dtype=np.uint8))


def apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(np.square(a / 255 - b / 255).sum(axis=-1).mean())


def faces(length: int, present: bool = True) -> FaceSignal:
    """One face whose hull is the left half of the frame."""
    corners = np.array([[0, 0], [0.5, 0], [0, 1], [0.5, 1]], dtype=np.float32)
    marks = np.zeros((length, 1, 478, 3), dtype=np.float32)
    marks[..., :2] = np.resize(corners, (478, 2))
    marks[:] = marks if present else np.nan
    count = np.full(length, int(present), dtype=np.int64)
    blank = np.zeros((length, 1, 52), np.float32), np.zeros((length, 1, 4, 4), np.float32)
    return FaceSignal(count, marks, *blank, (40, 40))


def test_steps_pairs_and_both_in_one_pass() -> None:
    made, true = clip(25, 1), clip(25, 2)
    lpips, trunk = extractor()
    own, theirs = lpips.stream(), lpips.stream()
    pairs = lpips.pairs({WHOLE, FACE, "another"})
    assert pairs is not None
    for index, (a, b) in enumerate(zip(made, true, strict=True)):
        theirs.add(b)
        own.add(a)
        pairs.add(a, b, index)
    values = pairs.finish(faces(25))
    steps = own.finish()
    assert trunk.seen == 50, "every frame once, for its steps and for the pair"
    np.testing.assert_allclose(steps, [apart(a, b) for a, b in pairwise(made)], rtol=1e-5)
    assert len(theirs.finish()) == 24
    np.testing.assert_allclose(
        values[WHOLE], [apart(a, b) for a, b in zip(made, true, strict=True)], rtol=1e-5
    )
    left = [apart(a[:, :20], b[:, :20]) for a, b in zip(made, true, strict=True)]
    np.testing.assert_allclose(values[FACE], left, rtol=0.05)  # the hull's edge is a pixel wide


def test_equal_frames_are_exactly_0() -> None:
    lpips, _ = extractor()
    pairs = lpips.pairs({WHOLE})
    assert pairs is not None
    for index, frame in enumerate(clip(3, 1)):
        pairs.add(frame, frame.copy(), index)
    assert np.asarray(pairs.finish(faces(3))[WHOLE]).tolist() == [0.0, 0.0, 0.0]


def test_without_a_face_there_is_nothing_inside() -> None:
    lpips, _ = extractor()
    pairs = lpips.pairs({FACE})
    assert pairs is not None
    pairs.add(clip(1, 1)[0], clip(1, 2)[0], 0)
    assert np.isnan(np.asarray(pairs.finish(faces(1, present=False))[FACE])).all()


def test_nothing_is_opened_that_nobody_asked_for() -> None:
    assert extractor()[0].pairs({"another"}) is None


def test_frames_that_are_too_small_say_so() -> None:
    lpips, trunk = extractor()
    stream, pairs = lpips.stream(), lpips.pairs({WHOLE})
    assert pairs is not None
    for index, frame in enumerate(clip(3, 1, side=16)):
        stream.add(frame)
        pairs.add(frame, frame, index)
    assert np.isnan(stream.finish()).tolist() == [True, True]
    assert pairs.finish(faces(3)) == {WHOLE: "LPIPS needs frames of at least 32 pixels"}
    assert trunk.seen == 0
