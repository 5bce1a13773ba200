"""A face that moves, and the split that is made of it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut

from adapters.base import Frame
from benchmark.splits.manifest import Split

N_FRAMES = 8
SIZE = 256


def moving_face(seed: int = 0) -> NDArray[np.uint8]:
    """The astronaut's face, swaying: (N_FRAMES, SIZE, SIZE, 3)."""
    portrait = cv2.resize(astronaut()[20:240, 100:320], (SIZE, SIZE))
    frames = []
    for t in range(N_FRAMES):
        turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), 2.0 * t * (-1) ** seed, 1 + 0.01 * t)
        frames.append(cv2.warpAffine(portrait, turn, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT))
    return np.stack(frames)


def no_face() -> Frame:
    """Smooth noise: nobody there."""
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (SIZE, SIZE)), dtype=np.uint8)


@dataclass(frozen=True)
class TinySplit:
    """A written split and its folder."""

    split: Split
    root: Path
