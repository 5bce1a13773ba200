"""The numbers of a board are those of tables: same values, same ranks, same refusals."""

from pathlib import Path
from typing import Any

import pytest

from leaderboards.board.gather import gather
from leaderboards.board.shards import Strings, case_cells, columns, table
from leaderboards.board.views import View, part, parts, view
from leaderboards.build import build
from leaderboards.facts import read
from leaderboards.formats.layout import layout
from metrics.score import NotMeasured

LMD, APD, SSIM, FLICKER = "lmd.test@1", "apd.test@1", "ssim.test@1", "flicker.test@1"


@pytest.fixture(scope="module")
def shown(shop: list[Any], cards: Any, tmp_path_factory: pytest.TempPathFactory) -> View:
    folder = tmp_path_factory.mktemp("runs")
    for run in shop:
        run.write(folder)
    ((group,), _) = gather([folder])
    return view(group, cards, ())


def test_values_and_ranks_are_those_of_the_table(shown: View) -> None:
    """Every cell, against what the other formats print of the same table."""
    data = table(shown, {})
    printed = layout(shown.table)
    kinds = [c.kind for c in shown.table.columns]
    compared = 0
    for panel, kind in zip(printed.panels, ("self", "cross"), strict=True):
        for row, line in zip(data["rows"], panel.lines, strict=True):
            texts = [(shown_.text, shown_.style.value) for shown_ in line.cells[2:]]
            own: list[tuple[str, int]] = []
            for column, cell, of in zip(shown.table.columns, row["cells"], kinds, strict=True):
                if of != kind:
                    continue
                own += flat(cell, column.by_distance, row["role"] == "reference")
            assert own == texts
            compared += len(texts)
    assert compared > 50


def flat(cell: list[Any] | None, pair: bool, reference: bool) -> list[tuple[str, int]]:
    """A cell of a shard as tables print it, with 1 for best and 2 for second."""
    if cell is None:
        return [("", 0)] * (2 if pair else 1)
    value, rank, *_ = [*cell, 0]
    distance = cell[4] if len(cell) > 4 else None
    style = rank if rank in (1, 2) else 0
    text = "–" if value is None else value
    if not pair:
        return [(text, style)]
    if value is None or reference:
        return [(text, 0), ("", 0)]
    return [(text, 0), ("–" if distance is None else distance, style)]


def test_rows_that_take_no_part_say_why(shown: View) -> None:
    said = {one.row.label: (one.state, one.why) for one in shown.rows if one.state}
    assert said["stopped"] == ("unfinished", "the run is not finished: it is not ranked yet")
    assert said["Flaky & Sons"] == ("unranked", "not every judgeable case was measured")
    assert set(said) == {"stopped", "Flaky & Sons"}


def test_stale_and_other_runs_are_greyed_and_never_ranked(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    best = {LMD: [0.0] * 4, APD: [0.0] * 4}
    good, bad = {LMD: [0.1] * 4, APD: [1.0] * 4}, {LMD: [0.2] * 4, APD: [2.0] * 4}
    invented("a", good, run_id="a-2", extra={"created": "2"}).write(tmp_path)
    invented("a", best, run_id="a-1", extra={"created": "1"}).write(tmp_path)
    invented("b", bad).write(tmp_path)
    invented("c", best, options={"max_frames": 3}).write(tmp_path)
    group = next(g for g in gather([tmp_path])[0] if len(g.current) == 2)
    found = view(group, cards, ())
    ranks = {one.row.label: [cell.rank for cell in one.row.cells if cell] for one in found.rows}
    assert ranks["a"] == [1, 1, 1, 1]
    assert ranks["b"] == [2, 2, 2, 2]
    grey = {one.row.label: one for one in found.rows if one.state}
    assert set(grey) == {"a [a-1]", "c [c-1]"}
    for one in grey.values():
        assert all(cell.rank is None and cell.value == 0.0 for cell in one.row.cells if cell)
        assert all(cell.unranked == one.why for cell in one.row.cells if cell)
    data = table(found, {})
    greyed = [row for row in data["rows"] if row["state"]]
    assert [cell[2] for row in greyed for cell in row["cells"] if cell] == [-1] * 8  # said once
    assert grey["c [c-1]"].why == "other options: at most 3 frames of all cases"


def test_a_row_of_other_extractors_is_incomparable(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    for name, face in (("a", "aa"), ("b", "aa"), ("c", "bb")):
        invented(name, {LMD: [0.1] * 4}, face=face * 32).write(tmp_path)
    found = view(gather([tmp_path])[0][0], cards, ())
    said = {one.row.label: one.why for one in found.rows if one.state}
    assert said == {"c": "other extractors than the rest of the column"}


def test_the_table_of_a_tag_is_the_table_of_its_cases(
    shop: list[Any], invented: Any, cards: Any, tmp_path: Path
) -> None:
    """Against runs that had these cases only, made another way."""
    for run in shop:
        run.write(tmp_path)
    ((group,), _) = gather([tmp_path])
    whole = view(group, cards, ())
    found = part(group, ["a", "c"], cards, whole.table)
    smaller = []
    for entry in group.current:
        run = next(r for r in shop if r.name == entry.facts.method.name)
        scores = {}
        for name, values in run.scores.items():
            cases = [c for c in run.kinds if run.kinds[c] in cards[name].protocols]
            scores[name] = [v for c, v in zip(cases, values, strict=True) if c in ("a", "c")]
        kinds = {c: kind for c, kind in run.kinds.items() if c in ("a", "c")}
        reached = run.reached and sum(c in ("a", "c") for c in list(run.kinds)[: run.reached])
        other = {"scores": scores, "kinds": kinds, "reached": reached}
        smaller.append(invented(**{**vars(run), **other}).record())
    expected = build(smaller, cards)
    assert [one.row.cells for one in found.rows] == [row.cells for row in expected.rows]
    assert found.table.columns == whole.table.columns


def test_tags_that_make_a_table() -> None:
    tags = {"a": ("x", "all"), "b": ("x", "all", "y"), "c": ("all", "z"), "d": ("all", "y", "y")}
    assert parts(tags, "abcd") == {"x": ["a", "b"], "y": ["b", "d"]}
    assert parts({}, "abcd") == {}
    many = {c: tuple(f"t{i}" for i in range(100)) for c in "ab"}
    assert len(parts(many, "abc")) == 60


def test_scores_of_a_case_or_why_there_are_none(shop: list[Any], cards: Any) -> None:
    flaky = read(next(r for r in shop if r.name == "flaky").record())
    found = build([flaky.record], cards, ["all"]).columns
    strings = Strings()
    rows = {c: case_cells(flaky, c, found, strings) for c in "abcd"}
    at = {(c.kind, c.card.id): i for i, c in enumerate(found)}
    assert rows["a"][at["self", SSIM]] == "0.900"
    assert rows["a"][at["cross", LMD]] is None  # of the other kind
    lost = rows["b"][at["self", LMD]]
    assert strings.all[lost] == "the method failed: ran longer than 600 s"
    assert strings.all[rows["d"][at["cross", APD]]] == "no face in any frame of the result"


def test_a_value_with_its_distance_to_the_driver(shop: list[Any], cards: Any) -> None:
    ours = read(next(r for r in shop if r.name == "ours").record())
    found = build([ours.record], cards, ["flicker"]).columns
    cells = case_cells(ours, "a", found, Strings())
    assert cells == [["0.9700", "0.0021"], None]


def test_without_any_number_everything_says_why(invented: Any, cards: Any, tmp_path: Path) -> None:
    none = NotMeasured("weights are missing")
    for name in "ab":
        invented(name, {LMD: [none] * 4, APD: [none] * 4}).write(tmp_path)
    found = view(gather([tmp_path])[0][0], cards, ())
    data = table(found, {})
    cells = [cell for row in data["rows"] for cell in row["cells"]]
    assert all(cell[:2] == [None, 0] for cell in cells)
    assert {data["strings"][cell[2]] for cell in cells} == {"No value: weights are missing."}


def test_columns_say_what_they_are(shown: View) -> None:
    first = columns(shown.table.columns)[1]
    assert first["id"] == LMD
    assert (first["kind"], first["direction"], first["scale"]) == ("self", "lower", 3)
