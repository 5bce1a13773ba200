"""Make ``adapters/ours/topology.json``: the triangles and the mean face of the built-in method.

Usage: ``python -m tools.ours_topology`` from the root of the repository. The mean face is the mean
of mini's two portraits in head axes; the triangles are its Delaunay triangulation, unrolled around
the vertical axis so that cheeks and temples are seen square on, and with the band of the mouth
stretched so that the lips' edges are edges of triangles.
"""

import json
from pathlib import Path

import numpy as np
from scipy.spatial import Delaunay

from adapters.ours import indices as at
from adapters.ours.geometry import to_image_axes
from benchmark.splits.mini import portraits

_AXIS_DEPTH = 0.45  # of the unrolling cylinder behind the outline, in face widths
_MOUTH_BAND, _STRETCH = (0.20, 0.26), 2.0  # in face heights below the centre


def mean_face() -> np.ndarray:
    """Return ``(478, 3)`` in head axes: x right, y down, z away; unit: distance of the tragi."""
    faces = []
    for name in portraits.ORIGINS:
        portrait = portraits.load(name)
        face = portrait.landmarks @ to_image_axes(portrait.pose[:3, :3])
        face -= face[list(at.OVAL)].mean(axis=0)
        faces.append(face / np.linalg.norm(face[at.TRAGI[1]] - face[at.TRAGI[0]]))
    return np.mean(faces, axis=0).round(4)


def triangles(face: np.ndarray) -> np.ndarray:
    skin = face[: at.N_MESH]
    angle = np.arctan2(skin[:, 0], _AXIS_DEPTH - skin[:, 2])
    low, high = _MOUTH_BAND
    more = (high - low) * (_STRETCH - 1.0)
    knots = ([-1.0, low, high, 1.0], [-1.0, low, high + more, 1.0 + more])
    plane = np.stack([angle, 2.0 * np.interp(skin[:, 1], *knots)], axis=1)
    found = Delaunay(plane).simplices
    a, b, c = (plane[found[:, k]] for k in range(3))
    u, v = b - a, c - a
    flipped = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] < 0
    found[flipped] = found[flipped][:, ::-1]
    return found[np.lexsort(np.sort(found, axis=1).T)]


def check(found: np.ndarray) -> None:
    edges = {frozenset((t[i], t[i - 1])) for t in found.tolist() for i in range(3)}
    loops = [at.OVAL, *(o.loop for o in (*at.EYES, at.MOUTH, at.OUTER_LIPS))]
    for loop in loops:
        for i in range(len(loop)):
            if frozenset((loop[i], loop[i - 1])) not in edges:
                raise SystemExit(f"{loop[i]}-{loop[i - 1]} is no edge of the triangulation")
    outside = {e for e in edges if sum(e <= set(t) for t in found.tolist()) == 1}
    if outside != {frozenset((at.OVAL[i], at.OVAL[i - 1])) for i in range(len(at.OVAL))}:
        raise SystemExit("the triangulation is not bounded by the face's outline")


def main() -> None:
    face = mean_face()
    found = triangles(face)
    check(found)
    text = json.dumps({"mean": face.tolist(), "triangles": found.tolist()})
    target = Path("adapters/ours/topology.json")
    target.write_text(text.replace("]], ", "]],\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
