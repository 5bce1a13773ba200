"""LaTeX with booktabs, for a paper: kinds side by side while they fit, below each other else."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from leaderboards.formats.layout import Layout, Line, Panel, Shown, Style, layout
from leaderboards.model import Table

_ROOM = 105
"""Characters beside each other in ``\\small`` that fit the width of a two-column page (178 mm)."""
_GAP = 2

# Brackets and stars are braced because a row may begin with them: `\\ [x]` and `\midrule [x]`
# would read them as an optional argument, `\\ *` as a starred command.
_CHARACTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "`": "{`}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "−": "$-$",
    "–": r"\textendash{}",
    "…": r"\dots{}",
    "∞": r"$\infty$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "°": r"$^\circ$",
    "†": r"$\dagger$",
    "±": r"$\pm$",
    "Δ": r"$\Delta$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))


def latex(*tables: Table, coverage: bool = False) -> str:
    """Return ``table*`` environments that compile with any engine and the package booktabs."""
    return latex_pages(*(layout(table, coverage) for table in tables))


def latex_pages(*pages: Layout) -> str:
    """Return tables that are set already as ``table*`` environments."""
    return "\n".join(map(_environment, pages))


def _environment(page: Layout) -> str:
    tabulars = [_tabular(panels) for panels in _pages(page.panels)]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs} in the preamble",
            r"\begin{table*}",
            r"\centering\small\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{_caption(page)}}}",
            "\n\n\\medskip\n".join(tabulars),
            "",
            r"\smallskip",
            r"\begin{minipage}{\linewidth}\footnotesize\raggedright",
            *_notes(page),
            r"\end{minipage}",
            r"\end{table*}",
            "",
        ]
    )


def escape(text: str) -> str:
    """Return ``text`` so that any LaTeX engine prints it.

    Letters with accents become accent commands. Characters that an ordinary document cannot
    print (other scripts, emoji) become their code point in brackets, as in ``[U+4EBA]``.
    """
    text = re.sub(f"[{''.join(_SUPERSCRIPTS)}]+", _power, text)
    return "".join(part if i % 2 else _letters(part) for i, part in enumerate(text.split("\0")))


def _power(match: re.Match[str]) -> str:
    return "\0$^{" + "".join(_SUPERSCRIPTS[c] for c in match[0]) + "}$\0"


def _letters(text: str) -> str:
    return "".join(_letter(c) for c in text).replace("--", "-{}-")


def _letter(character: str) -> str:
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    if " " <= character <= "~":
        return character
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return f"\\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    return f"{{[}}U+{ord(character):04X}{{]}}"


def _pages(panels: Iterable[Panel]) -> list[list[Panel]]:
    """Distribute panels over tabulars that fit a page: side by side where they do."""
    pages: list[list[Panel]] = []
    used = _ROOM
    for panel in panels:
        label = max(len(line.label.text) for line in panel.lines)
        widths = [_width(panel, i) + _GAP for i in range(len(panel.heads))]
        if pages and used + sum(widths) <= _ROOM:
            pages[-1].append(panel)
            used += sum(widths)
        else:
            pages += [[part] for part in panel.split(widths, _ROOM - label)]
            used = label + sum(widths) if len(pages[-1][0].heads) == len(widths) else _ROOM
    return pages


def _width(panel: Panel, column: int) -> int:
    head = panel.heads[column]
    body = (line.cells[column].text for line in panel.lines)
    return max(len(text) for text in (head.title, head.detail, *body))


def _tabular(panels: Sequence[Panel]) -> str:
    heads = [head for panel in panels for head in panel.heads]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * len(heads)}}}",
            r"\toprule",
            *_groups(panels),
            "".join(f" & {escape(head.title)}" for head in heads) + r" \\",
            escape(panels[0].first)
            + "".join(f" & {escape(head.detail)}" for head in heads)
            + r" \\",
            *_body(panels),
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _groups(panels: Sequence[Panel]) -> list[str]:
    """Return the headers that span the columns of one kind or group."""
    cells, rules, start = "", "", 2
    spans = [s for p in panels for s in (p.spans() if p.grouped else [(p.name, len(p.heads))])]
    for name, width in spans:
        stop = start + width - 1
        cells += rf" & \multicolumn{{{width}}}{{c}}{{{escape(name)}}}"
        rules += rf"\cmidrule(lr){{{start}-{stop}}}" if name else ""
        start = stop + 1
    return [cells + r" \\", rules] if any(name for name, _ in spans) else []


def _body(panels: Sequence[Panel]) -> list[str]:
    """Return the rows, with a rule before each section; a block that begins says its name."""
    body: list[str] = []
    width = 1 + sum(len(panel.heads) for panel in panels)
    for parts in zip(*(panel.sections() for panel in panels), strict=True):
        block = parts[0][0]
        together = zip(*(lines for _, lines in parts), strict=True)
        rows = [_row(lines) for lines in together if not all(line.empty for line in lines)]
        if rows and block:
            rows.insert(0, rf"\multicolumn{{{width}}}{{l}}{{\emph{{{escape(block)}}}}} \\")
        body += [r"\midrule", *rows] if rows else []
    return body


def _row(lines: Sequence[Line]) -> str:
    first = lines[0]
    label = escape(first.label.text)
    label = label if first.role == "method" else rf"\emph{{{label}}}"
    cells = (_cell(shown) for line in lines for shown in line.cells)
    return f"{label}{_mark(first.label)} & {' & '.join(cells)} \\\\"


def _cell(shown: Shown) -> str:
    text = escape(shown.text)
    if shown.style is Style.BEST:
        text = rf"\textbf{{{text}}}"
    elif shown.style is Style.SECOND:
        text = rf"\underline{{{text}}}"
    return text + (rf"\rlap{{{_mark(shown)}}}" if shown.mark else "")


def _mark(shown: Shown) -> str:
    return rf"\textsuperscript{{{shown.mark}}}" if shown.mark else ""


def _caption(page: Layout) -> str:
    return escape(f"{page.title}. {page.notice}".strip())


def _notes(page: Layout) -> list[str]:
    marked = [rf"\textsuperscript{{{mark}}} {escape(text)}\par" for mark, text in page.marked]
    return [*marked, *(rf"{escape(note)}\par" for note in page.legend())]
