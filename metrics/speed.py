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
    """Return frames made per second inside the method, from the call to the last frame.

    The first frame counts: a method may do all its work, or that of a whole chunk, before it.
    """
    if time.excluded:
        return NotMeasured(time.excluded)
    seconds = sum(time.frames_s) or time.total_s
    return Measured(time.n_frames / seconds, time.n_frames, time.n_frames)


def latency(time: GenerationTime) -> Score:
    """Return the median time per frame after the first, in milliseconds.

    Only of methods that make one frame after the other. Where most of the time goes by before the
    first frame, or frames come in bursts, the median wait says nothing about a frame.
    """
    if time.excluded:
        return NotMeasured(time.excluded)
    if len(time.frames_s) < 2:
        return NotMeasured("the method does not stream: it hands over all frames at once")
    first, rest = time.frames_s[0], time.frames_s[1:]
    if first > sum(rest):
        return NotMeasured(
            "most of the time goes by before the first frame: bench perf tells set-up from work"
        )
    median = float(np.median(rest))
    if median < float(np.mean(rest)) / 2:
        return NotMeasured("frames come in bursts: bench perf measures chunks")
    return Measured(1000.0 * median, len(rest), len(rest))


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
    "offline",
    "FPS",
    formula="frames / seconds inside the method from the call to the last frame, model loading "
    "excluded; case -> split (mean)",
    unit="1/s",
    direction=Direction.HIGHER,
    source="offline throughput after MLPerf; named hardware beside it",
    notes=(
        "the first case of a process carries what is done once (caches, kernels): a figure to "
        "publish comes from bench perf, which warms up",
    ),
)
LATENCY = _card(
    "latency",
    "frame-p50",
    "ms/frame",
    formula="median seconds between asking for a frame and having it, first frame excluded, in "
    "ms, of methods that make one frame after the other; case -> split (mean)",
    version=2,  # 1 took bursts for single frames
    unit="ms",
    direction=Direction.LOWER,
    source="compute latency only: no acquisition, look-ahead or display",
)
