"""The published tables against the text of the papers, number by number, where it is at hand.

The text is read here by a parser of its own: the CSV files were not made by it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from support import SHARED

from leaderboards.published import PublishedTable, load

PAPERS = SHARED / "papers"
OPENINGS = {
    "portraitdirector": "Supplementary Materials of PortraitDirector",
    "flashportrait": "Supplementary Material for FlashPortrait",
    "fantasyportrait": "FANTASYPORTRAIT: MULTI-CHARACTER PORTRAIT ANIMATION",
    "xnemo": "X-NEMO: EXPRESSIVE NEURAL MOTION",
}
CAPTION_ABOVE = {"flashportrait"}
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
TABLES = list(load().tables)
IN_TEXT = {"portraitdirector": 4, "flashportrait": 3, "fantasyportrait": 3, "xnemo": 2}
GARBLED = {"Ours)": "Ours", "Ours.": "Ours", "ours(chunk=2)*": "ours(chunk=2)"}


@dataclass(frozen=True)
class Line:
    group: str
    label: str
    numbers: tuple[Decimal | None, ...]


@cache
def text(paper: str) -> list[str]:
    if not PAPERS.is_dir():
        pytest.skip("../shared/papers is not here")
    for path in sorted(Path(PAPERS).glob("*.txt")):
        content = path.read_text(encoding="utf-8")
        if OPENINGS[paper] in content[:300]:
            return content.splitlines()
    pytest.fail(f"no text of {paper} in {PAPERS}")


def block(table: PublishedTable) -> list[list[str]]:
    """Return the cells of the lines with tabs that stand nearest to the caption."""
    lines = text(table.facts.paper)
    caption = [i for i, x in enumerate(lines) if re.match(rf"Table {table.facts.number}[.:]", x)]
    assert len(caption) == 1
    step = 1 if table.facts.paper in CAPTION_ABOVE else -1
    at = caption[0] + step
    while "\t" not in lines[at]:
        at += step
    found = []
    while "\t" in lines[at]:
        found.append(lines[at].split("\t"))
        at += step
    return [[plain(cell) for cell in cells] for cells in found[::step]]


def plain(cell: str) -> str:
    cell = re.sub(r"</?[bi]>|\$| \[[0-9]+\]", "", cell).strip()
    return GARBLED.get(cell, cell)


def numbers(cell: str) -> list[Decimal | None]:
    """Return what a cell holds if it is of numbers, a dash or two numbers with a slash between."""
    if cell == "–":
        return [None]
    parts = [re.sub(r"[%sG]$", "", part) for part in cell.split("/")]
    return [Decimal(p) for p in parts] if all(NUMBER.fullmatch(p) for p in parts) else []


def lines_of(table: PublishedTable) -> Iterator[Line]:
    cells = block(table)
    if table.facts.transposed:
        cells = [list(column) for column in zip(*cells, strict=True)]
    group = ""
    for row in cells:
        held = [(cell, numbers(cell)) for cell in row]
        if not any(found for _, found in held):
            continue  # a header
        if table.facts.group:
            group = row[0] or group
        for label, values in pairs(held[1:] if table.facts.group else held):
            yield Line(group, label, tuple(values))


def pairs(
    held: list[tuple[str, list[Decimal | None]]],
) -> Iterator[tuple[str, list[Decimal | None]]]:
    """Yield label and numbers; several of them where a table is printed in two halves."""
    label, values = held[0][0], []
    for cell, found in held[1:]:
        if cell and not found:
            yield label, values
            label, values = cell, []
        values += found
    yield label, values


@pytest.mark.parametrize("name", TABLES)
def test_every_number_is_the_papers_and_none_is_missing(name: str) -> None:
    table = load().table(name)
    ours = [Line(row.group, row.printed, row.values) for row in table.rows]
    theirs = list(lines_of(table))
    order = {line.label: i for i, line in enumerate(ours)} if name == "flashportrait-2" else {}
    theirs.sort(key=lambda line: order.get(line.label, 0))  # printed in two halves side by side
    assert ours == theirs
    assert [str(v) for line in ours for v in line.numbers] == [
        str(v) for line in theirs for v in line.numbers
    ]  # 4.10 is not 4.1


@pytest.mark.parametrize("name", TABLES)
def test_arrows_are_the_papers(name: str) -> None:
    table = load().table(name)
    cells = block(table)
    heads = [row[0] for row in cells] if table.facts.transposed else [c for r in cells for c in r]
    lower = [h for h in heads if re.search(r"↓|\\downarrow", h)]
    higher = [h for h in heads if re.search(r"↑|\\uparrow", h)]
    for arrowed, direction in ((lower, "lower"), (higher, "higher")):
        for head in arrowed:
            word = re.split(r"[↓↑ (\\]", head)[0].lower()
            titled = [c for c in table.columns if c.metric.title.lower().startswith(word)]
            assert titled, head
            assert {c.metric.direction for c in titled} == {direction}


@pytest.mark.parametrize("paper", IN_TEXT)
def test_no_table_of_numbers_is_left_out(paper: str) -> None:
    captions = [x for x in text(paper) if re.match(r"Table [0-9]+[.:]", x)]
    here = [t for t in load().tables.values() if t.facts.paper == paper]
    # X-NeMo's Table 2 and its first are captioned; the second has no cells in the text.
    blocks = sum(
        "\t" in line and "\t" not in before
        for before, line in zip(["", *text(paper)], text(paper), strict=False)
    )
    assert len(here) == IN_TEXT[paper] == blocks
    assert len(captions) >= len(here)


def test_our_notes_are_true() -> None:
    """What we say that papers contradict can be read off the tables themselves."""
    library = load()
    fid = {r.printed: r.values[0] for r in library.table("fantasyportrait-1").rows[:6]}
    third = library.table("fantasyportrait-3")
    repeated = {r.printed: r.values[0] for r in third.rows if r.printed != "Ours(Light)"}
    assert repeated.pop("Ours") == fid.pop("FantasyPortrait")
    assert repeated == fid
    single = [r for r in library.table("fantasyportrait-1").rows if r.group == "ExprBench-Single"]
    assert max(single, key=lambda r: r.values[6] or 0).method == "liveportrait"
    hdtf = {r.method: r.values for r in library.table("fantasyportrait-1").rows[-6:]}
    assert hdtf["hunyuanportrait"][6] < hdtf["skyreels-a1"][6] < hdtf["fantasyportrait"][6]  # type: ignore[operator]
    frames = {"ours(chunk=1)": 8, "ours(chunk=2)": 16, "ours(chunk=4)": 32}
    frames |= {"ours(non-distilled)": 29, "Xportrait2": 29}
    for row in library.table("portraitdirector-4").rows:
        *_, fps, latency = row.values
        if row.printed in frames and fps and latency:
            assert float(fps * latency) == pytest.approx(frames[row.printed], rel=0.09)
