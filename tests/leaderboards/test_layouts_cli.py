"""``bench table --layout`` as people type it, and LaTeX as it compiles."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from layout_shop import LMD, SSIM, in_every_form, measured, published, ratings, runs
from typer.testing import CliRunner

from benchmark.cli.table import table
from benchmark.errors import UsageProblem
from leaderboards.formats.latex import latex_pages
from leaderboards.layouts.ratings import HEADS
from leaderboards.layouts.show import page
from leaderboards.published import load

Maker = Callable[..., Any]
app = typer.Typer()
app.command()(table)
DOCUMENT = r"""\documentclass[twocolumn]{article}
\usepackage[textwidth=178mm,textheight=240mm]{geometry}
\usepackage{booktabs}
\begin{document}
%s
\end{document}
"""


def bench(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments], env={"FORCE_COLOR": None})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def test_list_shows_every_layout() -> None:
    text = bench("--layout", "list")
    assert all(f"{name} " in text for name in load().tables)


@pytest.mark.parametrize("form", ["terminal", "md", "csv", "latex", "html"])
def test_without_a_run_it_prints_what_is_published(form: str, tmp_path: Path) -> None:
    text = bench("--layout", "xnemo-1", "--format", form)
    assert "0.787" in text
    assert "measured · " not in text
    out = tmp_path / "t.html"
    assert bench("--layout", "xnemo-1", "--out", out) == ""
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_runs_stand_below(tmp_path: Path, invented: Maker) -> None:
    run = invented("x", {SSIM: [0.8, 0.9, None, None], LMD: [0.01, 0.02, None, None]})
    text = bench("--layout", "fantasyportrait-1", run.write(tmp_path), "--format", "md")
    assert "measured · mini/single" in text
    assert "15.00" in text
    assert text.index("published · HDTF") < text.index("measured · mini/single")


def test_ratings_stand_below(tmp_path: Path) -> None:
    path = ratings(tmp_path / "r.csv", [["p", "s", "x", "eye", 4]], ",".join(HEADS["opinion"]))
    assert "4.00" in bench("--layout", "portraitdirector-2", "--ratings", path, "--format", "md")
    with pytest.raises(UsageProblem, match="is no user study"):
        bench("--layout", "xnemo-1", "--ratings", path)


def test_mistakes_are_sentences(tmp_path: Path, invented: Maker) -> None:
    with pytest.raises(UsageProblem, match="unknown published table 'fantasy-1'"):
        bench("--layout", "fantasy-1")
    with pytest.raises(UsageProblem, match="a layout has its own columns"):
        bench("--layout", "xnemo-1", "--metrics", "lmd")
    with pytest.raises(UsageProblem, match="--ratings goes with --layout"):
        bench("--ratings", tmp_path / "r.csv")
    with pytest.raises(UsageProblem, match="there is no folder"):
        bench("--layout", "xnemo-1", tmp_path / "nowhere")
    with pytest.raises(UsageProblem, match="no run to show"):
        bench()


def test_latex_rows_have_as_many_cells_as_columns(invented: Maker) -> None:
    text = latex_pages(*(page(table) for table in [*published(), *measured(runs(invented))]))
    found = re.findall(r"\\begin\{tabular\}\{(lr*)\}(.*?)\\end\{tabular\}", text, re.DOTALL)
    assert len(found) >= 16
    for columns, body in found:
        for row in re.findall(r"^(.*)\\\\$", body, re.MULTILINE):
            spans = [int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", row)]
            assert len(re.findall(r"(?<!\\)&", row)) + sum(spans) == len(columns) - 1
    assert "[U+" not in text.replace("{[}U+", "[U+")  # every sign of ours can be printed


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["published", "measured", "plain"])
def test_latex_compiles_as_printed(tmp_path: Path, invented: Maker, kind: str) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine; the structure is tested")
    records = runs(invented)
    if kind == "plain":
        from leaderboards.build import build
        from leaderboards.formats.latex import latex
        from metrics.registry import CARDS

        text = latex(build(records, CARDS))
    else:
        text = in_every_form(published() if kind == "published" else measured(records))["tex"]
    (tmp_path / "t.tex").write_text(DOCUMENT % text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert (tmp_path / "t.pdf").stat().st_size > 10_000
    assert "Overfull \\hbox" not in log
