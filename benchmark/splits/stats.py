"""What is in a split: counts of every kind, and poses and expressions of its driving people."""

import hashlib
import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.base import Face, FaceTracker
from benchmark.errors import UsageProblem
from benchmark.media.video import read_frames
from benchmark.splits.case import Split
from benchmark.splits.convert import Progress
from metrics.pose import euler_degrees
from metrics.signals.face import blendshape_indices

EVERY = 10
"""Of a driving clip that is looked at, every so many frames."""

CLIPS = 100
"""Driving clips that are looked at, at most: those of smallest sha256 of their path."""

EXPRESSIONS = (
    "jawOpen mouthSmileLeft mouthFrownLeft mouthPucker eyeBlinkLeft eyeWideLeft browInnerUp "
    "browDownLeft".split()
)
_MOST_KEYS = 100
_MOST_TAGS = 10_000
_SHOWN = 12


@dataclass(slots=True)
class Stats:
    """The summary of a split.

    Attributes:
        name: Dataset and split.
        sha256: Hash of the split.
        cases: Number of cases.
        frames: Driving frames over all cases.
        counts: By heading (``protocol``, ``size``, ``fps``, ``people``, tag keys), how many
            cases have each value.
        lengths: Driving frames a case, by number of cases.
        angles: ``(N, 3)`` pitch, yaw, roll in degrees of the driving faces looked at.
        expressions: ``(N, 8)`` blendshapes of the same, in the order of `EXPRESSIONS`.
        looked_at: Clips looked at.
        without_face: Frames of them in which no face was found.
    """

    name: str
    sha256: str
    cases: int = 0
    frames: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)
    angles: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))
    expressions: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 8)))
    looked_at: int = 0
    without_face: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data; angles and expressions as quantiles."""
        return {
            "split": self.name,
            "sha256": self.sha256,
            "cases": self.cases,
            "frames": self.frames,
            "counts": {key: dict(found.most_common()) for key, found in self.counts.items()},
            "clips_looked_at": self.looked_at,
            "faces": len(self.angles),
            "frames_without_face": self.without_face,
            "degrees": _quantiles(self.angles, ["pitch", "yaw", "roll"]),
            "expressions": _quantiles(self.expressions, EXPRESSIONS),
        }


def _quantiles(values: NDArray[np.float64], names: list[str]) -> dict[str, dict[str, float]]:
    if not len(values):
        return {}
    at = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
    return {
        name: {f"p{p}": round(float(at[row, column]), 3) for row, p in enumerate((5, 50, 95))}
        for column, name in enumerate(names)
    }


def split_stats(
    split: Split,
    tracker: FaceTracker | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Stats:
    """Summarise a split in one pass over its cases, memory flat.

    Args:
        split: The split.
        tracker: Finds faces in driving clips, see `EVERY` and `CLIPS`; ``None``: none is looked
            for.
        progress: Told of each clip looked at.

    Raises:
        UsageProblem: If a clip cannot be read.
    """
    stats = Stats(f"{split.header.dataset}/{split.header.split}", split.sha256)
    chosen: list[tuple[int, str]] = []
    inside: set[str] = set()
    for case in split.cases:
        _count(stats, case.protocol, "protocol")
        _count(stats, f"{case.size[1]}x{case.size[0]}", "size")
        _count(stats, case.fps, "fps")
        _count(stats, str(len(case.pairs)), "people")
        for tag in case.tags:
            key, equals, value = tag.partition("=")
            if key not in ("driving", "portrait"):
                _count(stats, value if equals else "yes", key)
        stats.cases += 1
        stats.frames += case.n_frames
        stats.lengths[case.n_frames] += 1
        if case.driving not in inside:
            _draw(chosen, inside, case.driving)
    if tracker is not None:
        _look(stats, split, sorted(path for _, path in chosen), tracker, progress)
    return stats


def _count(stats: Stats, value: str, key: str) -> None:
    if key not in stats.counts and len(stats.counts) >= _MOST_KEYS:
        key = "(other tags)"
    found = stats.counts.setdefault(key, Counter())
    if value not in found and len(found) >= _MOST_TAGS:
        value = "(others)"
    found[value] += 1


def _draw(chosen: list[tuple[int, str]], inside: set[str], path: str) -> None:
    """Keep the `CLIPS` paths of smallest hash."""
    lot = -int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big")
    if len(chosen) < CLIPS:
        heapq.heappush(chosen, (lot, path))
        inside.add(path)
    else:
        _, out = heapq.heappushpop(chosen, (lot, path))
        inside.add(path)
        inside.discard(out)


def _look(
    stats: Stats, split: Split, paths: list[str], tracker: FaceTracker, progress: Progress
) -> None:
    faces: list[Face] = []
    for done, path in enumerate(paths, start=1):
        for index, frame in enumerate(read_frames(split.file(path))):
            if index % EVERY == 0:
                found = tracker(frame, 1)
                faces += found
                stats.without_face += not found
        stats.looked_at += 1
        progress("looking at clips", done, len(paths))
    if not faces:
        raise UsageProblem("no face in any driving clip", "leave faces away with --no-faces")
    rotations = np.stack([face.pose[:3, :3] for face in faces]).astype(np.float64)
    stats.angles = euler_degrees(rotations)
    shapes = np.stack([face.blendshapes for face in faces]).astype(np.float64)
    stats.expressions = shapes[:, blendshape_indices(EXPRESSIONS)]


def lines(stats: Stats) -> list[str]:
    """Return the summary for a terminal."""
    found = [
        f"{stats.name}: {stats.cases} cases, {stats.frames} driving frames, "
        f"sha256 {stats.sha256[:12]}"
    ]
    for key, counter in stats.counts.items():
        top = [f"{value} ({number})" for value, number in counter.most_common(_SHOWN)]
        more = f", and {len(counter) - _SHOWN} more" if len(counter) > _SHOWN else ""
        found.append(f"{key}: {', '.join(top)}{more}")
    least, most = min(stats.lengths, default=0), max(stats.lengths, default=0)
    found.append(f"frames a case: {least} to {most}")
    data = stats.as_dict()
    if stats.looked_at:
        found.append(
            f"{len(stats.angles)} driving faces in {stats.looked_at} clips, every {EVERY}th frame; "
            f"{stats.without_face} frames without a face"
        )
        for title, part in (("degrees", data["degrees"]), ("blendshapes", data["expressions"])):
            parts = [f"{n} {q['p5']:g} / {q['p50']:g} / {q['p95']:g}" for n, q in part.items()]
            found.append(f"{title}, 5 / 50 / 95 %: {', '.join(parts)}")
    return found
