"""Who moves like whom, as a heat map that reads in grey.

Above, the weights of the fit: 1 in the frames of the pairs and 0 elsewhere is a perfect transfer.
Below, raw distances, each map on its own scale; the constant difference between two people is in
them, so that they are to be looked at along a row, and not scored.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.style import label, new_figure, styled
from metrics.leakage.matrix import LeakageMatrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL = 1.1  # inches a panel
_CELL = 0.5  # further inches a person
_DARK = 0.55  # above it text is white


def draw_leakage(matrices: Sequence[LeakageMatrix], title: str, path: Path) -> None:
    """Draw one column of two maps a channel into ``path``.

    Args:
        matrices: Of one case and method; at least one, all of the same people.
        title: Method and case.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(leakage_figure(matrices, title), path)


def leakage_figure(matrices: Sequence[LeakageMatrix], title: str) -> "Figure":
    """Return the figure, see `draw_leakage`."""
    with styled():
        return _figure(matrices, title)


def _figure(matrices: Sequence[LeakageMatrix], title: str) -> "Figure":
    rows, columns = len(matrices[0].weights), len(matrices[0].weights[0])
    size = (len(matrices) * (_PANEL + _CELL * columns), 2 * (_PANEL / 2 + _CELL * rows) + 0.5)
    figure = new_figure(*size)
    axes = figure.subplots(2, len(matrices), squeeze=False)
    for (above, below), matrix in zip(axes.T, matrices, strict=True):
        unit = f" [{matrix.unit}]" if matrix.unit else ""
        above.set_title(f"{matrix.channel}: weights")
        _map(above, matrix, matrix.weights, 1.0)
        below.set_title(f"{matrix.channel}: distances{unit}")
        most = max((v for row in matrix.distances for v in row if v is not None), default=1.0)
        _map(below, matrix, matrix.distances, most or 1.0)
    figure.suptitle(label(title, 80), fontweight="bold", fontsize=9)
    figure.supxlabel("driving person, from the left; framed: who drives whom", fontsize=8)
    figure.supylabel("person of the portrait, from the left", fontsize=8)
    return figure


def _map(
    axis: Any,  # noqa: ANN401 - untyped library
    matrix: LeakageMatrix,
    rows: Sequence[Sequence[float | None]],
    most: float,
) -> None:
    from matplotlib.patches import Rectangle

    table = [[float("nan") if value is None else value for value in row] for row in rows]
    axis.imshow(table, cmap="Greys", vmin=0.0, vmax=most, aspect="equal")
    axis.set_xticks(range(len(rows[0])), [str(k + 1) for k in range(len(rows[0]))])
    axis.set_yticks(range(len(rows)), [str(k + 1) for k in range(len(rows))])
    axis.tick_params(length=0)
    axis.grid(False)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            colour = "white" if value is not None and value > _DARK * most else "black"
            axis.text(j, i, _text(value), ha="center", va="center", color=colour, fontsize=8)
    for i, j in matrix.pairs:
        # A white line inside a black one is seen on any grey.
        for colour, width in (("black", 4.0), ("white", 1.6)):
            frame = Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False)
            frame.set(edgecolor=colour, linewidth=width)
            axis.add_patch(frame)


def _text(value: float | None) -> str:
    """Return a number in about four characters, never in powers of ten."""
    if value is None:
        return "–"
    return f"{value:.1f}" if value >= 10.0 else f"{value:.2f}" if value >= 0.995 else f"{value:.3f}"
