import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import NotComparable, UsageProblem
from benchmark.store import (
    FORMAT,
    CaseScore,
    Generated,
    Journal,
    Outcome,
    RunPaths,
    load_run,
    write_manifest,
)
from metrics.score import Measured, NotMeasured

finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
counts = st.integers(1, 1000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
scores = st.one_of(
    st.builds(
        lambda value, count, driver, unjudged: Measured(value, *count, driver, unjudged),
        finite,
        counts,
        st.none() | finite,
        st.integers(0, 99),
    ),
    st.builds(NotMeasured, text, st.booleans()),
)


def write_run(root: Path, case_ids: list[str]) -> RunPaths:
    paths = RunPaths(root)
    root.mkdir(exist_ok=True)
    manifest = {
        "format": FORMAT,
        "run_id": "x-1",
        "method": {"name": "x", "label": "X"},
        "split": {"dataset": "mini", "split": "single", "version": "1", "sha256": "ab" * 32},
        "case_ids": case_ids,
        "cases": {c: {"protocol": "self", "frames": 3, "people": 1} for c in case_ids},
        "options": {"max_frames": None, "limit": None},
    }
    write_manifest(paths, manifest)
    return paths


@settings(max_examples=40, deadline=None)
@given(score=scores, reason=text, seconds=finite)
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, score: Any, reason: str, seconds: float
) -> None:
    paths = write_run(tmp_path_factory.mktemp("run"), ["a"])
    item = Generated(
        "a", Outcome.FAILED, reason, "f" * 64, (0, 2, 1), (3, 4), True, {"total_s": seconds}
    )
    journal = Journal(paths.journal)
    journal.record_generated(item)
    journal.record_scores([CaseScore("a", "self", "x@1", -1, score)])
    journal.close()
    record = load_run(paths.root)
    assert dict(record.generated) == {"a": item}
    assert record.scores == (CaseScore("a", "self", "x@1", -1, score),)


def test_scores_come_back_in_case_order(tmp_path: Path) -> None:
    paths = write_run(tmp_path, ["b", "a"])
    journal = Journal(paths.journal)
    for case_id in ("a", "b"):
        journal.record_generated(Generated(case_id, Outcome.OK))
        journal.record_scores([CaseScore(case_id, "self", "x@1", -1, NotMeasured("no"))])
    journal.close()
    record = load_run(tmp_path)
    assert [s.case_id for s in record.scores] == list(record.generated) == ["b", "a"]
    assert record.complete


def test_a_case_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    twice = CaseScore("a", "self", "x@1", -1, NotMeasured("no"))
    with pytest.raises(sqlite3.IntegrityError):
        journal.record_scores([twice, twice])
    assert journal.scores() == []


def test_a_value_that_is_no_number_is_never_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    with pytest.raises(sqlite3.IntegrityError):
        journal.record_scores([CaseScore("a", "self", "x@1", -1, Measured(float("nan"), 1, 1))])


def test_no_run_and_damaged_runs_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="is not a run"):
        load_run(tmp_path / "nowhere")
    paths = write_run(tmp_path / "damaged", ["a"])
    paths.journal.write_bytes(b"this is not a database, not at all, however long it goes on")
    with pytest.raises(UsageProblem, match="is damaged"):
        load_run(paths.root)
    old = write_run(tmp_path / "old", ["a"])
    with sqlite3.connect(old.journal) as db:
        db.execute("CREATE TABLE generated (case_id TEXT)")
    with pytest.raises(UsageProblem, match="is damaged"):
        load_run(old.root)
    paths.manifest.write_text("{")
    with pytest.raises(UsageProblem, match="cannot read"):
        load_run(paths.root)
    paths.manifest.write_text("[" * 200_000)
    with pytest.raises(UsageProblem, match="cannot read"):
        load_run(paths.root)
    paths.manifest.write_text('{"format": "portraitbench-run@0"}')
    with pytest.raises(NotComparable):
        load_run(paths.root)


def test_scores_of_a_case_that_the_run_does_not_have_are_refused(tmp_path: Path) -> None:
    paths = write_run(tmp_path, ["a"])
    journal = Journal(paths.journal)
    journal.record_scores([CaseScore("z", "self", "x@1", -1, NotMeasured("no"))])
    journal.close()
    with pytest.raises(UsageProblem, match="scores of z"):
        load_run(tmp_path)


def test_a_run_that_has_not_begun_is_empty(tmp_path: Path) -> None:
    record = load_run(write_run(tmp_path, ["a"]).root)
    assert not record.generated
    assert not record.complete
