"""The plots that some runs allow: every command of ``bench plot`` that fits, with what it says."""

from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

from benchmark.cli.plotting.series import draw_drifts, draw_pairs, draw_parts
from benchmark.cli.reporting.places import without_places
from benchmark.errors import BenchError
from leaderboards.plots.scores import MOST_PANELS
from leaderboards.report.contents import Figure
from leaderboards.text import clean

_FORMS = (".svg", ".pdf")
FOLDER = "plots"

Draw = Callable[[Path], None]


def plots(
    folders: Sequence[Path], methods: Sequence[tuple[str, Path]], metrics: Sequence[str], to: Path
) -> list[Figure]:
    """Draw what can be drawn of runs.

    Args:
        folders: Run directories.
        methods: Label and run directory of each method to compare; at least one.
        metrics: Protocol ids that are drawn case by case.
        to: The report; plots go into a folder in it.
    """
    drawn = [
        _figure("components", "By component", lambda out: draw_parts(folders, out), to),
        _figure("drift", "Over minutes", lambda out: draw_drifts(folders, [], out), to),
    ]
    (first, one), *others = methods
    for number, (second, two) in enumerate(others, start=1):
        pair = [one, two]
        title = f"{first} and {second}, case by case"
        shown = metrics[: _pairs_most()]
        drawn.append(
            _figure(f"cases-{number}", title, lambda out: draw_pairs(pair, shown, out), to)  # noqa: B023
        )
    return [_named(figure, folders) for figure in drawn]


def _named(figure: Figure, roots: Sequence[Path]) -> Figure:
    said = tuple(without_places(line, roots) for line in figure.said)
    return replace(figure, said=said, why=without_places(figure.why, roots))


def _pairs_most() -> int:
    """Return how many metrics fit a page of pairs, each in two kinds of reenactment."""
    return MOST_PANELS // 2


def _figure(name: str, title: str, draw: Draw, to: Path) -> Figure:
    said: list[str] = []
    files = [f"{FOLDER}/{name}{form}" for form in _FORMS]
    try:
        for file in files:
            said = _heard(draw, to / file)
    except BenchError as error:
        return Figure(title, why=clean(error.problem))
    return Figure(title, tuple(files), tuple(said))


def _heard(draw: Draw, out: Path) -> list[str]:
    """Draw, and return what the command says but for the name of the file."""
    page, remarks = StringIO(), StringIO()
    with redirect_stdout(page), redirect_stderr(remarks):
        draw(out)
    lines = [*page.getvalue().splitlines(), *remarks.getvalue().splitlines()]
    return [clean(line) for line in lines if line.strip() and line.strip() != str(out)]
