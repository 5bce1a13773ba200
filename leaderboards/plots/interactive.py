"""A map of frames as one page: the frame under the pointer, from the file system, no network.

Whatever a run says (labels, cases, people) is data: it lies in a JSON block that no browser runs,
with every ``<`` escaped, and enters the page as text. The page's policy allows this script and
this style by their hashes, pictures that are in the file, and nothing else.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaderboards.plots.save import check_ending, save_text
from leaderboards.plots.umap import Map, Point, looks_of, order
from leaderboards.text import clean

ENDING = ".html"
_ASSETS = Path(__file__).parent / "assets"
_MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows.

    Attributes:
        title: Heading.
        maps: Panels, of the same points.
        strands: The clips.
        strand: Of each point the number of its clip.
        frame: Of each point the frame in its clip.
        colours: The group of each point, by what it is coloured by; the first is shown first.
        pictures: A JPEG of each point; empty to leave pictures out.
        notes: Sentences below.
    """

    title: str
    maps: Sequence[Map]
    strands: Sequence[Point]
    strand: Sequence[int]
    frame: Sequence[int]
    colours: Mapping[str, Sequence[str]]
    pictures: Sequence[bytes] = ()
    notes: Sequence[str] = ()


def write_page(page: Page, path: Path) -> None:
    """Write a page to a file that ends in .html.

    Raises:
        UsageProblem: If it ends in something else.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path, (ENDING,))
    save_text(html(page), path)


def html(page: Page) -> str:
    """Return a complete page."""
    script = (_ASSETS / "map.js").read_text(encoding="utf-8")
    style = (_ASSETS / "map.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; img-src data:; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    title = escape(clean(page.title))
    notes = "".join(f"<li>{escape(clean(note, 600))}</li>\n" for note in page.notes)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{title}</h1>\n<div id="bar"></div>\n'
        '<div id="page"><div id="panels"></div>\n'
        '<div id="seen" aria-live="polite">Point at a frame. Wheel: closer; drag: move; '
        "double click: all.</div></div>\n"
        f"<ul>\n{notes}</ul>\n</main>\n"
        f'<script type="application/json" id="data">{_json(_data(page))}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _data(page: Page) -> dict[str, object]:
    return {
        "panels": [_panel(one) for one in page.maps],
        "strands": [
            {
                name: clean(str(getattr(strand, name)))
                for name in ("part", "run", "case", "identity", "emotion")
            }
            for strand in page.strands
        ],
        "strand": list(page.strand),
        "frame": list(page.frame),
        "colours": {name: _colour(named) for name, named in page.colours.items()},
        "pictures": [_uri(jpeg) for jpeg in page.pictures] or None,
    }


def _panel(one: Map) -> dict[str, object]:
    x, y = _fitted(one.projection.points).T
    return {
        "title": clean(one.title),
        "trust": round(one.projection.trustworthiness, 4),
        "x": [round(float(v), 4) for v in x],
        "y": [round(float(1.0 - v), 4) for v in y],  # a page counts from the top
    }


def _fitted(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in the unit square, both axes at one scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) or 1.0
    fitted: NDArray[np.float64] = (points - (low + high) / 2.0) / side * (1.0 - 2.0 * _MARGIN) + 0.5
    return fitted


def _colour(named: Sequence[str]) -> dict[str, object]:
    shown = order(named)
    place = {name: number for number, name in enumerate(shown)}
    looks = looks_of(shown)
    return {
        "names": [clean(name) for name in shown],
        "looks": [list(looks[name]) for name in shown],
        "of": [place[name] for name in named],
    }


def _uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _json(data: object) -> str:
    """Return JSON that ends no script and begins no markup."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
