"""What each format prints: golden files, whole numbers, sound structure.

``BENCH_GOLDEN=write pytest tests/leaderboards`` writes the golden files anew; read the diff.
"""

import csv as reader
import io
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from leaderboards.build import build
from leaderboards.formats.csv import FIELDS, csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.layout import layout
from leaderboards.formats.markdown import markdown
from leaderboards.formats.terminal import terminal
from leaderboards.model import Table
from leaderboards.numbers import printed, typeset
from metrics.card import Card
from metrics.score import Measured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
Shop = list[Any]
GOLDEN = Path(__file__).parent / "golden"
SSIM, LMD, FLICKER = (f"{n}.test@1" for n in ("ssim", "lmd", "flicker"))
FORMATS = {"md": markdown, "csv": csv, "tex": latex, "html": html}


def plain(table: Table, width: int = 80, coverage: bool = False, styled: bool = False) -> str:
    page = io.StringIO()
    Console(
        file=page, width=width, force_terminal=styled, color_system="standard" if styled else None
    ).print(terminal(table, coverage))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def in_every_form(table: Table, coverage: bool = False) -> dict[str, str]:
    texts = {ending: form(table, coverage=coverage) for ending, form in FORMATS.items()}
    return {**texts, "txt": plain(table, 80, coverage)}


@pytest.fixture(scope="module")
def table(shop: Shop, cards: Cards) -> Table:
    return build([run.record() for run in shop], cards)


@pytest.mark.parametrize("ending", ["md", "csv", "tex", "html", "txt"])
def test_golden(table: Table, ending: str) -> None:
    text = in_every_form(table)[ending]
    path = GOLDEN / f"table.{ending}"
    if os.environ.get("BENCH_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_terminal_sets_off_the_best_and_the_second(table: Table) -> None:
    text = plain(table, styled=True)
    assert "\x1b[1m0.815\x1b[0m" in text
    assert "\x1b[4m0.811\x1b[0m" in text
    assert "*0.815*" not in text
    assert "Best is bold" in text.replace("\x1b[2m", "")


def test_coverage_beside_each_number(table: Table) -> None:
    texts = in_every_form(table, coverage=True)
    assert texts["csv"] == csv(table)
    for ending in ("md", "html", "txt"):
        assert "2.20 (81%)" in texts[ending]
    assert r"2.20 (81\%)" in texts["tex"]


def test_csv_gives_the_numbers_back(table: Table) -> None:
    lines = list(reader.DictReader(io.StringIO(csv(table))))
    assert tuple(lines[0]) == FIELDS
    rows = [row for row in table.rows if row.role != "reference"]
    pairs = [(r, c, x) for r in rows for c, x in zip(table.columns, r.cells, strict=True)]
    assert len(lines) == len(pairs)
    for line, (row, column, cell) in zip(lines, pairs, strict=True):
        assert (line["label"], line["metric"], line["protocol"]) == (
            row.label,
            column.card.id,
            column.kind,
        )
        assert cell is not None
        for name in ("value", "driver", "distance", "coverage", "rank"):
            got, want = line[name], getattr(cell, name)
            assert (float(got) if got else None) == want
        assert bool(line["value"]) != bool(line["reason"] and not cell.measured)
        assert line["control"] == str(row.role == "control").lower()


@pytest.mark.parametrize("styled", [True, False])
@pytest.mark.parametrize("width", [40, 60, 80, 97, 120, 200])
@pytest.mark.parametrize("coverage", [True, False])
def test_terminal_never_cuts_a_number(
    table: Table, width: int, styled: bool, coverage: bool
) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", plain(table, width, coverage, styled))
    assert max(map(len, text.splitlines())) <= width
    found = re.findall(r"[*_]?(−?[0-9][0-9.,×⁰¹²³⁴⁵⁶⁷⁸⁹∞]*)", text)
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            for value in (cell.value, cell.distance) if cell else ():
                if value is not None:
                    shown = typeset(printed(value, column.card.scale_exponent, column.card.digits))
                    assert shown in found


# Numbers of any size go through every format.

VALUES = st.floats(allow_nan=False)


@given(st.lists(VALUES, min_size=4, max_size=4), VALUES)
@settings(max_examples=60, deadline=None)
def test_any_number_is_printed_whole(
    cards: Cards, invented: Maker, values: list[float], driver: float
) -> None:
    scores = {
        LMD: [Measured(v, 1, 1) for v in values],
        FLICKER: [Measured(v, 1, 1, driver=driver) for v in values],
    }
    runs = [invented(n, scores).record() for n in "xy"]
    table = build(runs, cards)
    texts = in_every_form(table)
    for i, column in enumerate(table.columns):
        cell = table.rows[0].cells[i]
        assert cell is not None
        if cell.value is None:  # infinities of both signs
            assert cell.reason == "the mean is not a number"
            continue
        shown = typeset(printed(cell.value, column.card.scale_exponent, column.card.digits))
        assert shown in texts["md"]
        assert shown in texts["html"]
        assert shown in texts["txt"]
        assert repr(cell.value) in texts["csv"]


def test_html_stands_alone(table: Table) -> None:
    page = html(table)
    assert not re.search(r"https?:|//|url\(|<script|<img|<link|@import", page)
    stack = []
    for end, tag in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", page):
        if end:
            assert stack.pop() == tag
        elif tag != "meta":
            stack.append(tag)
    assert stack == []


def test_latex_rows_have_as_many_cells_as_columns(table: Table) -> None:
    text = latex(table)
    tabulars = re.findall(r"\\begin\{tabular\}\{(l r*|lr*)\}(.*?)\\end\{tabular\}", text, re.DOTALL)
    assert len(tabulars) == 2
    for columns, body in tabulars:
        for row in re.findall(r"^(.*)\\\\$", body, re.MULTILINE):
            spans = [int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", row)]
            assert len(re.findall(r"(?<!\\)&", row)) + sum(spans) == len(columns) - 1


def test_latex_puts_narrow_kinds_side_by_side(cards: Cards, shop: Shop) -> None:
    narrow = latex(build([run.record() for run in shop[:3]], cards, ["lmd", "apd"]))
    assert narrow.count(r"\begin{tabular}") == 1
    assert narrow.count(r"\multicolumn") == 2
    assert r"\cmidrule(lr){2-5}\cmidrule(lr){6-9}" in narrow


def test_parts_keep_joined_columns_together(table: Table) -> None:
    panel = layout(table).panels[0]
    for room in (1, 3, 5):
        parts = list(panel.split([1] * len(panel.heads), room))
        assert sum((p.heads for p in parts), ()) == panel.heads
        assert not any(p.heads[0].joined for p in parts)
        assert all(len(p.heads) <= max(room, 2) for p in parts)
        for line, *pieces in zip(panel.lines, *(p.lines for p in parts), strict=True):
            assert sum((piece.cells for piece in pieces), ()) == line.cells
