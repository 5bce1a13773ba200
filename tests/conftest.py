"""What tests share: the face model where it is at hand, and small synthetic faces."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceTrack

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def face_model() -> Path:
    """The official face model, from BENCH_WEIGHTS, ../shared/weights or the cache."""
    from benchmark.paths import weights_folders
    from metrics.weights import find, registry

    found = find(registry()["face_landmarker"], [*weights_folders(), SHARED / "weights"])
    if found is None:
        pytest.skip("face_landmarker.task is not here (set BENCH_WEIGHTS)")
    return found


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Real portraits and clips, where they are at hand."""
    if not (SHARED / "media").is_dir():
        pytest.skip("../shared/media is not here")
    return SHARED / "media"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache; one cache a session, so that mini is built once."""
    if "BENCH_TEST_CACHE" not in os.environ:
        os.environ["BENCH_TEST_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    monkeypatch.setenv("BENCH_CACHE", os.environ["BENCH_TEST_CACHE"])
    monkeypatch.delenv("BENCH_DATA", raising=False)


def rotation(pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """Rz(roll) Ry(yaw) Rx(pitch) from degrees."""
    x, y, z = np.radians([pitch, yaw, roll])
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return rz @ ry @ rx


def random_track(length: int, seed: int = 0, size: tuple[int, int] = (128, 128)) -> FaceTrack:
    """A track with open eyes, small random motion and proper rotations."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0.3, 0.7, (1, N_LANDMARKS, 3))
    landmarks = base + rng.normal(0, 0.005, (length, N_LANDMARKS, 3))
    blendshapes = rng.uniform(0, 0.4, (length, N_BLENDSHAPES))
    pose = np.tile(np.eye(4), (length, 1, 1))
    for frame in range(length):
        pose[frame, :3, :3] = rotation(*rng.uniform(-15, 15, 3))
    return FaceTrack(
        landmarks.astype(np.float32), blendshapes.astype(np.float32), pose.astype(np.float32), size
    )
