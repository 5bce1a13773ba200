"""User studies in the layout of a paper's: means, intervals, who is ranked, hostile files."""

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layout_shop import in_every_form, ratings

from benchmark.errors import UsageProblem
from leaderboards.layouts.build import paper_table
from leaderboards.layouts.model import Entries, PaperTable
from leaderboards.layouts.ratings import HEADS, Answer, read_answers
from leaderboards.layouts.show import page
from leaderboards.layouts.study import MIN_PARTICIPANTS, spread
from leaderboards.published import load

OPINION, PREFERENCE = ",".join(HEADS["opinion"]), ",".join(HEADS["preference"])
T_11 = 2.200985160082949
"""Student's t at 0.975 with 11 degrees of freedom, from tables."""


def study(layout: str, path: Path) -> PaperTable:
    library = load()
    return paper_table(library, library.table(layout), ratings=path)


def measured(table: PaperTable) -> list[Entries]:
    return [row for row in table.rows if row.source == "measured"]


def opinions(people: int = 12, methods: Sequence[str] = ("ours", "theirs")) -> list[list[object]]:
    return [
        [f"p{p}", f"s{s}", method, question, 1 + (p * 3 + s + 2 * m + q) % 5]
        for p in range(people)
        for s in range(3)
        for m, method in enumerate(methods)
        for q, question in enumerate(("pose", "mouth"))
    ]


def test_mean_opinion_scores(tmp_path: Path) -> None:
    lines = opinions()
    table = study("portraitdirector-2", ratings(tmp_path / "r.csv", lines, OPINION))
    rows = measured(table)
    assert [row.label for row in rows] == ["ours", "theirs"]
    for row in rows:
        for i, question in enumerate(("pose", "mouth")):
            given = [x for x in lines if x[2] == row.label and x[3] == question]
            cell = row.cells[i]
            values = [float(str(x[4])) for x in given]
            assert cell.value == pytest.approx(statistics.fmean(values))
            assert float(cell.printed) == pytest.approx(cell.value, abs=0.00501)
            means = [
                statistics.fmean(float(str(x[4])) for x in given if x[0] == f"p{p}")
                for p in range(12)
            ]
            reach = T_11 * statistics.stdev(means) / math.sqrt(12)  # all gave as many answers
            assert cell.spread == pytest.approx(reach)
        assert [cell.printed for cell in row.cells[2:]] == ["", ""]
    best = max(rows, key=lambda row: row.cells[0].order)
    assert best.cells[0].rank == 1
    assert any("144 answers of 12 participants about 3 samples" in n for n in table.notes)
    assert "p11" not in "".join(in_every_form([table]).values())


def test_few_people_have_no_interval(tmp_path: Path) -> None:
    path = ratings(tmp_path / "r.csv", opinions(MIN_PARTICIPANTS - 1), OPINION)
    assert all(row.cells[0].spread is None for row in measured(study("portraitdirector-2", path)))
    path = ratings(tmp_path / "r.csv", opinions(MIN_PARTICIPANTS), OPINION)
    table = study("portraitdirector-2", path)
    assert all(row.cells[0].spread for row in measured(table))
    line = next(x for x in page(table, intervals=True).panels[0].lines if x.label.text == "ours")
    assert "±" in line.cells[1].text
    assert "±" not in page(table).panels[0].lines[-1].cells[1].text


def test_other_participants_are_not_ranked(tmp_path: Path) -> None:
    lines = opinions(methods=("ours", "theirs", "easy"))
    lines = [x for x in lines if not (x[2] == "easy" and x[0] == "p3" and x[3] == "pose")]
    rows = measured(study("portraitdirector-2", ratings(tmp_path / "r.csv", lines, OPINION)))
    assert sorted(str(row.cells[0].rank) for row in rows) == ["1", "2", "None"]
    easy = next(row for row in rows if row.label == "easy")
    assert easy.cells[0].rank is None
    assert "Other participants or samples" in easy.cells[0].note
    assert {row.cells[1].rank for row in rows} <= {1, 2, 3}
    two = [x for x in lines if x[2] != "theirs"]
    rows = measured(study("portraitdirector-2", ratings(tmp_path / "r.csv", two, OPINION)))
    assert [row.cells[0].rank for row in rows] == [None, None]


def test_preferences(tmp_path: Path) -> None:
    lines = [
        [f"p{p}", f"s{s}", "ours", rival, "LA", "method" if (p + s + r) % 3 else "against"]
        for p in range(12)
        for s in range(2)
        for r, rival in enumerate(("LivePortrait", "Wan"))
    ]
    table = study("flashportrait-1", ratings(tmp_path / "r.csv", lines, PREFERENCE))
    rows = measured(table)
    assert [row.label for row in rows] == ["LivePortrait", "Wan"]
    assert {row.block for row in rows} == {"measured · ours preferred"}
    for row in rows:
        won = [x[5] == "method" for x in lines if x[3] == row.label]
        assert row.cells[0].value == pytest.approx(sum(won) / len(won))
        assert row.cells[0].printed == f"{100 * sum(won) / len(won):.1f}"
        assert row.cells[0].rank is None  # rows do not compete


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(1, 5)), min_size=1, max_size=60))
@settings(max_examples=80, deadline=None)
def test_spread_is_that_of_clusters(given_: list[tuple[int, int]]) -> None:
    answers = [
        Answer(f"p{p}", f"s{i}", "m", "", "pose", float(v)) for i, (p, v) in enumerate(given_)
    ]
    found = spread(answers)
    people = {p for p, _ in given_}
    assert (found is None) == (len(people) < MIN_PARTICIPANTS)
    if found is not None:
        centre = statistics.fmean(v for _, v in given_)
        sums = [sum(v - centre for q, v in given_ if q == p) for p in people]
        n = len(people)
        error = math.sqrt(sum(x * x for x in sums) * n / (n - 1)) / len(given_)
        assert 1.9599 * error <= found <= 2.2622 * error  # t is 2.2622 with 9 degrees, falling


HOSTILE = ["a|b", "<script>x</script>", "\\input{x}", "=cmd()", "*x*", "[red]x[/red]", "x\u202eabc"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_printed_not_run(tmp_path: Path, name: str) -> None:
    lines = opinions(2, (name, "plain"))
    table = study("portraitdirector-2", ratings(tmp_path / "r.csv", lines, OPINION))
    versus = [["p", "s", name, f"not {name}", "la", "method"]]  # here it also names a block
    other = study("flashportrait-1", ratings(tmp_path / "v.csv", versus, PREFERENCE))
    forms = in_every_form([table, other])
    assert "<script>" not in forms["html"] + forms["md"]
    assert "\\input{" not in forms["tex"]
    assert "\n=cmd" not in forms["csv"]
    assert ",=cmd" not in forms["csv"]
    assert "\u202e" not in "".join(forms.values())
    if name == "[red]x[/red]":
        assert name in forms["txt"]


GOOD = "p0,s0,ours,pose,3"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("p0,s0,ours,pose,6", "'6' is not 1 to 5"),
        ("p0,s0,ours,pose,nan", "'nan' is not 1 to 5"),
        ("p0,s0,ours,pose,good", "'good' is not 1 to 5"),
        ("p0,s0,ours,pose,", "no rating"),
        ("p0,s0,,pose,3", "no method"),
        (",s0,ours,pose,3", "no participant"),
        ("p0,s0,ours,posse,3", "unknown question 'posse'"),
        ("p0,s0,ours,3", "line 3 has 4 fields, not 5"),
        (GOOD, "line 3 answers again what line 2 did"),
        ('p0,s0,"ours,pose,3', "unexpected end of data"),
    ],
)
def test_a_bad_line_is_a_sentence(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{OPINION}\n{GOOD}\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageProblem) as caught:
        study("portraitdirector-2", path)
    assert complaint in caught.value.problem
    assert str(path) in caught.value.problem


def test_a_bad_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    for content, complaint in (
        (b"", "its first line must be participant,sample"),
        (PREFERENCE.encode(), "its first line must be participant,sample,method,question,rating"),
        (OPINION.encode(), "it holds no answer"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"x" * ((32 << 20) + 1), "larger than 32 MiB"),
    ):
        path.write_bytes(content)
        with pytest.raises(UsageProblem, match=complaint):
            study("portraitdirector-2", path)
    with pytest.raises(UsageProblem, match="cannot read"):
        study("portraitdirector-2", tmp_path / "nowhere.csv")
    with pytest.raises(UsageProblem, match="no ordinary file"):
        study("portraitdirector-2", tmp_path)
    with pytest.raises(UsageProblem, match="xnemo-1 is no user study"):
        study("xnemo-1", path)


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(f"\ufeff{OPINION}\r\n{GOOD}\r\n,,,,\r\n\r\n".encode())
    (answer,) = read_answers(path, "opinion", ["pose"])
    assert answer == Answer("p0", "s0", "ours", "", "pose", 3.0)
