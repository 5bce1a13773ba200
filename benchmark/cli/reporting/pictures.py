"""Pictures of single cases: portrait, driving frames, and what the method made of them."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from adapters.base import Frame
from benchmark.errors import BenchError
from benchmark.media.image import write_png
from benchmark.media.sheet import below, beside, tile
from benchmark.names import printable
from benchmark.readings import result_of
from benchmark.run_case import RunCase, open_case

_COLUMNS = 4
_HEIGHT = 160


def draw_case(run: Path, case: str, data: Path | None, out: Path) -> str:
    """Draw a case into a PNG file.

    Returns:
        Why there is no picture; empty if there is.
    """
    try:
        write_png(out, _strip(open_case(run, case, data)))
    except BenchError as error:
        return printable(error.problem)
    return ""


def _strip(one: RunCase) -> Frame:
    """Return two rows: portrait and driving frames, and below each the result that came from it."""
    length = one.case.n_frames
    place = result_of(np.asarray(one.clip.frame_map, dtype=np.intp), length)
    delivered = np.flatnonzero(place >= 0)
    spread = np.linspace(0, len(delivered) - 1, min(_COLUMNS, len(delivered)))
    at = [int(t) for t in delivered[np.round(spread).astype(int)]]
    driving = _frames(one.driving, at)
    result = _frames(one.result, [int(place[t]) for t in at])
    portrait = tile(one.portrait(), _HEIGHT, "source")
    top = [portrait, *(tile(f, _HEIGHT, f"driving {t}") for f, t in zip(driving, at, strict=True))]
    blank = np.full_like(portrait, 255)
    made = [tile(f, _HEIGHT, f"result {int(place[t])}") for f, t in zip(result, at, strict=True)]
    bottom = [blank, *made]
    widths = [max(a.shape[1], b.shape[1]) for a, b in zip(top, bottom, strict=True)]
    return below(
        [beside([_wide(t, w) for t, w in zip(row, widths, strict=True)]) for row in (top, bottom)]
    )


def _frames(read: Callable[[], Iterator[Frame]], at: list[int]) -> list[Frame]:
    """Return the frames at ascending or descending positions of a clip, read once."""
    wanted = set(at)
    clip = enumerate(islice(read(), max(at) + 1))
    found = {index: frame for index, frame in clip if index in wanted}
    return [found[index] for index in at]


def _wide(picture: Frame, width: int) -> Frame:
    missing = width - picture.shape[1]
    return np.pad(picture, ((0, 0), (0, missing), (0, 0)), constant_values=255)
