"""Clips for the noise floor as a dataset: each a self and a cross case of one person."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.media.video import frame_rate, read_frames
from benchmark.media.write import LOSSLESS, write_video
from benchmark.splits.case import Case, Hashes, Header, Split
from metrics.weights import file_sha256

_FEWEST_FRAMES = 2
_HEADER = Header(
    dataset="floor",
    split="floor",
    version="1",
    citation="",
    licence="",
    pairing="each clip with its own first frame",
    crop="as given",
    fps="as given",
)


def floor_split(clips: Sequence[Path], max_frames: int, root: Path) -> Split:
    """Copy clips losslessly into ``root``, two cases each: self, then cross.

    Args:
        clips: Videos.
        max_frames: Frames of each that are used.
        root: An empty folder.

    Raises:
        UsageProblem: If a clip cannot be read or is too short.
    """
    cases = [case for n, clip in enumerate(clips) for case in _cases(n, clip, max_frames, root)]
    return Split(_HEADER, tuple(cases), root)


def _cases(number: int, clip: Path, max_frames: int, root: Path) -> list[Case]:
    frames = list(islice(read_frames(clip), max_frames))
    if len(frames) < _FEWEST_FRAMES:
        raise UsageProblem(f"{clip} has {len(frames)} frames; the noise floor needs two or more")
    fps = frame_rate(clip)
    source, driving = root / f"{number}.png", root / f"{number}.mkv"
    write_png(source, frames[0])
    write_video(driving, frames, fps, LOSSLESS)
    hashes = Hashes(source=file_sha256(source), driving=file_sha256(driving))
    one = Case(
        id=f"self-{number}",
        protocol="self",
        source=source.name,
        driving=driving.name,
        frames=(0, len(frames)),
        fps=f"{fps.numerator}/{fps.denominator}",
        size=(frames[0].shape[0], frames[0].shape[1]),
        sha256=hashes,
    )
    return [one, one.model_copy(update={"id": f"cross-{number}", "protocol": "cross"})]
