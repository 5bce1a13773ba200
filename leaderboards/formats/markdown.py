"""GitHub-flavoured Markdown: one table for each kind of reenactment, in aligned source."""

import re

from leaderboards.formats.layout import Layout, Line, Panel, Shown, Style, layout
from leaderboards.model import Table

# Backslashes cover what Markdown itself reads; entities cover HTML, the column separator and
# what GitHub would turn into links, mentions and formulas.
_ENTITIES = {c: f"&#{ord(c)};" for c in "\\|@$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKS = re.compile(r"(?<=\w):(?=//)|(?i:(?<=www)\.)")


def markdown(*tables: Table, coverage: bool = False) -> str:
    """Return tables as Markdown; best in bold, second in ``<ins>``, which GitHub keeps."""
    return markdown_pages(*(layout(table, coverage) for table in tables))


def markdown_pages(*pages: Layout) -> str:
    """Return tables that are set already as Markdown."""
    return "\n".join(map(_section, pages))


def _section(page: Layout) -> str:
    blocks = [f"**{escape(page.title)}**"]
    if page.notice:
        blocks.append(f"> {_paragraph(page.notice)}")
    for panel in page.panels:
        blocks += [f"**{escape(panel.name)}**"] if panel.name else []
        blocks.append(_panel(panel.filled()))
    return "\n\n".join([*blocks, _notes(page)]) + "\n"


def escape(text: str) -> str:
    """Return ``text`` so that a Markdown reader prints it as it is."""
    text = _LINKS.sub(lambda m: f"\0{ord(m[0])};", text)
    text = "".join(_ENTITIES.get(c, c) for c in text)
    text = re.sub(r"([`*_\[\]~])", r"\\\1", text)
    return text.replace("\0", "&#")


def _paragraph(text: str) -> str:
    """Return `escape` of a text at the start of a line, where it could be a heading or a list."""
    return re.sub(r"^(\d*)([#+=.)-])", r"\1\\\2", escape(text))


def _panel(panel: Panel) -> str:
    heads = [panel.first, *(f"{h.group} {h.title} {h.detail}".strip() for h in panel.heads)]
    rows = [[escape(head) for head in heads]]
    for block, lines in panel.sections():
        if block:
            rows.append([f"**{escape(block)}**", *[""] * len(panel.heads)])
        rows += [[_label(x), *map(_cell, x.cells)] for x in lines]
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    head, *body = ([*map(_pad, row, widths, range(len(row)))] for row in rows)
    rule = [":" + "-" * (widths[0] - 1), *("-" * (w - 1) + ":" for w in widths[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def _pad(text: str, width: int, column: int) -> str:
    return text.ljust(width) if column == 0 else text.rjust(width)


def _label(line: Line) -> str:
    text = escape(line.label.text)
    return (text if line.role == "method" else f"*{text}*") + _mark(line.label)


def _cell(shown: Shown) -> str:
    text = escape(shown.text)
    if shown.style is Style.BEST:
        text = f"**{text}**"
    elif shown.style is Style.SECOND:
        text = f"<ins>{text}</ins>"
    return text + _mark(shown)


def _mark(shown: Shown) -> str:
    return f"<sup>{shown.mark}</sup>" if shown.mark else ""


def _notes(page: Layout) -> str:
    marked = [f"- <sup>{mark}</sup> {escape(text)}" for mark, text in page.marked]
    return "\n".join([*marked, *(f"- {escape(note)}" for note in page.legend())])
