"""Whether a point follows from what it holds: a record that was edited by hand mostly does not."""

from math import fsum, isclose

from benchmark.speed.figures import percentile
from benchmark.speed.plan import LEAST_S, QUERIES_FOR
from benchmark.speed.record import Figures, Point
from benchmark.speed.validity import machine_flaws

_NEAR = 1e-4
"""Relative; queries are kept to a ten-millionth of a second."""
_GRAIN_S = 2e-7


def contradiction(point: Point) -> str:
    """Return what in a point cannot be true together; empty if nothing was found.

    It is no seal: whoever changes every number to fit is not found out.
    """
    figures = point.figures
    if figures is None:
        return ""
    if not _near(figures.fps * figures.frame_s, 1.0):
        return f"{figures.fps:g} frames a second do not take {figures.frame_s:g} s each"
    if (figures.streaming is not None) != (point.cohort.mode == "streaming"):
        return f"its figures are not those of the mode {point.cohort.mode}"
    if figures.estimated != (figures.fit is not None):
        return "an estimate has a fit, and only an estimate"
    wrong = _queries(point, figures) or _streaming(figures) or _latency(point, figures)
    if wrong or not point.valid:
        return wrong
    if missed := machine_flaws(point.machine):
        return f"it has no flaws, but: {missed[0]}"
    if not figures.estimated and figures.seconds < LEAST_S:
        return f"it has no flaws, but {figures.seconds:g} s are too short"
    return ""


def _queries(point: Point, figures: Figures) -> str:
    """Return whether offline figures are those of the queries that are kept with them."""
    if figures.estimated or figures.streaming is not None:
        return ""
    if figures.queries != len(point.query_s):
        return f"it has {len(point.query_s)} queries, not {figures.queries}"
    total = fsum(point.query_s)
    if not _near(total, figures.seconds, _GRAIN_S * len(point.query_s)):
        return f"its queries take {total:g} s, not {figures.seconds:g}"
    frames = figures.queries * figures.query_frames
    if not _near(figures.fps * figures.seconds, frames):
        return f"{frames} frames in {figures.seconds:g} s are not {figures.fps:g} a second"
    told = figures.query_s
    for percent, value in zip(QUERIES_FOR, (told.p50, told.p90, told.p99), strict=True):
        true = percentile(point.query_s, percent)
        if (value is None) != (true is None):
            return f"p{percent} does not go with {figures.queries} queries"
        if value is not None and true is not None and not _near(value, true, _GRAIN_S):
            return f"p{percent} of its queries is {true:g} s, not {value:g}"
    return ""


def _streaming(figures: Figures) -> str:
    """Return whether the rates are those of the frames and trials that are kept with them."""
    live = figures.streaming
    if live is None:
        return ""
    if live.delivered // figures.query_frames != figures.queries:
        return f"{live.delivered} frames are not {figures.queries} queries"
    if not _near(figures.fps * figures.seconds, live.delivered):
        return f"{live.delivered} frames in {figures.seconds:g} s are not {figures.fps:g} a second"
    kept = max((trial.fps for trial in live.trials if trial.sustained), default=None)
    if kept != live.sustained_fps:
        return f"its trials sustained {kept}, not {live.sustained_fps} frames a second"
    return ""


def _latency(point: Point, figures: Figures) -> str:
    """Return whether latency is the sum of its parts."""
    parts = figures.latency
    if parts.frames is None or parts.algorithmic_s is None:
        return "" if parts.total_s is None else "a latency without its parts"
    if not _near(parts.frames / point.cohort.fps, parts.algorithmic_s):
        return f"{parts.frames} frames do not arrive in {parts.algorithmic_s:g} s"
    if parts.compute_s != figures.query_s:
        return "the latency of compute is not that of its queries"
    compute = parts.compute_s.p50
    if (parts.total_s is None) != (compute is None):
        return "a sum without its parts, or parts without their sum"
    if compute is None or parts.total_s is None:
        return ""
    if not _near(parts.algorithmic_s + compute, parts.total_s):
        return f"{parts.total_s:g} s is not the sum of its parts"
    return ""


def _near(a: float, b: float, grain: float = 0.0) -> bool:
    return isclose(a, b, rel_tol=_NEAR, abs_tol=grain)
