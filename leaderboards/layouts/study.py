"""Rows of a user study of one's own, in the layout of a paper's."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.errors import UsageProblem
from leaderboards.layouts.model import Entries, Entry
from leaderboards.layouts.ratings import Answer, Study, read_answers
from leaderboards.numbers import mean, printed
from leaderboards.published import PublishedColumn, PublishedTable

MIN_PARTICIPANTS = 10
"""With fewer there is no interval: nobody could vouch for its coverage."""
Shown = frozenset[tuple[str, str]]
"""Who answered about what: participants and samples."""


def rated_rows(table: PublishedTable, path: Path) -> tuple[list[Entries], str]:
    """Return one row a method, or a row for each method it was compared with, and a note.

    A number is the mean over all answers. Numbers of a column are ranked together only if the
    same participants answered about the same samples.

    Args:
        table: The paper's table, of a user study.
        path: The answers, see `leaderboards.layouts.ratings`.

    Raises:
        UsageProblem: If the table is of no user study, or the file is not as it should be.
    """
    study = table.facts.kind
    if study not in ("opinion", "preference"):
        raise UsageProblem(
            f"{table.id} is no user study", "leave --ratings out, or see: --layout list"
        )
    answers = read_answers(path, study, [column.key for column in table.columns])
    by_row: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        by_row.setdefault((answer.method, answer.against), []).append(answer)
    rows = [_row(table, study, key, given) for key, given in by_row.items()]
    people = len({a.participant for a in answers})
    return _comparable(table, rows, list(by_row.values())), (
        f"Measured: {len(answers)} answers of {people} participants about "
        f"{len({a.sample for a in answers})} samples; intervals by participant (Student's t), from "
        f"{MIN_PARTICIPANTS} participants."
    )


def _row(
    table: PublishedTable, study: Study, key: tuple[str, str], answers: Sequence[Answer]
) -> Entries:
    method, against = key
    return Entries(
        label=against or method,
        source="measured",
        block="measured" if study == "opinion" else f"measured · {method} preferred",
        cells=tuple(
            _entry(column, [a for a in answers if a.question == column.key])
            for column in table.columns
        ),
        method=method,
    )


def _entry(column: PublishedColumn, answers: Sequence[Answer]) -> Entry:
    if not answers:
        return Entry(note="No value: nobody was asked.")
    value = mean([answer.value for answer in answers])
    return Entry(
        printed=printed(value, column.metric.scale, column.digits),
        value=value,
        spread=spread(answers),
    )


def spread(answers: Sequence[Answer]) -> float | None:
    """Return half the width of the 95 % interval of a mean over answers.

    Participants are the clusters: ``t(0.975, P - 1) * sqrt(P / (P - 1) * sum(r_p ** 2)) / N`` with
    ``r_p`` the sum of a participant's deviations from the mean (the cluster-robust error of a
    mean; the error of participants' means where all gave as many answers). ``None`` with fewer
    than `MIN_PARTICIPANTS`.
    """
    centre = mean([answer.value for answer in answers])
    off: dict[str, float] = {}
    for answer in answers:
        off[answer.participant] = off.get(answer.participant, 0.0) + answer.value - centre
    people = len(off)
    if people < MIN_PARTICIPANTS:
        return None
    from scipy.special import stdtrit

    squares = sum(one * one for one in off.values()) * people / (people - 1)
    return float(stdtrit(people - 1, 0.975)) * math.sqrt(squares) / len(answers)


def _comparable(
    table: PublishedTable, rows: Sequence[Entries], answers: Sequence[Sequence[Answer]]
) -> list[Entries]:
    """Return rows whose cells say with whom they are ranked."""
    pools: Mapping[str, list[Shown]] = {
        column.key: [
            frozenset((a.participant, a.sample) for a in given if a.question == column.key)
            for given in answers
        ]
        for column in table.columns
    }
    return [
        replace(
            row,
            cells=tuple(
                _pooled(table, column, cell, pools[column.key], number)
                for column, cell in zip(table.columns, row.cells, strict=True)
            ),
        )
        for number, row in enumerate(rows)
    ]


def _pooled(
    table: PublishedTable, column: PublishedColumn, cell: Entry, shown: Sequence[Shown], number: int
) -> Entry:
    if table.facts.unranked or column.unranked or not cell.printed:
        return cell
    if shown[number] != _largest(shown):
        return replace(cell, note="Other participants or samples than the rest; not ranked.")
    return replace(cell, pool=("ratings", column.key))


def _largest(shown: Sequence[Shown]) -> Shown | None:
    """Return what most methods were judged on; ``None`` if two sets are equally common."""
    common = Counter(one for one in shown if one).most_common(2)
    tied = len(common) == 2 and common[0][1] == common[1][1]
    return None if tied or not common else common[0][0]
