"""The noise floor as a page, and the cells and sentences that the terminal shares with it."""

from collections.abc import Iterator

from benchmark.floor import Floor
from metrics.card import Card, Direction
from metrics.floor import CONDITIONS, FloorRecord
from metrics.registry import CARDS

HIGHER = Direction.HIGHER
_DIGITS = 3
_HEAD = """# Noise floor

Written by `bench metrics floor CLIP... --out docs/floor.md --out metrics/floor.json`; do not edit.
The second file is what the cards quote. What each metric reads when real clips are compared with
themselves after a change that nobody would call another animation: a difference between two methods
that is smaller than this says nothing.

- *identical*: the clip itself;
- *H.264 crf 18*: x264, medium, 4:2:0; *JPEG 75*: 4:2:0;
- *1 px shift*: to the right, left edge repeated;
- *down and up by 2*: half the size by area, back by cubic;
- *IMAGE against VIDEO mode*: the same frames, the face model of the official runtime tracking and
  smoothing over time; for metrics that stand on faces only;
- *frozen first frame*: no noise but a control, the score of a method that does nothing.

Means over clips, in the unit of the metric's card (`bench metrics show`). Where better is nearer to
the driving clip's own value, the table shows the distance to it. Pixel metrics of a self case leave
the first frame out, as in runs.
"""


def cells(record: FloorRecord, metric_id: str, digits: int = _DIGITS) -> list[str]:
    """Return the values of a metric by condition, as printed; a dash where there is none."""
    card, values = CARDS[metric_id], record.values[metric_id]
    return [_printed(card, values.get(condition.name), digits) for condition in CONDITIONS]


def notes(found: Floor) -> Iterator[str]:
    """Yield what has to be said beside the numbers."""
    record = found.record
    yield f"{record.clips} clips, {record.frames} frames."
    for metric_id, clips in found.partly.items():
        yield f"{metric_id}: values of {clips} of {record.clips} clips only."
    for metric_id, reason in found.absent.items():
        yield f"{metric_id}: no value: {reason}"


def page(found: Floor) -> str:
    """Return the page in Markdown."""
    head = ["metric", *(condition.title for condition in CONDITIONS)]
    lines = [_HEAD, _row(head), "|" + "---|" + "--:|" * len(CONDITIONS)]
    lines += [_row([f"`{m}`", *cells(found.record, m)]) for m in found.record.values]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes(found))]) + "\n"


def _row(parts: list[str]) -> str:
    return f"| {' | '.join(parts)} |"


def _printed(card: Card, value: float | None, digits: int) -> str:
    """Return a value with so many significant digits; near a best value of 1 they are of no use."""
    if value is None:
        return "–"
    return f"{value:.{card.digits}f}" if card.direction is HIGHER else f"{value:.{digits}g}"
