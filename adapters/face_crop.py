"""Laying back a crop around the face that a method chooses itself and says nothing about.

Where the crop lies cannot be told from the portrait. In self-reenactment it can be told from the
result: its first frame shows the same face as its driving frame, so that the similarity transform
that brings the landmarks of the one onto those of the other is where the crop lies (S. Umeyama,
Least-squares estimation of transformation parameters between two point patterns, PAMI 13, 1991).
The crop of a clip does not move, so that one frame is enough; its fit is the best one for the
method. In cross-reenactment the faces differ, nothing is compared by place, and the crop stays.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame, Geometry, MethodError, Request
from adapters.description import Result
from adapters.picture import cut, resized, undoing

Points = NDArray[np.float64]
"""``(N, 2)`` x and y in pixels."""

_INSIDE = 254
_ROUNDS = 3


def undoing_for(
    result: Result, request: Request, expected: Sequence[int]
) -> tuple[Geometry, Callable[[Frame], Frame]]:
    """Return where pixels lie in the end, and the function that brings each frame there.

    Args:
        result: What the method does to the canvas.
        request: The case.
        expected: Driving frame of each frame of the result; frames are handed over in this order.
    """
    portrait = request.services.media.image(request.source)
    if result.geometry == "face" and request.protocol == "self":
        crop = FaceCrop(request, portrait, expected[0])
        return Geometry.SOURCE, lambda frame: crop.laid_back(cut(result, frame))
    return undoing(result, portrait, request.size)


class FaceCrop:
    """Finds a crop by its first frame, then lays every frame back onto the portrait.

    Args:
        request: The case; its tracker is lent.
        portrait: Its portrait, of the canvas' size.
        first: The driving frame that the first frame of the result came from.
    """

    def __init__(self, request: Request, portrait: Frame, first: int) -> None:
        self._request = request
        self._portrait = portrait
        self._first = first
        self._place: NDArray[np.float64] | None = None

    def laid_back(self, frame: Frame) -> Frame:
        """Return the portrait with ``frame`` where the crop lies.

        Raises:
            MethodError: If no face is found in the first frame of the result.
        """
        if self._place is None:
            self._place = self._found(frame)
        return placed(frame, self._portrait, self._place)

    def _found(self, frame: Frame) -> NDArray[np.float64]:
        media = self._request.services.media
        driving = next(islice(media.frames(self._request.driving), self._first, None))
        shown, there = self._face(frame), self._face(driving)
        for what, face in (("the first frame of its result", shown), ("its driving frame", there)):
            if face is None:
                raise MethodError(f"its crop cannot be laid back: no face is found in {what}")
        assert shown is not None
        assert there is not None
        place = similarity(shown, there)
        # A tracker sees a face in a tight crop a little otherwise than the same face in a whole
        # picture. Cut the driving frame where the crop seems to lie, and both are seen alike.
        for _ in range(_ROUNDS):
            alike = self._face(taken(driving, place, (frame.shape[0], frame.shape[1])))
            if alike is None:
                break
            place = place @ _square(similarity(shown, alike))
        return place

    def _face(self, frame: Frame) -> Points | None:
        faces = self._request.services.faces(frame, 1)
        height, width = frame.shape[:2]
        if not faces:
            return None
        return np.asarray(faces[0].landmarks[:, :2] * (width, height), dtype=np.float64)


def similarity(points: Points, onto: Points) -> NDArray[np.float64]:
    """Return the ``(2, 3)`` scale, turn and shift that bring ``points`` onto ``onto`` best."""
    centre, there = points.mean(axis=0), onto.mean(axis=0)
    a, b = points - centre, onto - there
    # In the plane: as complex numbers it is one least-squares factor.
    p, q = a[:, 0] + 1j * a[:, 1], b[:, 0] + 1j * b[:, 1]
    size = float((p.conj() * p).real.sum())
    if size == 0:
        raise MethodError("its crop cannot be laid back: the landmarks of its face are one point")
    factor = (p.conj() * q).sum() / size
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, there - turn @ centre])


def taken(frame: Frame, place: NDArray[np.float64], size: tuple[int, int]) -> Frame:
    """Return the crop of ``frame`` that ``place`` brings back, ``(height, width)`` large."""
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    whole = _between_pixels(_square(place))
    made = cv2.warpAffine(
        frame, whole[:2], (size[1], size[0]), flags=way, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(made, dtype=np.uint8)


def _square(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([place, [0.0, 0.0, 1.0]])


def _between_pixels(whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``whole`` for OpenCV, which counts from the centre of the first pixel."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.asarray(np.linalg.inv(half) @ whole @ half)


def placed(frame: Frame, portrait: Frame, place: NDArray[np.float64]) -> Frame:
    """Return ``portrait`` with ``frame`` brought there by ``place``, ``(2, 3)`` in pixels.

    Where the frame shrinks it is shrunk by area first, and only moved and turned then.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, float(np.hypot(place[0, 0], place[1, 0])))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    small = resized(frame, size)
    grow = np.array([[width / size[1], 0, 0], [0, height / size[0], 0], [0, 0, 1]])
    whole = _between_pixels(_square(place) @ grow)
    canvas = (portrait.shape[1], portrait.shape[0])
    moved = cv2.warpAffine(
        small, whole[:2], canvas, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    full = np.full(small.shape[:2], 255, np.uint8)
    inside = cv2.warpAffine(full, whole[:2], canvas, flags=cv2.INTER_LINEAR) >= _INSIDE
    return np.where(inside[..., None], moved, portrait).astype(np.uint8)
