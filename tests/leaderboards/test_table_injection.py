"""Nothing from outside (labels, notes, reasons) can inject anything into any format."""

import csv as reader
import io
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from leaderboards.build import build
from leaderboards.formats.csv import csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.markdown import markdown
from leaderboards.formats.terminal import terminal
from leaderboards.model import Table
from leaderboards.text import clean, placeless
from metrics.card import Card
from metrics.score import NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
LMD = "lmd.test@1"

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
        invented("bare", {LMD: [0.1] * 4}, label=text if clean(text) else "bare").record(),
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
    assert len(cells) == 2 * 5 * 4  # two kinds; head and four rows of label, cases, cov., LMD
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
    assert labels[8] == clean(f"A{text}") + "a"  # and the mark of its note
    assert labels[12] == (clean(text) or "bare")
    assert labels[16] == clean(f"C{text}C")
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


@for_hostile_text
def test_csv_gives_names_back(cards: Cards, invented: Maker, text: str) -> None:
    check_csv(cards, invented, text)


def check_csv(cards: Cards, invented: Maker, text: str) -> None:
    lines = list(reader.DictReader(io.StringIO(csv(hostile(cards, invented, text)))))
    assert len(lines) == 8
    assert all(None not in line for line in lines)
    assert lines[2]["label"] == clean(f"A{text}")
    reason = placeless(text) or "no reason was given"
    formula = reason.startswith(("=", "+", "-", "@"))
    assert lines[2]["reason"] == ("'" if formula else "") + reason


@for_hostile_text
def test_terminal_prints_names_as_they_are(cards: Cards, invented: Maker, text: str) -> None:
    check_terminal(cards, invented, text)


def check_terminal(cards: Cards, invented: Maker, text: str) -> None:
    out = io.StringIO()
    Console(file=out, width=200, force_terminal=False, color_system=None).print(
        terminal(hostile(cards, invented, text))
    )
    page = out.getvalue()
    assert "\x1b" not in page
    assert clean(f"A{text}").split()[0][:8] in page


@given(st.text(max_size=400))
def test_clean_is_one_printable_line(text: str) -> None:
    line = clean(text)
    assert clean(line) == line
    assert len(line) <= 300
    assert line.isprintable()
