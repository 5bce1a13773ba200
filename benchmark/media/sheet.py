"""Contact sheets: frames under captions, side by side, row by row."""

from collections.abc import Sequence

import cv2
import numpy as np

from adapters.base import Frame

_GAP = 4
_BAR = 18
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def tile(frame: Frame, height: int, caption: str) -> Frame:
    """Return the frame at the given height under a caption."""
    width = max(1, round(frame.shape[1] * height / frame.shape[0]))
    small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    bar = np.full((_BAR, width, 3), 255, np.uint8)
    cv2.putText(bar, caption, (2, 13), _FONT, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([bar, small]).astype(np.uint8)


def beside(tiles: Sequence[Frame]) -> Frame:
    """Join tiles of one height with gaps."""
    gap = np.full((tiles[0].shape[0], _GAP, 3), 255, np.uint8)
    return np.hstack([part for t in tiles for part in (t, gap)]).astype(np.uint8)


def below(rows: Sequence[Frame]) -> Frame:
    """Join rows, padded to one width."""
    width = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, _GAP), (0, width - row.shape[1]), (0, 0)), constant_values=255)
        for row in rows
    ]
    return np.vstack(padded).astype(np.uint8)
