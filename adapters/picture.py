"""Undoing what a method did to the canvas: panels cut, bars removed, centres laid back."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from adapters.base import Frame, Geometry, MethodError
from adapters.description import Panel, Result


def resized(frame: Frame, size: tuple[int, int]) -> Frame:
    """Return ``frame`` at ``(height, width)``: by area where it shrinks, cubic where it grows."""
    height, width = size
    if frame.shape[:2] == size:
        return frame
    smaller = height * width < frame.shape[0] * frame.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (width, height), interpolation=way), dtype=np.uint8)


def panel(frame: Frame, where: Panel) -> Frame:
    """Return the part of ``frame`` that shows the result alone.

    Raises:
        MethodError: If the frame is too small for the panel that is described.
    """
    height, width = frame.shape[:2]
    if where.columns is None:
        assert where.width is not None
        assert where.height is not None
        x, y, w, h = where.x, where.y, where.width, where.height
    else:
        w = (width - (where.columns + 1) * where.gap) // where.columns
        x, y, h = where.gap + where.column * (w + where.gap), where.gap, height - 2 * where.gap
    if w < 1 or h < 1 or x + w > width or y + h > height:
        raise MethodError(
            f"its frames are {width}x{height}, which has no panel of {w}x{h} at ({x}, {y})"
        )
    return np.ascontiguousarray(frame[y : y + h, x : x + w])


def without_bars(frame: Frame, canvas: tuple[int, int]) -> Frame:
    """Return the part of ``frame`` that a canvas of that shape fills when it is letterboxed."""
    height, width = frame.shape[:2]
    scale = min(height / canvas[0], width / canvas[1])
    h, w = round(canvas[0] * scale), round(canvas[1] * scale)
    y, x = (height - h) // 2, (width - w) // 2
    return np.ascontiguousarray(frame[y : y + h, x : x + w])


def laid_back(frame: Frame, portrait: Frame) -> Frame:
    """Return ``portrait`` with ``frame`` on the largest centred part that has its shape."""
    height, width = portrait.shape[:2]
    scale = min(height / frame.shape[0], width / frame.shape[1])
    h, w = round(frame.shape[0] * scale), round(frame.shape[1] * scale)
    y, x = (height - h) // 2, (width - w) // 2
    whole = portrait.copy()
    whole[y : y + h, x : x + w] = resized(frame, (h, w))
    return whole


def at_full_height(frame: Frame, portrait: Frame) -> Frame:
    """Return the canvas of a frame that shows all of its height.

    A canvas that is narrower than the frame stands between bars, which are cut; a wider one has
    lost its sides, which are the portrait's.
    """
    wider = portrait.shape[1] * frame.shape[0] > portrait.shape[0] * frame.shape[1]
    if wider:
        return laid_back(frame, portrait)
    return without_bars(frame, (portrait.shape[0], portrait.shape[1]))


def as_it_was(frame: Frame, canvas: tuple[int, int]) -> Frame:
    """Return a frame that shows the canvas pixel for pixel.

    Raises:
        MethodError: If it has another size than the canvas.
    """
    if frame.shape[:2] != canvas:
        height, width = frame.shape[:2]
        raise MethodError(
            f"its frames are {width}x{height}, the canvas is {canvas[1]}x{canvas[0]}: "
            'result.geometry = "source" is another size (all of the canvas: "stretched")'
        )
    return frame


def cut(result: Result, frame: Frame) -> Frame:
    """Return the panel of ``frame`` that is described, or all of it."""
    return frame if result.panel is None else panel(frame, result.panel)


def undoing(
    result: Result, portrait: Frame, canvas: tuple[int, int]
) -> tuple[Geometry, Callable[[Frame], Frame]]:
    """Return where pixels lie in the end, and the function that brings each frame there.

    Args:
        result: What the method does to the canvas.
        portrait: The case's portrait, of the canvas' size.
        canvas: ``(height, width)``.
    """
    if result.geometry == "source":
        return Geometry.SOURCE, lambda frame: as_it_was(cut(result, frame), canvas)
    if result.geometry == "letterboxed":
        return Geometry.RESIZED, lambda frame: without_bars(cut(result, frame), canvas)
    if result.geometry == "height":
        return Geometry.RESIZED, lambda frame: at_full_height(cut(result, frame), portrait)
    if result.geometry == "centre":
        return Geometry.SOURCE, lambda frame: laid_back(cut(result, frame), portrait)
    return Geometry.RESIZED, partial(cut, result)
