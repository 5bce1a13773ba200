"""What surrounds the face: hair, ears and neck move with the head, the background stays.

Rings of points run around the face's outline, outwards from its centre to where the picture no
longer moves. Near the outline they follow the head as part of it (and lie ever deeper, as a skull
curves away); further out they follow less and less; the last ring is fixed.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adapters.ours import indices as at
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.limits import Limit

N_RINGS = 8
_REACH_UP, _REACH_SIDE, _REACH_DOWN = 0.90, 0.75, 0.60  # of the face's size
_LEAST_REACH = 0.15  # where the face leaves the frame
_LEAST_BETWEEN = 0.02  # where it meets a neighbour
_RIGID_SHARE = 0.45  # of the reach, sideways and upwards, that is head; the neck bends from the jaw
_SLOPE = 2.0  # depth gained per distance from the outline: a skull curves away steeply
_DEEPEST = 0.30  # of the face's size: the depth of ears and hair behind the outline
_FACING = 0.7  # cosine within which a spoke points to a side
_EXPRESSION_SHARE = 0.6  # of the reach, over which the outline's own movement fades


@dataclass(frozen=True, slots=True)
class Rings:
    """The surroundings of one face, at rest.

    Attributes:
        points: ``(N_RINGS, 36, 3)`` pixels, from the first ring outside the outline outwards.
        follow: ``(N_RINGS, 36)`` share of the head's motion, from near 1 to 0.
        fade: ``(N_RINGS, 36)`` share of the outline's own movement.
        reach: ``(36,)`` distance from the outline to the fixed ring, in pixels.
        outward: ``(36, 2)`` unit vectors along which the rings go out.
    """

    points: Points
    follow: NDArray[np.float64]
    fade: NDArray[np.float64]
    reach: NDArray[np.float64]
    outward: NDArray[np.float64]

    def move(self, head: RigidMotion, own: Points) -> Points:
        """Return where the rings go, ``(N_RINGS, 36, 3)``.

        Args:
            head: Motion of the head.
            own: ``(36, 3)`` movement of the outline beyond the head's (a chin that drops).
        """
        moved: Points = self.points + self.follow[..., None] * (head(self.points) - self.points)
        return moved + self.fade[..., None] * own

    def room(self) -> tuple[float, float, float, float]:
        """Return how far the rings reach to the left, right, up and down, in pixels."""
        directions = np.array([(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)])
        facing = self.outward @ directions.T > _FACING
        left, right, up, down = (float(self.reach[side].min()) for side in facing.T)
        return left, right, up, down


def build_rings(landmarks: Points, limit: Limit) -> Rings:
    """Lay rings around a face.

    Args:
        landmarks: ``(478, 3)`` pixels.
        limit: Where the warp must end.
    """
    outline = landmarks[list(at.OVAL)]
    middle = outline[:, :2].mean(axis=0)
    outward = outline[:, :2] - middle
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    size = face_size(landmarks)
    down = outward @ _down(landmarks)
    reach = _reach(outline, outward, down, limit, size)
    part = np.arange(1, N_RINGS + 1)[:, None] / N_RINGS
    away = part * reach
    depth = size * _DEEPEST * (1.0 - np.exp(-_SLOPE / _DEEPEST * away / size))
    plane = outline[None, :, :2] + away[..., None] * outward
    points = np.concatenate([plane, (outline[:, 2] + depth)[..., None]], axis=-1)
    rigid = _RIGID_SHARE * np.clip(1.0 - down, 0.0, 1.0)
    follow = 1.0 - _smooth((part - rigid) / (1.0 - rigid))
    fade = 1.0 - _smooth(part / _EXPRESSION_SHARE)
    return Rings(points, follow, np.broadcast_to(fade, follow.shape), reach, outward)


def face_size(landmarks: Points) -> float:
    """Return the size of a face in pixels, whichever way it looks: its width or height in 3D."""
    width = np.linalg.norm(landmarks[at.TRAGI[1]] - landmarks[at.TRAGI[0]])
    height = np.linalg.norm(landmarks[152] - landmarks[10])
    return float(max(width, height))


def _down(landmarks: Points) -> NDArray[np.float64]:
    axis = landmarks[152, :2] - landmarks[10, :2]
    result: NDArray[np.float64] = axis / max(float(np.linalg.norm(axis)), 1e-9)
    return result


def _reach(
    outline: Points, outward: Points, down: NDArray[np.float64], limit: Limit, size: float
) -> NDArray[np.float64]:
    vertical = np.where(down > 0.0, _REACH_DOWN, _REACH_UP)
    wanted = size / np.sqrt((down / vertical) ** 2 + (1.0 - down * down) / _REACH_SIDE**2)
    room, hard = limit.distance(outline[:, :2], outward)
    least = size * np.where(hard, _LEAST_BETWEEN, _LEAST_REACH)
    result: NDArray[np.float64] = np.maximum(np.minimum(wanted, room), least)
    return result


def _smooth(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.clip(x, 0.0, 1.0)
    result: NDArray[np.float64] = x * x * (3.0 - 2.0 * x)
    return result


def ring_triangles() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return triangles between the outline and the rings, and the ring of each.

    Indices below 478 are landmarks; ``478 + 36 ring + spoke`` is a ring point. The ring counts
    from 0, the outermost, up to ``N_RINGS - 1``, the one that touches the face.
    """
    n = len(at.OVAL)
    loops = [np.array(at.OVAL)]
    loops += [at.N_LANDMARKS + ring * n + np.arange(n) for ring in range(N_RINGS)]
    parts = []
    for inner, outer in pairwise(loops):
        after_inner, after_outer = np.roll(inner, -1), np.roll(outer, -1)
        parts.append(np.stack([inner, outer, after_inner], axis=1))
        parts.append(np.stack([after_inner, outer, after_outer], axis=1))
    layers = np.repeat(np.arange(N_RINGS)[::-1], 2 * n)
    return np.concatenate(parts).astype(np.int32), layers.astype(np.int32)
