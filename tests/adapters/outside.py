"""Fake programs as methods, and requests to run them on."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.base import Animation, Face, FacePair, Finished, Frame, Request, Services
from adapters.command import Command
from adapters.description import Invocation, invocation
from benchmark.collect import LentMedia
from benchmark.media.image import write_png
from benchmark.media.write import LOSSLESS, write_video

SIZE = 64


def driving_frames(count: int = 10, size: int = SIZE) -> NDArray[np.uint8]:
    """Frames that say which they are: frame i has the grey level 20 i everywhere."""
    levels = (np.arange(count, dtype=np.uint8) * 20)[:, None, None, None]
    return np.ascontiguousarray(np.broadcast_to(levels, (count, size, size, 3)))


def index_of(frame: Frame) -> int:
    """Which driving frame a frame that shows one says it is."""
    return round(float(frame.mean()) / 20)


class TwoBoxes:
    """A tracker that sees one face in the left third and one in the right third."""

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        return [_face(0.1, 0.3), _face(0.7, 0.9)][:max_faces]


def _face(left: float, right: float) -> Face:
    points = np.zeros((478, 3), np.float32)
    points[:, 0] = np.linspace(left, right, 478)
    points[:, 1] = np.linspace(0.4, 0.6, 478)
    return Face(points, np.zeros(52, np.float32), np.eye(4, dtype=np.float32))


def request(tmp: Path, frames: Iterable[Frame] | None = None, **changes: Any) -> Request:
    """A case in a scratch directory of its own, as the harness makes them."""
    scratch = tmp / "case"
    scratch.mkdir(parents=True)
    driving = list(driving_frames() if frames is None else frames)
    portrait = changes.pop("portrait", None)
    if portrait is None:
        portrait = np.full_like(driving[0], 128)
    write_png(scratch / "source.png", portrait)
    write_video(scratch / "driving.mp4", driving, Fraction(25), LOSSLESS)
    made = Request(
        "case",
        "self",
        scratch / "source.png",
        scratch / "driving.mp4",
        len(driving),
        Fraction(25),
        (portrait.shape[0], portrait.shape[1]),
        (FacePair(0, 0),),
        scratch,
        Services(LentMedia(), TwoBoxes()),
    )
    return replace(made, **changes)


def method(how: Invocation, repository: Path, **home: Any) -> Command:
    """A described method whose code lies in ``repository``."""
    return Command(
        invocation(how), {"repository": str(repository), "python": sys.executable, **home}
    )


def frames_of(animation: Animation) -> list[Frame]:
    """Everything that came out."""
    assert isinstance(animation.frames, Finished)
    return list(animation.frames.read())


def lines(*text: str) -> Iterator[str]:
    yield from text
