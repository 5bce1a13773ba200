"""``bench look`` on a run that is written by hand: two people who drive each other."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from in_process import Done, bench
from PIL import Image
from support import rotation

from benchmark.media.image import write_png
from benchmark.media.write import CANONICAL, LOSSLESS, write_video
from benchmark.paths import cache_dir
from benchmark.signals import Media, SignalStore, face_arrays, fingerprint
from benchmark.splits.manifest import Case, Header, read_manifest, write_manifest
from benchmark.store import Generated, Journal, Outcome, RunPaths
from benchmark.store import write_manifest as write_run
from benchmark.tracker import face_definition
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal
from metrics.signals.face_backends import OFFICIAL
from metrics.weights import file_sha256

HEIGHT, WIDTH, FRAMES, FPS = 64, 128, 40, 25
ORANGE, BLUE = (230, 159, 0), (86, 180, 233)


def motion(seed: int, frames: int) -> np.ndarray:
    """A course of three angles, degrees."""
    return 10.0 * np.random.default_rng(seed).uniform(-1.0, 1.0, (frames, 3))


def faces(*motions: np.ndarray) -> FaceSignal:
    """One face a motion, from the left, each with its own course of head and expression."""
    shape = (len(motions[0]), len(motions))
    landmarks = np.zeros((*shape, N_LANDMARKS, 3), np.float32)
    blendshapes = np.full((*shape, N_BLENDSHAPES), 0.5, np.float32)
    pose = np.tile(np.eye(4, dtype=np.float32), (*shape, 1, 1))
    for slot, course in enumerate(motions):
        points = np.random.default_rng(slot).uniform(0.1, 0.9, (N_LANDMARKS, 3))
        landmarks[:, slot] = points * (0.5, 1.0, 0.5) + (0.5 * slot, 0.0, 0.0)
        blendshapes[:, slot, 1:4] += course / 25.0
        for t, turns in enumerate(course):
            pose[t, slot, :3, :3] = rotation(*turns)
    return FaceSignal(np.full(shape[0], shape[1]), landmarks, blendshapes, pose, (HEIGHT, WIDTH))


@dataclass(frozen=True)
class Written:
    """A run on disk and its dataset."""

    root: Path
    data: Path
    case: Case
    clip: Media

    def look(self, case: str = "pair", *more: str | Path) -> Done:
        out = self.root.parent / "out"
        return bench("look", self.root, case, "--out", out, "--data", self.data, *more)


def keep(media: Media, signal: FaceSignal) -> None:
    key = f"face-{fingerprint(face_definition(8).as_dict())}-{OFFICIAL.library}"
    SignalStore.below(cache_dir()).save(key, media, face_arrays(signal))


def dataset(folder: Path, pixels: np.ndarray) -> Case:
    """A split with one case of two people, each of whom drives the other one's portrait."""
    (folder / "media").mkdir(parents=True)
    driving, source = folder / "media" / "two.mp4", folder / "media" / "two.png"
    write_video(driving, pixels, Fraction(FPS), CANONICAL)
    write_png(source, pixels[0])
    header = Header(
        dataset="two", split="many", version="1", citation="", licence="", pairing="", crop="",
        fps=str(FPS),
    )  # fmt: skip
    case = Case.model_validate(
        {
            "id": "pair", "protocol": "cross", "source": "media/two.png",
            "driving": "media/two.mp4", "frames": (0, FRAMES), "fps": str(FPS),
            "size": (HEIGHT, WIDTH),
            "pairs": [{"source": 0, "driving": 1}, {"source": 1, "driving": 0}],
            "sha256": {"source": file_sha256(source), "driving": file_sha256(driving)},
        }
    )  # fmt: skip
    late = case.model_copy(update={"id": "late"})
    failed = case.model_copy(update={"id": "failed"})
    write_manifest(folder / "named-otherwise.jsonl", header, [case, failed, late])
    return case


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """A run of a perfect transfer onto two people, with its signals in a cache of its own."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    pixels = rng.integers(100, 150, (FRAMES, HEIGHT, WIDTH, 3), dtype=np.uint8)
    case = dataset(tmp_path / "data", pixels)
    split = read_manifest(tmp_path / "data" / "named-otherwise.jsonl")
    paths = RunPaths(tmp_path / "run")
    paths.clip("pair").parent.mkdir(parents=True)
    write_video(paths.clip("pair"), pixels, Fraction(FPS), LOSSLESS)
    clip = Media(file_sha256(paths.clip("pair")), (0, FRAMES))
    write_run(
        paths,
        {
            "format": "portraitbench-run@1",
            "run_id": "run",
            "method": {"name": "m", "label": "Method $1"},
            "split": {"dataset": "two", "split": "many", "version": "1", "sha256": split.sha256},
            "case_ids": ["pair", "failed", "late"],
            "cases": {
                name: {"protocol": "cross", "frames": FRAMES, "people": 2}
                for name in ("pair", "failed", "late")
            },
            "options": {"max_frames": None},
            "extractors": {"face": {**face_definition(8).as_dict(), "backend": str(OFFICIAL)}},
        },
    )
    journal = Journal(paths.journal)
    frame_map = tuple(range(FRAMES))
    journal.record_generated(Generated("pair", Outcome.OK, "", clip.sha256, frame_map))
    journal.record_generated(Generated("failed", Outcome.FAILED, "ran out of memory"))
    journal.close()
    one, two = motion(1, FRAMES), motion(2, FRAMES)
    still = np.zeros((1, 3))
    keep(Media(case.sha256.source, (0, 1)), faces(still, still))
    keep(Media(case.sha256.driving, case.frames), faces(one, two))
    keep(clip, faces(two, one))
    return Written(paths.root, tmp_path / "data", case, clip)


def test_pictures_come_from_the_cache(written: Written) -> None:
    done = written.look("pair", "--frames", "3")
    assert done.returncode == 0, done.stderr
    sheet, leakage = (Path(line) for line in done.stdout.split())
    assert sheet.name == "pair-people.png"
    assert leakage.name == "pair-leakage.png"
    with Image.open(sheet) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    column = pixels.shape[1] // 4  # the portrait and three driving frames
    source, driving = pixels[: len(pixels) // 2, :column], pixels[: len(pixels) // 2, column:]
    for colour, at_left in ((ORANGE, True), (BLUE, False)):
        where = np.flatnonzero((source == colour).all(axis=-1).any(axis=0))
        assert bool(where.mean() < column / 2) is at_left
        where = np.flatnonzero((driving[:, :column] == colour).all(axis=-1).any(axis=0))
        assert bool(where.mean() > column / 2) is at_left, "a driver has the colour of the driven"


def test_weights_are_those_of_a_perfect_transfer(written: Written) -> None:
    from benchmark.look import look
    from benchmark.run_case import open_case

    seen = look(open_case(written.root, "pair", written.data), 2, lambda _: None)
    assert [matrix.channel for matrix in seen.leakage] == ["expression", "pose", "gaze"]
    for matrix in seen.leakage[:2]:
        assert matrix.pairs == ((0, 1), (1, 0))
        np.testing.assert_allclose(matrix.weights, [[0, 1], [1, 0]], atol=1e-4)
    assert seen.sheet.dtype == np.uint8


def test_a_case_without_matrix_still_has_its_sheet(written: Written) -> None:
    keep(Media(written.case.sha256.driving, written.case.frames), faces(motion(1, FRAMES)))
    done = written.look()
    assert done.returncode == 0
    assert done.stdout.split()[0].endswith("pair-people.png")
    assert len(done.stdout.split()) == 1
    assert "no driving frame shows all driving people at once" in done.stderr


def test_faces_that_the_cache_lost_are_measured_again(
    written: Written, face_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(face_model.parent))
    for kept in (cache_dir() / "signals").rglob(f"{written.clip.sha256}*"):
        kept.unlink()
    done = written.look("pair", "--frames", "1")
    assert done.returncode == 0, done.stderr
    assert "measuring them again" in done.stderr
    assert "no frame of the result" not in done.stdout
    assert list((cache_dir() / "signals").rglob(f"{written.clip.sha256}*")), "and kept"


@pytest.mark.parametrize(
    ("case", "code", "said"),
    [
        ("pear", 2, "unknown case 'pear'\n  did you mean 'pair'?"),
        ("late", 2, "case late was not reached yet"),
        ("failed", 2, "case failed was not delivered: ran out of memory"),
    ],
)
def test_a_case_that_cannot_be_looked_at(written: Written, case: str, code: int, said: str) -> None:
    done = written.look(case)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_what_is_not_there_is_said(written: Written, tmp_path: Path) -> None:
    nowhere = bench("look", tmp_path / "nowhere", "pair", "--out", tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "is not a run" in nowhere.stderr
    other = tmp_path / "other"
    dataset(other, np.zeros((FRAMES, HEIGHT, WIDTH, 3), np.uint8))
    elsewhere = bench("look", written.root, "pair", "--out", tmp_path, "--data", other)
    assert elsewhere.returncode == 3
    assert "two/many version 1" in elsewhere.stderr
    assert "--data" in elsewhere.stderr
    (tmp_path / "taken").write_text("")
    done = bench("look", written.root, "pair", "--data", written.data, "--out", tmp_path / "taken")
    assert done.returncode == 4
    written.root.joinpath("clips", "pair.mkv").unlink()
    gone = written.look()
    assert gone.returncode == 2
    assert "is gone" in gone.stderr
