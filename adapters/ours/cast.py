"""Who plays whom: whose motion each face of a portrait takes, and how much of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import FacePair, MethodError
from adapters.ours import indices as at
from adapters.ours import lids
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.motion import Motion
from adapters.ours.retarget import Sitter


@dataclass(frozen=True, slots=True)
class Share:
    """A part of somebody's motion.

    Attributes:
        driving: Rank of the driving person.
        amount: How much of it, above 0; the shares of a face sum to 1.
    """

    driving: int
    amount: float = 1.0


Casting = Callable[[Sequence[FacePair]], list[list[Share]]]
"""Returns the shares of each pair's face, in the order of the pairs."""


def straight(pairs: Sequence[FacePair]) -> list[list[Share]]:
    """Give each face its own driver."""
    return [[Share(pair.driving)] for pair in pairs]


def swapped(pairs: Sequence[FacePair]) -> list[list[Share]]:
    """Give each face the next face's driver; the rightmost takes the leftmost's.

    Raises:
        MethodError: If one person drives everybody.
    """
    return [[Share(driving)] for driving in _next(pairs, "swapped")]


def shared(pairs: Sequence[FacePair]) -> list[list[Share]]:
    """Give every face the driver of the leftmost paired face.

    Raises:
        MethodError: If one person drives everybody.
    """
    _next(pairs, "shared")
    leftmost = min(pairs, key=lambda pair: pair.source)
    return [[Share(leftmost.driving)] for _ in pairs]


def half(pairs: Sequence[FacePair]) -> list[list[Share]]:
    """Give each face half of its own driver's motion and half of the next face's driver's.

    Raises:
        MethodError: If one person drives everybody.
    """
    others = _next(pairs, "half")
    return [
        [Share(pair.driving, 0.5), Share(other, 0.5)]
        for pair, other in zip(pairs, others, strict=True)
    ]


def _next(pairs: Sequence[FacePair], who: str) -> list[int]:
    """Return for each pair the driver of the next face to the right that has another one."""
    if len({pair.driving for pair in pairs}) < 2:
        raise MethodError(f"'{who}' needs two driving people, the case has one")
    row = sorted(pairs, key=lambda pair: pair.source)
    found = []
    for pair in pairs:
        place = row.index(pair)
        rest = [p.driving for p in (*row[place + 1 :], *row[:place])]
        found.append(next(driving for driving in rest if driving != pair.driving))
    return found


class Part:
    """One face of a portrait and those whose motion it takes.

    Args:
        roles: How much of whom, each with the face as it follows that driver.
    """

    def __init__(self, roles: Sequence[tuple[Share, Sitter]]) -> None:
        self._roles = roles

    def follow(self, motions: Sequence[Motion], strength: float) -> tuple[Points, RigidMotion]:
        """Return where the landmarks go, ``(478, 3)`` pixels, and how the head moves.

        Of several drivers the movements are averaged by share after they were carried over to the
        face: heads as rotation vectors, growth and shift, expressions as places in head axes.

        Args:
            motions: By driving rank.
            strength: How much of all motion is carried over.
        """
        moves = [(s, sitter, motions[s.driving].scaled(strength)) for s, sitter in self._roles]
        if len(moves) == 1:
            _, sitter, motion = moves[0]
            return sitter.follow(motion)
        face = moves[0][1]
        head = _mean_head([(share.amount, sitter.head(motion)) for share, sitter, motion in moves])
        moved = sum(
            (share.amount * sitter.expression(motion) for share, sitter, motion in moves),
            np.zeros((at.N_LANDMARKS, 3)),
        )
        for opening in (*at.EYES, at.MOUTH):
            lids.uncross(moved, opening)
        return head(face.shape.placed(moved)), head


def _mean_head(heads: Sequence[tuple[float, RigidMotion]]) -> RigidMotion:
    vector: NDArray[np.float64] = np.zeros((3, 1))
    scale, shift = 0.0, np.zeros(3)
    for amount, head in heads:
        vector = vector + amount * np.asarray(cv2.Rodrigues(head.rotation)[0], dtype=np.float64)
        scale += amount * head.scale
        shift = shift + amount * head.shift
    rotation = np.asarray(cv2.Rodrigues(vector)[0], dtype=np.float64)
    first = heads[0][1]
    return RigidMotion(rotation, scale, first.centre, shift, first.distance)
