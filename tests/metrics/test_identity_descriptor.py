"""The embedded identity: known patterns, and people in the right order."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmark.splits.mini import portraits
from metrics.identity import cosine
from metrics.signals import identity_descriptor as descriptor
from metrics.signals.extractor import Where
from metrics.signals.face_engine import Detection

NETWORK = descriptor.open_embedded(Where())


def detection(*faces: np.ndarray) -> Detection:
    landmarks = np.stack(faces).astype(np.float32)
    count = len(faces)
    return Detection(
        landmarks, np.zeros((count, 52), np.float32), np.zeros((count, 4, 4), np.float32)
    )


def mini_crop(name: str) -> np.ndarray:
    portrait = portraits.load(name)
    (crop,) = descriptor.crops(portrait.image, detection(portrait.landmarks / portraits.SIDE))
    assert crop is not None
    return crop


def alike(a: np.ndarray, b: np.ndarray) -> float:
    first, second = (descriptor.describe(x)[None].astype(np.float64) for x in (a, b))
    return float(cosine(first, second)[0])


def noisy(crop: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 8, crop.shape)
    return np.clip(crop + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("person,other", [("astronaut", "hopper"), ("hopper", "astronaut")])
@pytest.mark.parametrize("seed", range(3))
def test_noise_is_nearer_than_blur_is_nearer_than_another_person(
    person: str, other: str, seed: int
) -> None:
    face = mini_crop(person)
    noise = alike(face, noisy(face, seed))
    blur = alike(face, cv2.GaussianBlur(face, (0, 0), 2.5))
    another = alike(face, mini_crop(other))
    assert 1.0 > noise > blur > another + 0.2
    assert another > -0.2


def test_brightness_and_contrast_do_not_matter() -> None:
    face = mini_crop("astronaut")
    darker = (face * 0.6 + 10).astype(np.uint8)
    assert alike(face, darker) > 0.95


def test_flat_pictures_have_one_pattern() -> None:
    vector = descriptor.describe(np.full((112, 112, 3), 77, dtype=np.uint8))
    cells = vector.reshape(2 * 36, 59)
    share = np.eye(59)[57] - 1 / 59  # all neighbours at least as bright: the last uniform pattern
    np.testing.assert_allclose(cells, np.broadcast_to(share, cells.shape), atol=1e-6)


def test_it_is_what_it_says() -> None:
    """Against a plain reading of the definition, pixel by pixel."""
    crop = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    grey = cv2.GaussianBlur(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(int)
    ring = [(-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1)]
    few = [code for code in range(256) if changes(code) <= 2]
    assert len(few) == 58
    expected = []
    for radius in (3, 6):
        counts = np.zeros((6, 6, 59))
        for y in range(14, 98):
            for x in range(14, 98):
                code = sum(
                    int(grey[y + radius * dy, x + radius * dx] >= grey[y, x]) << bit
                    for bit, (dy, dx) in enumerate(ring)
                )
                place = few.index(code) if code in few else 58
                counts[(y - 14) // 14, (x - 14) // 14, place] += 1
        roots = np.sqrt(counts / 196)
        expected.append(roots - roots.mean(axis=-1, keepdims=True))
    np.testing.assert_allclose(descriptor.describe(crop), np.ravel(expected), atol=1e-6)


def changes(code: int) -> int:
    bits = [(code >> k) & 1 for k in range(8)]
    return sum(bits[k] != bits[k - 1] for k in range(8))


def test_one_at_a_time_is_the_same_as_together() -> None:
    batch = np.stack([mini_crop("astronaut"), mini_crop("hopper"), noisy(mini_crop("hopper"), 0)])
    together = NETWORK(batch)
    assert together.shape == (3, descriptor.WIDTH)
    assert together.dtype == np.float32
    assert (together == np.concatenate([NETWORK(batch[i : i + 1]) for i in range(3)])).all()
    assert NETWORK(batch[:0]).shape == (0, descriptor.WIDTH)


def test_crops_keep_their_order_and_their_gaps() -> None:
    portrait = portraits.load("astronaut")
    face = portrait.landmarks / portraits.SIDE
    crops = descriptor.crops(portrait.image, detection(face, face * np.nan, face + 0.1))
    assert [crop is None for crop in crops] == [False, True, False]
    assert alike(crops[0], mini_crop("astronaut")) == 1.0
    nobody = detection(face)
    empty = Detection(nobody.landmarks[:0], nobody.blendshapes[:0], nobody.pose[:0])
    assert descriptor.crops(portrait.image, empty) == []
    with pytest.raises(ValueError, match="uint8"):
        descriptor.crops(portrait.image.astype(np.float32), detection(face))


def test_the_id_follows_the_definition() -> None:
    """One changed number in the definition must change the hash: pinned here, on purpose."""
    assert descriptor.EMBEDDED_SHA256[:8] == "c6884684"


@pytest.mark.slow
def test_people_of_real_clips_are_told_apart(shared_media: Path, face_model: Path) -> None:
    """AUC of pairs of frames: one person against two people."""
    from benchmark.media.video import read_frames
    from metrics.signals.face_backends import OFFICIAL, open_engine, problem_with_mediapipe
    from metrics.signals.face_engine import FaceDefinition
    from metrics.weights import file_sha256

    if problem := problem_with_mediapipe():
        pytest.skip(problem)
    rows, people = [], []
    definition = FaceDefinition(file_sha256(face_model), max_faces=1)
    with open_engine(OFFICIAL, face_model, definition) as engine:
        for person, clip in enumerate(sorted((shared_media / "driving/single").glob("*.mp4"))):
            frames = list(read_frames(clip))
            for frame in frames[:: len(frames) // 3][:4]:
                (crop,) = descriptor.crops(frame, engine.detect(frame))
                rows.append(crop)
                people.append(person)
    vectors = NETWORK(np.stack(rows)).astype(np.float64)
    likeness = np.stack([cosine(vectors, vector[None]) for vector in vectors])
    first, second = np.triu_indices(len(vectors), 1)
    one = np.array(people)[first] == np.array(people)[second]
    pairs = likeness[first, second]
    auc = np.mean(pairs[one][:, None] > pairs[~one][None])
    assert one.sum() > 30
    assert auc > 0.98
