"""What the conformance run is tried on: the embedded mini split."""

from dataclasses import replace
from itertools import islice

import cv2
import numpy as np

from benchmark.conformance.check import Material
from benchmark.conformance.trials import Inputs
from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from benchmark.splits.manifest import Split
from benchmark.splits.sources import open_split

_SEED = 7


def mini_material(n_frames: int, *, two: bool) -> Material:
    """Return cases of mini.

    Args:
        n_frames: Driving frames of each trial.
        two: Whether the method drives each of several faces.
    """
    one = _first(open_split("mini/single", None), n_frames, people=1)
    several = _first(open_split("mini/multi", None), n_frames, people=2) if two else None
    noise = np.random.default_rng(_SEED).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    height, width = one.portrait.shape[:2]
    nobody = np.asarray(cv2.resize(noise, (width, height)), dtype=np.uint8)
    return Material(one, several, nobody)


def _first(split: Split, n_frames: int, people: int) -> Inputs:
    case = next(c for c in split.cases if c.protocol == "self" and len(c.pairs) == people)
    start = case.frames[0]
    frames = np.stack(list(islice(read_frames(split.file(case.driving)), start, start + n_frames)))
    # Longer than mini: it starts again rather than give fewer frames than were asked for.
    if len(frames) < n_frames:
        frames = np.concatenate([frames] * -(-n_frames // len(frames)))[:n_frames]
    pairs = tuple((p.source, p.driving) for p in case.pairs)
    return replace(Inputs(read_image(split.file(case.source)), frames), pairs=pairs)
