"""``bench table`` on runs that lie on disk."""

from collections.abc import Callable
from csv import DictReader
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from benchmark.cli.table import show, table
from benchmark.errors import EnvironmentProblem, NotComparable, UsageProblem
from benchmark.store import load_run
from leaderboards.build import build
from leaderboards.formats.csv import csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.markdown import markdown
from leaderboards.model import Table

Maker = Callable[..., Any]
Form = Callable[[Table], str]
SSIM, LMD = "ssim.wang-rgb@2", "lmd.mediapipe478@1"
app = typer.Typer()
app.command()(table)


@pytest.fixture
def folder(tmp_path: Path, invented: Maker) -> Path:
    """Return a folder with two runs measured with the real definitions."""
    for name, lmd in (("x", 0.01), ("y", 0.02)):
        kinds = {"a": "self", "b": "self"}
        invented(name, {SSIM: [0.8, 0.9], LMD: [lmd, lmd]}, kinds=kinds).write(tmp_path / "runs")
    return tmp_path / "runs"


def bench(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments], env={"FORCE_COLOR": None})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def direct(folder: Path) -> Table:
    from metrics.registry import CARDS

    return build([load_run(folder / name) for name in ("x-1", "y-1")], CARDS)


@pytest.mark.parametrize(
    ("name", "ending", "form"),
    [
        ("md", ".md", markdown),
        ("csv", ".csv", csv),
        ("latex", ".tex", latex),
        ("html", ".html", html),
    ],
)
def test_formats(folder: Path, tmp_path: Path, name: str, ending: str, form: Form) -> None:
    expected = form(direct(folder))
    assert bench(folder, "--format", name) == expected
    out = tmp_path / f"t{ending}"
    assert bench(folder, "--out", out) == ""
    assert out.read_bytes() == expected.encode()
    assert list(tmp_path.glob("*.part")) == []


def test_terminal_is_the_default(folder: Path, tmp_path: Path) -> None:
    text = bench(folder / "x-1", folder / "y-1")
    assert "Self-reenactment" in text
    assert "*10.00*" in text
    bench(folder, "--out", tmp_path / "t.txt")
    saved = (tmp_path / "t.txt").read_text(encoding="utf-8")
    assert "*10.00*" in saved
    assert all(line == line.rstrip() for line in saved.splitlines())


def test_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show([folder / "x-1", folder / "y-1"])
    assert capsys.readouterr().out == bench(folder)


def test_damaged_manifest_is_a_sentence(folder: Path) -> None:
    manifest = folder / "y-1" / "run.json"
    manifest.write_text('{"format": "portraitbench-run@1"}', encoding="utf-8")
    with pytest.raises(UsageProblem, match="run_id: Field required"):
        bench(folder)


def test_metrics_and_coverage(folder: Path) -> None:
    text = bench(folder, "--format", "md", "--metrics", "lmd", "--coverage")
    assert "SSIM" not in text
    assert "10.00 (100%)" in text
    with pytest.raises(UsageProblem, match="unknown metric 'lmdd'"):
        bench(folder, "--metrics", "ssim,lmdd")


def test_groups_of_bench_run(folder: Path) -> None:
    light = bench(folder, "--format", "md", "--metrics", "light")
    assert "SSIM" in light
    assert "LMD" in light
    assert bench(folder, "--format", "md", "--metrics", "default") == light  # all they hold
    assert bench(folder, "--format", "md", "--metrics", "all") == light


def test_a_group_that_runs_hold_nothing_of(tmp_path: Path, invented: Maker) -> None:
    run = invented("x", {"lpips.alex@1": [0.1] * 4}).write(tmp_path)
    with pytest.raises(UsageProblem, match="hold no metric of the group 'light'"):
        bench(run, "--metrics", "light")


def test_mistakes_are_sentences(folder: Path, tmp_path: Path, invented: Maker) -> None:
    with pytest.raises(UsageProblem, match="there is no folder"):
        bench(tmp_path / "nowhere")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        bench(folder, "--out", tmp_path / "no" / "t.md")
    (tmp_path / "taken").mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        bench(folder, "--out", tmp_path / "taken")
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*.part"))
    other = invented("z", {LMD: [0.1] * 4}, split={"sha256": "ab" * 32}).write(tmp_path)
    with pytest.raises(NotComparable):
        bench(folder, other)
    bench(folder, "--format", "pdf", code=2)


def test_reading_changes_nothing_that_is_printed(folder: Path) -> None:
    first = bench(folder, "--format", "html")
    assert bench(folder, "--format", "html") == first


@pytest.mark.parametrize("form", ["terminal", "md", "csv", "latex", "html"])
def test_by_person(folder: Path, form: str) -> None:
    text = bench(folder, "--by", "person", "--format", form, "--metrics", "lmd")
    if form == "csv":
        rows = list(DictReader(StringIO(text)))
        assert {(row["person"], row["metric"], row["value"]) for row in rows} == {
            ("1", LMD, "1000000000.0")  # the person's own score, not that of the case
        }
    else:
        assert "Person 1 from the left" in text
    assert "Person 1" not in bench(folder, "--format", form)
