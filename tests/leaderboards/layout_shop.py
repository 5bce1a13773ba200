"""Invented runs under real definitions, and papers' tables in every format."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmark.store import Outcome, RunRecord
from leaderboards.formats.html import html_pages
from leaderboards.formats.latex import latex_pages
from leaderboards.formats.layout import Layout
from leaderboards.formats.markdown import markdown_pages
from leaderboards.formats.terminal import Terminal
from leaderboards.layouts.build import paper_table
from leaderboards.layouts.csv import csv
from leaderboards.layouts.model import PaperTable
from leaderboards.layouts.show import page
from leaderboards.published import load
from metrics.registry import CARDS
from metrics.score import Measured, NotMeasured

FORMS = ("md", "tex", "html", "csv", "txt")
WITH_RUNS = ("fantasyportrait-1", "fantasyportrait-3", "xnemo-1", "portraitdirector-4")
SSIM, LMD, AED = "ssim.wang-rgb@2", "lmd.mediapipe478@1", "aed.smirk-exp50-mean@1"
SSIM256, SPEED, FPS = "ssim.wang-rgb-256@1", "latency.frame-p50@2", "fps.offline@1"
BLEND, APD, FLICKER = "aed.mediapipe51@1", "apd.mediapipe-euler@1", "flicker.vbench@1"
LPIPS = "lpips.alex-256-embedded-4ca3cecd@1"

Maker = Callable[..., Any]


def runs(invented: Maker) -> list[RunRecord]:
    """Return runs that show every kind of cell; cases a, b are self, c, d cross."""
    good = {
        SSIM: [0.8213, 0.8077, None, None],
        LMD: [0.0121, 0.0098, None, None],
        AED: [None, None, 0.31, 0.33],
        SSIM256: [0.81, 0.83, None, None],
        LPIPS: [0.2, 0.22, None, None],
        BLEND: [0.03, 0.02, 0.051, 0.049],
        APD: [1.0, 2.0, 3.0, 4.0],
        FLICKER: [Measured(v, 31, 31, driver=0.97) for v in (0.96, 0.965, 0.95, 0.94)],
        FPS: [30.0, 31.0, 30.5, 29.5],
        SPEED: [33.0, 32.0, 32.5, 34.0],
    }
    lost = {**good, LMD: [Measured(0.001, 20, 32), 0.001, None, None], BLEND: [0.01] * 4}
    sparse = {SSIM: [0.9, NotMeasured("no face"), None, None], LMD: [0.002, 0.002, None, None]}
    failed = {"c": (Outcome.FAILED, "ran longer than 600 s")}
    made = [
        invented("frozen", {**good, BLEND: [0.001] * 4}, label="frozen (control)", control=True),
        invented("ours", good, label="ours", note="The built-in method."),
        invented("hostile", lost, label="Lost & <b>Found</b> \\input{x} _50%_"),
        invented("sparse", {**sparse, BLEND: [0.04, 0.04, None, 0.04]}, outcomes=failed),
        invented("stopped", {LMD: [0.0001] * 2 + [None] * 2}, reached=1),
        invented("second", {**good, LMD: [0.0131, 0.0108, None, None], BLEND: [0.07] * 4}),
    ]
    return [one.record() for one in made]


def published() -> list[PaperTable]:
    """Return every paper's table alone."""
    library = load()
    return [paper_table(library, table) for table in library.tables.values()]


def measured(records: Sequence[RunRecord]) -> list[PaperTable]:
    """Return tables of papers with runs below them."""
    library = load()
    return [paper_table(library, library.table(n), records, CARDS) for n in WITH_RUNS]


def in_every_form(tables: Sequence[PaperTable], intervals: bool = False) -> Mapping[str, str]:
    pages = [page(table, intervals) for table in tables]
    return {
        "md": markdown_pages(*pages),
        "tex": latex_pages(*pages),
        "html": html_pages(*pages),
        "csv": "".join(csv(table) for table in tables),
        "txt": "\n".join(plain(one) for one in pages),
    }


def plain(one: Layout, width: int = 80) -> str:
    text = io.StringIO()
    Console(file=text, width=width, force_terminal=False).print(Terminal(one))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def ratings(path: Path, lines: Sequence[Sequence[object]], head: str) -> Path:
    """Write answers of a user study."""
    path.write_text("\n".join([head, *(",".join(map(str, x)) for x in lines)]) + "\n")
    return path
