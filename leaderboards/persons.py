"""Runs seen from one person at a time: what `bench table --by person` puts into tables.

A run holds scores for each person of a case beside those of the case. Here a run becomes one
record a person, in which that person's scores stand for the case; everything else about tables
(coverage, ranks, footnotes, formats) stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmark.errors import UsageProblem
from benchmark.store import CaseScore, RunRecord
from leaderboards.build import build
from leaderboards.facts import WHOLE_CASE
from leaderboards.model import Grouping, Spread, Table
from metrics.card import Card
from metrics.score import NotMeasured

_NOBODY = NotMeasured("nobody drives this person in this case", of_input=True)


def person_tables(
    records: Sequence[RunRecord],
    cards: Mapping[str, Card],
    metrics: Sequence[str] = (),
    spread: Spread | None = None,
    grouping: Grouping | None = None,
) -> list[Table]:
    """Return one table a person, from the left; arguments as of `leaderboards.build.build`.

    Raises:
        UsageProblem: As `by_person` and `build`.
        NotComparable: If the runs did not have the same cases.
    """
    whole = build(records, cards, metrics)  # what is asked for is checked against all that is there
    tables = []
    for person, seen in by_person(records).items():
        known = {name for record in seen for name in record.manifest["metrics"]}
        shown = [c.card.id for c in whole.columns if c.card.id in known]
        if not shown:
            raise UsageProblem(
                f"{', '.join(metrics)}: not measured by person", "leave --by person out"
            )
        if not any(s.person == person and s.metric in shown for r in records for s in r.scores):
            continue  # somebody whom nobody drives, where only what drivers do is asked for
        table = build(seen, cards, shown, spread=spread, grouping=grouping)
        tables.append(replace(table, cohort=replace(table.cohort, person=person + 1)))
    return tables


def by_person(records: Sequence[RunRecord]) -> dict[int, list[RunRecord]]:
    """Return the runs as seen from each person, by left-to-right rank in the portrait.

    A case that drives one person belongs to person 0. A case that does not drive a person is left
    out of that person's means, for every method alike. Metrics that know no persons (pixels, speed)
    are left out.

    Args:
        records: Runs on the same cases.

    Raises:
        UsageProblem: If no run has scores of several people.
    """
    people = sorted({s.person for record in records for s in record.scores} - {WHOLE_CASE})
    if not people:
        raise UsageProblem(
            "no case of these runs has several people",
            "leave --by person out, or run a multi split",
        )
    return {person: [_of(record, person) for record in records] for person in people}


def _of(record: RunRecord, person: int) -> RunRecord:
    personal = {s.metric for s in record.scores if s.person != WHOLE_CASE}
    crowded = {s.case_id for s in record.scores if s.person != WHOLE_CASE}
    scores: list[CaseScore] = []
    for score in record.scores:
        if score.metric not in personal:
            continue
        alone = score.case_id not in crowded
        if score.person == (WHOLE_CASE if alone and person == 0 else person):
            scores.append(replace(score, person=WHOLE_CASE))
    had = {(s.case_id, s.metric) for s in scores}
    wanted = {(s.case_id, s.metric): s for s in record.scores if s.metric in personal}
    scores += [
        replace(score, person=WHOLE_CASE, score=_NOBODY)
        for key, score in wanted.items()
        if key not in had
    ]
    metrics = record.manifest["metrics"]
    manifest = {**record.manifest, "metrics": {k: v for k, v in metrics.items() if k in personal}}
    return replace(record, manifest=manifest, scores=tuple(scores), sets=())
