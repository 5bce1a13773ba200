"""``bench compare``: two runs on the same cases, difference by difference."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.gate.judge import Finding, Judgement
    from leaderboards.plots.compare import Bar

_KINDS = {"self": "Self-reenactment", "cross": "Cross-reenactment"}
_LEGEND = (
    "difference: B − A, paired over cases, with its 95 % interval, clustered by source and driving "
    "person. better and worse are said where Holm's test over all metrics is sure of it (5 %)."
)


def compare(
    a: Annotated[Path, typer.Argument(help="Run directory or baseline file.")],
    b: Annotated[Path, typer.Argument(help="Run directory on the same cases.")],
    metrics: Annotated[
        str, typer.Option(help="Names or protocol ids, comma-separated, or 'all'.")
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder: FVD and KVD then draw the same clips for both."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it: .png, .svg or .pdf.")] = None,
) -> None:
    """Say in which metrics two runs differ beyond chance, and by how much."""
    from rich.console import Console

    from benchmark.gate.contrast import contrast
    from benchmark.gate.read import open_side
    from benchmark.gate.redraw import redraw
    from leaderboards.plots.save import check_ending

    if plot is not None:
        check_ending(plot)
    first, second = open_side(a), open_side(b)
    wanted = tuple(name.strip() for name in metrics.split(",") if name.strip())
    drawn, note = redraw(second, first, data)
    found = contrast(first.side, second.side, wanted, drawn)
    labels = (_label(first.side.method.label, a), _label(second.side.method.label, b))
    _print(found, labels, note, Console())
    if plot is not None:
        from leaderboards.plots.compare import draw_comparison

        draw_comparison(_bars(found), f"B: {labels[1]}\ncompared with A: {labels[0]}", plot)


def _label(method: str, path: Path) -> str:
    return f"{method}  {path}"


def _print(found: "Judgement", labels: tuple[str, str], note: str, console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    from benchmark.cli.gating.page import row
    from benchmark.gate.contrast import ALIKE, word

    for name, label in zip("AB", labels, strict=True):
        console.print(Text(f"{name}  {label}"), soft_wrap=True)
    for kind, title in _KINDS.items():
        findings = [one for one in found.findings if one.kind == kind]
        if not findings:
            continue
        grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        grid.add_column("metric", overflow="fold", max_width=19)
        for head in ("A", "B", "difference", "95 % interval"):
            grid.add_column(head, justify="right", no_wrap=True)
        grid.add_column("B is", overflow="fold")
        for one in findings:
            shown, said = row(one), word(one)
            cells = (shown.metric, shown.before, shown.after, shown.change, shown.interval)
            style = "" if said == ALIKE else "bold"
            grid.add_row(*map(Text, cells), Text(said, style=style))
        console.print(Text(f"\n{title}", style="bold"))
        console.print(grid)
    console.print()
    for sentence in (_LEGEND, *_reasons(found.findings), *found.warnings, note):
        if sentence:
            console.print(Text(f"· {sentence}", style="dim"))


def _reasons(findings: "tuple[Finding, ...]") -> list[str]:
    return list(dict.fromkeys(finding.said for finding in findings if finding.said))


def _bars(found: "Judgement") -> "list[Bar]":
    """Return differences in per cent of A's value, turned so that right is worse."""
    from benchmark.cli.gating.page import heading
    from benchmark.gate.contrast import word
    from leaderboards.plots.compare import Bar

    bars = []
    for finding in found.findings:
        if finding.test is None or not (before := abs(finding.test.effect.before)):
            continue
        loss = finding.test.effect.loss
        ends = loss.interval()
        low, high = (100.0 * end / before for end in ends) if ends else (None, None)
        name = f"{heading(finding.card)} ({finding.kind})"
        bars.append(Bar(name, 100.0 * loss.value / before, low, high, word(finding)))
    return bars
