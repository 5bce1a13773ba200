"""A gate as Markdown: the step summary of a workflow, and a comment that any job may post."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.cli.gating.page import Moved, Page, Row
from benchmark.gate.outcome import Outcome
from benchmark.names import printable
from leaderboards.formats.markdown import escape

_SIGNS = {0: "✅", 1: "❌"}
_MARK = "<!-- portraitbench-gate -->"
"""Lets a job that posts the comment find the one it posted before."""


def markdown(page: Page) -> str:
    """Return the comment: verdict, what is wrong, and the whole table folded away."""
    blocks = [
        _MARK,
        f"### {_SIGNS.get(int(page.code), '⚠️')} {escape(page.summary)}",
        f"{_side('candidate', *page.candidate)}  \n{_side('baseline', *page.baseline)}",
    ]
    blocks += [f"**{escape(outcome.title)}**: {_line(said)}" for outcome, said in page.remarks]
    wrong = [row for row in page.rows if row.outcome not in (Outcome.PASS, Outcome.NOT_JUDGED)]
    if wrong:
        blocks += [_table(wrong), _reasons(wrong)]
    if page.moved:
        blocks.append("**Cases that moved most**\n\n" + "\n".join(map(_moved, page.moved)))
    if page.rows:
        blocks.append(_folded(f"All {len(page.rows)} metrics", _table(page.rows)))
    if page.warnings:
        listed = "\n".join(f"- {_line(warning)}" for warning in page.warnings)
        blocks.append(_folded("What differs around the numbers", listed))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _side(name: str, label: str, place: str) -> str:
    return f"{name}: {_line(label)} ({_line(place)})"


def _table(rows: Sequence[Row]) -> str:
    lines: list[tuple[str, ...]] = [
        (
            "",
            "metric",
            "baseline",
            "now",
            "change",
            "95 % interval",
            "tolerated",
            "finds",
            "verdict",
        ),
        (":--", ":--", "--:", "--:", "--:", "--:", "--:", "--:", ":--"),
    ]
    lines += [tuple(map(escape, _cells(row))) for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (row.before, row.after, row.change, row.interval, row.tolerated, row.detectable)
    return (row.kind, row.metric, *numbers, row.outcome.title)


def _reasons(rows: list[Row]) -> str:
    return "\n".join(
        f"- {escape(f'{row.metric} ({row.kind}, {row.protocol_id}): {detail}')}"
        for row in rows
        for detail in row.details
    )


def _moved(moved: Moved) -> str:
    clips = ", ".join(
        f"{name} {_link(clip)}"
        for name, clip in (("now", moved.after_clip), ("baseline", moved.before_clip))
        if clip is not None
    )
    word = "worse" if moved.worse else "better"
    text = escape(f"{moved.case_id}: {moved.metric} {moved.change} ({word})")
    return f"- {text}{f': {clips}' if clips else ''}"


def _link(clip: Path) -> str:
    """Return a path that is readable in the artefacts of a job; no address to follow."""
    return _line(str(clip))


def _line(text: str) -> str:
    """Return text from outside as one line: a file's name may hold a line break."""
    return escape(printable(text))


def _folded(name: str, text: str) -> str:
    return f"<details><summary>{escape(name)}</summary>\n\n{text}\n\n</details>"
