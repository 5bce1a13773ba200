import csv as reader
import io
from dataclasses import replace

import pytest

from benchmark.errors import UsageProblem
from benchmark.store import CaseScore, RunRecord
from leaderboards.build import build
from leaderboards.formats.csv import csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.layout import layout
from leaderboards.formats.markdown import markdown
from leaderboards.model import Table
from leaderboards.persons import by_person, person_tables
from metrics.score import Measured, NotMeasured, Score


def score(case: str, metric: str, person: int, value: float | NotMeasured) -> CaseScore:
    kind = "self" if case in "ab" else "cross"
    found: Score = Measured(value, 32, 32) if isinstance(value, float) else value
    return CaseScore(case, kind, metric, person, found)


@pytest.fixture
def record(invented, cards) -> RunRecord:  # noqa: ANN001
    """Case a drives two people, b one, c three; d was not measured for its second person."""
    ssim, lmd, apd = list(cards)[:3]
    made = invented("crowd", {ssim: [0.8, 0.8], lmd: [None] * 4, apd: [None] * 4})
    lost = NotMeasured("the face was not found in any frame of the result")
    rows = [
        score("a", lmd, 0, 0.01), score("a", lmd, 1, 0.03), score("a", lmd, -1, 0.02),
        score("b", lmd, -1, 0.05),
        score("c", lmd, 0, 0.1), score("c", lmd, 1, 0.2), score("c", lmd, 2, 0.3),
        score("c", lmd, -1, 0.2),
        score("d", lmd, 0, 0.4), score("d", lmd, 1, lost), score("d", lmd, -1, lost),
        score("a", ssim, -1, 0.8), score("b", ssim, -1, 0.8),
    ]  # fmt: skip
    return replace(made.record(), scores=tuple(rows))


def table(records: list[RunRecord], cards) -> Table:  # noqa: ANN001
    return build(records, cards, ["lmd"])


def cells(shown: Table) -> dict[str, float | None]:
    (row,) = [row for row in shown.rows if row.role == "method"]
    return {
        column.kind: cell.value if cell else None
        for column, cell in zip(shown.columns, row.cells, strict=True)
    }


def test_each_person_has_a_table(record: RunRecord, cards) -> None:  # noqa: ANN001
    people = by_person([record])
    assert list(people) == [0, 1, 2]
    found = {person: cells(table(records, cards)) for person, records in people.items()}
    assert found[0] == {"self": pytest.approx(0.03), "cross": pytest.approx(0.25)}  # b counts here
    assert found[1] == {"self": pytest.approx(0.03), "cross": pytest.approx(0.2)}
    assert found[2] == {"self": None, "cross": pytest.approx(0.3)}


def test_nobody_is_not_a_failure_and_a_lost_person_is(record: RunRecord, cards) -> None:  # noqa: ANN001
    people = by_person([record])
    (row,) = table(people[1], cards).rows
    itself, cross = row.cells
    assert itself is not None
    assert (itself.measured, itself.judgeable) == (1, 1)  # case b drives nobody there
    assert cross is not None
    assert (cross.measured, cross.judgeable) == (1, 2)
    assert "not found" in cross.reason


def test_the_tables_say_whose_scores_these_are(record: RunRecord, cards) -> None:  # noqa: ANN001
    tables = person_tables([record], cards)
    assert [one.cohort.person for one in tables] == [1, 2, 3]
    assert [one.columns[0].card.name for one in tables] == ["lmd"] * 3
    assert layout(tables[1]).title.startswith("Person 2 from the left: ")
    assert cells(tables[1]) == cells(table(by_person([record])[1], cards))


def test_all_persons_stand_on_one_page(record: RunRecord, cards) -> None:  # noqa: ANN001
    tables = person_tables([record], cards)
    rows = list(reader.DictReader(io.StringIO(csv(*tables))))
    assert [(row["person"], row["protocol"]) for row in rows] == [
        (str(person), kind) for person in (1, 2, 3) for kind in ("self", "cross")
    ]
    assert csv(*tables).count("dataset,") == 1
    page = html(*tables)
    assert page.count("<!doctype html>") == page.count("</html>") == 1
    for text in (page, markdown(*tables), latex(*tables)):
        places = [text.rindex(f"Person {person} from the left") for person in (1, 2, 3)]
        assert places == sorted(places)
    assert latex(*tables).count(r"\end{table*}") == 3


def test_metrics_that_know_no_persons_are_refused(record: RunRecord, cards) -> None:  # noqa: ANN001
    with pytest.raises(UsageProblem, match="ssim: not measured by person"):
        person_tables([record], cards, ["ssim"])


def test_metrics_without_persons_are_left_out(record: RunRecord) -> None:
    for records in by_person([record]).values():
        assert {s.metric.partition(".")[0] for s in records[0].scores} == {"lmd"}
        assert all(metric.startswith("lmd") for metric in records[0].manifest["metrics"])
    assert {s.metric.partition(".")[0] for s in record.scores} == {"lmd", "ssim"}  # untouched


def test_runs_of_one_person_are_refused(invented, cards) -> None:  # noqa: ANN001
    lmd = list(cards)[1]
    alone = invented("alone", {lmd: [0.1] * 4}).record()
    whole = tuple(s for s in alone.scores if s.person == -1)
    with pytest.raises(UsageProblem, match="no case of these runs has several people"):
        by_person([replace(alone, scores=whole)])
