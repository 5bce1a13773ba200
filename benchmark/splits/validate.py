"""Does a split hold what its manifest says? Every file is read and decoded once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from adapters.base import Frame
from benchmark.errors import BenchError
from benchmark.media.image import read_image
from benchmark.media.video import frame_rate, read_frames
from benchmark.names import printable
from benchmark.splits.manifest import Case, Split, inspect_manifest
from metrics.weights import file_sha256

_SAME_PICTURE = 4.0
"""Mean difference in levels up to which two pictures count as one: a source may be the frame as
it was before the driving video was encoded."""

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: Manifest and, if it is about one, the case or file.
        problem: What is wrong.
        remedy: What to do about it; may be empty.
    """

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")
        return printable(text)  # file names may hold anything


@dataclass(slots=True)
class _Media:
    """What one file turned out to be."""

    sha256: str
    size: tuple[int, int]
    n_frames: int = 1
    fps: Fraction = Fraction(0)
    kept: dict[int, Frame] = field(default_factory=dict)
    """Frames that sources are compared with, by index."""


def validate_manifest(
    path: Path, progress: Progress = lambda done, total: None
) -> tuple[Split | None, list[Fault]]:
    """Check a manifest and all its media.

    Args:
        path: The manifest.
        progress: Called after each file.

    Returns:
        The split as far as it can be read, and the faults; an empty list means that the split
        can be used.
    """
    try:
        split, errors = inspect_manifest(path)
    except BenchError as error:
        return None, [_fault(path.name, error)]
    faults = [_fault(path.name, error) for error in errors]
    if split.header.split != path.stem:
        faults.append(
            Fault(path.name, f"its header says split '{split.header.split}'", "rename the file")
        )
    stills, clips = _read_all(split, path.name, faults, progress)
    for case in split.cases:
        where = f"{path.name}: {case.id}"
        found = _check(case, stills.get(case.source), clips.get(case.driving))
        faults += [Fault(where, problem, remedy) for problem, remedy in found]
    return split, faults


def _fault(where: str, error: BenchError) -> Fault:
    return Fault(where, error.problem, " ".join(error.remedy.split()))


def _read_all(
    split: Split, name: str, faults: list[Fault], progress: Progress
) -> tuple[dict[str, _Media], dict[str, _Media]]:
    """Read each source and each driving video once; files that cannot be read are left out."""
    keep: dict[str, set[int]] = {case.driving: set() for case in split.cases}
    for case in split.cases:
        if case.protocol == "self":
            keep[case.driving].add(case.frames[0])
    stills: dict[str, _Media] = {}
    clips: dict[str, _Media] = {}
    sources = {case.source for case in split.cases}
    todo: list[tuple[str, dict[str, _Media], Callable[[Path], _Media]]] = [
        *((file, stills, _still) for file in sorted(sources)),
        *((file, clips, partial(_clip, keep=keep[file])) for file in sorted(keep)),
    ]
    for done, (relative, media, read) in enumerate(todo, start=1):
        try:
            media[relative] = read(split.file(relative))
        except BenchError as error:
            faults.append(_fault(f"{name}: {relative}", error))
        progress(done, len(todo))
    return stills, clips


def _still(path: Path) -> _Media:
    frame = read_image(path)
    return _Media(file_sha256(path), frame.shape[:2], kept={0: frame})


def _clip(path: Path, keep: set[int]) -> _Media:
    kept, count, size = {}, 0, (0, 0)
    for index, frame in enumerate(read_frames(path)):
        count, size = index + 1, frame.shape[:2]
        if index in keep:
            kept[index] = frame
    return _Media(file_sha256(path), size, count, frame_rate(path), kept)


def _check(case: Case, source: _Media | None, driving: _Media | None) -> Iterator[tuple[str, str]]:
    """Yield problem and remedy of each fault of a case; files not read are named already."""
    for file, media, stated in (
        (case.source, source, case.sha256.source),
        (case.driving, driving, case.sha256.driving),
    ):
        if media is not None and media.sha256 != stated:
            yield f"{file} has another sha256 than stated", "bring back the file, or import again"
    if source is not None and source.size != case.size:
        yield f"source is {_by(source.size)}, stated {_by(case.size)}", "correct the manifest"
    if driving is not None:
        yield from _check_driving(case, driving)
    if case.protocol == "self" and source is not None and driving is not None:
        yield from _check_self(case, source, driving)


def _check_driving(case: Case, driving: _Media) -> Iterator[tuple[str, str]]:
    if case.frames[1] > driving.n_frames:
        yield (
            f"driving has {driving.n_frames} frames, stated {list(case.frames)}",
            "bring back the file, or correct the manifest",
        )
    if case.rate != driving.fps:
        yield f"driving has {driving.fps} frames a second, stated {case.fps}", "correct it"


def _check_self(case: Case, source: _Media, driving: _Media) -> Iterator[tuple[str, str]]:
    if case.n_frames < 2:
        yield "a self case needs two frames, the first is not scored", "use a longer clip"
    if driving.size != case.size:
        yield f"driving is {_by(driving.size)}, stated {_by(case.size)}", "correct the manifest"
    first = driving.kept.get(case.frames[0])
    if first is None or first.shape != source.kept[0].shape:
        return  # named above
    if np.abs(source.kept[0].astype(np.int16) - first).mean() > _SAME_PICTURE:
        yield f"source is not frame {case.frames[0]} of the driving video", "make it again"


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
