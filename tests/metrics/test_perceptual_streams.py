"""LPIPS while frames go by equals LPIPS of the pairs, and no frame goes through twice."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.frame_pair import reduce_frame
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face import FaceSignal
from metrics.signals.perceptual import PerceptualExtractor

torch = pytest.importorskip("torch")

WHOLE, FACE, REDUCED = "whole", "face", "reduced"


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
    return PerceptualExtractor(definition, trunk, WHOLE, FACE, REDUCED), trunk  # type: ignore[arg-type]


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


def test_reduced_frames_go_through_the_same_trunk_once() -> None:
    made, true = clip(5, 1, side=512), clip(3, 2, side=512)
    place = [0, 0, 1, 2, 2]  # a method that repeats frames
    lpips, trunk = extractor()
    pairs = lpips.pairs({WHOLE, REDUCED})
    assert pairs is not None
    for frame, index in zip(made, place, strict=True):
        pairs.add(frame, true[index], index)
    values = pairs.finish(faces(3))
    assert trunk.seen == 2 * (5 + 3), "each frame once at its size and once at 256x256"
    expected = [
        apart(reduce_frame(f), reduce_frame(true[i])) for f, i in zip(made, place, strict=True)
    ]
    np.testing.assert_allclose(values[REDUCED], expected, rtol=1e-5)
    assert not np.allclose(np.asarray(values[REDUCED]), np.asarray(values[WHOLE]), rtol=1e-2)


def test_frames_of_256_are_not_looked_at_twice() -> None:
    made, true = clip(4, 1, side=256), clip(4, 2, side=256)
    lpips, trunk = extractor()
    pairs = lpips.pairs({WHOLE, REDUCED})
    assert pairs is not None
    for index, (a, b) in enumerate(zip(made, true, strict=True)):
        pairs.add(a, b, index)
    values = pairs.finish(faces(4))
    assert trunk.seen == 8
    np.testing.assert_array_equal(values[REDUCED], values[WHOLE])


def test_only_the_reduced_form_leaves_the_frames_alone_and_enlarges_nothing() -> None:
    lpips, trunk = extractor()
    pairs = lpips.pairs({REDUCED})
    assert pairs is not None
    pairs.add(clip(1, 1, side=512)[0], clip(1, 2, side=512)[0], 0)
    assert set(pairs.finish(faces(1))) == {REDUCED}
    assert trunk.seen == 2
    small = lpips.pairs({WHOLE, REDUCED})
    assert small is not None
    small.add(clip(1, 1)[0], clip(1, 2)[0], 0)
    values = small.finish(faces(1))
    assert "would be enlarged" in str(values[REDUCED])
    assert np.isfinite(np.asarray(values[WHOLE])).all()
