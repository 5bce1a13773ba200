import json
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import clips
import pytest
from support import ROOT
from test_validate import made  # noqa: F401 - a fixture

from benchmark.cli import main, tracking
from benchmark.errors import UsageProblem
from benchmark.splits import sources
from benchmark.splits.sources import data_root, manifests, open_split, summaries


def bench(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run ``bench data ...`` as the console script does; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["bench", "data", *words])
    with pytest.raises(SystemExit) as caught:
        main.main()
    return int(caught.value.code or 0)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import with the tests' tracker."""
    monkeypatch.setattr(tracking, "tracker", lambda jobs=1: nullcontext(clips.BoxTracker()))
    monkeypatch.setattr(tracking, "tracker_id", lambda: "boxes")


@pytest.fixture
def little_mini(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """A stand-in for mini, which takes seconds to build."""
    monkeypatch.setattr(sources, "_mini", lambda: {"single": made / "single.jsonl"})


def test_the_option_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_root(None) is None
    monkeypatch.setenv("BENCH_DATA", "")
    assert data_root(None) is None
    monkeypatch.setenv("BENCH_DATA", str(tmp_path))
    assert data_root(None) == tmp_path
    assert data_root(Path("x")) == Path("x")


def test_folders_without_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match="no dataset folder") as caught:
        manifests(tmp_path / "missing")
    assert "bench data import" in caught.value.remedy
    with pytest.raises(UsageProblem, match="no manifest"):
        manifests(tmp_path)
    monkeypatch.setenv("BENCH_DATA", str(tmp_path))
    with pytest.raises(UsageProblem, match="from BENCH_DATA"):
        manifests(None)


def test_splits_are_opened_by_name(made: Path) -> None:  # noqa: F811
    assert open_split("single", made).header.dataset == "tiny"
    with pytest.raises(UsageProblem, match="unknown split 'singel'") as caught:
        open_split("singel", made)
    assert "did you mean 'single'?" in caught.value.remedy


def test_mini_can_be_named_beside_a_dataset(little_mini: None, tmp_path: Path) -> None:
    assert open_split("mini/single", tmp_path).header.dataset == "tiny"
    assert open_split("single", None).header.dataset == "tiny"
    with pytest.raises(UsageProblem, match="unknown split of mini"):
        open_split("mini/x", tmp_path)


def test_a_split_that_cannot_be_read_does_not_hide_the_others(
    little_mini: None,
    made: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.jsonl").write_text("x")
    (tmp_path / "good.jsonl").write_bytes((made / "single.jsonl").read_bytes())
    rows = summaries(tmp_path)
    assert [row.name for row in rows] == ["bad", "good", "mini/single"]
    assert rows[0].problem
    assert (rows[1].self_cases, rows[1].cross_cases, rows[1].frames) == (1, 1, 12)


def test_list(
    little_mini: None,
    made: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bench("list", "--data", str(made), monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    assert "mini/single" in out
    assert "tiny" in out
    words = ("list", "--data", str(made), "--format", "json")
    assert bench(*words, monkeypatch=monkeypatch) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == ["single", "mini/single"]
    assert rows[0]["frames"] == 12


def test_list_fails_where_a_split_cannot_be_read(
    little_mini: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "bad.jsonl").write_text("x")
    assert bench("list", "--data", str(tmp_path), monkeypatch=monkeypatch) == 1
    assert "Invalid JSON" in " ".join(capsys.readouterr().out.split())


def test_validate(
    no_model: None,
    made: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bench("validate", "--data", str(made), monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == "single: 2 cases, 12 frames, all as stated\n"
    (tmp_path / "single.jsonl").write_bytes((made / "single.jsonl").read_bytes())
    words = ("validate", "--data", str(tmp_path), "--split", "single")
    assert bench(*words, monkeypatch=monkeypatch) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("no image at" in line or "no video at" in line for line in lines)
    words = ("validate", "--data", str(tmp_path), "--split", "x")
    assert bench(*words, monkeypatch=monkeypatch) == 2


def test_validate_without_faces_says_so_and_needs_no_model(
    made: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracking, "tracker", None)
    assert bench("validate", "--data", str(made), "--no-faces", monkeypatch=monkeypatch) == 0
    assert "faces were not looked for" in capsys.readouterr().out


def test_validate_marks_what_a_training_list_has(
    no_model: None,
    made: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "train.txt").write_text("face\n")
    words = ("validate", "--data", str(made), "--train-list", str(tmp_path / "train.txt"))
    assert bench(*words, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "single: face+sway: contaminated: source: face.png is in train.txt",
        "single: 1 of 2 cases are in a training list",
    ]
    words = ("validate", "--data", str(made), "--train-list", str(tmp_path / "none.txt"))
    assert bench(*words, monkeypatch=monkeypatch) == 2


def test_stats_and_its_plot(
    no_model: None,
    made: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plot = tmp_path / "deep/stats.png"
    words = ("stats", "--data", str(made), "--split", "single", "--plot", str(plot))
    assert bench(*words, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    assert "tiny/single: 2 cases, 12 driving frames" in said
    assert "1 driving faces in 1 clips" in said
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert [p.name for p in plot.parent.iterdir()] == ["stats.png"]
    words = ("stats", "--data", str(made), "--split", "single", "--no-faces", "--format", "json")
    assert bench(*words, monkeypatch=monkeypatch) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"]["protocol"] == {"self": 1, "cross": 1}
    assert data["faces"] == 0
    words = ("stats", "--data", str(made), "--split", "single", "--plot", "x.bmp")
    assert bench(*words, monkeypatch=monkeypatch) == 2


def test_sample(
    made: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = shutil.copytree(made, tmp_path / "data")
    words = ("sample", "--data", str(data), "--split", "single", "-n", "1", "--name", "small")
    assert bench(*words, monkeypatch=monkeypatch) == 0
    assert "small: 1 of 2 cases" in capsys.readouterr().out
    assert bench(*words, monkeypatch=monkeypatch) == 2  # never overwritten
    for name in ("../x", "a b", ""):
        again = (*words[:-1], name)
        assert bench(*again, monkeypatch=monkeypatch) == 2
    assert bench(*words[:-1], "many", "-n", "3", monkeypatch=monkeypatch) == 2


def test_prepare_again(
    no_model: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, out = tmp_path / "brought", tmp_path / "out"
    (root / "driving/single").mkdir(parents=True)
    clips.encode(root / "driving/single/a.mp4", [clips.scene((60, 40, 90, 70))] * 3)
    assert bench("import", str(root), "--out", str(out), monkeypatch=monkeypatch) == 0
    monkeypatch.setattr(tracking, "tracker", None)
    words = ("prepare", str(out / "import.json"), str(root), "--out", str(tmp_path / "again"))
    assert bench(*words, monkeypatch=monkeypatch) == 0
    assert "every file and split is as the recipe says (2 files)" in capsys.readouterr().out
    words = (*words[:-1], str(tmp_path / "small"), "--size", "128", "--fps", "12.5")
    assert bench(*words, monkeypatch=monkeypatch) == 0
    assert "by other rules" in capsys.readouterr().out
    for bad in (("--fps", "0"), ("--fps", "1e400"), ("--fps", "x"), ("--size", "7")):
        words = ("prepare", str(out / "import.json"), str(root), "--out", "no", *bad)
        assert bench(*words, monkeypatch=monkeypatch) == 2
    recipe = json.loads((out / "import.json").read_text())
    recipe["files"] = dict.fromkeys(recipe["files"], "0" * 64)
    (out / "import.json").write_text(json.dumps(recipe))
    words = ("prepare", str(out / "import.json"), str(root), "--out", str(tmp_path / "third"))
    assert bench(*words, monkeypatch=monkeypatch) == 1
    assert capsys.readouterr().out.count("not as in the recipe: media/") == 2


def test_layouts_and_protocols_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bench("layouts", monkeypatch=monkeypatch) == 0
    assert "vfhq-test: VFHQ-Test" in capsys.readouterr().out
    assert bench("protocols", monkeypatch=monkeypatch) == 0
    assert "FID/FVD reference: driving" in capsys.readouterr().out


def test_import(
    no_model: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, out = tmp_path / "brought", tmp_path / "out"
    (root / "driving/single").mkdir(parents=True)
    clips.encode(root / "driving/single/a.mp4", [clips.scene()] * 3)
    (root / "driving/single/notes.txt").write_text("x")
    words = ("import", str(root), "--out", str(out), "--name", "mine", "--max-frames", "2")
    assert bench(*words, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    assert "skipped driving/single/notes.txt" in said
    assert "no face in driving/single/a.mp4" in said
    assert "mine/single: 1 cases (1 self, 0 cross)" in said
    assert f"--data {out} --split single" in said
    assert bench(*words, monkeypatch=monkeypatch) == 2
    assert "bench: " in capsys.readouterr().err


def test_import_names_faults_without_a_traceback(
    no_model: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "driving/single").mkdir(parents=True)
    (tmp_path / "driving/single/a.mp4").write_text("x")
    words = ("import", str(tmp_path), "--out", str(tmp_path / "out"))
    assert bench(*words, monkeypatch=monkeypatch) == 2
    said = capsys.readouterr().err
    assert said.startswith("bench: 1 of 1 files cannot be used\n")
    assert "a.mp4 is not an MP4" in said


def test_import_without_the_face_model_is_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "driving/single").mkdir(parents=True)
    clips.encode(tmp_path / "driving/single/a.mp4", [clips.scene()] * 3)
    monkeypatch.setenv("BENCH_OFFLINE", "1")
    monkeypatch.setenv("BENCH_WEIGHTS", "")
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    words = ("import", str(tmp_path), "--out", str(tmp_path / "out"))
    assert bench(*words, monkeypatch=monkeypatch) == 4
    assert "face_landmarker.task is missing" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["import", "prepare", "list", "validate", "stats", "sample"])
def test_help_imports_nothing_heavy(command: str) -> None:
    code = (
        "import sys; sys.argv = ['bench', 'data', sys.argv[1], '--help']\n"
        "from benchmark.cli import main\n"
        "try: main.main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'av', 'cv2', 'mediapipe', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.endswith("[]\n")
