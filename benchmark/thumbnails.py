"""Small JPEG pictures of frames of clips."""

import io
from collections.abc import Sequence

from PIL import Image

from benchmark.errors import UsageProblem
from benchmark.points import Strand

SIDE = 112
"""Pixels of the longer side."""
_QUALITY = 72


def thumbnails(strands: Sequence[Strand]) -> list[bytes]:
    """Return a JPEG of every frame of the strands, in their order; each clip is read once a strand.

    Raises:
        BenchError: If a clip cannot be read, or ends too early.
    """
    return [jpeg for strand in strands for jpeg in _of(strand)]


def _of(strand: Strand) -> list[bytes]:
    wanted = set(strand.frames.tolist())
    last = max(wanted)
    found: dict[int, bytes] = {}
    for index, frame in enumerate(strand.open()):
        if index in wanted:
            picture = Image.fromarray(frame)
            picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            sink = io.BytesIO()
            picture.save(sink, format="JPEG", quality=_QUALITY)
            found[index] = sink.getvalue()
        if index == last:
            break
    if missing := wanted - set(found):
        raise UsageProblem(
            f"a clip of case {strand.case} ends before frame {min(missing)}",
            "run the case again, or leave pictures out with --no-pictures",
        )
    return [found[index] for index in strand.frames.tolist()]
