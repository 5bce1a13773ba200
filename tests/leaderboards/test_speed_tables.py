"""Speed tables: what is ranked, what is only shown, what is not there; as Markdown and LaTeX."""

import csv as reader
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from speed_shop import A100, H200, figures, point, quality, record
from typer.testing import CliRunner

from benchmark.cli.perf import app
from benchmark.errors import NotComparable, UsageProblem
from benchmark.speed.record import Cohort, Latency, write_record
from leaderboards.formats.latex import latex_pages
from leaderboards.formats.layout import DASH, Layout, Style
from leaderboards.formats.markdown import markdown_pages
from leaderboards.speed.csv import FIELDS, speed_csv
from leaderboards.speed.layouts import LAYOUTS, speed_table
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import find_records, rows_of
from metrics.registry import CARDS

NONE = Quality()


def made(name: str, *points: Any, beside: Quality = NONE) -> Layout:
    return speed_table(name, rows_of([record(*points)]), beside)


def texts(page: Layout, title: str) -> list[str]:
    (panel,) = page.panels
    index = [head.title for head in panel.heads].index(title)
    return [line.cells[index].text for line in panel.lines]


def styles(page: Layout, title: str) -> list[Style]:
    (panel,) = page.panels
    index = [head.title for head in panel.heads].index(title)
    return [line.cells[index].style for line in panel.lines]


def test_rows_of_one_cohort_are_ranked() -> None:
    page = made("pareto", point("slow", 2.0), point("fast", 20.0), point("mid", 10.0))
    assert texts(page, "FPS") == ["2.00", "20.00", "10.00"]
    assert styles(page, "FPS") == [Style.PLAIN, Style.BEST, Style.SECOND]
    assert texts(page, "speed") == ["0.500", "0.050", "0.100"]
    assert styles(page, "speed") == [Style.PLAIN, Style.BEST, Style.SECOND]
    assert page.ranked
    assert "cohort" not in [head.title for head in page.panels[0].heads]
    assert any("Measured on: NVIDIA A100" in note for note in page.notes)


def test_what_prints_alike_shares_a_rank() -> None:
    page = made("pareto", point("a", 20.001), point("b", 20.004), point("c", 5.0))
    assert styles(page, "FPS")[:2] == [Style.BEST, Style.BEST]


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("field", sorted(Cohort.model_fields))
def test_rows_of_different_cohorts_are_never_ranked(name: str, field: str) -> None:
    numbers = {"power_limit_w": 1.0, "gpus": 8, "size": 256, "frames": 96, "fps": 30.0}
    other = {**numbers, "mode": "streaming"}.get(field, "other")
    second = A100.model_copy(update={field: other})
    page = made(name, point("a", 20.0), point("b", 5.0, second))
    assert not page.ranked
    assert all(x.style is Style.PLAIN for line in page.panels[0].lines for x in line.cells)
    assert texts(page, "cohort") == ["A", "B"]
    assert "not ranked" in page.notes[0]
    assert sum(note.startswith("Cohort ") for note in page.notes) == 2


def test_an_invalid_row_shows_no_figure_and_why() -> None:
    page = made("pareto", point("a", 20.0, flaws=("too short: 1.0 s",)), point("b", 5.0))
    assert texts(page, "FPS") == [DASH, "5.00"]
    assert page.marked == (("a", "INVALID: too short: 1.0 s"),)
    assert not page.ranked


def test_an_estimate_is_marked_and_not_ranked() -> None:
    guess = point("a", 20.0, figures=figures(20.0, estimated=True))
    page = made("pareto", guess, point("b", 5.0), point("c", 4.0))
    assert texts(page, "FPS") == ["20.00", "5.00", "4.00"]
    assert styles(page, "FPS") == [Style.PLAIN, Style.BEST, Style.SECOND]
    assert "estimated by a fit" in page.marked[0][1]


def test_latency_is_in_separate_columns_and_its_lack_is_said() -> None:
    blind = figures(20.0, latency=Latency(reason="reads"))
    page = made("stability", point("a", 20.0, chunk=8), point("b", 10.0, figures=blind))
    assert texts(page, "algorithmic") == ["320.0", DASH]
    assert texts(page, "compute p50") == ["400.0", "50.0"]
    assert texts(page, "sum") == ["720.0", DASH]
    assert any("reads the driving video itself" in text for _, text in page.marked)


def test_stages_are_of_a_chunk() -> None:
    page = made("stages", point("a", 20.0, chunk=8))
    assert texts(page, "denoise") == ["300.0"]
    assert texts(page, "decode") == ["50.0"]
    assert texts(page, "whole chunk") == ["400.0"]
    heads = [head.title for head in page.panels[0].heads]
    assert heads.index("other") == heads.index("whole chunk") - 1


def test_memory_resolution_and_chunks() -> None:
    page = made("memory", point("a", 20.0))
    assert (texts(page, "GPU allocated"), texts(page, "process")) == (["10.00"], ["3.00"])
    page = made("resolution", point("a", 20.0), point("b", 20.0, H200, chunk=4))
    assert texts(page, "resolution") == ["512", "512"]
    assert texts(page, "of 25") == ["0.80", "0.80"]
    assert page.panels[0].lines[1].label.text == "B (chunk=4)"


def test_quality_stands_beside_speed_by_the_name_of_the_method() -> None:
    beside = quality({"a": 64.66, "b": None})
    page = made("pareto", point("a", 20.0), point("b", 5.0), point("c", 4.0), beside=beside)
    assert texts(page, "FVD") == ["64.66", DASH, DASH]
    said = [text for _, text in page.marked]
    assert "no clip" in said
    assert "no finished run of c is among --runs" in said
    assert page.panels[0].heads[0].group == "self-reenactment"
    assert "A note on FVD." in page.notes


HOSTILE = r"\input{x} & <b>50%</b> $x$ | _a_ [l](http://e.x)"


def test_strings_of_others_are_only_strings() -> None:
    cohort = A100.model_copy(update={"device": HOSTILE, "includes": HOSTILE})
    bad = point("a", 20.0, cohort, label=HOSTILE, flaws=(HOSTILE + "\x1b[2J",))
    page = made("stages", bad, point("b", 5.0, cohort))
    tex = latex_pages(page)
    assert r"\input" not in tex
    assert "50\\%" in tex
    assert tex.count(r"\begin{tabular}") == tex.count(r"\end{tabular}") >= 1
    md = markdown_pages(page)
    assert "<b>" not in md
    assert "[l](" not in md
    assert "\x1b" not in md + tex


def test_csv_is_long_and_at_full_precision() -> None:
    rows = rows_of([record(point("a", 1 / 3), point("b", 5.0, flaws=("why",)))])
    columns = LAYOUTS["pareto"].columns(rows)
    lines = list(reader.DictReader(io.StringIO(speed_csv(rows, columns, quality({"a": 64.66})))))
    assert tuple(lines[0]) == FIELDS
    fps = [line for line in lines if line["column"] == "FPS"]
    assert float(fps[0]["value"]) == 1 / 3
    assert (fps[1]["value"], fps[1]["valid"], fps[1]["flaws"]) == ("", "false", "why")
    assert lines[0]["value"] == "64.66"


def test_records_are_found_in_folders_and_bad_ones_refused(tmp_path: Path) -> None:
    write_record(tmp_path / "one", record(point("a", 20.0)))
    write_record(tmp_path / "two", record(point("b", 5.0)))
    found = find_records([tmp_path, tmp_path / "one"])
    assert [r.points[0].name for r in found] == ["a", "b"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageProblem, match="holds none"):
        find_records([tmp_path / "empty"])
    with pytest.raises(UsageProblem, match="no measurement at"):
        find_records([tmp_path / "absent"])
    (tmp_path / "two" / "perf.json").write_text("{}")
    with pytest.raises(NotComparable):
        find_records([tmp_path])


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("form", ["md", "latex"])
def test_each_layout_is_one_command(tmp_path: Path, name: str, form: str) -> None:
    write_record(tmp_path / "one", record(point("a", 20.0), point("b", 5.0)))
    out = tmp_path / "table"
    arguments = ["table", str(tmp_path), "--layout", name, "--format", form, "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.exception
    text = out.read_text()
    assert "A100" in text
    assert {"md": "| method", "latex": r"\begin{tabular}"}[form] in text


@pytest.mark.parametrize(
    ("ending", "says"), [(".csv", "cohort,"), (".html", "<table>"), ("", "FPS")]
)
def test_other_forms_by_the_ending(tmp_path: Path, ending: str, says: str) -> None:
    write_record(tmp_path / "one", record(point("a", 20.0)))
    out = tmp_path / f"table{ending}"
    arguments = ["table", str(tmp_path), "--layout", "memory", "--out", str(out)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert says in out.read_text()


def test_many_cohorts_keep_letters_apart() -> None:
    points = [point("a", 1.0, A100.model_copy(update={"size": 100 + i})) for i in range(60)]
    rows = rows_of([record(*points)])
    assert len(rows.cohorts) == 60
    assert replace(rows.rows[0]).letter == "A"


def test_a_metric_that_is_judged_by_the_driver_shows_the_distance() -> None:
    flicker = next(i for i, c in CARDS.items() if c.name == "flicker")
    beside = quality({"a": 0.9592}, flicker)
    cell = beside.cells["a"][0]
    assert cell is not None
    beside = replace(beside, cells={"a": (replace(cell, distance=0.0021),)})
    page = made("pareto", point("a", 20.0), beside=beside)
    assert texts(page, "FVD") == ["0.9592 (|Δ| 0.0021)"]
    assert any("not ranked here" in note for note in page.notes)
