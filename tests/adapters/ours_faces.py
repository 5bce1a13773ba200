"""Faces without a face model: mini's portraits, moved and handed out by a stand-in tracker."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.base import ALL_COMPONENTS, Component, Face, FacePair, Frame, Request, Services
from adapters.ours.geometry import to_image_axes
from benchmark.splits.mini import portraits

SIDE = portraits.SIDE
PORTRAITS = tuple(portraits.ORIGINS)


def face(name: str = PORTRAITS[0], size: tuple[int, int] = (SIDE, SIDE)) -> Face:
    portrait = portraits.load(name)
    scale = np.array([size[1], size[0], size[1]])
    return face_at(portrait.landmarks, portrait.pose, scale)


def face_at(points: NDArray[np.float64], pose: NDArray[np.float64], scale: NDArray) -> Face:
    return Face(
        (points / scale).astype(np.float32), np.zeros(52, np.float32), pose.astype(np.float32)
    )


def moved(
    base: Face, rotation: NDArray[np.float64], shift: tuple[float, float] = (0.0, 0.0)
) -> Face:
    """``base`` turned about its middle (no perspective) and shifted by parts of the frame."""
    points = base.landmarks.astype(np.float64)
    centre = points.mean(axis=0)
    points = (points - centre) @ rotation.T + centre + (*shift, 0.0)
    pose = base.pose.astype(np.float64)
    pose[:3, :3] = to_image_axes(rotation) @ pose[:3, :3]
    return replace(base, landmarks=points.astype(np.float32), pose=pose.astype(np.float32))


def beside(left: Face, right: Face) -> list[Face]:
    """Two faces of square frames as they appear in a frame of both side by side."""
    placed = []
    for k, one in enumerate((left, right)):
        points = one.landmarks * np.array([0.5, 1.0, 0.5], np.float32)
        placed.append(replace(one, landmarks=points + np.array([0.5 * k, 0, 0], np.float32)))
    return placed


class Stage:
    """Media and tracker of one request: what the frames show is given, not detected."""

    def __init__(
        self, source: Frame, sitters: list[Face], performance: Sequence[list[Face]]
    ) -> None:
        self.source, self.sitters, self.performance = source, sitters, performance
        self.asked: list[int] = []
        self.read = 0

    def image(self, path: Path) -> Frame:
        return self.source

    def frames(self, path: Path) -> Iterator[Frame]:
        for k in range(len(self.performance)):
            self.read += 1
            frame = np.zeros_like(self.source)
            frame[0, 0, 0] = k + 1
            yield frame

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        self.asked.append(max_faces)
        known = self.sitters if frame is self.source else self.performance[int(frame[0, 0, 0]) - 1]
        return known[:max_faces]

    def request(
        self,
        pairs: Sequence[tuple[int, int]] = ((0, 0),),
        components: Collection[Component] = ALL_COMPONENTS,
    ) -> Request:
        return Request(
            case_id="case",
            protocol="cross",
            source=Path("source.png"),
            driving=Path("driving.mp4"),
            n_frames=len(self.performance),
            fps=Fraction(25),
            size=(self.source.shape[0], self.source.shape[1]),
            pairs=tuple(FacePair(*pair) for pair in pairs),
            scratch=Path(),
            services=Services(self, self),
            components=frozenset(components),
        )
