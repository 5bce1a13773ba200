"""Quality against speed: who is not beaten in both."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.errors import UsageProblem
from leaderboards.model import Column
from leaderboards.speed.columns import reached
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import Rows
from metrics.card import Direction


@dataclass(frozen=True, slots=True)
class Spot:
    """One method in the plane.

    Attributes:
        label: What it is called.
        letter: Its cohort; empty where there is only one.
        fps: Frames a second.
        quality: The metric, raw; the distance to the driving clip where that is what counts.
        best: Whether no other of its cohort is at least as good in both and better in one.
    """

    label: str
    letter: str
    fps: float
    quality: float
    best: bool = False


@dataclass(frozen=True, slots=True)
class Plane:
    """Everything that is drawn.

    Attributes:
        column: The metric.
        spots: Methods that were measured in both.
        absent: Sentences on those that were not.
        cohorts: Cohorts in words by letter.
    """

    column: Column
    spots: tuple[Spot, ...]
    absent: tuple[str, ...]
    cohorts: dict[str, str]


def plane(rows: Rows, quality: Quality) -> Plane:
    """Put methods into the plane of one metric and speed.

    Raises:
        UsageProblem: If there is not one metric, or no method was measured in both.
    """
    if len(quality.columns) != 1:
        names = ", ".join(f"{c.card.id} ({c.kind})" for c in quality.columns) or "none"
        raise UsageProblem(
            f"a plot needs one metric of one kind; found: {names}",
            "name a protocol id with --metrics, and --kind self or cross",
        )
    column = quality.columns[0]
    spots, absent = [], []
    for row in rows.rows:
        cell = quality.cell(row.point.name, 0)
        value = None if cell is None else cell.distance if column.by_distance else cell.value
        if row.figures is None:
            absent.append(f"{row.label}: {row.flaw}")
        elif value is None:
            absent.append(f"{row.label}: {quality.text(row.point.name, 0)[1] or 'not measured'}")
        elif (fps := reached(row.figures)) is None:
            absent.append(f"{row.label}: no sustained rate")
        else:
            spots.append(Spot(row.label, row.letter, fps, value))
    if not spots:
        why = absent[0] if absent else "there is no measurement"
        raise UsageProblem(f"no method was measured in both speed and quality: {why}")
    higher = column.card.direction is Direction.HIGHER and not column.by_distance
    words = {letter: cohort.words for letter, cohort in rows.cohorts.items()}
    return Plane(column, fronts(spots, higher), tuple(absent), words)


def fronts(spots: Sequence[Spot], higher: bool) -> tuple[Spot, ...]:
    """Mark the spots that no other spot of their cohort beats; cohorts never meet.

    Args:
        spots: The methods.
        higher: Whether more of the metric is better.
    """
    sign = 1.0 if higher else -1.0

    def beaten(a: Spot, b: Spot) -> bool:
        more = (b.fps - a.fps, sign * (b.quality - a.quality))
        return a.letter == b.letter and min(more) >= 0 and max(more) > 0

    return tuple(
        Spot(a.label, a.letter, a.fps, a.quality, not any(beaten(a, b) for b in spots))
        for a in spots
    )
