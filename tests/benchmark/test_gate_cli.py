"""``bench gate`` from end to end: exit codes, and every form for people and machines."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from gate_runs import LMD, SSIM, Cast, Invented
from typer.testing import CliRunner

from benchmark.cli.gate import judged
from benchmark.cli.gating.github import annotations
from benchmark.cli.gating.junit import junit
from benchmark.cli.gating.markdown import markdown
from benchmark.cli.gating.page import Page, Row, Side
from benchmark.cli.gating.write import Targets, write_all
from benchmark.cli.main import app
from benchmark.errors import ExitCode
from benchmark.gate.judge import Judgement
from benchmark.gate.outcome import Outcome
from benchmark.gate.read import Opened, open_run
from benchmark.store import Outcome as Ended

BASE = Invented(Cast(12), noise=0.0)
HOSTILE = "::error::pwned\n<img src=x onerror=alert(1)> | `rm` @everyone ]]> \x00\x1b[2J &amp;"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate")
    BASE.write(folder / "base")
    BASE.but(noise=0.1, seed=3).write(folder / "same")
    BASE.but(changes={SSIM: lambda v: v * 0.9}).write(folder / "worse")
    return folder


@pytest.fixture
def runs(written: Path, tmp_path: Path) -> Path:
    """A folder of one's own in which the runs lie."""
    for run in written.iterdir():
        (tmp_path / run.name).symlink_to(run)
    return tmp_path


def gate(*words: str | Path) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["gate", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_pass(runs: Path) -> None:
    code, text = gate("--candidate", runs / "same", "--baseline", runs / "base")
    assert code == 0
    assert text.startswith("PASS: ")


def test_a_regression(runs: Path) -> None:
    reports = [runs / name for name in ("g.xml", "g.json", "g.md")]
    code, text = gate(
        "--candidate", runs / "worse", "--baseline", runs / "base",
        "--junit", reports[0], "--json", reports[1], "--comment", reports[2],
    )  # fmt: skip
    assert code == int(ExitCode.FAILED)
    assert text.startswith("FAIL: ") and "REGRESSION" in text
    assert "Cases that moved most" in text
    suite = Xml.parse(reports[0]).getroot()[0]
    failed = suite.findall("testcase/failure")
    assert suite.get("failures") == str(len(failed)) == "1"
    assert failed[0].get("type") == "regression"
    document = json.loads(reports[1].read_text())
    assert document["exit_code"] == 1
    found = {m["metric"]: m["outcome"] for m in document["metrics"]}
    assert found[SSIM] == "regression" and found[LMD] == "pass"
    comment = reports[2].read_text()
    assert "❌ FAIL" in comment and "SSIM ↑" in comment


def test_clips_that_are_here_are_linked(tmp_path: Path) -> None:
    opened = open_run(BASE.but(cast=Cast(1)).write(tmp_path / "run"))
    assert opened.clip("self-000") is None
    clips = tmp_path / "run" / "clips"
    clips.mkdir()
    (clips / "self-000.mkv").write_bytes(b"x")
    assert opened.clip("self-000") == clips / "self-000.mkv"
    (clips / "self-000.preview.mp4").write_bytes(b"x")
    assert opened.clip("self-000") == clips / "self-000.preview.mp4"
    assert Opened(tmp_path, opened.side).clip("self-000") is None


def test_lines_fit_80_columns(runs: Path) -> None:
    _, text = gate("--candidate", runs / "worse", "--baseline", runs / "base")
    table = [line for line in text.splitlines() if "tmp" not in line and str(runs) not in line]
    assert max(map(len, table)) <= 80


def test_workflow_files(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = runs / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, text = gate("--candidate", runs / "worse", "--baseline", runs / "base", "--github")
    assert code == 1
    assert re.search(r"^::error title=REGRESSION::SSIM ↑ \(self\)", text, re.MULTILINE)
    assert summary.read_text().startswith("before\n") and "❌ FAIL" in summary.read_text()
    code, text = gate("--candidate", runs / "same", "--baseline", runs / "base", "--github")
    assert code == 0 and "::notice title=bench gate::PASS" in text and "::error" not in text


@pytest.mark.parametrize(
    ("candidate", "baseline", "code", "outcome"),
    [
        ("same", "nowhere", 2, "no-baseline"),
        ("same", "nowhere.json", 2, "no-baseline"),
        ("same", "damaged.json", 2, "unreadable"),
        ("same", "empty", 2, "unreadable"),
        ("nowhere", "base", 2, "unreadable"),
        ("empty", "base", 2, "unreadable"),
        ("old", "base", 3, "other-protocol"),
    ],
)
def test_what_cannot_be_read_is_reported_too(
    runs: Path, candidate: str, baseline: str, code: int, outcome: str
) -> None:
    (runs / "empty").mkdir()
    (runs / "old").mkdir()
    (runs / "old" / "run.json").write_text('{"format": "portraitbench-run@0"}')
    (runs / "damaged.json").write_text('{"format": "portraitbench-baseline@1"}')
    reports = [runs / name for name in ("g.xml", "g.json", "g.md")]
    found, _ = gate(
        "--candidate", runs / candidate, "--baseline", runs / baseline,
        "--junit", reports[0], "--json", reports[1], "--comment", reports[2],
    )  # fmt: skip
    assert found == code
    document = json.loads(reports[1].read_text())
    assert [remark["outcome"] for remark in document["remarks"]] == [outcome]
    assert Xml.parse(reports[0]).getroot()[0].get("errors") == "1"
    assert "⚠️" in reports[2].read_text()


def test_a_wrong_configuration(runs: Path) -> None:
    (runs / "gate.toml").write_text("metrics = ['lmdd']")
    code, text = gate(
        "--candidate", runs / "same", "--baseline", runs / "base", "--config", runs / "gate.toml"
    )
    assert code == 2 and "did you mean 'lmd'" in text.replace("\n", "")


def test_a_report_that_cannot_be_written(runs: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["gate", "--candidate", str(runs / "same"), "--baseline", str(runs / "base"),
         "--junit", str(runs / "base" / "run.json" / "x.xml")],
    )  # fmt: skip
    assert getattr(done.exception, "exit_code", None) is ExitCode.ENVIRONMENT
    assert done.output.startswith("PASS: ")  # the verdict is not lost


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    outcomes = {"self-000": (Ended.FAILED, HOSTILE)}
    method = {"name": HOSTILE, "label": HOSTILE, "content": ""}
    bad = BASE.but(outcomes=outcomes, manifest_changes={"method": method})
    bad.but(cast=Cast(2)).write(tmp_path / "bad")
    BASE.but(cast=Cast(2)).write(tmp_path / "base")
    _, page = judged(tmp_path / "bad", tmp_path / "base")
    assert page.code is ExitCode.FAILED
    lines = annotations(page)
    assert all(line.startswith("::error title=") and "\n" not in line for line in lines)
    Xml.fromstring(junit(page))
    text = markdown(page)
    assert "<img" not in text and "@everyone" not in text and "\x1b" not in text


def test_hostile_words_of_any_part() -> None:
    row = Row("self", HOSTILE, HOSTILE, Outcome.REGRESSION, "1", "2", "+1", details=(HOSTILE,))
    page = Page(
        Side(HOSTILE, HOSTILE), Side(HOSTILE, HOSTILE), ExitCode.FAILED,
        ((Outcome.FAILED_CASES, HOSTILE),), (row,), warnings=(HOSTILE,),
    )  # fmt: skip
    lines = annotations(page)
    assert len(lines) == 2 and all("\n" not in line for line in lines)
    root = Xml.fromstring(junit(page))
    assert [case.get("name") for case in root[0]][1].startswith("::error::pwned")
    text = markdown(page)
    assert "<img" not in text and "@everyone" not in text


def test_many_errors_are_counted() -> None:
    rows = tuple(Row("self", f"m{i}", f"m{i}", Outcome.REGRESSION) for i in range(14))
    page = Page(Side("a", "a"), Side("b", "b"), ExitCode.FAILED, (), rows)
    lines = annotations(page)
    assert len(lines) == 10 and "5 more" in lines[-1] and "m8" in lines[-2]


def test_nothing_measured_is_an_error_for_machines() -> None:
    page = Page(Side("a", "a"), Side("b", "b"), ExitCode.NOT_COMPARABLE)
    assert Xml.fromstring(junit(page))[0].get("errors") == "1"


def test_a_run_held_against_itself_is_no_pass(runs: Path) -> None:
    (runs / "again").symlink_to(runs / "base")
    code, text = gate("--candidate", runs / "again", "--baseline", runs / "base")
    assert code == int(ExitCode.NOT_COMPARABLE)
    assert "is both sides" in " ".join(text.split())


def test_text_for_people_holds_no_commands(tmp_path: Path) -> None:
    """A line break of the terminal must not make a command of what a method printed."""
    outcomes = {"self-000": (Ended.FAILED, "x " * 60 + "::add-mask::a " * 40)}
    BASE.but(cast=Cast(2), outcomes=outcomes).write(tmp_path / "bad")
    BASE.but(cast=Cast(2)).write(tmp_path / "base")
    _, text = gate("--candidate", tmp_path / "bad", "--baseline", tmp_path / "base", "--github")
    lines = text.splitlines()
    assert any(line.lstrip().startswith("::add-mask") for line in lines)
    stop = next(i for i, line in enumerate(lines) if line.startswith("::stop-commands::"))
    word = lines[stop].removeprefix("::stop-commands::")
    start = lines.index(f"::{word}::")
    heard = [line for line in lines[:stop] + lines[start + 1 :] if line.startswith("::")]
    assert len(word) == 32 and heard
    assert all(line.startswith(("::error title=", "::notice title=")) for line in heard)


def test_names_of_files_that_are_no_text(runs: Path) -> None:
    odd = runs / "bad\udcff\n# heading"
    (runs / "same").rename(odd)
    _, page = judged(odd, runs / "base")
    text = markdown(page)
    assert "\n# heading" not in text and "bad" in text
    write_all(page, Judgement(), Targets(comment=runs / "g.md", junit=runs / "g.xml"))
    assert "bad" in (runs / "g.md").read_text(encoding="utf-8")
