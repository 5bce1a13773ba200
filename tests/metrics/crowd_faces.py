"""Drawn crowds: faces as boxes with a shape, in whatever order a detector lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from metrics.crowd.shape import STEADY
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal

WIDTH, HEIGHT = 1000, 500
MOST = 100.0
"""More than anybody's number: who it is goes into blendshapes, which end at 1."""
REST = np.array([i for i in range(N_LANDMARKS) if i not in STEADY])


@dataclass(frozen=True)
class Figure:
    """One face in one frame: who it is goes into its blendshapes, its shape into its landmarks."""

    who: float
    x: float
    y: float = 250.0
    size: float = 100.0
    shape: int | None = None
    turn: NDArray[np.float64] | None = None


@cache
def form(shape: int) -> NDArray[np.float64]:
    """A face's landmarks, ``(478, 3)`` in box sizes about its middle; unlike those of other shapes.

    Two corners that are no steady landmarks span the box.
    """
    chance = np.random.default_rng(shape)
    points = chance.uniform(-0.4, 0.4, (N_LANDMARKS, 3))
    points[REST[0]], points[REST[1]] = (-0.5, -0.5, 0.0), (0.5, 0.5, 0.0)
    return points


def place(figure: Figure) -> NDArray[np.float64]:
    """Landmarks of a figure as the tracker gives them."""
    points = form(int(figure.who) if figure.shape is None else figure.shape)
    if figure.turn is not None:
        turned = points @ figure.turn.T
        turned[REST[:2]] = points[REST[:2]]  # the box stays
        points = np.clip(turned, -0.5, 0.5)
    points = points * figure.size + (figure.x, figure.y, 0.0)
    return points / (WIDTH, HEIGHT, WIDTH)


def signal(frames: Sequence[Sequence[Figure]]) -> FaceSignal:
    """The face signal of drawn frames."""
    shape = (len(frames), max((len(f) for f in frames), default=0))
    landmarks = np.full((*shape, N_LANDMARKS, 3), np.nan, np.float32)
    blendshapes = np.full((*shape, N_BLENDSHAPES), np.nan, np.float32)
    pose = np.full((*shape, 4, 4), np.nan, np.float32)
    for t, faces in enumerate(frames):
        for slot, figure in enumerate(faces):
            landmarks[t, slot] = place(figure)
            blendshapes[t, slot] = figure.who / MOST
            pose[t, slot] = np.eye(4)
            if figure.turn is not None:
                pose[t, slot, :3, :3] = figure.turn
    count = np.array([len(f) for f in frames], dtype=np.int64)
    return FaceSignal(count, landmarks, blendshapes, pose, (HEIGHT, WIDTH))
