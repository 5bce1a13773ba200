"""Which runs make a board, which are greyed beside it, which are left out."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import NotComparable, UsageProblem
from leaderboards.board.gather import gather

LMD = "lmd.test@1"
SCORES = {LMD: [0.01, 0.02, 0.03, 0.04]}


def write(invented: Any, folder: Path, name: str, run_id: str = "", **changes: Any) -> Path:
    return Path(invented(name, SCORES, run_id=run_id or f"{name}-1", **changes).write(folder))


def names(entries: Any) -> list[str]:
    return [entry.name for entry in entries]


def test_one_board_a_cohort(invented: Any, tmp_path: Path) -> None:
    write(invented, tmp_path, "one")
    write(invented, tmp_path, "two", options={"max_frames": 8})
    write(invented, tmp_path, "three")
    write(invented, tmp_path, "four", split={"split": "multi", "sha256": "ab" * 32})
    groups, left = gather([tmp_path])
    assert sorted(sorted(names(g.current)) for g in groups) == [
        ["four-1"],
        ["one-1", "three-1"],
        ["two-1"],
    ]
    assert not left


def test_controls_come_last(invented: Any, tmp_path: Path) -> None:
    write(invented, tmp_path, "a-control", control=True)
    write(invented, tmp_path, "b-method")
    ((group,), _) = gather([tmp_path])
    assert names(group.current) == ["b-method-1", "a-control-1"]


def test_the_newest_finished_run_stands_for_a_method(invented: Any, tmp_path: Path) -> None:
    for run_id, made, extra in (
        ("m-old", "2026-01-01", {}),
        ("m-new", "2026-02-01", {}),
        ("m-begun", "2026-03-01", {"reached": 2}),
    ):
        write(invented, tmp_path, "m", run_id, **extra, extra={"created": made})
    ((group,), _) = gather([tmp_path])
    assert names(group.current) == ["m-new"]
    said = {grey.entry.name: (grey.state, grey.why) for grey in group.stale}
    assert said == {
        "m-old": ("stale", "the same method was run again; m-new stands for it"),
        "m-begun": (
            "stale",
            "it is not finished, and another run of the method is; m-new stands for it",
        ),
    }


def test_a_method_that_has_changed_since_is_stale(invented: Any, tmp_path: Path) -> None:
    for run_id, content in (("m-1", "aaaa"), ("m-2", "bbbb")):
        run = write(invented, tmp_path, "m", run_id, extra={"created": run_id})
        manifest = json.loads((run / "run.json").read_text())
        manifest["method"]["content"] = content
        (run / "run.json").write_text(json.dumps(manifest))
    ((group,), _) = gather([tmp_path])
    assert [grey.why for grey in group.stale] == ["the method has changed since; m-2 stands for it"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"options": {"max_frames": 8}}, "other options: at most 8 frames of all cases"),
        (
            {"split": {"sha256": "ab" * 32, "version": "2"}},
            "another split: version 2, sha256 abababababab",
        ),
    ],
)
def test_runs_on_other_cases_of_the_same_split_are_not_comparable(
    changes: dict[str, Any], why: str, invented: Any, tmp_path: Path
) -> None:
    write(invented, tmp_path, "one")
    write(invented, tmp_path, "two", **changes)
    groups, _ = gather([tmp_path])
    (first,) = (g for g in groups if names(g.current) == ["one-1"])
    assert [(g.entry.name, g.state, g.why) for g in first.others] == [
        ("two-1", "incomparable", why)
    ]


def test_runs_of_another_split_are_not_mentioned(invented: Any, tmp_path: Path) -> None:
    write(invented, tmp_path, "one")
    write(invented, tmp_path, "two", split={"split": "multi", "sha256": "ab" * 32})
    groups, _ = gather([tmp_path])
    assert [group.others for group in groups] == [(), ()]


def test_a_run_that_is_named_twice_is_taken_once(invented: Any, tmp_path: Path) -> None:
    run = write(invented, tmp_path, "one")
    ((group,), _) = gather([tmp_path, run, tmp_path])
    assert names(group.current) == ["one-1"]
    assert not group.stale


def test_what_cannot_be_read_is_named_without_the_place_on_disk(
    invented: Any, tmp_path: Path
) -> None:
    write(invented, tmp_path, "fine")
    old = write(invented, tmp_path, "old")
    (old / "run.json").write_text('{"format": "portraitbench-run@0"}')
    broken = write(invented, tmp_path, "broken")
    (broken / "run.json").write_text("{")
    torn = write(invented, tmp_path, "torn")
    (torn / "journal.sqlite").write_bytes(b"no database at all" * 100)
    ((group,), left) = gather([tmp_path])
    assert names(group.current) == ["fine-1"]
    assert [one.name for one in left] == ["broken-1", "old-1", "torn-1"]
    assert all(one.reason and str(tmp_path) not in one.reason for one in left)


@pytest.mark.parametrize("evil", ["../../etc/passwd", "a/b", "", ".hidden", "a\n", "x" * 121])
def test_a_case_whose_name_leads_elsewhere_is_refused(
    evil: str, invented: Any, tmp_path: Path
) -> None:
    invented("evil", {}, kinds={evil: "self"}).write(tmp_path)
    with pytest.raises(UsageProblem, match="case"):
        gather([tmp_path])


def test_a_journal_with_more_than_its_manifest_is_left_out(invented: Any, tmp_path: Path) -> None:
    write(invented, tmp_path, "fine")
    run = write(invented, tmp_path, "more")
    with sqlite3.connect(run / "journal.sqlite") as journal:
        journal.execute("UPDATE scores SET case_id = 'z' WHERE case_id = 'a'")
    (_, left) = gather([tmp_path])
    assert [one.name for one in left] == ["more-1"]


def test_if_nothing_can_be_read_the_first_reason_is_said(invented: Any, tmp_path: Path) -> None:
    run = write(invented, tmp_path, "old")
    (run / "run.json").write_text('{"format": "portraitbench-run@0"}')
    with pytest.raises(NotComparable, match="not in the form"):
        gather([tmp_path])
    empty = run / "clips"
    empty.mkdir()
    with pytest.raises(UsageProblem, match="holds none"):
        gather([empty])
