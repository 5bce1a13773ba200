"""The page of a report: no script, nothing from elsewhere, links relative to the folder."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from pathlib import PurePosixPath
from urllib.parse import quote

from leaderboards.formats.html import STYLE, section
from leaderboards.report.contents import Contents, Figure, Often
from leaderboards.report.folder import GENERATOR
from leaderboards.report.worst import Bad

_STYLE = """
nav { margin: 0 0 1.5rem; } nav a { margin-right: 1rem; }
a { color: inherit; }
section { margin-bottom: 3rem; }
figure { margin: 1rem 0; max-width: 44rem; }
figure img { max-width: 100%; background: #ffffff; }
.plot img { width: min(100%, 36rem); }
figcaption, .said { color: var(--soft); font-size: 0.8125rem; }
.left td, .left th { text-align: left; white-space: normal; }
.left :nth-child(2) { min-width: 8rem; }
details { margin: 0.4rem 0; } summary { cursor: pointer; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:"


def report_page(contents: Contents) -> str:
    """Return the whole page."""
    parts = (
        ("tables", "Tables", _tables(contents)),
        ("plots", "Plots", "".join(map(_figure, contents.figures))),
        ("worst", "Worst cases", _worst(contents)),
        ("provenance", "Provenance", _provenance(contents)),
    )
    shown = [part for part in parts if part[2]]
    nav = "".join(f'<a href="#{key}">{title}</a>' for key, title, _ in shown)
    body = "".join(
        f'<section id="{key}">\n<h1>{title}</h1>\n{text}</section>\n' for key, title, text in shown
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'{GENERATOR}\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(contents.tables[0].title)}</title>\n<style>{STYLE}{_STYLE}</style>\n"
        f'</head>\n<body>\n<nav>{nav}</nav>\n{body}<p class="said">{escape(contents.made)}</p>\n'
        "</body>\n</html>\n"
    )


def _tables(contents: Contents) -> str:
    links = "".join(
        f"<li>{escape(title)}: {_links(files)}</li>\n" for title, files in contents.files
    )
    return f"{''.join(map(section, contents.tables))}<h2>Files</h2>\n<ul>\n{links}</ul>\n"


def _figure(figure: Figure) -> str:
    said = "<br>\n".join(map(escape, figure.said))
    if not figure.files:
        return f"<p>{escape(figure.title)}: not drawn, {escape(figure.why)}</p>\n"
    return (
        f'<figure class="plot">\n{_picture(figure.files[0], figure.title)}\n'
        f"<figcaption>{escape(figure.title)} "
        f"({_links(figure.files)})<br>\n{said}</figcaption>\n</figure>\n"
    )


def _worst(contents: Contents) -> str:
    failed = _rows(
        ("method", "case", "reason"),
        contents.failures,
        "Not delivered",
        "The methods delivered every case.",
    )
    often = "".join(map(_often, contents.often))
    columns = "".join(
        _column(list(found)) for _, found in groupby(contents.worst, lambda bad: bad.column)
    )
    return (
        f"{failed}<h2>Worst by most metrics</h2>\n{often or '<p>None.</p>'}\n"
        f"<h2>By metric</h2>\n{columns}<p>{_links(['worst.csv'])}</p>\n"
    )


def _often(one: Often) -> str:
    metrics = f"{one.count} metric{'s' if one.count != 1 else ''}"
    text = f"{one.label}, {one.case}: its worst case by {metrics}"
    if not one.file:
        return f'<p>{escape(text)} <span class="said">{escape(one.why)}</span></p>\n'
    caption = f"<figcaption>{escape(text)}</figcaption>"
    return f"<figure>\n{_picture(one.file, text)}\n{caption}\n</figure>\n"


def _column(found: Sequence[Bad]) -> str:
    column = found[0].column
    rows = [(bad.label, str(bad.rank), bad.case, bad.shown) for bad in found]
    judged = "|Δ| to the driving clip's own value" if column.by_distance else column.card.unit
    title = f"{column.kind}: {column.title}{f' [{judged}]' if judged else ''}"
    table = _rows(("method", "place", "case", "value"), rows)
    return f"<details>\n<summary>{escape(title)}</summary>\n{table}</details>\n"


def _provenance(contents: Contents) -> str:
    runs = "".join(
        f"<details>\n<summary>{escape(label)}</summary>\n{_rows(('what', 'on record'), lines)}"
        "</details>\n"
        for label, lines in contents.provenance
    )
    return f"{runs}<p>{_links(['provenance.json'])}</p>\n"


def _rows(
    head: Sequence[str], rows: Sequence[Iterable[str]], title: str = "", empty: str = ""
) -> str:
    heading = f"<h2>{escape(title)}</h2>\n" if title else ""
    if not rows:
        return f"{heading}<p>{escape(empty)}</p>\n" if empty else ""
    cells = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return (
        f'{heading}<div class="wide" tabindex="0">\n<table class="left">\n<thead><tr>{cells}</tr>'
        f"</thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )


def _picture(file: str, text: str) -> str:
    return f'<img src="{escape(quote(file))}" alt="{escape(text)}" loading="lazy">'


def _links(files: Sequence[str]) -> str:
    return ", ".join(
        f'<a href="{escape(quote(file))}">{escape(PurePosixPath(file).name)}</a>' for file in files
    )
