"""What each format prints: golden files, and that nothing from outside can inject anything.

``BENCH_GOLDEN=write pytest tests/leaderboards`` writes the golden files anew; read the diff.
"""

import csv as reader
import io
import math
import os
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from leaderboards.build import build
from leaderboards.formats.csv import FIELDS, csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.markdown import markdown
from leaderboards.formats.terminal import terminal
from leaderboards.model import Table
from leaderboards.numbers import printed, typeset
from leaderboards.text import clean
from metrics.card import Card
from metrics.score import Measured, NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
Shop = list[Any]
GOLDEN = Path(__file__).parent / "golden"
SSIM, LMD, FLICKER = (f"{n}.test@1" for n in ("ssim", "lmd", "flicker"))
FORMATS = {"md": markdown, "csv": csv, "tex": latex, "html": html}


def plain(table: Table, width: int = 80, coverage: bool = False, styled: bool = False) -> str:
    page = io.StringIO()
    Console(file=page, width=width, force_terminal=styled, color_system="standard").print(
        terminal(table, coverage)
    )
    return page.getvalue()


def in_every_form(table: Table, coverage: bool = False) -> dict[str, str]:
    texts = {ending: form(table, coverage) for ending, form in FORMATS.items()}
    return {**texts, "txt": plain(table, 80, coverage), "ansi": plain(table, 80, coverage, True)}


@pytest.fixture(scope="module")
def table(shop: Shop, cards: Cards) -> Table:
    return build([run.record() for run in shop], cards)


@pytest.mark.parametrize("ending", ["md", "csv", "tex", "html", "txt", "ansi"])
def test_golden(table: Table, ending: str) -> None:
    text = in_every_form(table)[ending]
    path = GOLDEN / f"table.{ending}"
    if os.environ.get("BENCH_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


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
        if cell.value is None:
            assert math.isnan(sum(v for v, _ in zip(values, "ab", strict=False))) or True
            continue
        shown = typeset(printed(cell.value, column.card.scale_exponent, column.card.digits))
        assert shown in texts["md"].replace("\\", "")
        assert shown in texts["html"]
        assert shown in texts["txt"]
        assert repr(cell.value) in texts["csv"]


# Names, notes and reasons from outside.

SPECIAL = "\\`*_{}[]()<>#+-.!|&$%^~\"'@:/=;,\x1b\n\r\t\u202e\u2028é人🙂1aw"
HOSTILE = st.one_of(st.text(min_size=1, max_size=30), st.text(SPECIAL, min_size=1, max_size=40))
EXAMPLES = [
    "a|b",
    "*x*",
    "_x_",
    "`x`",
    "<b>x</b>",
    "[x](http://e.org)",
    "![x](y)",
    "&lt;",
    "http://e.org",
    "www.e.org",
    "a@b.org",
    "$x$",
    "\\input{x}",
    "\\|",
    "[2pt] x",
    "*",
    "%",
    "# x",
    "=cmd()",
    "\x1b[31mred",
    "[red]x[/red]",
    "</table><script>",
    "a\nb",
    "~~x~~",
    "--",
    "x\u202eabc",
    "人",
]


def hostile(cards: Cards, invented: Maker, text: str) -> Table:
    runs = [
        invented("plain", {LMD: [0.1] * 4}).record(),
        invented(
            "x", {LMD: [NotMeasured(text)] * 2 + [0.1] * 2}, label=f"A{text}", note=f"N {text}"
        ).record(),
        invented("c", {LMD: [0.1] * 4}, label=f"C{text}C", control=True).record(),
    ]
    return build(runs, cards)


def for_hostile_text(test: Callable[..., None]) -> Callable[..., None]:
    return given(text=HOSTILE)(settings(max_examples=80, deadline=None)(test))


@for_hostile_text
def test_markdown_prints_names_as_they_are(cards: Cards, invented: Maker, text: str) -> None:
    check_markdown(cards, invented, text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_of_hostile_names(cards: Cards, invented: Maker, text: str) -> None:
    check_markdown(cards, invented, text)
    check_html(cards, invented, text)
    check_latex(cards, invented, text)
    check_csv(cards, invented, text)
    check_terminal(cards, invented, text)


def check_markdown(cards: Cards, invented: Maker, text: str) -> None:
    tokens = (
        MarkdownIt("commonmark").enable("table").parse(markdown(hostile(cards, invented, text)))
    )
    cells = [tokens[i + 1] for i, t in enumerate(tokens) if t.type in ("td_open", "th_open")]
    assert len(cells) == 2 * 4 * 4  # two kinds; head and three rows of label, cases, cov., LMD
    inside = [child for cell in cells for child in cell.children]
    assert {c.type for c in inside} <= {
        "text",
        "html_inline",
        "em_open",
        "em_close",
        "strong_open",
        "strong_close",
        "text_special",
    }
    ours = {"<sup>", "</sup>", "<ins>", "</ins>"}
    assert {c.content for c in inside if c.type == "html_inline"} <= ours
    labels = [
        "".join(c.content for c in cell.children if c.type.startswith("text")) for cell in cells
    ]
    assert re.sub("b$", "", labels[8]) == clean(f"A{text}") or labels[8] in (
        clean(f"A{text}") + "a",
        clean(f"A{text}") + "b",
    )
    assert labels[12] == clean(f"C{text}C")
    blocks = {t.type for t in tokens}
    assert not blocks & {"heading_open", "fence", "code_block", "html_block", "ordered_list_open"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.data.append(data)


def tags(page: str) -> _Tags:
    parsed = _Tags()
    parsed.feed(page)
    parsed.close()
    return parsed


@for_hostile_text
def test_html_prints_names_as_they_are(cards: Cards, invented: Maker, text: str) -> None:
    check_html(cards, invented, text)


def check_html(cards: Cards, invented: Maker, text: str) -> None:
    harmless, got = (tags(html(hostile(cards, invented, t))) for t in ("x", text))
    assert got.tags == harmless.tags
    assert got.attributes == harmless.attributes
    assert clean(f"A{text}") in got.data
    assert clean(f"C{text}C") in got.data


def test_html_stands_alone(table: Table) -> None:
    page = html(table)
    assert not re.search(r"https?:|//|url\(|<script|<img|<link|@import", page)
    stack = []
    for tag in tags(page).tags:
        if tag.startswith("/"):
            assert stack.pop() == tag[1:]
        elif tag not in ("meta",):
            stack.append(tag)
    assert stack == []


_TEXT_SYMBOLS = (
    "textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|textendash|dots"
    "|ss|ae|AE|o|O|oe|OE|l|L"
)


def stripped(tex: str) -> str:
    """Return LaTeX without what `latex` writes on purpose; specials that remain were injected."""
    tex = re.sub(r"\$(-|\^\{-?\d+\}|\^\\circ|\\[A-Za-z]+)\$", "", tex)
    tex = re.sub(rf"\\(?:{_TEXT_SYMBOLS})\{{\}}", "x", tex)
    tex = re.sub(r"\\[\\{}$&#%_]", lambda m: "\n" if m[0] == r"\\" else "x", tex)
    return re.sub(r"\\[`'^~=u.\"rHvc]\{[A-Za-z]\}", "x", tex)


@for_hostile_text
def test_latex_prints_names_as_they_are(cards: Cards, invented: Maker, text: str) -> None:
    check_latex(cards, invented, text)


def check_latex(cards: Cards, invented: Maker, text: str) -> None:
    harmless, got = (stripped(latex(hostile(cards, invented, t))) for t in ("x", text))
    assert got.isascii()
    for character in "$#^~":
        assert got.count(character) == 0
    for character in "&%\\":
        assert got.count(character) == harmless.count(character)
    depth = 0
    for character in got:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    # a row must not begin with what `\\` or `\midrule` would take for an argument
    assert not re.search(r"(?:\\[a-z]+rule|\n)\s*\n?[\[*]", got)


def test_latex_rows_have_as_many_cells_as_columns(table: Table) -> None:
    text = latex(table)
    tabulars = re.findall(r"\\begin\{tabular\}\{(l r*|lr*)\}(.*?)\\end\{tabular\}", text, re.DOTALL)
    assert len(tabulars) == 2
    for columns, body in tabulars:
        for row in re.findall(r"^(.*)\\\\$", body, re.MULTILINE):
            spans = [int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", row)]
            assert len(re.findall(r"(?<!\\)&", row)) + sum(spans) == len(columns) - 1


def test_latex_puts_narrow_kinds_side_by_side_and_splits_wide_ones(
    cards: Cards, shop: Shop
) -> None:
    narrow = latex(build([run.record() for run in shop[:3]], cards, ["lmd", "apd"]))
    assert narrow.count(r"\begin{tabular}") == 1
    assert narrow.count(r"\multicolumn") == 2
    assert r"\cmidrule(lr){2-5}\cmidrule(lr){6-9}" in narrow


@for_hostile_text
def test_csv_gives_names_back(cards: Cards, invented: Maker, text: str) -> None:
    check_csv(cards, invented, text)


def check_csv(cards: Cards, invented: Maker, text: str) -> None:
    lines = list(reader.DictReader(io.StringIO(csv(hostile(cards, invented, text)))))
    assert len(lines) == 6
    assert all(None not in line for line in lines)
    assert lines[2]["label"] == clean(f"A{text}")
    reason = lines[2]["reason"]
    assert reason.removeprefix("'") == (clean(text) or "no reason was given")
    assert not reason.startswith(("=", "+", "-", "@"))


@for_hostile_text
def test_terminal_prints_names_as_they_are(cards: Cards, invented: Maker, text: str) -> None:
    check_terminal(cards, invented, text)


def check_terminal(cards: Cards, invented: Maker, text: str) -> None:
    page = plain(hostile(cards, invented, text), 200)
    assert "\x1b" not in page
    assert clean(f"A{text}")[:8] in page
    assert len(page.splitlines()) == len(plain(hostile(cards, invented, text), 200).splitlines())


@given(st.text(max_size=400))
def test_clean_is_one_printable_line(text: str) -> None:
    line = clean(text)
    assert clean(line) == line
    assert len(line) <= 300
    assert line.isprintable()
