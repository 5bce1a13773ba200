"""The plot of a comparison."""

from pathlib import Path

import pytest

from benchmark.errors import UsageProblem
from leaderboards.plots.compare import Bar, comparison_figure, draw_comparison

BARS = [
    Bar("SSIM ↑ (self)", 2.0, 1.0, 3.0, "worse"),
    Bar("LMD ↓ (self)", -1.0, -3.0, 1.0, "not told apart"),
    Bar("$evil$ \x1b[2J", 900.0, None, None, "no interval"),
]


def test_every_metric_is_a_line_and_nothing_leaves_the_page() -> None:
    axis = comparison_figure(BARS, "B: b\ncompared with A: a").axes[0]
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert labels[0] == "SSIM ↑ (self)" and labels[2] == r"\$evil\$ [2J"
    low, high = axis.get_xlim()
    assert (low, high) == (-100.0, 100.0)
    points = [line.get_xdata() for line in axis.lines]
    assert all(low <= float(x) <= high for xs in points for x in xs)


def test_the_scale_follows_the_differences() -> None:
    axis = comparison_figure(BARS[:2], "t").axes[0]
    assert axis.get_xlim()[1] == pytest.approx(1.15 * 3.0)


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw_comparison(BARS, "t", tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_to_draw(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no value"):
        draw_comparison([], "t", tmp_path / "a.png")
    with pytest.raises(UsageProblem, match="end"):
        draw_comparison(BARS, "t", tmp_path / "a.gif")
    draw_comparison([Bar("x", 0.0, 0.0, 0.0, "not told apart")], "t", tmp_path / "z.png")
