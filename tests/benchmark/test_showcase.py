"""What boards show of a run and its dataset: tags, portraits, clips, values of frames."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from in_process import bench

from benchmark.errors import BenchError, NotComparable, UsageProblem
from benchmark.frame_values import CaseFrames, save_frame_values
from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_video
from benchmark.media.write import CANONICAL, LOSSLESS, PREVIEW, write_video
from benchmark.run_case import RunCase, open_case
from benchmark.showcase import Showcase
from benchmark.splits.manifest import Case, Header, read_manifest, write_manifest
from benchmark.store import CaseScore, Generated, Journal, Outcome, RunPaths, RunRecord, load_run
from benchmark.store import write_manifest as write_run
from metrics.score import Measured
from metrics.weights import file_sha256

SIDE, FRAMES, FPS, USED = 32, 12, 25, 8
LMD = "lmd.mediapipe478@1"


@dataclass(frozen=True)
class Written:
    """A run on disk, its dataset, and a folder for media."""

    paths: RunPaths
    data: Path
    media: Path

    @property
    def record(self) -> RunRecord:
        return load_run(self.paths.root)

    @property
    def showcase(self) -> Showcase:
        return Showcase(self.data)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Two delivered cases and a failed one, of a split used up to frame `USED`."""
    data, paths = tmp_path / "data", RunPaths(tmp_path / "runs" / "mine")
    pixels = np.stack([np.full((SIDE, SIDE, 3), 15 * t, np.uint8) for t in range(FRAMES)])
    (data / "media").mkdir(parents=True)
    driving, source = data / "media" / "d.mp4", data / "media" / "s.png"
    write_video(driving, pixels, Fraction(FPS), CANONICAL)
    write_png(source, pixels[3])
    header = Header(
        dataset="grey", split="single", version="1", citation="", licence="", pairing="", crop="",
        fps=str(FPS),
    )  # fmt: skip
    case = Case.model_validate(
        {
            "id": "one", "protocol": "self", "source": "media/s.png", "driving": "media/d.mp4",
            "frames": (2, FRAMES), "fps": str(FPS), "size": (SIDE, SIDE), "tags": ["mood=grey"],
            "sha256": {"source": file_sha256(source), "driving": file_sha256(driving)},
        }
    )  # fmt: skip
    cases = [case, *(case.model_copy(update={"id": name}) for name in ("two", "failed"))]
    write_manifest(data / "single.jsonl", header, cases)
    split = read_manifest(data / "single.jsonl")
    paths.clip("one").parent.mkdir(parents=True)
    ids = [one.id for one in cases]
    facts = {"dataset": "grey", "split": "single", "version": "1", "sha256": split.sha256}
    write_run(
        paths,
        {
            "format": "portraitbench-run@1", "run_id": "mine", "split": facts, "case_ids": ids,
            "method": {"name": "m", "label": "Method"}, "options": {"max_frames": USED},
            "cases": {i: {"protocol": "self", "frames": USED, "people": 1} for i in ids},
            "metrics": {LMD: {"extractors": {}}},
        },
    )  # fmt: skip
    journal = Journal(paths.journal)
    for name in ("one", "two"):
        write_video(paths.clip(name), pixels[:USED], Fraction(FPS), LOSSLESS)
        write_video(paths.preview(name), pixels[:USED], Fraction(FPS), PREVIEW)
        sha = file_sha256(paths.clip(name))
        journal.record_generated(Generated(name, Outcome.OK, "", sha, tuple(range(USED))))
        values = np.linspace(0.0, 0.1, USED)
        scored = np.ones(USED, np.bool_)
        frames = CaseFrames(name, Fraction(FPS), scored, {(LMD, -1): values}, {})
        save_frame_values(paths, frames)
        score = Measured(float(values.mean()), USED, USED)
        journal.record_scores([CaseScore(name, "self", LMD, -1, score)])
    journal.record_generated(Generated("failed", Outcome.FAILED, "ran out of memory"))
    journal.close()
    media = tmp_path / "media"
    media.mkdir()
    return Written(paths, data, media)


def test_tags_are_those_of_the_split(written: Written) -> None:
    tags = written.showcase.tags(written.record)
    assert tags == dict.fromkeys(("one", "two", "failed"), ("mood=grey",))


def test_the_portrait_is_exact_and_made_once(written: Written) -> None:
    name = written.showcase.portrait(written.record, "one", written.media)
    assert np.array_equal(
        read_image(written.media / name), read_image(written.data / "media/s.png")
    )
    written.showcase.portrait(written.record, "two", written.media)
    assert [path.name for path in written.media.iterdir()] == [name]


def test_the_driving_clip_is_the_range_that_was_used(written: Written) -> None:
    name = written.showcase.driving(written.record, "one", written.media)
    assert name.endswith(f"-2-{2 + USED}.mp4")
    shown = read_video(written.media / name).mean(axis=(1, 2, 3))
    assert shown == pytest.approx(15.0 * np.arange(2, 2 + USED), abs=4.0)


def test_results_are_named_by_content(written: Written) -> None:
    names = {written.showcase.result(written.record, c, written.media) for c in ("one", "two")}
    (name,) = names
    assert name == f"{file_sha256(written.paths.preview('one'))}.mp4"
    assert (written.media / name).read_bytes() == written.paths.preview("one").read_bytes()


def test_a_case_without_a_clip_has_none(written: Written) -> None:
    with pytest.raises(UsageProblem, match="no clip"):
        written.showcase.result(written.record, "failed", written.media)
    with pytest.raises(UsageProblem, match="no clip"):
        written.showcase.frames(written.record, "failed")


def test_a_link_is_not_followed_into_the_site(written: Written, tmp_path: Path) -> None:
    preview = written.paths.preview("one")
    secret = tmp_path / "secret.mp4"
    preview.replace(secret)
    preview.symlink_to(secret)
    with pytest.raises(UsageProblem, match="is a link"):
        written.showcase.result(written.record, "one", written.media)


@pytest.mark.parametrize("content", [b"", b"no video at all", None])
def test_a_damaged_preview_is_not_copied(content: bytes | None, written: Written) -> None:
    preview = written.paths.preview("one")
    if content is None:
        preview.write_bytes(preview.read_bytes()[:-40])
    else:
        preview.write_bytes(content)
    with pytest.raises(UsageProblem):
        written.showcase.result(written.record, "one", written.media)
    preview.unlink()
    with pytest.raises(UsageProblem, match="no preview"):
        written.showcase.result(written.record, "one", written.media)
    assert not list(written.media.iterdir())


def test_without_the_dataset_there_are_no_tags_and_a_reason(
    written: Written, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    changed = (written.data / "single.jsonl").read_text().replace("mood=grey", "mood=blue")
    (tmp_path / "other" / "single.jsonl").write_text(changed)
    showcase = Showcase(tmp_path / "other")
    for _ in range(2):  # the reason is kept, too
        with pytest.raises(NotComparable, match="is not there"):
            showcase.tags(written.record)


def test_runs_of_mini_stand_beside_those_of_a_dataset(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--data names the dataset of the others; mini needs none."""

    def opened(run: Path, case: str, data: Path | None) -> RunCase:
        if data is not None:
            raise NotComparable("the split of this run is not there")
        return open_case(run, case, written.data)

    monkeypatch.setattr("benchmark.showcase.open_case", opened)
    showcase, record = Showcase(Path("elsewhere")), written.record
    with pytest.raises(NotComparable):
        showcase.tags(record)
    split = {**record.manifest["split"], "dataset": "mini"}
    of_mini = RunRecord(written.paths, {**record.manifest, "split": split}, record.generated, ())
    assert Showcase(Path("elsewhere")).tags(of_mini)["one"] == ("mood=grey",)


@pytest.mark.parametrize("options", [None, [], {"max_frames": 0}, {"max_frames": "8"}])
def test_a_run_that_does_not_say_what_it_used_shows_nothing_of_its_dataset(
    options: object, written: Written
) -> None:
    manifest = dict(written.record.manifest) | {"options": options}
    record = RunRecord(written.paths, manifest, written.record.generated, ())
    with pytest.raises(BenchError, match="does not say"):
        written.showcase.driving(record, "one", written.media)


def test_the_command_builds_a_site(written: Written, tmp_path: Path) -> None:
    out = tmp_path / "site"
    done = bench("leaderboard", "build", "--runs", written.paths.root.parent, "--out", out,
                 "--data", written.data)  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, [str(out / "index.html")]), done.stderr
    assert len(list((out / "media").iterdir())) == 3
    assert done.stderr == "grey/single version 1, at most 8 frames: 1 rows, 3 cases\n"


def test_a_damaged_frames_file_is_said_and_the_rest_is_shown(
    written: Written, tmp_path: Path
) -> None:
    written.paths.frame_values("one").write_bytes(b"damaged")
    done = bench("leaderboard", "build", "--runs", written.paths.root, "--out", tmp_path / "site",
                 "--data", written.data)  # fmt: skip
    assert done.returncode == 0
    assert "not shown (1x): mine/frames/one.safetensors is damaged" in done.stderr


def test_wrong_use_is_said_in_a_sentence(written: Written, tmp_path: Path) -> None:
    runs, out = written.paths.root, tmp_path / "site"
    for arguments, said in (
        (("build", "--runs", tmp_path / "none", "--out", out), "there is no folder"),
        (("build", "--runs", tmp_path, "--out", out), "is not a run and holds none"),
        (("build", "--runs", runs, "--out", written.data), "holds no board"),
        (("build", "--runs", runs, "--out", out, "--metrics", "lmdd"), "did you mean 'lmd'"),
        (("serve", tmp_path / "none"), "holds no board"),
    ):
        done = bench("leaderboard", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
