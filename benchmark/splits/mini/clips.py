"""Rendering mini's clips, with the known motion and the first frame beside each."""

import json
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from adapters.base import Frame
from adapters.ours.warp import FaceWarp
from benchmark.media.image import write_png
from benchmark.media.video import read_frames
from benchmark.media.write import CANONICAL, write_video
from benchmark.splits.mini import choreography, portraits
from benchmark.splits.mini.rig import CONVENTION, DIALS, Dials, Rig

FPS = Fraction(25)


def motion_file(clip: Path) -> Path:
    """Return where the known motion of a clip lies."""
    return clip.with_suffix(".motion.json")


def first_frame(clip: Path) -> Path:
    """Return where the first frame of a clip lies as a still."""
    return clip.with_name(f"{clip.stem}-first.png")


def render_clip(path: Path, people: Sequence[str]) -> None:
    """Render ``people`` side by side into the video ``path``.

    The name of the clip and of the person choose the course of the motion. The still of the first
    frame is what the written video shows, not what went into the encoder.
    """
    courses = [choreography.course(path.stem, person) for person in people]
    performances = [perform(p, c) for p, c in zip(people, courses, strict=True)]
    frames = (np.hstack(side_by_side) for side_by_side in zip(*performances, strict=True))
    write_video(path, frames, FPS, CANONICAL)
    write_png(first_frame(path), next(read_frames(path)))
    motion = {
        "convention": CONVENTION,
        "fps": str(FPS),
        "people": [_columns(p, c) for p, c in zip(people, courses, strict=True)],
    }
    motion_file(path).write_text(json.dumps(motion, indent=1) + "\n", encoding="utf-8")


def perform(person: str, course: Iterable[Dials]) -> Iterator[Frame]:
    """Yield a portrait as ``(512, 512, 3)`` frames that do what the dials say."""
    portrait = portraits.load(person)
    rig = Rig(portrait)
    warp = FaceWarp(portrait.image, rig.landmarks)
    for dials in course:
        yield warp.render(*rig.turn(dials))


def _columns(person: str, course: Sequence[Dials]) -> dict[str, str | list[float]]:
    curves = {name: [getattr(dials, name) for dials in course] for name in DIALS}
    return {"portrait": person, **curves}
