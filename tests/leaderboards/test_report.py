"""``bench report``: worst cases found again; a page that stands alone, whole or not at all."""

import csv as reader
import io
import json
import re
import shutil
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from benchmark.cli.report import report
from benchmark.errors import BenchError, NotComparable, UsageProblem
from benchmark.store import Outcome
from leaderboards.build import build
from leaderboards.facts import read
from leaderboards.report.csv import FIELDS, worst_csv
from leaderboards.report.folder import GENERATOR, whole
from leaderboards.report.worst import failures, most_often, worst_cases
from metrics.card import Card
from metrics.score import Measured, NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
SSIM, LMD, FLICKER, FPS = (f"{n}.test@1" for n in ("ssim", "lmd", "flicker", "fps"))
REAL_SSIM, REAL_AED = "ssim.wang-rgb@2", "aed.mediapipe51@1"
app = typer.Typer()
app.command()(report)


def bench(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, invented: Maker) -> Path:
    """Return runs of real definitions; their clips are not there."""
    tmp_path = tmp_path_factory.mktemp("report")
    hostile = '<img src=x onerror=alert(1)> & "x"'
    runs = {
        "x": {REAL_SSIM: [0.8, 0.9, None, None], REAL_AED: [0.01, 0.04, 0.03, 0.02]},
        "y": {REAL_SSIM: [0.9, 0.7, None, None], REAL_AED: [0.02, 0.01, 0.05, 0.06]},
    }
    for name, scores in runs.items():
        invented(name, scores, label=f"{name} {hostile}").write(tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture(scope="module")
def made(folder: Path) -> Path:
    """Return a report of these runs."""
    out = folder.parent / "report"
    assert str(out / "index.html") in bench(folder, "--out", out)
    return out


def test_worst_cases_of_each_metric(cards: Cards, invented: Maker) -> None:
    run = invented(
        "x",
        {
            SSIM: [0.8, 0.9],
            LMD: [0.02, 0.03, Measured(0.01, 32, 32), NotMeasured("no face")],
            FLICKER: [Measured(v, 31, 31, driver=0.9) for v in (0.91, 0.5, 1.0, 0.9)],
            FPS: [1.0, 2.0, 3.0, 4.0],
        },
    ).record()
    table = build([run], cards)
    found = worst_cases([("x", read(run))], table.columns, 9)
    assert [(b.column.kind, b.column.card.name, b.case, b.value) for b in found] == [
        ("self", "ssim", "a", 0.8),
        ("self", "ssim", "b", 0.9),
        ("self", "lmd", "b", 0.03),
        ("self", "lmd", "a", 0.02),
        ("self", "flicker", "b", pytest.approx(0.4)),
        ("self", "flicker", "a", pytest.approx(0.01)),
        ("cross", "lmd", "d", None),
        ("cross", "lmd", "c", 0.01),
        ("cross", "flicker", "c", pytest.approx(0.1)),
        ("cross", "flicker", "d", 0.0),
    ]
    assert [b.shown for b in found[2:4]] == ["30.00", "20.00"]
    assert found[6].shown == "no face"
    assert most_often(found, 1) == [(0, "b", 2)]


def test_failures_are_the_worst_and_inputs_are_nobodys_fault(cards: Cards, invented: Maker) -> None:
    outcomes = {"a": (Outcome.FAILED, "too\nlong"), "c": (Outcome.UNJUDGEABLE, "dark")}
    run = invented(
        "x", {LMD: [0.9, 0.1, 0.9, NotMeasured("hidden", of_input=True)]}, outcomes=outcomes
    ).record()
    named = [("x", read(run))]
    found = worst_cases(named, build([run], cards).columns, 9)
    assert [(b.case, b.shown) for b in found] == [("a", "failed: too long"), ("b", "100.00")]
    assert failures(named, ("self", "cross")) == [("x", "a", "too long")]


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_the_worst_are_those_that_sorting_finds(
    cards: Cards, invented: Maker, values: list[float], most: int
) -> None:
    kinds = dict.fromkeys("abcd", "self")
    run = invented("x", {LMD: values}, kinds=kinds).record()
    found = worst_cases([("x", read(run))], build([run], cards).columns, most)
    assert [b.value for b in found] == sorted(values, reverse=True)[:most]
    assert [b.rank for b in found] == list(range(1, most + 1))
    lines = list(reader.DictReader(io.StringIO(worst_csv(found))))
    assert [float(line["value"]) for line in lines] == [b.value for b in found]
    assert tuple(lines[0]) == FIELDS


class Links(HTMLParser):
    """Collects what a page refers to, and its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.handlers = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += sum(name.startswith("on") for name, _ in attrs)
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.slow
def test_a_report_stands_alone(made: Path) -> None:
    out = made
    page = (out / "index.html").read_text(encoding="utf-8")
    links = Links(page)
    assert not links.tags & {"script", "iframe", "object", "base", "form"}
    assert links.handlers == 0
    assert "default-src 'none'" in page
    files = [link for link in links.found if not link.startswith("#")]
    assert all((out / file).is_file() for file in files)
    assert not any(":" in file or file.startswith(("/", "..")) for file in files)
    on_disk = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    assert on_disk == {*files, "index.html"}
    anchors = [link[1:] for link in links.found if link.startswith("#")]
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert {"tables/table.md", "tables/xnemo-1.tex", "tables/fantasyportrait-1.csv"} <= on_disk
    assert "tables/portraitdirector-1.md" not in on_disk  # nothing here fills it
    assert {"plots/cases-1.svg", "plots/cases-1.pdf"} <= on_disk
    assert "is better than" in page
    assert list(out.parent.glob(".report*")) == []


@pytest.mark.slow
def test_what_it_says_is_what_tables_say(folder: Path, made: Path) -> None:
    from benchmark.cli.sheets import Format, render
    from benchmark.cli.table import read as table_of
    from benchmark.cli.table import sheets

    shown = sheets(table_of([folder]))
    for form, ending in ((Format.MD, "md"), (Format.LATEX, "tex"), (Format.CSV, "csv")):
        ours = (made / f"tables/table.{ending}").read_text(encoding="utf-8")
        assert ours.startswith(render(shown, form)[:400])
    record = json.loads((made / "provenance.json").read_text(encoding="utf-8"))
    assert [len(run["run_json_sha256"]) for run in record["runs"]] == [64, 64]
    text = (made / "index.html").read_text(encoding="utf-8")
    assert str(folder.parent) not in text + json.dumps(record)


@pytest.mark.slow
def test_the_same_runs_give_the_same_report(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        bench(folder, "--out", tmp_path / name)
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")}
        for n in ("one", "two")
    )
    assert one == two


@pytest.mark.slow
def test_metrics_and_pictures_are_chosen(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    bench(folder, "--out", out, "--metrics", "aed", "--pictures", 0, "--worst", 1)
    lines = list(reader.DictReader(io.StringIO((out / "worst.csv").read_text(encoding="utf-8"))))
    assert {(line["metric"], line["place"]) for line in lines} == {(REAL_AED, "1")}
    assert len(lines) == 4  # two kinds, two methods
    assert "no pictures were asked for" in (out / "index.html").read_text(encoding="utf-8")
    assert not (out / "pictures").exists()


@pytest.mark.slow
def test_clips_that_are_gone_are_said(made: Path) -> None:
    page = (made / "index.html").read_text(encoding="utf-8")
    assert re.search(r"the clip of case \w+ is gone", page)


def test_nothing_else_is_replaced(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageProblem, match="is there and holds no report"):
        bench(folder, "--out", out)
    assert (out / "thesis.txt").read_text() == "years of work"
    with pytest.raises(UsageProblem, match="is there and holds no report"):
        bench(folder, "--out", out / "thesis.txt")
    with pytest.raises(UsageProblem, match="cannot be replaced"):
        bench(folder, "--out", tmp_path / "..")


@pytest.mark.parametrize("name", ["notes.md", "tables/mine.tex", "plots/more/x.svg", "a link"])
def test_what_a_user_put_beside_a_report_stays(folder: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "report"
    bench(folder, "--out", out, "--pictures", "0")
    mine = out / name
    mine.parent.mkdir(exist_ok=True)
    if name == "a link":
        mine.symlink_to(folder)
    else:
        mine.write_text("years of work")
    with pytest.raises(UsageProblem, match=f"holds {name} beside a report"):
        bench(folder, "--out", out, "--pictures", "0")
    assert mine.exists()
    mine.unlink()
    bench(folder, "--out", out, "--pictures", "0")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    out, link = tmp_path / "report", tmp_path / "latest"
    link.symlink_to(out)
    for text in ("first", "second"):
        with whole(link) as part:
            (part / "index.html").write_text(f"{GENERATOR} {text}")
    assert "second" in (out / "index.html").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["latest", "report"]
    assert link.is_symlink()


def test_only_layouts_that_are_filled_are_in_it(tmp_path: Path, invented: Maker) -> None:
    no_weights = {"metrics": {"aed.smirk-exp50-mean@1": {"absent": "weights missing"}}}
    scores = {REAL_SSIM: [0.8, 0.9, None, None]}
    one = invented("x", scores)
    metrics = {**one.manifest()["metrics"], **no_weights["metrics"]}
    run = invented("x", scores, extra={"metrics": metrics}).write(tmp_path)
    bench(run, "--out", tmp_path / "report", "--pictures", "0")
    names = {path.stem for path in (tmp_path / "report" / "tables").iterdir()}
    assert names == {"table", "fantasyportrait-1"}, "not -2, of which no number is there"


def test_no_label_says_where_a_run_lies(folder: Path, tmp_path: Path) -> None:
    for place in ("a", "b"):
        shutil.copytree(folder, tmp_path / "deep" / place)
    runs = [tmp_path / "deep" / place for place in ("a", "b")]
    bench(*runs, "--out", tmp_path / "report", "--pictures", "0")
    files = [path for path in (tmp_path / "report").rglob("*") if path.is_file()]
    assert any(b"[a/x-" in path.read_bytes() for path in files)
    assert not any(str(tmp_path).encode() in path.read_bytes() for path in files)


def test_an_old_report_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "report"
    with whole(out) as part:
        (part / "index.html").write_text(f"{GENERATOR} first")
    with pytest.raises(RuntimeError), whole(out) as part:
        (part / "index.html").write_text(f"{GENERATOR} second")
        raise RuntimeError
    assert "first" in (out / "index.html").read_text()
    with whole(out) as part:
        (part / "index.html").write_text(f"{GENERATOR} third")
    assert "third" in (out / "index.html").read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_mistakes_leave_nothing_behind(folder: Path, tmp_path: Path, invented: Maker) -> None:
    out = tmp_path / "report"
    other = invented("z", {REAL_AED: [0.1] * 4}, split={"sha256": "ab" * 32}).write(tmp_path)
    wrong: list[tuple[list[object], type[BenchError]]] = [
        ([folder, other, "--out", out], NotComparable),
        ([folder, "--out", out, "--metrics", "aedd"], UsageProblem),
        ([tmp_path / "nowhere", "--out", out], UsageProblem),
    ]
    for arguments, kind in wrong:
        with pytest.raises(kind):
            bench(*arguments)
    assert not out.exists()
    assert list(tmp_path.glob(".report*")) == []
