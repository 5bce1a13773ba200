"""What tests share besides fixtures: places, synthetic faces, methods that misbehave."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.methods import MethodSpec
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceTrack

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_MODULES = ROOT / "tests" / "benchmark" / "methods_under_test"


def misbehaving(name: str, **options: Any) -> MethodSpec:
    """A class of ``methods_under_test/misbehaving.py`` as a method."""
    return MethodSpec(name, name, f"misbehaving:{name}", options=options, search=str(_MODULES))


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


class Silent:
    """A progress that only remembers."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, str]] = []

    def resumed(self, cases: int) -> None:
        pass

    def stage(self, case: Any, what: str, frames: int) -> None:
        self.stages.append((case.id, what))

    def frames(self, done: int) -> None:
        pass

    def finished(self, case: Any, outcome: Any, reason: str) -> None:
        pass
