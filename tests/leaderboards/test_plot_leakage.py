from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import EnvironmentProblem, UsageProblem
from leaderboards.plots.leakage import draw_leakage, leakage_figure
from metrics.leakage import LeakageMatrix

PAIRS = ((0, 1), (1, 0))


def matrix(channel: str = "pose", unit: str = "deg") -> LeakageMatrix:
    distances = ((12.0, 3.0), (4.0, 15.0), (None, None))
    weights = ((0.1, 0.9), (1.2, 0.0), (None, None))
    return LeakageMatrix(channel, unit, PAIRS, distances, weights)


def test_every_number_is_written_and_every_pair_is_framed() -> None:
    figure = leakage_figure([matrix(), matrix("gaze")], "ours, case $1")
    assert len(figure.axes) == 4
    weights, _, distances, _ = figure.axes
    assert [t.get_text() for t in weights.texts] == ["0.100", "0.900", "1.20", "0.000", "–", "–"]
    assert [t.get_text() for t in distances.texts] == ["12.0", "3.00", "4.00", "15.0", "–", "–"]
    frames = {tuple(np.round(p.get_xy()).astype(int)) for p in weights.patches}
    assert frames == {(1, 0), (0, 1)}  # column, row


def test_it_reads_in_grey() -> None:
    """The map is grey itself, and text is light on dark cells only."""
    figure = leakage_figure([matrix()], "case")
    above = figure.axes[0]
    image = above.images[0]
    for text, value in zip(above.texts, np.ravel(matrix().weights), strict=True):
        if value is None:
            continue
        red, green, blue, _ = image.cmap(image.norm(value))
        assert red == pytest.approx(green) == pytest.approx(blue)
        assert (text.get_color() == "white") == (red < 0.5)


@pytest.mark.parametrize("ending", [".png", ".svg", pytest.param(".pdf", marks=pytest.mark.slow)])
def test_pictures_are_written_the_same_each_time(ending: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}{ending}" for name in "ab"]
    for path in paths:
        draw_leakage([matrix()], "case", path)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 5_000
    assert [p.name for p in sorted(tmp_path.iterdir())] == [p.name for p in paths]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="does not end in"):
        draw_leakage([matrix()], "case", tmp_path / "leak.bmp")
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        draw_leakage([matrix()], "case", tmp_path / "file" / "leak.png")
