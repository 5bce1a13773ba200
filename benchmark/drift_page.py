"""Drift as people read it: headings, rows and notes, and the same as Markdown and CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.drift import RunDrift, verdict
from benchmark.names import printable
from metrics.drift import BLOCKS, Drift
from metrics.score import NotMeasured

COLUMNS = ("run", "clips", "change a minute", "95 % interval", "")
LEGEND = (
    f"change a minute: slope of a line through the means of {BLOCKS} blocks of equal time of each "
    "clip, averaged over clips",
    "interval: Student's t between the clips; of a single clip, between its blocks. One that "
    "holds 0 shows no drift",
)
_FIELDS = (
    "run",
    "protocol",
    "metric",
    "unit",
    "case",
    "slope",
    "low",
    "high",
    "clips",
    "frames",
    "total",
    "verdict",
    "reason",
)
_NAMED = 5
"""Cases that a note names; CSV names all."""


@dataclass(frozen=True, slots=True)
class Block:
    """One metric in one kind of reenactment.

    Attributes:
        heading: Which, in which unit, and which way is better.
        rows: Cells by `COLUMNS`, one row a run.
    """

    heading: str
    rows: tuple[tuple[str, ...], ...]


def blocks(found: Sequence[RunDrift]) -> list[Block]:
    """Return a block for each metric and kind, in the order given."""
    groups: dict[tuple[str, str], list[RunDrift]] = {}
    for one in found:
        groups.setdefault((one.metric, one.kind), []).append(one)
    return [_block(group) for group in groups.values()]


def notes(found: Sequence[RunDrift]) -> list[str]:
    """Return a sentence for each run, kind and reason why clips have no drift."""
    metrics: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for one in found:
        for reason, lacking in _missing(one).items():
            key = (one.run, one.kind, reason, tuple(lacking))
            metrics.setdefault(key, []).append(one.metric)
    total = {(one.run, one.kind): 0 for one in found}
    for one in found:
        total[one.run, one.kind] += 1
    said = []
    for (run, kind, reason, cases), ids in metrics.items():
        which = "" if len(ids) == total[run, kind] else f" ({', '.join(ids)})"
        count = f"{len(cases)} clip{'s' if len(cases) > 1 else ''} not measured"
        said.append(printable(f"{run}, {kind}: {count}: {reason}{which}: {_named(cases)}"))
    return said


def markdown(found: Sequence[RunDrift]) -> str:
    """Return the drift as Markdown tables with legend and notes."""
    lines: list[str] = []
    for block in blocks(found):
        lines += [f"**{_cell(block.heading)}**", "", f"| {' | '.join(COLUMNS)} |"]
        lines += ["|---|--:|--:|--:|---|"]
        lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in block.rows]
        lines += [""]
    lines += [f"- {_cell(line)}" for line in (*LEGEND, *notes(found))]
    return "\n".join(lines) + "\n"


def table(found: Sequence[RunDrift]) -> str:
    """Return the drift as CSV: a line for each run and metric, and one for each of its clips.

    Lines of clips name the ``case``; numbers are raw and at full precision.
    """
    out = io.StringIO()
    lines = csv.DictWriter(out, _FIELDS, lineterminator="\n", restval="")
    lines.writeheader()
    for one in found:
        for record in _records(one):
            lines.writerow({name: _text(value) for name, value in record.items()})
    return out.getvalue()


def _block(group: Sequence[RunDrift]) -> Block:
    card = group[0].card
    heading = f"{card.title}, {group[0].kind}, {card.unit} ({card.direction.value} is better)"
    return Block(f"{heading}: {card.id}", tuple(_row(one) for one in group))


def _row(one: RunDrift) -> tuple[str, ...]:
    clips = f"{len(one.measured)}/{len(one.clips)}"
    mean = one.mean
    if mean is None:
        return (printable(one.run), clips, "–", "–", "not measured")
    said = verdict(one.card.direction, mean)
    interval = f"{_number(mean.low)} to {_number(mean.high)}"
    return (printable(one.run), clips, _number(mean.slope), interval, said)


def _missing(one: RunDrift) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case, clip in one.clips.items():
        if isinstance(clip, NotMeasured):
            found.setdefault(clip.reason, []).append(case)
    return found


def _named(cases: Sequence[str]) -> str:
    more = len(cases) - _NAMED
    return ", ".join(cases[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _number(value: float) -> str:
    """Return a change with its sign and three digits; no change has none."""
    return f"{value:+.3g}" if value else "0"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _records(one: RunDrift) -> Iterator[dict[str, object]]:
    head = {"run": one.run, "protocol": one.kind, "metric": one.metric, "unit": one.card.unit}
    mean = one.mean
    summary: dict[str, object] = {"clips": len(one.measured)}
    if mean is not None:
        summary |= {"slope": mean.slope, "low": mean.low, "high": mean.high}
        summary["verdict"] = verdict(one.card.direction, mean)
    yield {**head, **summary}
    for case, clip in one.clips.items():
        if isinstance(clip, Drift):
            numbers = {"slope": clip.slope, "low": clip.low, "high": clip.high}
            yield {**head, "case": case, **numbers, "frames": clip.frames, "total": clip.total}
        else:
            yield {**head, "case": case, "reason": clip.reason}


def _text(value: object) -> str:
    """Return a field; text that a spreadsheet would take for a formula gets an apostrophe."""
    if isinstance(value, str):
        safe = printable(value)
        return f"'{safe}" if safe[:1] in ("=", "+", "-", "@") else safe
    return repr(value)
