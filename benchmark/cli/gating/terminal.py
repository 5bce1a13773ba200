"""A gate in the terminal, in 80 columns."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.cli.gating.page import Page, Row
from benchmark.errors import ExitCode
from benchmark.gate.outcome import Outcome

_KINDS = {"self": "Self-reenactment", "cross": "Cross-reenactment"}
_COLOURS = {ExitCode.OK: "green", ExitCode.FAILED: "red"}
_SURE = ("95 % interval", "finds")
_LEGEND = (
    "change: candidate − baseline, paired over cases, with its 95 % interval, clustered by source "
    "and driving person. finds: the smallest loss that this split would have shown 8 times in 10. "
    "A regression is a loss above what is tolerated, by Holm's test over all metrics or, where "
    "there is no interval, by itself."
)


def show(page: Page, console: Console) -> None:
    """Print a gate."""
    style = f"bold {_COLOURS.get(page.code, 'yellow')}"
    console.print(Text(page.summary, style=style))
    for name, side in (("candidate", page.candidate), ("baseline", page.baseline)):
        console.print(Text(f"{name:<10}{side.label}  {side.place}"), soft_wrap=True)
    for outcome, said in page.remarks:
        console.print(Text.assemble((f"\n{outcome.title}: ", "bold"), said))
    for kind, name in _KINDS.items():
        if rows := [row for row in page.rows if row.kind == kind]:
            console.print(Text(f"\n{name}", style="bold"))
            console.print(_grid(rows))
    _moved(page, console)
    _notes(page, console)


def _grid(rows: list[Row]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("metric", overflow="fold", max_width=19)
    sure = any(row.interval for row in rows)
    for name in ("baseline", "now", "change", *(_SURE if sure else ("tolerated",))):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("verdict", overflow="fold")
    for row in rows:
        style = "" if row.outcome is Outcome.PASS else "bold"
        verdict = Text(row.outcome.title, style=style)
        cells = (row.interval, row.detectable) if sure else (row.tolerated,)
        numbers = map(Text, (row.before, row.after, row.change, *cells))
        grid.add_row(Text(row.metric), *numbers, verdict)
    return grid


def _moved(page: Page, console: Console) -> None:
    if not page.moved:
        return
    console.print(Text("\nCases that moved most", style="bold"))
    for moved in page.moved:
        word = "worse" if moved.worse else "better"
        console.print(Text(f"{moved.case_id}: {moved.metric} {moved.change} ({word})"))
        for name, clip in (("now", moved.after_clip), ("baseline", moved.before_clip)):
            if clip is not None:
                link = clip.absolute().as_uri()
                console.print(Text(f"  {name}: {clip}", style=f"dim link {link}"), soft_wrap=True)


def _notes(page: Page, console: Console) -> None:
    said: dict[str, list[str]] = {}
    for row in page.rows:
        for detail in row.details:
            said.setdefault(detail, []).append(f"{row.metric} ({row.kind})")
    console.print()
    for detail, metrics in said.items():
        names = metrics[0] if len(metrics) == 1 else f"{len(metrics)} metrics"
        console.print(Text(f"· {names}: {detail}", style="dim"))
    if page.rows:
        console.print(Text(f"· {_LEGEND}", style="dim"))
    for warning in page.warnings:
        console.print(Text(f"· differs: {warning}", style="dim"))
