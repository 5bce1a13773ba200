import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

LIGHT = ("--metrics", "light")
MODULES = ROOT / "tests" / "benchmark" / "methods_under_test"


def bench(*arguments: str | Path, cwd: Path = ROOT, **variables: str) -> Any:
    """Run ``bench`` as a user would; 80 columns, no colour."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **variables}
    return subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


@pytest.mark.slow
def test_run_prints_a_table_and_ends_with_0(tiny: Any, face_model: Path, tmp_path: Path) -> None:
    weights = {"BENCH_WEIGHTS": str(face_model.parent)}
    command = ["run", "--method", "frozen", "--split", "single", "--data", tiny.root, *LIGHT]
    done = bench(*command, cwd=tmp_path, **weights)
    assert done.returncode == 0, done.stderr
    assert "Self-reenactment" in done.stdout
    assert "Cross-reenactment" in done.stdout
    assert "frozen: nobody unjudgeable: no face found in the portrait" in done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    again = bench(*command, cwd=tmp_path, **weights)
    assert again.stdout == done.stdout, "the same command again prints the same table"
    run = next((tmp_path / "runs").iterdir())
    table = bench("table", run, "--format", "csv", cwd=tmp_path)
    assert table.returncode == 0
    assert "lmd.mediapipe478@1" in table.stdout


def test_a_failed_case_ends_with_1_and_its_reason(
    tiny: Any, face_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "bench.toml").write_text(
        '[methods.ours]\npython = "misbehaving:FailsOnSelf"\nlabel = "mine"\n'
    )
    (tmp_path / "misbehaving.py").write_text((MODULES / "misbehaving.py").read_text())
    command = ["run", "--method", "ours", "--split", "single", "--data", tiny.root, *LIGHT]
    done = bench(*command, cwd=tmp_path, BENCH_WEIGHTS=str(face_model.parent))
    assert done.returncode == 1, done.stderr
    assert "ours: case self failed: RuntimeError: not this one" in done.stderr
    assert "mine" in done.stdout
    assert "0/1" in done.stdout
    assert "Traceback" not in done.stderr
    assert "built-in" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "ors"], "unknown method 'ors'\n  did you mean 'ours'?"),
        (["--method", "frozen", "--split", "singel"], "did you mean 'single'?"),
        (["--method", "precomputed:nowhere"], "no folder of finished videos at"),
        (["--method", "precomputed"], "precomputed needs the folder"),
        (["--method", "frozen", "--limit", "0"], "--limit must be at least 1, got 0"),
        (["--method", "frozen", "--data", "nowhere"], "nowhere"),
        (["--method", "frozen", "--config", "no.toml"], "no configuration at no.toml"),
        (["--method", "frozen", "--method", "frozen"], "a method is named twice"),
        (["--method", "frozen", "--method", "driver", "--out", "x"], "--out takes one method"),
    ],
)
def test_a_mistake_is_one_clear_line_and_2(
    tiny: Any, tmp_path: Path, arguments: list[str], message: str
) -> None:
    command = ["run", *arguments]
    if "--split" not in command:
        command += ["--split", "single"]
    if "--data" not in command:
        command += ["--data", str(tiny.root)]
    done = bench(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[methods.ours", "cannot read bench.toml"),
        ("[methods.ours]\n", "give either python = 'module:Class' or videos = 'FOLDER'"),
        ('[methods.ours]\npython = "nocolon"\n', "methods.ours.python"),
        ('[methods.ours]\npyhton = "a:B"\n', "methods.ours"),
        ('[metods.ours]\npython = "a:B"\n', "metods"),
    ],
)
def test_a_wrong_configuration_says_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bench.toml").write_text(text)
    done = bench("methods", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_face_model_three_lines_and_4(tiny: Any, tmp_path: Path) -> None:
    command = ["run", "--method", "frozen", "--split", "single", "--data", tiny.root, *LIGHT]
    done = bench(
        *command,
        cwd=tmp_path,
        BENCH_OFFLINE="1",
        BENCH_WEIGHTS="",
        BENCH_CACHE=str(tmp_path / "cache"),
    )
    assert done.returncode == 4
    lines = done.stderr.splitlines()
    assert any(line.startswith("bench: no face model") for line in lines)
    assert any("storage.googleapis.com" in line for line in lines)
    assert any("BENCH_WEIGHTS" in line for line in lines)
    assert not (tmp_path / "runs").exists()


def test_a_wrong_face_model_is_not_used(tiny: Any, tmp_path: Path) -> None:
    (tmp_path / "face_landmarker.task").write_bytes(b"<html>moved</html>")
    command = ["run", "--method", "frozen", "--split", "single", "--data", tiny.root, *LIGHT]
    done = bench(*command, cwd=tmp_path, BENCH_OFFLINE="1", BENCH_WEIGHTS=str(tmp_path))
    assert done.returncode == 4
    assert "is not the registered face_landmarker.task" in done.stderr


def test_dry_run_says_what_would_run_and_writes_nothing(tiny: Any, tmp_path: Path) -> None:
    command = ["run", "--method", "driver", "--split", "single", "--data", tiny.root, "--dry-run"]
    done = bench(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 (2 cross, 1 self), 24 driving frames" in done.stdout
    assert not (tmp_path / "runs").exists()


def test_lists_speak_json(tmp_path: Path) -> None:
    methods = json.loads(bench("methods", "list", "--format", "json", cwd=tmp_path).stdout)
    assert {"ours", "driver", "frozen", "shuffled"} <= {m["name"] for m in methods}


@pytest.mark.slow
def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    done = bench("doctor", BENCH_OFFLINE="1", BENCH_WEIGHTS="", BENCH_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 4
    assert "MISS face_landmarker.task: not here yet" in done.stdout
    assert "bench weights fetch face_landmarker" in done.stdout


def test_weights_fetch_stays_offline_when_told(tmp_path: Path) -> None:
    done = bench(
        "weights",
        "fetch",
        "face_landmarker",
        BENCH_OFFLINE="1",
        BENCH_WEIGHTS="",
        BENCH_CACHE=str(tmp_path),
    )
    assert done.returncode == 4
    assert "BENCH_OFFLINE forbids fetching" in done.stderr
