"""Which found face is which mesh, and the crops that follow from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.splits.mini import portraits
from metrics.signals.arcface import MATCH_LIMIT, crops, match
from metrics.signals.face_engine import Detection
from metrics.signals.face_points import five_points

FACE = portraits.load("astronaut").landmarks[:, :2]
SIZE = float(np.sqrt(np.prod(np.ptp(FACE, axis=0))))
FIVE = five_points(FACE)
SEED = st.integers(0, 10_000)


def beside(count: int) -> np.ndarray:
    """Faces in a row, as near as two heads can be."""
    return np.stack([FACE + (i * SIZE, 0) for i in range(count)])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), SEED, st.floats(0, 0.05))
def test_every_mesh_gets_its_own_face_in_any_order(count: int, seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    mesh, order = beside(count), rng.permutation(count)
    found = five_points(mesh)[order] + rng.normal(0, noise * SIZE, (count, 5, 2))
    assert order[match(mesh, found)].tolist() == list(range(count))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), SEED)
def test_no_face_is_given_twice(meshes: int, faces: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mesh = beside(4)[:meshes] + rng.uniform(-1, 1, (meshes, 1, 2)) * SIZE
    found = np.broadcast_to(FIVE, (faces, 5, 2)) + rng.uniform(-1, 1, (faces, 1, 2)) * SIZE
    partner = match(mesh, found)
    given_away = partner[partner >= 0].tolist()
    assert partner.shape == (meshes,)
    assert len(set(given_away)) == len(given_away)
    assert all(face < faces for face in given_away)


@pytest.mark.parametrize("share,partner", [(0.99, 0), (1.01, -1)])
def test_the_limit(share: float, partner: int) -> None:
    found = FIVE + (0, share * MATCH_LIMIT * SIZE)
    assert match(FACE[None], found[None]).tolist() == [partner]


def test_the_nearest_pair_goes_first() -> None:
    """A face between two meshes belongs to the nearer one, though the other then has none."""
    two = np.stack([FACE, FACE + (0.2 * SIZE, 0)])
    assert match(two, (FIVE + (0.15 * SIZE, 0))[None]).tolist() == [-1, 0]


def test_a_mesh_that_is_no_face_has_no_partner() -> None:
    mesh = np.stack([FACE * np.nan, FACE])
    assert match(mesh, FIVE[None]).tolist() == [-1, 0]
    assert match(mesh, np.zeros((0, 5, 2))).tolist() == [-1, -1]
    assert match(np.full((1, 478, 2), 3.0), FIVE[None]).tolist() == [-1]


def faces(mesh: np.ndarray, side: int) -> Detection:
    landmarks = np.concatenate([mesh / side, np.zeros((*mesh.shape[:2], 1))], axis=-1)
    count = len(mesh)
    blendshapes, pose = np.zeros((count, 52), np.float32), np.zeros((count, 4, 4), np.float32)
    return Detection(landmarks.astype(np.float32), blendshapes, pose)


def test_nobody_asks_the_detector_about_an_empty_frame() -> None:
    def never(frame: np.ndarray) -> np.ndarray:
        raise AssertionError

    frame = np.zeros((64, 64, 3), dtype=np.uint8)
    assert crops(frame, faces(np.zeros((0, 478, 2)), 64), never) == []
    with pytest.raises(ValueError, match="uint8"):
        crops(frame[..., 0], faces(FACE[None], 64), never)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of scikit-image, about insightface
def test_crops_are_aligned_by_the_detector_s_points() -> None:
    pytest.importorskip("insightface", reason="insightface is not installed")
    portrait = portraits.load("astronaut")

    def detector(frame: np.ndarray) -> np.ndarray:
        return FIVE[None] + (4.0, 0.0)

    two = np.stack([FACE + 2 * SIZE, FACE])
    nobody, shifted = crops(portrait.image, faces(two, portraits.SIDE), detector)
    assert nobody is None
    assert shifted is not None
    assert shifted.shape == (112, 112, 3)
    rolled = crops(
        np.roll(portrait.image, -4, axis=1), faces(FACE[None], 512), lambda _: FIVE[None]
    )
    assert np.abs(shifted.astype(int) - rolled[0]).mean() < 0.5
