"""Tables in the layout of papers: golden files, and ranks and means found again by a few lines.

``BENCH_GOLDEN=write pytest tests/leaderboards`` writes the golden files anew; read the diff.
"""

import csv as reader
import io
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from layout_shop import (
    AED,
    BLEND,
    FORMS,
    LMD,
    SPEED,
    SSIM,
    in_every_form,
    measured,
    published,
    runs,
)
from markdown_it import MarkdownIt

from benchmark.errors import NotComparable, UsageProblem
from benchmark.store import SetEntry
from leaderboards.build import build
from leaderboards.formats.markdown import markdown_pages
from leaderboards.layouts.build import paper_table
from leaderboards.layouts.csv import FIELDS, csv
from leaderboards.layouts.model import Entries, PaperTable
from leaderboards.layouts.show import page
from leaderboards.published import load
from metrics.registry import CARDS
from metrics.set_score import SetScore

Maker = Callable[..., Any]
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def alone() -> list[PaperTable]:
    return published()


@pytest.fixture(scope="module")
def beside(invented: Maker) -> list[PaperTable]:
    return measured(runs(invented))


@pytest.mark.parametrize("what", ["published", "measured"])
def test_golden(alone: list[PaperTable], beside: list[PaperTable], what: str) -> None:
    texts = in_every_form(alone if what == "published" else beside)
    assert tuple(texts) == FORMS
    for ending, text in texts.items():
        path = GOLDEN / f"layouts_{what}.{ending}"
        if os.environ.get("BENCH_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), path.name


def test_every_printed_number_is_printed_and_none_is_added(alone: list[PaperTable]) -> None:
    for table in alone:
        given = [str(v) for row in table.published.rows for v in row.values if v is not None]
        assert [c.printed for row in table.rows for c in row.cells if c.printed] == given


def test_ranks_are_found_again(alone: list[PaperTable], beside: list[PaperTable]) -> None:
    """Best is bold and second underlined, in every block, by a few lines on what is printed."""
    for table in [*alone, *beside]:
        cells = MarkdownIt("commonmark").enable("table").parse(markdown_pages(page(table)))
        inline = [cells[i + 1].content for i, t in enumerate(cells) if t.type == "td_open"]
        width = len(table.columns) + 2
        lines = [inline[i : i + width] for i in range(0, len(inline), width)]
        rows = [line for line in lines if line[1]]  # without names of blocks
        assert len(rows) == len(table.rows)
        for i, column in enumerate(table.columns, start=2):
            unranked = table.published.facts.unranked or column.unranked
            blocks = defaultdict(list)
            for row, line in zip(table.rows, rows, strict=True):
                plain = row.role == "method" and row.source != "measured" and line[i] != "–"
                if plain and not unranked and column.metric.direction != "none":
                    number = line[i].split("<sup>")[0].strip("*").removeprefix("<ins>")
                    blocks[row.block].append((Decimal(number.removesuffix("</ins>")), line[i]))
            for block in blocks.values():
                order = sorted({v for v, _ in block}, reverse=column.metric.direction == "higher")
                if len(block) < 2:
                    continue
                best = [text for v, text in block if v == order[0]]
                assert all(text.startswith("**") for text in best)
                second = [t for v, t in block if len(order) > 1 and v == order[1]]
                assert all(t.startswith("<ins>") == (len(best) == 1) for t in second)
                assert sum(t.startswith(("**", "<ins>")) for _, t in block) == len(best) + (
                    len(second) if len(best) == 1 else 0
                )


def row_of(table: PaperTable, label: str) -> Entries:
    return next(row for row in table.rows if row.label == label and row.source == "measured")


def test_means_are_found_again(invented: Maker) -> None:
    records = runs(invented)
    scores = {
        (s.case_id, s.metric): s.score.value
        for s in records[1].scores
        if s.person == -1 and hasattr(s.score, "value")
    }
    fantasy, speed, xnemo, _ = measured(records)
    for table, key, metric, cases, power in (
        (fantasy, "self.ssim", SSIM, "ab", 0),
        (fantasy, "self.lmd", LMD, "ab", 3),
        (fantasy, "cross.aed", AED, "cd", 2),
        (xnemo, "cross.aed", BLEND, "cd", 0),
        (speed, "speed", SPEED, "ab", -3),
    ):
        i = [c.key for c in table.columns].index(key)
        cell = row_of(table, "ours").cells[i]
        values = [scores[case, metric] for case in cases]
        wanted = sum(values) / len(values)
        digits = table.columns[i].digits
        assert float(cell.printed) == pytest.approx(wanted * 10**power, abs=0.5001 * 10**-digits)
        assert cell.protocol_id == metric
        raw = power - table.columns[i].metric.scale
        assert cell.value == pytest.approx(wanted * 10**raw)


def test_who_is_ranked_among_the_measured(beside: list[PaperTable]) -> None:
    fantasy, _, xnemo, director = beside
    lmd = [c.key for c in fantasy.columns].index("self.lmd")
    assert [(r.label, r.cells[lmd].rank) for r in fantasy.rows if r.source == "measured"] == [
        ("ours", 2),
        ("Lost & <b>Found</b> \\input{x} _50%_", None),  # it lost the face
        ("sparse", 1),  # its failed case is cross-reenactment
        ("stopped", None),
        ("second", 3),
        ("frozen (control)", None),
    ]
    aed = [c.key for c in xnemo.columns].index("cross.aed")
    assert row_of(xnemo, "sparse").cells[aed].rank is None
    assert "1 of 2 cases" in row_of(xnemo, "sparse").cells[aed].note
    flicker = [c.key for c in director.columns].index("flicker")
    ours = row_of(director, "ours").cells[flicker]
    assert ours.rank is None
    assert "distance to the driving clip" in ours.note
    assert xnemo.daggers == {"self.lpips"}


def test_measured_and_published_are_never_in_one_pool(beside: list[PaperTable]) -> None:
    for table in beside:
        assert any("are not ranked together" in note for note in table.notes)
        for i in range(len(table.columns)):
            by = defaultdict(set)
            for row in table.rows:
                if row.cells[i].pool:
                    by[row.cells[i].pool].add(row.source == "measured")
            assert all(len(sources) == 1 for sources in by.values())


def test_csv_gives_the_numbers_back(beside: list[PaperTable]) -> None:
    for table in beside:
        lines = list(reader.DictReader(io.StringIO(csv(table))))
        assert tuple(lines[0]) == FIELDS
        cells = [cell for row in table.rows for cell in row.cells]
        for line, cell in zip(lines, cells, strict=True):
            assert (float(line["value"]) if line["value"] else None) == cell.value
            assert line["printed"] == cell.printed
            assert bool(line["arxiv"]) == (line["origin"] != "measured")
            assert bool(line["metric"]) <= (line["origin"] == "measured")


def test_what_cannot_be_filled_is_a_sentence(invented: Maker) -> None:
    library, records = load(), runs(invented)
    with pytest.raises(UsageProblem, match="this suite measures none of its columns"):
        paper_table(library, library.table("portraitdirector-1"), records, CARDS)
    bare = [invented("x", {"psnr.frame-cap100@1": [20.0] * 4}).record()]
    with pytest.raises(UsageProblem, match="no run holds a metric of the layout xnemo-1") as caught:
        paper_table(library, library.table("xnemo-1"), bare, CARDS)
    assert "bench run --metrics l1.unit-rgb-256,ssim.wang-rgb-256" in caught.value.remedy
    other = invented("y", {LMD: [0.1] * 4}, split={"sha256": "ab" * 32}).record()
    with pytest.raises(NotComparable):
        paper_table(library, library.table("fantasyportrait-1"), [*records, other], CARDS)


def test_a_number_under_a_title_that_means_another_says_what_it_is(invented: Maker) -> None:
    library, fid = load(), "fid.torch-fidelity-embedded-b446dae2@1"
    record = invented("a", {fid: [None] * 4, LMD: [0.1] * 4}).record()
    sets = (SetEntry("self", fid, SetScore(1.5, 2, 2, 62, 2, 62)),)
    made = paper_table(
        library, library.table("fantasyportrait-3"), [replace(record, sets=sets)], CARDS
    )
    marked = dict(page(made).marked).values()
    assert f"This is {fid}." in marked
    assert "Printed as FVD; the numbers are those of FID in Table 1." in marked


def test_an_older_definition_is_named(invented: Maker) -> None:
    old = "fvd.i3d-k400-embedded-68c1ffa6@1"
    made = [invented("a", {LMD: [0.1] * 4, old: [1.0] * 4}).record()]
    library = load()
    table = paper_table(library, library.table("fantasyportrait-1"), made, CARDS)
    i = [c.key for c in table.columns].index("self.fvd")
    said = f"No value: the runs hold {old}, which this version does not define."
    assert row_of(table, "a").cells[i].note == said
    with pytest.raises(UsageProblem, match="'fvd' as this version defines it") as caught:
        build(made, CARDS, ["fvd"])
    assert old in caught.value.remedy


def test_official_numbers_come_before_stand_ins(invented: Maker) -> None:
    official, stand_in = "lpips.alex-256@1", "lpips.alex-256-embedded-4ca3cecd@1"
    made = [
        invented("a", {official: [0.2, 0.2, None, None]}).record(),
        invented("b", {stand_in: [0.1, 0.1, None, None]}).record(),
    ]
    library = load()
    both = paper_table(library, library.table("xnemo-1"), made, CARDS)
    i = [c.key for c in both.columns].index("self.lpips")
    assert both.daggers == frozenset()
    assert row_of(both, "a").cells[i].printed == "0.200"
    assert row_of(both, "b").cells[i].printed == ""
    assert "made without this metric" in row_of(both, "b").cells[i].note
    alone = paper_table(library, library.table("xnemo-1"), made[1:], CARDS)
    assert row_of(alone, "b").cells[i].printed == "0.100"
    assert alone.daggers == {"self.lpips"}


def test_pages_name_the_source(alone: list[PaperTable]) -> None:
    forms: Mapping[str, str] = in_every_form(alone)
    for name in ("2604.19129", "2512.16900", "2507.12956", "2507.23143"):
        assert all(name in text for text in forms.values())
