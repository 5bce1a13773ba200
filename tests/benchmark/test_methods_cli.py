"""``bench methods`` as people type it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT


def bench(*arguments: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BENCH_METHODS": str(cwd / "m"), **environment},
    )


def test_the_list_shows_every_row(tmp_path: Path) -> None:
    done = bench("methods", "list", "--format", "json", cwd=tmp_path)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["liveportrait"]["licence"].startswith("MIT")
    assert rows["fantasyportrait-multi"]["faces"] == "each"
    assert rows["fantasyportrait"]["frames"] == "4k+1"
    assert rows["personalive"]["frames"] == "4k"
    assert rows["fomm"]["here"] == "no"
    assert rows["fomm"]["check"] == rows["liveportrait"]["check"] == "unchecked"
    assert rows["ours"]["check"] == rows["frozen"]["check"] == ""
    assert rows["dexportrait"]["here"] == "no code"
    assert "no public code" in rows["dexportrait"]["what"]
    table = bench("methods", "list", cwd=tmp_path, COLUMNS="80").stdout
    lines = {line.split()[0]: line for line in table.splitlines() if line[:1].strip()}
    assert set(rows) <= set(lines)
    assert max(len(line.rstrip()) for line in table.splitlines()) <= 80
    assert "CC BY-NC 4.0" in lines["lia"]
    assert "each   4k+1" in lines["fantasyportrait-multi"]
    assert lines["fantasyportrait-multi"].rstrip().endswith("unchecked")


@pytest.mark.parametrize("split", [(), pytest.param(("--split", "single"), marks=pytest.mark.slow)])
def test_run_explains_in_three_lines_how_to_get_a_method(
    tmp_path: Path, split: tuple[str, ...]
) -> None:
    done = bench("run", "--method", "liveportrait", *split, cwd=tmp_path)
    assert done.returncode == 4
    lines = done.stderr.splitlines()
    assert lines[0] == "bench: LivePortrait is not on this machine"
    assert "bench methods setup liveportrait" in lines[1]
    assert "[methods.liveportrait] at = " in lines[2]
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.slow
def test_show_and_setup_print_what_is_known(tmp_path: Path) -> None:
    shown = bench("methods", "show", "LivePortrait", cwd=tmp_path, COLUMNS="80").stdout
    assert all(len(line) <= 80 for line in shown.splitlines() if str(tmp_path) not in line)
    for part in (
        "arXiv 2407.03168",
        "1986663be3b6",
        "--no_flag_relative_motion",
        "trap",
        "weights",
    ):
        assert part in shown
    printed = bench("methods", "setup", "liveportrait", cwd=tmp_path).stdout
    assert "git clone https://github.com/KwaiVGI/LivePortrait" in printed
    assert "1986663be3b6902605d32200c01f4bfd36cda83d" in printed
    assert "licence: MIT" in printed
    assert not (tmp_path / "m").exists()
    none = bench("methods", "setup", "frozen", cwd=tmp_path)
    assert none.returncode == 2
    assert "needs no setup" in none.stderr
    unknown = bench("methods", "show", "liveportrat", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "did you mean 'liveportrait'?" in unknown.stderr


def test_a_plain_folder_with_five_lines_is_a_method(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(
        "[methods.ours]\n"
        'command = ["python", "infer.py", "--src", "{source}", "--drv", "{driving}",\n'
        '           "--out", "{out}/result.mp4"]\n'
        'output = "{out}/result.mp4"\n'
        'result.geometry = "source"\n'
    )
    rows = json.loads(bench("methods", "list", "--format", "json", cwd=tmp_path).stdout)
    ours = next(row for row in rows if row["name"] == "ours")
    assert ours["what"].startswith("yours: python infer.py")
    shown = bench("methods", "show", "ours", cwd=tmp_path).stdout
    assert "geometry  source" in shown
