"""What must come out of each described method, whose fakes show which frames and pixels they got.

A fake shows the portrait, brighter and darker with the left half of each driving frame. So the one
picture that must come out of every adapter is known (`truth`): a wrong frame, a wrong place, a
wrong panel or other colours differ from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from fake_repositories import repository_of
from numpy.typing import NDArray
from outside import driving_frames, frames_of, request
from warm import warm_python

from adapters.base import Animation
from adapters.command import Command
from adapters.description import Description, invocation
from adapters.resident import Resident
from adapters.rows import FOLDER, our_rows

SIDE = 64
COUNT = 11  # no multiple of 4, and not 4k+1
TOLERANCE = 5.0  # levels; one driving frame further is 10

Video = NDArray[np.uint8]


def portrait(height: int = SIDE, width: int = SIDE) -> Video:
    """Nothing in it is symmetric: red grows to the right, green downwards."""
    rows, columns = np.mgrid[0:height, 0:width]
    red, green = 40 + 160 * columns / width, 40 + 160 * rows / height
    return np.stack([red, green, np.full_like(red, 90)], axis=-1).astype(np.uint8)


def blocks() -> Video:
    """Large dark and bright squares: a picture that does not forgive another scale."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] // 16
    grey = np.where((rows + columns) % 2, 200, 40)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def mixed(source: Video, drivers: Video) -> NDArray[np.float64]:
    left = drivers[:, :, : drivers.shape[2] // 2].mean(axis=(1, 2, 3))
    return (source.astype(float)[None] + np.floor(left)[:, None, None, None]) / 2


def middle(video: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = video.shape[1:3]
    return video[:, height // 4 : height - height // 4, width // 4 : width - width // 4]


def stretched(video: NDArray[np.float64]) -> NDArray[np.float64]:
    return (video - video.min()) / (video.max() - video.min()) * 255


def same(video: NDArray[np.float64]) -> NDArray[np.float64]:
    return video


def counting(count: int, height: int = 16, width: int = 16) -> Video:
    """A long driving video of small frames; none of them is white."""
    levels = ((np.arange(count) * 20) % 200).astype(np.uint8)[:, None, None, None]
    return np.ascontiguousarray(np.broadcast_to(levels, (count, height, width, 3)))


@dataclass(frozen=True)
class Case:
    """A portrait, a driving video and what must come of them."""

    frame_map: list[int]
    view: Callable[[NDArray[np.float64]], NDArray[np.float64]] = same
    source: Video = field(default_factory=portrait)
    driving: Video = field(default_factory=lambda: driving_frames(COUNT, SIDE))
    fps: Fraction = Fraction(25)

    def truth(self) -> NDArray[np.float64]:
        return self.view(mixed(self.source, self.driving)[self.frame_map])


ALL = list(range(COUNT))
METHODS: Mapping[str, Case] = {
    "xnemo": Case(ALL, middle),
    "skyreels-a1": Case([0, 2, 4, 6, 8]),
    "skyreels-a1-long": Case([0, 2, 4, 6, 8]),
    "hunyuanportrait": Case(ALL),
    "flashportrait": Case(list(range(1, 9))),
    "followyouremoji": Case(ALL[1:]),
    "aniportrait": Case(ALL),
    "wan-animate": Case(ALL),
    "edtalk": Case(ALL, stretched),
    "pdfgc": Case(ALL[2:-2]),
    "echomimic": Case(ALL),
    "megactor": Case(ALL[1:], middle),
    "lia-x": Case(ALL, stretched),
    "emoportraits": Case(ALL, middle),
}


@dataclass(frozen=True)
class Bench:
    """A method's fake in a repository of its own."""

    row: Description
    repository: Path
    hooks: Path = FOLDER

    def run(self, tmp: Path, case: Case, seed: int = 0) -> tuple[Animation, list[Video]]:
        home = {"repository": str(self.repository), "python": warm_python()}
        kind = Resident if self.row.worker else Command
        method = kind(invocation(self.row), {**home, "hooks": str(self.hooks)})
        asked = request(tmp, case.driving, portrait=case.source, seed=seed)
        # A crop around a face is looked for, and laid back, in self-reenactment only.
        protocol = "cross" if self.row.result.geometry == "face" else "self"
        animation = method.animate(replace(asked, fps=case.fps, protocol=protocol))
        if isinstance(method, Resident):
            return animation, list(animation.frames)  # type: ignore[arg-type]
        return animation, frames_of(animation)

    def contents(self) -> dict[str, bytes]:
        files = (p for p in self.repository.rglob("*") if "__pycache__" not in p.parts)
        return {str(p): p.read_bytes() for p in files if p.is_file()}


def bench_of(name: str, folder: Path) -> Bench:
    row = our_rows()[name]
    return Bench(row, repository_of(row, folder / "repository"))


def difference(frames: list[Video], case: Case) -> float:
    """How far the worst frame is from what must come out, in levels."""
    truth = case.truth()
    assert len(frames) == len(truth)
    height, width = truth.shape[1:3]
    sized = [cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA) for f in frames]
    return max(float(np.abs(f - t).mean()) for f, t in zip(sized, truth, strict=True))


def truth(bench: Bench, tmp: Path, case: Case) -> None:
    """What comes out is what must, and the repository is as it was."""
    before = bench.contents()
    animation, frames = bench.run(tmp, case)
    assert animation.frame_map == case.frame_map
    assert difference(frames, case) < TOLERANCE
    assert bench.contents() == before


def twice(bench: Bench, tmp: Path, case: Case) -> None:
    """One seed gives one result."""
    one, other = (np.stack(bench.run(tmp / name, case)[1]) for name in ("one", "other"))
    assert np.array_equal(one, other)


def seeds(bench: Bench, tmp: Path, case: Case) -> None:
    """Another seed gives another result."""
    runs = (bench.run(tmp / str(seed), case, seed)[1] for seed in range(2))
    assert not np.array_equal(*(np.stack(frames) for frames in runs))
