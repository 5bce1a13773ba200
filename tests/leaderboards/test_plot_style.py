"""One look: names as they are, greys apart, the same bytes twice."""

from itertools import pairwise
from pathlib import Path

import pytest

from benchmark.errors import EnvironmentProblem, UsageProblem
from leaderboards.plots.save import check_ending, save_styled, save_text
from leaderboards.plots.style import COLUMN, label, legend_above, look, new_figure, styled, wrapped

EVIL = "$\\frac{1}{0}$ <script>_x^2 %&"


def grey(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def figure(name: str = EVIL):  # noqa: ANN201
    with styled():
        drawn = new_figure(COLUMN, 1.0)
        axis = drawn.subplots()
        (line,) = axis.plot([0, 1], [0, 1])
        axis.set_title(label(name))
        legend_above(drawn, [line], [name])
        return drawn


def test_56_series_can_be_told_apart() -> None:
    looks = [look(number) for number in range(56)]
    assert len({(one.colour, one.marker) for one in looks}) == 56


def test_neighbouring_series_differ_in_grey() -> None:
    shades = [grey(look(number).colour) for number in range(8)]
    assert min(abs(a - b) for a, b in pairwise(shades)) > 20
    assert max(shades) < 190, "nothing vanishes on white"


@pytest.mark.parametrize("name", [EVIL, "_hidden", "a$b$c", "x" * 99, "two\nlines", "  "])
def test_names_are_printed_as_they_are(name: str, tmp_path: Path) -> None:
    drawn = figure(name)
    drawn.canvas.draw()  # a formula would raise
    (legend,) = drawn.legends
    (text,) = [t.get_text() for t in legend.get_texts()]
    assert text.strip() == " ".join(name.split())[:47].rstrip() + ("…" if len(name) > 48 else "")
    assert not legend.get_texts()[0].get_parse_math()


@pytest.mark.parametrize("ending", [".png", ".svg", pytest.param(".pdf", marks=pytest.mark.slow)])
def test_the_same_figure_is_the_same_bytes_without_a_date(ending: str, tmp_path: Path) -> None:
    for name in "ab":
        save_styled(figure("plain"), tmp_path / f"{name}{ending}")
    first, second = ((tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
    assert first == second
    assert b"dc:date" not in first
    assert b"CreationDate" not in first
    assert b"/Type3" not in first


def test_a_script_that_the_font_lacks_is_no_noise(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    save_styled(figure("名前"), tmp_path / "a.svg")
    assert not [w for w in recwarn if "missing from font" in str(w.message)]


def test_long_names_are_broken_and_cut() -> None:
    assert wrapped("frozen (control)", 13) == "frozen\n(control)"
    assert wrapped("a-long-name-in-one", 9).splitlines()[0] == "a-long-na"
    assert len(wrapped("word " * 40, 13).splitlines()) == 3


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"does not end in \.png, \.svg, \.pdf"):
        check_ending(tmp_path / "a.jpg")
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        save_styled(figure(), tmp_path / "file" / "a.png")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        save_text("x", tmp_path / "file" / "a.html")
