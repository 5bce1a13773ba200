"""A contact sheet of who is who: boxes and numbers on portrait, driving frames and result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.media.sheet import below, beside, tile
from metrics.crowd import Tracks
from metrics.signals.face import FaceSignal

_COLOURS = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""Colours that most colour-blind people tell apart (Okabe and Ito); then they begin again. Numbers
stand beside them, for everybody and for grey prints."""
_NOBODY = (170, 170, 170)
_PLATE = 16  # pixels
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Watched:
    """Some frames of a clip, and who was followed through it.

    Attributes:
        frames: The frames to show.
        indices: Which frames of the clip they are.
        signal: Faces of the whole clip.
        tracks: People of the whole clip; ``None`` where nothing says who is who.
    """

    frames: Sequence[Frame]
    indices: Sequence[int]
    signal: FaceSignal
    tracks: Tracks | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet shows.

    Attributes:
        title: Method and case.
        portrait: The portrait, one frame.
        driving: Driving frames.
        result: Frames of the result that came from them, as many.
        pairs: Portrait rank and driving rank of each pair.
        height: Of each picture, pixels.
    """

    title: str
    portrait: Watched
    driving: Watched
    result: Watched
    pairs: Sequence[tuple[int, int]]
    height: int = 200


def people_sheet(sheet: Sheet) -> Frame:
    """Return two rows: the portrait and driving frames, and below them what the method made.

    A driving person has the colour of the portrait's person whom they drive. Faces that are
    nobody's are grey and bear a question mark.
    """
    own = {rank: rank for rank in range(_people(sheet.portrait))}
    driven = {driving: source for source, driving in sheet.pairs}
    top = [_marked(sheet.portrait, 0, own, sheet.height, f"{sheet.title}: source")]
    bottom = [tile(np.full_like(sheet.portrait.frames[0], 255), sheet.height, "")]
    for k, index in enumerate(sheet.driving.indices):
        top.append(_marked(sheet.driving, k, driven, sheet.height, f"driving {index}"))
    for k, index in enumerate(sheet.result.indices):
        bottom.append(_marked(sheet.result, k, own, sheet.height, f"result {index}"))
    widths = [max(a.shape[1], b.shape[1]) for a, b in zip(top, bottom, strict=True)]
    return below(
        [beside([_wide(t, w) for t, w in zip(row, widths, strict=True)]) for row in (top, bottom)]
    )


def _wide(picture: Frame, width: int) -> Frame:
    """Return a tile padded to a width, so that columns stand below each other."""
    missing = width - picture.shape[1]
    return np.pad(picture, ((0, 0), (0, missing), (0, 0)), constant_values=255)


def _people(watched: Watched) -> int:
    return 0 if watched.tracks is None else watched.tracks.people


def _marked(
    watched: Watched, which: int, colours: Mapping[int, int], height: int, caption: str
) -> Frame:
    frame, index = watched.frames[which], watched.indices[which]
    boxes = watched.signal.boxes()[index][: int(watched.signal.count[index])]
    scale = height / frame.shape[0]
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.ascontiguousarray(small, dtype=np.uint8)
    whose = {} if watched.tracks is None else _owners(watched.tracks, index)
    for slot, box in enumerate(boxes):
        person = whose.get(slot)
        colour = colours.get(person) if person is not None else None
        shade = _NOBODY if colour is None else _COLOURS[colour % len(_COLOURS)]
        _box(picture, box * scale, shade, "?" if person is None else str(person + 1))
    return tile(picture, height, caption)


def _owners(tracks: Tracks, index: int) -> dict[int, int]:
    """Return the person of each detection of a frame that is somebody's."""
    slots = tracks.slots[:, index]
    return {int(slot): person for person, slot in enumerate(slots) if slot >= 0}


def _box(picture: Frame, box: NDArray[np.float64], colour: tuple[int, int, int], text: str) -> None:
    """Draw a box with a dark rim, which is seen on anything, and its number on a plate."""
    left, top, right, bottom = (round(float(v)) for v in box)
    for shade, width in (((0, 0, 0), 4), (colour, 2)):
        cv2.rectangle(picture, (left, top), (right, bottom), shade, width)
    base = max(top, _PLATE)
    cv2.rectangle(picture, (left, base - _PLATE), (left + _PLATE * len(text), base), colour, -1)
    cv2.putText(picture, text, (left + 3, base - 4), _FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
