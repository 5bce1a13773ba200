"""How fast the clips were made. Belongs to the machine that is named beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.card import Card, Direction
from metrics.common import BOTH, INFINITE
from metrics.score import Measured, NotMeasured, Score


@dataclass(frozen=True, slots=True)
class GenerationTime:
    """Time inside the method for one case; loading, decoding for scoring and storing excluded.

    Attributes:
        total_s: From the call to the last frame.
        frames_s: Seconds waited for each frame, for methods that stream; empty otherwise.
        n_frames: Frames made.
        excluded: Why there is no speed to speak of (finished videos, controls); empty otherwise.
    """

    total_s: float
    frames_s: Sequence[float]
    n_frames: int
    excluded: str = ""


def fps(time: GenerationTime) -> Score:
    """Return frames made per second inside the method, in steady state where it streams.

    A streaming method's first frame carries what is done once a case or once a process, and would
    make the number depend on the order of cases; it is left out.
    """
    if time.excluded:
        return NotMeasured(time.excluded)
    if len(time.frames_s) > 1:
        rest = time.frames_s[1:]
        return Measured(len(rest) / sum(rest), len(rest), len(rest))
    return Measured(time.n_frames / time.total_s, time.n_frames, time.n_frames)


def latency(time: GenerationTime) -> Score:
    """Return the median time per frame after the first, in milliseconds."""
    if time.excluded:
        return NotMeasured(time.excluded)
    if len(time.frames_s) < 2:
        return NotMeasured("the method does not stream: it hands over all frames at once")
    rest = time.frames_s[1:]
    return Measured(1000.0 * float(np.median(rest)), len(rest), len(rest))


def _card(name: str, definition: str, title: str, **changes: object) -> Card:
    common: dict[str, object] = {
        "bounds": (0.0, INFINITE),
        "protocols": BOTH,
        "extractors": (),
        "missing": "methods that hand over finished videos, and controls, have no speed",
        "identical": None,
        "digits": 1,
        "timing": True,
    }
    return Card(name=name, definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


FPS = _card(
    "fps",
    "steady",
    "FPS",
    formula="frames / seconds inside the method, model loading and the first frame of a streaming "
    "method excluded; case -> split (mean)",
    unit="1/s",
    direction=Direction.HIGHER,
    source="offline throughput after MLPerf; named hardware beside it",
)
LATENCY = _card(
    "latency",
    "frame-p50",
    "ms/frame",
    formula="median seconds between asking for a frame and having it, first frame excluded, in "
    "ms; case -> split (mean)",
    unit="ms",
    direction=Direction.LOWER,
    source="compute latency only: no acquisition, look-ahead or display",
)
