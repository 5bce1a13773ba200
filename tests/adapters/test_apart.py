"""Several people with a method that animates one: cut apart, animated one by one, laid back."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from outside import SIZE, TwoBoxes, driving_frames, frames_of, index_of, method, request
from test_command import FAKE, fake

from adapters.base import Face, FacePair, Frame, Geometry, MethodError
from adapters.description import Invocation, invocation
from adapters.people import extents, square_boxes
from adapters.resident import Resident

PAIRS = (FacePair(0, 0), FacePair(1, 1))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "fake.py").write_text(FAKE)
    return folder


def two_people() -> NDArray[np.uint8]:
    """A driving clip whose right half is another 100 levels brighter."""
    frames = driving_frames(5)
    frames[:, :, SIZE // 2 :] += 100
    return frames


def halves(frame: Frame) -> tuple[int, int]:
    """Which driving frame each face shows."""
    middle = slice(28, 36)
    return index_of(frame[middle, 10:14]), index_of(frame[middle, 50:54] - np.uint8(100))


def test_each_person_is_animated_alone_and_laid_back(repository: Path, tmp_path: Path) -> None:
    how = fake("assert frames[0].shape[0] == frames[0].shape[1] < 64", faces="apart")
    portrait = np.full((SIZE, SIZE, 3), 7, np.uint8)
    case = request(tmp_path, two_people(), pairs=PAIRS, portrait=portrait, protocol="cross")
    animation = method(how, repository).animate(case)
    frames = frames_of(animation)
    assert [halves(frame) for frame in frames] == [(i, i) for i in range(5)]
    assert animation.frame_map == tuple(range(5))
    assert animation.geometry is Geometry.SOURCE
    assert {frame.shape for frame in frames} == {(SIZE, SIZE, 3)}
    assert (frames[2][:4] == 7).all(), "what belongs to nobody stays the portrait"


def test_in_self_reenactment_the_portrait_is_the_first_driving_frame(
    repository: Path, tmp_path: Path
) -> None:
    clip = two_people()
    clip[:, 20:30, 5:20] += 9
    how = fake(
        "import numpy as np",
        "src = read(a.src)[0]",
        "assert np.abs(src.astype(int) - frames[0]).max() < 4, 'another square'",
        faces="apart",
    )

    class Moves(TwoBoxes):
        """The faces move down with time: those of the portrait alone have another square."""

        def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
            faces = super().__call__(frame, max_faces)
            for face in faces:
                face.landmarks[:, 1] += frame[0, 0, 0] / 500
            return faces

    case = request(tmp_path, clip, pairs=PAIRS, portrait=clip[0])
    case = replace(case, services=replace(case.services, faces=Moves()))
    assert len(frames_of(method(how, repository).animate(case))) == 5


@pytest.mark.slow
def test_a_face_gets_the_driver_that_the_case_gives_it(repository: Path, tmp_path: Path) -> None:
    case = request(tmp_path, two_people(), pairs=(FacePair(0, 1), FacePair(1, 0)))
    frames = frames_of(method(fake(faces="apart"), repository).animate(case))
    assert frames[1][30:34, 10:14].mean() > 100 > frames[1][30:34, 50:54].mean()


@pytest.mark.slow
def test_who_failed_is_said(repository: Path, tmp_path: Path) -> None:
    how = fake("assert frames[0].mean() < 90, 'too bright'", faces="apart")
    case = request(tmp_path, two_people(), pairs=PAIRS)
    with pytest.raises(MethodError, match=r"person 1 of 2 from the left: .*too bright"):
        method(how, repository).animate(case)


@pytest.mark.slow
def test_a_portrait_that_shows_fewer_people_says_so(repository: Path, tmp_path: Path) -> None:
    class OneInThePortrait(TwoBoxes):
        def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
            return super().__call__(frame, max_faces)[: 1 if np.ptp(frame) == 0 else 2]

    case = request(tmp_path, two_people(), pairs=PAIRS, protocol="cross")
    services = replace(case.services, faces=OneInThePortrait())
    with pytest.raises(MethodError, match="the portrait does not show the faces of all 2 people"):
        method(fake(faces="apart"), repository).animate(replace(case, services=services))


@pytest.mark.slow
def test_one_person_is_not_cut(repository: Path, tmp_path: Path) -> None:
    animation = method(fake(faces="apart"), repository).animate(request(tmp_path))
    assert frames_of(animation)[3].shape == (SIZE, SIZE, 3)


def test_a_worker_serves_one_person_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "hook.py").write_text(
        "import numpy as np\n"
        "class Hook:\n"
        "    def __init__(self, options): self.served = 0\n"
        "    def animate(self, job):\n"
        "        self.served += 1\n"
        "        for i in range(job['frames']):\n"
        "            yield np.full((8, 8, 3), 100 * self.served + i, np.uint8)\n"
    )
    how = {"worker": "hook.py:Hook", "faces": "apart"}
    home = {"repository": str(tmp_path), "python": sys.executable}
    resident = Resident(invocation(_read(how)), home)
    animation = resident.animate(request(tmp_path, two_people(), pairs=PAIRS))
    frames = list(animation.frames)  # type: ignore[arg-type]
    assert [frame[30, 12, 0] for frame in frames] == [100, 101, 102, 103, 104]
    assert [frame[30, 52, 0] for frame in frames] == [200, 201, 202, 203, 204]
    assert len(animation.times) == 5
    assert all(spent > 0 for spent in animation.times)


def _read(words: dict[str, Any]) -> Invocation:
    return Invocation.model_validate(words)


SPANS = st.lists(st.integers(2, 60), min_size=2, max_size=8, unique=True).map(sorted)


@given(SPANS, st.integers(10, 40), st.floats(0, 3))
def test_squares_are_square_inside_and_apart(edges: list[int], height: int, margin: float) -> None:
    width = 64
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b - a > 1]

    def tracker(frame: Frame, max_faces: int) -> list[Face]:
        return [_face(a / width, b / width) for a, b in spans]

    if not spans:
        return
    frames = [np.zeros((height, width, 3), np.uint8)]
    try:
        boxes = square_boxes(extents(frames, tracker, len(spans)), margin)
    except MethodError as error:
        assert "too close" in str(error)
        return
    for left, top, right, bottom in boxes:
        assert abs((right - left) - (bottom - top)) <= 2
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    for (_, _, right, _), (left, _, _, _) in pairwise(boxes):
        assert right <= left


def _face(left: float, right: float) -> Face:
    points = np.zeros((478, 3), np.float32)
    points[:, 0] = np.linspace(left, right, 478)
    points[:, 1] = np.linspace(0.3, 0.7, 478)
    return Face(points, np.zeros(52, np.float32), np.eye(4, dtype=np.float32))
