"""Whether the official model sees in mini what mini says it shows."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from adapters.base import Face
from adapters.ours import indices as at
from adapters.ours.opening import rest_axes
from benchmark.media.video import read_video
from benchmark.paths import cache_dir
from benchmark.splits.mini import build, portraits
from benchmark.splits.mini.clips import motion_file
from benchmark.splits.mini.rig import DIALS, Dials, head_rotation
from metrics.pose import euler_degrees, geodesic_degrees, since_start
from metrics.signals.face import BLENDSHAPES

PERFORMANCES = (
    ("astronaut-moves", 0),
    ("hopper-moves", 0),
    ("both-moves", 0),
    ("both-moves", 1),
)


class Performance:
    """One person of one clip: what is known and what the tracker sees."""

    def __init__(self, clip: Path, rank: int, faces: list[list[Face]]) -> None:
        known = json.loads(motion_file(clip).read_text(encoding="utf-8"))["people"][rank]
        self.portrait = known["portrait"]
        self.known = {name: np.array(known[name]) for name in DIALS}
        seen = [found[rank] for found in faces]
        self.landmarks = np.array([face.landmarks for face in seen], dtype=np.float64)
        self.blendshapes = np.array([face.blendshapes for face in seen], dtype=np.float64)
        self.measured = since_start(np.array([face.pose[:3, :3] for face in seen], float), 0)
        steps = [Dials(**{n: known[n][t] for n in DIALS}) for t in range(len(seen))]
        self.rotation = np.array([head_rotation(step) for step in steps])

    def mean_blendshape(self, *names: str) -> np.ndarray:
        return self.blendshapes[:, [BLENDSHAPES.index(name) for name in names]].mean(axis=1)

    def gaze(self) -> np.ndarray:
        """Where the irises lie along the eyes, mean of both, since the first frame."""
        x = [
            [rest_axes(points, eye).local(points[eye.iris[0], :2])[0] for eye in at.EYES]
            for points in self.landmarks
        ]
        mean: np.ndarray = np.mean(x, axis=1)
        return mean - mean[0]


@pytest.fixture(scope="module")
def performances(face_model: Path) -> Iterator[dict[tuple[str, int], Performance]]:
    from benchmark.tracker import LentTracker

    tracker, media = LentTracker(face_model), build(cache_dir()) / "media"
    found = {}
    for clip, rank in PERFORMANCES:
        frames = read_video(media / f"{clip}.mp4")
        faces = [tracker(frame, frame.shape[1] // 512) for frame in frames]
        found[clip, rank] = Performance(media / f"{clip}.mp4", rank, faces)
    yield found
    tracker.close()


@pytest.fixture(params=PERFORMANCES, ids=lambda p: f"{p[0]}-{p[1]}")
def performance(
    request: pytest.FixtureRequest, performances: dict[tuple[str, int], Performance]
) -> Performance:
    return performances[request.param]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_the_committed_landmarks_are_the_models(face_model: Path) -> None:
    from benchmark.tracker import LentTracker

    tracker = LentTracker(face_model)
    for name in portraits.ORIGINS:
        portrait = portraits.load(name)
        (seen,) = tracker(portrait.image, 1)
        np.testing.assert_allclose(seen.landmarks * 512, portrait.landmarks, atol=1.5)
    tracker.close()


def test_the_measured_head_rotation_follows_the_known_one(performance: Performance) -> None:
    """When written: mean 1.9 to 2.4 degrees, largest 5.1; a still head is off by 5.8 to 6.8."""
    error = geodesic_degrees(performance.measured, performance.rotation)[1:]
    unmoved = geodesic_degrees(
        np.broadcast_to(np.eye(3), performance.rotation.shape).copy(), performance.rotation
    )[1:]
    assert error.mean() < 2.8
    assert error.max() < 7.0
    assert error.mean() < 0.42 * unmoved.mean()


def test_each_angle_follows(performance: Performance) -> None:
    names = ("pitch", "yaw", "roll")
    found = euler_degrees(performance.measured)
    known = np.stack([performance.known[name] for name in names], axis=1)
    for axis in range(3):
        assert correlation(found[:, axis], known[:, axis]) > 0.8
    pitch, yaw, roll = np.abs(found - known).mean(axis=0)
    assert yaw < 1.3
    assert roll < 1.6
    assert pitch < 2.4  # the tracker takes part of a smile and of an open mouth for a nod


def test_expressions_are_seen(performance: Performance) -> None:
    known, seen = performance.known, performance.mean_blendshape
    assert correlation(seen("eyeBlinkLeft", "eyeBlinkRight"), known["blink"]) > 0.85
    assert correlation(seen("jawOpen"), known["mouth"]) > 0.65
    assert correlation(seen("mouthSmileLeft", "mouthSmileRight"), known["smile"]) > 0.7
    awake = known["blink"] < 0.25
    assert correlation(performance.gaze()[awake], known["gaze_yaw"][awake]) > 0.8


def test_raised_brows_are_seen_where_no_glasses_hide_them(performance: Performance) -> None:
    raised = performance.mean_blendshape("browInnerUp", "browOuterUpLeft", "browOuterUpRight")
    if performance.portrait == "astronaut":
        assert correlation(raised, performance.known["brow"]) > 0.7


def test_two_people_can_be_told_apart_by_how_they_move(
    performances: dict[tuple[str, int], Performance],
) -> None:
    left, right = performances["both-moves", 0], performances["both-moves", 1]
    own = geodesic_degrees(left.measured, left.rotation).mean()
    other = geodesic_degrees(left.measured, right.rotation).mean()
    assert own < 0.5 * other
