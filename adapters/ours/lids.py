"""How far eyes and mouth are open, and keeping lids and lips from passing through each other.

A face's eyes are open as far as the mean distance of its lids, in units of the eye's width. What
is carried over from driver to portrait is not that distance but the share of its own opening that
the driver has left: a portrait with wide or narrow eyes closes them exactly when the driver does.
"""

import numpy as np

from adapters.ours import indices as at
from adapters.ours import topology
from adapters.ours.geometry import Points

_CLOSED = 0.04
"""Openness at or below which the tracker's lids are closed: it reads -0.05 to 0.06, median 0.03,
on eyes that are shut, and 0.16 to 0.38 on open ones (eleven talking clips)."""

_AWAKE = 0.16
"""Openness that a driver's eye has at least when it is open: a first frame in which it is further
closed is taken for a blink, unless the portrait's eye is as narrow."""

_SLIT = 0.05  # an opening narrower than this has no shape to be widened by
_WIDEST = 1.5  # eyes open to at most this multiple of the portrait's, for want of texture
_UPPER_LID, _UPPER_LIP = 0.9, 0.35  # shares of the upper edge in opening and closing


def openness(shape: Points, opening: at.Opening) -> float:
    """Return the mean distance of an opening's edges over its width.

    Args:
        shape: ``(478, 3)`` landmarks in head axes (x right, y down).
        opening: Eye or mouth.
    """
    width = np.linalg.norm(shape[opening.upper[-1]] - shape[opening.upper[0]])
    return float(_gaps(shape, opening)[0].mean() / max(float(width), 1e-9))


def _gaps(shape: Points, opening: at.Opening) -> tuple[Points, Points]:
    """Return the way to the other edge from each inner point of the upper and the lower edge.

    Downwards from the upper, upwards from the lower; negative where they passed each other.
    """
    upper, lower = shape[list(opening.upper), :2], shape[list(opening.lower), :2]
    below = _height(lower, upper[1:-1, 0]) - upper[1:-1, 1]
    above = lower[1:-1, 1] - _height(upper, lower[1:-1, 0])
    return below, above


def _height(edge: Points, x: Points) -> Points:
    result: Points = np.interp(x, np.maximum.accumulate(edge[:, 0]), edge[:, 1])
    return result


def carried_openness(portrait: float, first: float, now: float) -> float:
    """Return how far the portrait's eye is to be open.

    Args:
        portrait: Openness of the portrait's eye.
        first: Openness of the driver's eye in the first frame.
        now: Its openness now.
    """
    open_ = max(first, min(portrait, _AWAKE))
    if now <= open_:
        return portrait * max(now - _CLOSED, 0.0) / max(open_ - _CLOSED, 1e-3)
    return min(portrait + now - open_, _WIDEST * max(portrait, 0.5 * _AWAKE))


def set_openness(shape: Points, opening: at.Opening, rest: Points, wanted: float) -> None:
    """Move the edges of ``shape`` in place until it is open as far as ``wanted``.

    The difference is spread along the edges as the opening at rest is open (``rest``), and the
    skin around follows.
    """
    lacking = (wanted - openness(shape, opening)) / max(openness(rest, opening), _SLIT)
    below, above = (lacking * np.maximum(gap, 0.0) for gap in _gaps(rest, opening))
    _spread_edges(shape, opening, below, above)


def uncross(shape: Points, opening: at.Opening) -> None:
    """Put edges that passed through each other on one line, in place; the skin follows."""
    below, above = (np.maximum(-gap, 0.0) for gap in _gaps(shape, opening))
    if below.any() or above.any():
        _spread_edges(shape, opening, below, above)


def _spread_edges(shape: Points, opening: at.Opening, below: Points, above: Points) -> None:
    """Move the inner points of both edges apart, in place, each by its share; skin follows."""
    upper = _UPPER_LIP if opening == at.MOUTH else _UPPER_LID
    moves = np.zeros(len(opening.loop))
    inner = len(opening.upper) - 2
    moves[1 : 1 + inner] = -upper * below
    moves[2 + inner :] = (1.0 - upper) * above[::-1]
    shape[: at.N_MESH, 1] += topology.drag(opening) @ moves
