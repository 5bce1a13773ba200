import fcntl
import shutil
from pathlib import Path

import clips
import pytest
from brought import FACE, bring, case, content, plan, run

from adapters.base import Face, Frame
from benchmark.errors import UsageProblem
from benchmark.splits import prepare
from benchmark.splits.importer import import_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bring(tmp_path / "my data")


def test_out_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "precious").write_text("x")
    (tmp_path / "file").write_text("x")
    for out in (taken, tmp_path / "file"):
        with pytest.raises(UsageProblem, match="not an empty folder"):
            run(folder, out)
    assert content(taken) == {"precious": b"x"}
    (tmp_path / "empty").mkdir()
    run(folder, tmp_path / "empty")
    assert (tmp_path / "empty/single.jsonl").exists()


def test_a_strange_part_folder_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part/precious").write_text("x")
    with pytest.raises(UsageProblem, match="in the way"):
        run(folder, tmp_path / "out")
    assert content(tmp_path / "out.part") == {"precious": b"x"}


@pytest.mark.parametrize("kind", ["portraits", "driving/single/x"])
def test_out_among_the_originals_is_refused(kind: str, folder: Path) -> None:
    with pytest.raises(UsageProblem, match="among the files to import"):
        run(folder, folder / kind / "out")


def test_two_imports_do_not_meet(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    with (tmp_path / "out.part/import.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageProblem, match="another import"):
            run(folder, tmp_path / "out")


class Stopping(clips.BoxTracker):
    """Is interrupted after some frames."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        if self.calls >= self.after:
            raise KeyboardInterrupt
        return super().__call__(frame, max_faces)


def test_a_stopped_import_goes_on_and_ends_the_same(folder: Path, tmp_path: Path) -> None:
    whole = clips.BoxTracker()
    run(folder, tmp_path / "whole", whole, name="x")
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "out", Stopping(12), name="x")
    assert not (tmp_path / "out").exists()
    rest = clips.BoxTracker()
    run(folder, tmp_path / "out", rest, name="x")
    assert 0 < rest.calls < whole.calls
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    assert not (tmp_path / "out.part").exists()


def test_an_import_stopped_while_converting_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder, tmp_path / "whole", name="x")

    def stop(step: str, done: int, total: int) -> None:
        if step == "converting" and done > 7:
            raise KeyboardInterrupt

    asked = plan(folder, tmp_path / "out", name="x")
    with pytest.raises(KeyboardInterrupt):
        import_folder(asked, clips.BoxTracker(), stop)
    rest, converted = clips.BoxTracker(), []
    convert = prepare.prepare_clip
    monkeypatch.setattr(
        prepare, "prepare_clip", lambda *args: (converted.append(args), convert(*args))
    )
    import_folder(asked, rest)
    assert rest.calls == 0
    assert len(converted) == 2  # of three clips one was finished
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_kept_work_is_known_by_content_and_tracker(folder: Path, tmp_path: Path) -> None:
    (folder / "portraits/single/bad.png").write_text("no picture")
    with pytest.raises(UsageProblem):
        run(folder, tmp_path / "out", tracker_id="old")
    (folder / "portraits/single/bad.png").unlink()
    again = clips.BoxTracker()
    clips.encode(folder / "driving/single/sway.mp4", [clips.scene(FACE)] * 3)
    shutil.copytree(tmp_path / "out.part", tmp_path / "other.part")
    split = run(folder, tmp_path / "out", again, tracker_id="old").splits[0]
    assert again.calls == 3  # the clip that was replaced
    assert case(split, "self-sway").n_frames == 3
    other = clips.BoxTracker()
    run(folder, tmp_path / "other", other, tracker_id="new")
    assert other.calls == 3 + 4 + 5 + 4  # everything
