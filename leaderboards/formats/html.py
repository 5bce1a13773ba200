"""One self-contained HTML page: no script, no reference to anything outside, light and dark."""

from collections.abc import Sequence
from html import escape

from leaderboards.formats.layout import Layout, Line, Panel, Shown, Style, layout
from leaderboards.model import Table

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #5c5c66; --line: #d4d4dc;
  --page: #ffffff; --band: #f4f4f7; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ee; --soft: #a2a2ae; --line: #3b3b45;
  --page: #17171b; --band: #202026; --warn: #f0b35c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; background: var(--page);
  color: var(--ink); font: 0.9375rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.15rem; margin: 0 0 0.5rem; }
ul + h1 { margin-top: 3rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
.notice { color: var(--warn); margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.75rem; text-align: right; white-space: nowrap; }
thead th { vertical-align: bottom; border-bottom: 1px solid var(--ink); font-weight: 600; }
thead small { display: block; min-height: 1.5em; font-weight: 400; color: var(--soft); }
tr > :first-child { position: sticky; left: 0; padding-left: 0.25rem; background: var(--page);
  text-align: left; white-space: normal; min-width: 8rem; max-width: 14rem; font-weight: 400; }
tbody + tbody { border-top: 1px solid var(--line); }
.other { color: var(--soft); }
.block > :first-child { font-weight: 600; font-size: 0.8125rem; padding-top: 0.75rem;
  max-width: none; }
.spans > th { border-bottom: 1px solid var(--line); text-align: center; }
thead .spans th { vertical-align: bottom; }
tbody tr:hover > * { background: var(--band); }
u { text-underline-offset: 0.2em; }
td sup { display: inline-block; width: 0; }
sup { line-height: 0; color: var(--soft); font-weight: 400; }
ul { padding: 0; margin: 1.5rem 0 0; list-style: none; color: var(--soft);
  font-size: 0.8125rem; max-width: 60rem; }
li { margin: 0.2rem 0; }
"""


def html(*tables: Table, coverage: bool = False) -> str:
    """Return tables as one complete HTML page, which is called as the first."""
    return html_pages(*(layout(table, coverage) for table in tables))


def html_pages(*pages: Layout) -> str:
    """Return tables that are set already as one complete HTML page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(pages[0].title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "".join(map(section, pages))
        + "</body>\n</html>\n"
    )


def section(page: Layout) -> str:
    """Return one table as a part of a page that has `STYLE`."""
    notice = f'<p class="notice">{escape(page.notice)}</p>\n' if page.notice else ""
    panels = "".join(_panel(panel.filled()) for panel in page.panels)
    return f"<h1>{escape(page.title)}</h1>\n{notice}{panels}{_notes(page)}"


def _panel(panel: Panel) -> str:
    heads = "".join(
        f'<th scope="col">{escape(head.title)}<small>{escape(head.detail)}</small></th>'
        for head in panel.heads
    )
    bodies = "".join(_body(block, lines, len(panel.heads) + 1) for block, lines in panel.sections())
    name = f"<h2>{escape(panel.name)}</h2>\n" if panel.name else ""
    return (
        f'{name}<div class="wide" tabindex="0">\n<table>\n<thead>\n{_spans(panel)}'
        f'<tr><th scope="col">{escape(panel.first)}<small></small></th>{heads}</tr>\n</thead>\n'
        f"{bodies}</table>\n</div>\n"
    )


def _spans(panel: Panel) -> str:
    """Return the row of headers above headers, if there are any."""
    if not panel.grouped:
        return ""
    spans = "".join(
        f'<th scope="colgroup" colspan="{n}">{escape(group)}</th>'
        if group
        else f'<td colspan="{n}"></td>'
        for group, n in panel.spans()
    )
    return f'<tr class="spans"><td></td>{spans}</tr>\n'


def _body(block: str, lines: Sequence[Line], width: int) -> str:
    head = f'<tr class="block"><th scope="rowgroup" colspan="{width}">{escape(block)}</th></tr>\n'
    kind = "" if lines[0].role == "method" else ' class="other"'
    return f"<tbody{kind}>\n{head if block else ''}{''.join(map(_row, lines))}</tbody>\n"


def _row(line: Line) -> str:
    label = escape(line.label.text)
    label = label if line.role == "method" else f"<i>{label}</i>"
    cells = "".join(f"<td>{_cell(shown)}</td>" for shown in line.cells)
    return f'<tr><th scope="row">{label}{_mark(line.label)}</th>{cells}</tr>\n'


def _cell(shown: Shown) -> str:
    text = escape(shown.text)
    if shown.style is Style.BEST:
        text = f"<strong>{text}</strong>"
    elif shown.style is Style.SECOND:
        text = f"<u>{text}</u>"
    return text + _mark(shown)


def _mark(shown: Shown) -> str:
    return f"<sup>{shown.mark}</sup>" if shown.mark else ""


def _notes(page: Layout) -> str:
    marked = [f"<li><sup>{mark}</sup> {escape(text)}</li>\n" for mark, text in page.marked]
    plain = [f"<li>{escape(note)}</li>\n" for note in page.legend()]
    return f"<ul>\n{''.join([*marked, *plain])}</ul>\n"
