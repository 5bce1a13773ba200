"""Fifty methods of three hundred cases: small at first, quick to use."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board_shop import Invented
from browser import browser, program

from benchmark.store import RunPaths, write_manifest
from leaderboards.board.site import ASSETS, SiteOptions, build_site
from metrics.card import Card, Direction
from metrics.score import Measured

pytestmark = pytest.mark.slow

METHODS, CASES = 50, 300


@pytest.fixture(scope="module")
def site(invented: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("many")
    cards = many_cards(20)
    write_many(invented, cards, folder / "runs", METHODS, CASES)
    material = Invented(frozenset({"tags", "frames"}))
    options = SiteOptions(folder / "site", media=False)
    build_site([folder / "runs"], cards, material, options, print)
    yield folder / "site"
    shutil.rmtree(folder)


def test_the_first_page_is_small(site: Path) -> None:
    """Forty columns: 200 kB before media."""
    (data,) = site.glob("data-*")
    first = [site / "index.html", *(data / name for name in (*ASSETS, "index.js", "b0.js"))]
    assert sum(path.stat().st_size for path in first) < 200_000
    assert len(list(data.glob("b0-c*.js"))) == CASES
    assert len(list(data.glob("b0-r*.js"))) == METHODS


@pytest.mark.skipif(program() is None, reason="no browser here")
def test_it_stays_usable(site: Path, tmp_path: Path) -> None:
    address = (site / "index.html").as_uri()
    with browser(tmp_path) as page:
        page.view(1280, 900)
        rows = "document.querySelectorAll('tbody tr').length"
        page.open(f"{address}#/b0", f"{rows} === {2 * METHODS}")
        took = page.run("""(() => { const start = performance.now();
          document.querySelectorAll('thead button')[5].click();
          return performance.now() - start; })()""")
        page.go("#/b0/run/7", f"{rows} === {CASES}")
        page.go("#/b0/case/123", f"{rows} === {METHODS}")
        assert page.console == []
    print(f"sorting {METHODS} rows took {took:.0f} ms")


def many_cards(n: int) -> dict[str, Card]:
    both = frozenset({"self", "cross"})
    found = [
        Card(f"m{i}", "test", f"M{i}", "invented", "", Direction.LOWER, (0, 1), both, (), "", 0, "")
        for i in range(n)
    ]
    return {one.id: one for one in found}


def write_many(invented: Any, cards: Any, folder: Path, methods: int, cases: int) -> None:
    """Write runs; one journal is written, since that takes time, and the others derived from it."""
    rng = np.random.default_rng(0)
    kinds = {f"case{i:03d}": ("self", "cross")[i % 2] for i in range(cases)}
    values = rng.uniform(0.0, 1.0, (len(cards), cases))
    scores = {
        card: [Measured(float(v), 32, 32) for v in row]
        for card, row in zip(cards, values, strict=True)
    }
    first = invented("method00", scores, kinds=kinds).write(folder) / "journal.sqlite"
    for number in range(1, methods):
        run = invented(f"method{number:02d}", scores, kinds=kinds)
        paths = RunPaths(folder / run.manifest()["run_id"])
        paths.root.mkdir()
        write_manifest(paths, run.manifest())
        shutil.copyfile(first, paths.journal)
        with closing(sqlite3.connect(paths.journal)) as journal, journal:
            journal.execute("UPDATE scores SET value = value * ?", (rng.uniform(0.5, 1.5),))
