"""The case that speed is measured on: the embedded split's, at the size that is asked for."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from adapters.base import FacePair, Request, Services
from adapters.picture import resized
from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_frames
from benchmark.media.write import CANONICAL, write_video
from benchmark.speed.plan import PerfOptions
from benchmark.speed.subject import Material
from benchmark.splits.sources import open_split

_SPLIT = "mini/single"


def prepare_material(options: PerfOptions, folder: Path, services: Services) -> Material:
    """Return one person driven by a video of ``options.frames``; a longer one starts again.

    Args:
        options: Size, frames and rate.
        folder: For the files and scratch directories.
        services: Lent to the method.
    """
    split = open_split(_SPLIT, None)
    case = next(c for c in split.cases if c.protocol == "self" and len(c.pairs) == 1)
    start, stop = case.frames
    size = (options.size, options.size)
    drawn = islice(read_frames(split.file(case.driving)), start, min(stop, start + options.frames))
    seen = [resized(frame, size) for frame in drawn]
    frames = np.stack(seen)
    source, driving = folder / "source.png", folder / "driving.mp4"
    write_png(source, resized(read_image(split.file(case.source)), size))
    film = (frames[i % len(frames)] for i in range(options.frames))
    write_video(driving, film, options.fps, CANONICAL)
    request = Request(
        case_id="perf",
        protocol="self",
        source=source,
        driving=driving,
        n_frames=options.frames,
        fps=options.fps,
        size=size,
        pairs=tuple(FacePair(p.source, p.driving) for p in case.pairs),
        scratch=folder,
        services=services,
        seed=options.seed,
    )

    def at(n_frames: int) -> Material:
        other = folder / str(n_frames)
        other.mkdir()
        return prepare_material(replace(options, frames=n_frames), other, services)

    return Material(request, frames, scratches(folder), at)


def scratches(folder: Path) -> Callable[[], Path]:
    """Return what makes a new scratch directory in ``folder`` and removes those long gone.

    The one before is left: a case that was broken off may still be working in it.
    """
    made: list[Path] = []

    def fresh() -> Path:
        while len(made) > 1:
            shutil.rmtree(made.pop(0), ignore_errors=True)
        made.append(Path(tempfile.mkdtemp(prefix="take-", dir=folder)))
        return made[-1]

    return fresh
