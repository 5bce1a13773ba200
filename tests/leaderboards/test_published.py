"""Published tables as data: names, scales, and folders that are not as they should be."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leaderboards.published as published
from benchmark.errors import UsageProblem
from leaderboards.published import load
from metrics.registry import CANONICAL

HERE = Path(published.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in [*HERE.glob("*.csv"), HERE / "sources.toml"]:
        shutil.copyfile(path, tmp_path / path.name)
    return tmp_path


def test_every_file_is_a_table_and_every_table_a_file() -> None:
    assert {p.stem for p in HERE.glob("*.csv")} == set(load().tables)
    assert len(load().tables) == 12


def test_one_method_has_one_id_under_all_its_names() -> None:
    library = load()
    assert {library.method(n) for n in ("Emoji", "FYE", "FollowYE", "followyouremoji")} == {
        "followyouremoji"
    }
    assert library.method("PD-FGC") == library.method("PDFGC")
    assert library.methods[library.method("XPortrait2")].cites == "xnemo"
    assert library.method("X-Portrait") != library.method("XPortrait2")
    with pytest.raises(UsageProblem, match="unknown published method 'FollowYF'") as caught:
        library.method("FollowYF")
    assert "FollowYE" in caught.value.remedy


def test_methods_are_named_as_adapters_name_them() -> None:
    from adapters.rows import our_rows

    known = set(our_rows()) & set(load().methods)
    assert {"liveportrait", "xportrait", "fantasyportrait"} <= known


def test_scales_are_undone() -> None:
    table = load().table("fantasyportrait-1")
    row, columns = table.rows[0], {c.key: c for c in table.columns}
    assert table.raw(row, columns["self.lmd"]) == 0.0069
    assert table.raw(row, columns["cross.aed"]) == 0.4513
    assert table.raw(row, columns["cross.apd"]) == 0.03979
    assert table.raw(row, columns["self.fid"]) == 79.32
    speed = load().table("portraitdirector-4")
    assert speed.raw(speed.rows[0], speed.columns[1]) == 0.8657


def test_what_is_printed_stays_as_printed() -> None:
    table = load().table("portraitdirector-2")
    assert str(table.rows[-1].values[2]) == "4.10"
    assert table.rows[0].values[2] is None
    assert [c.digits for c in load().table("xnemo-3").columns] == [3, 3, 2, 4, 1]


def test_who_says_so() -> None:
    for table in load().tables.values():
        for row in table.rows:
            own = row.method == table.paper.method
            if table.facts.kind != "preference":
                assert (row.origin == "self-reported") == own, (table.id, row.printed)


def test_nearest_definitions_exist() -> None:
    known = {f"{c.name}.{c.definition}": c for c in CANONICAL.values()}
    for table in load().tables.values():
        for column in table.columns:
            metric = column.metric
            assert bool(metric.ours) <= bool(metric.differs)
            if metric.ours:
                card = known[metric.ours]
                assert column.kind is None or column.kind in card.protocols, column.key
                assert metric.direction == card.direction.value or card.direction == "driver"


def test_a_scale_that_is_no_scale_of_ours_is_converted() -> None:
    metric = load().papers["fantasyportrait"].metrics["speed"]
    assert (metric.scale, metric.from_ours) == (0, -3)  # our milliseconds, their seconds


def test_no_printed_name_is_of_nobody() -> None:
    library = load()
    for table in library.tables.values():
        for row in table.rows:
            if row.method != table.paper.method and table.facts.row == "method":
                assert library.method(row.printed) == row.method


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("xnemo-1.csv", "0.085", "0.085x", "line 2: '0.085x' is no plain decimal number"),
        ("xnemo-1.csv", "0.085", "nan", "'nan' is no plain decimal number"),
        ("xnemo-1.csv", "0.085", "1e999", "'1e999' is no plain decimal number"),
        ("xnemo-1.csv", "0.085", "٣", "is no plain decimal number"),
        ("xnemo-1.csv", "0.085,", "", "line 2 has 11 fields, not 12"),
        ("xnemo-1.csv", "self.l1", "self.l2", "its first line must be group,method,printed"),
        ("xnemo-1.csv", ",pdfgc,", ",nobody,", "unknown method 'nobody'"),
        ("xnemo-1.csv", "measured-by-paper", "guessed", "origin 'guessed' is none of"),
        ("xnemo-1.csv", ",pdfgc,", "HDTF,pdfgc,", "a group goes with 'group'"),
        ("xnemo-1.csv", "PD-FGC", "", "no printed name"),
        ("xnemo-1.csv", "PD-FGC", '"PD', "unexpected end of data"),
        ("sources.toml", 'paper = "xnemo"', 'paper = "nope"', "unknown paper 'nope'"),
        ("sources.toml", 'method = "xnemo"', 'method = "nope"', "unknown method 'nope'"),
        ("sources.toml", '["self.l1",', '["self.l9",', "its first line must be"),
        ("sources.toml", '["X-NeMo"]', '["FYE"]', "'FYE' is printed for"),
        ("sources.toml", "[tables.xnemo-3]", '[tables."../x"]', "tables"),
        ("sources.toml", "[methods]", "[methods", "line"),
        ("sources.toml", "year = 2026", "year = 99", "papers.portraitdirector.year"),
        ("sources.toml", "transposed = true", "sideways = true", "Extra inputs"),
        ("sources.toml", 'latency = "two', 'latenzy = "two', "a note on 'latenzy'"),
        ("sources.toml", 'columns = ["time"]', 'columns = ["time", "time"]', "occurs twice"),
        (
            "sources.toml",
            'group = "dataset"',
            f'group = "x"\nsplit_sha256 = "{"a" * 64}"',
            "one split",
        ),
        ("sources.toml", "fps = { title", "fpz = { title", "no 'fps', which a table names"),
    ],
)
def test_a_damaged_folder_is_a_sentence(
    folder: Path, file: str, old: str, new: str, complaint: str
) -> None:
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageProblem, match=re.escape(complaint)):
        load(folder)


def test_what_cannot_be_read_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    (folder / "xnemo-1.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageProblem, match="it is not UTF-8"):
        load(folder)
    (folder / "xnemo-1.csv").write_bytes(b"x" * (1 << 20 | 1))
    with pytest.raises(UsageProblem, match="larger than"):
        load(folder)
    (folder / "xnemo-1.csv").unlink()
    with pytest.raises(UsageProblem, match="cannot read"):
        load(folder)
    (folder / "xnemo-1.csv").mkdir()
    with pytest.raises(UsageProblem, match="no ordinary file"):
        load(folder)
    with pytest.raises(UsageProblem, match="cannot read"):
        load(tmp_path / "nowhere")


@given(st.text(max_size=200))
@settings(max_examples=15, deadline=None)
def test_any_text_is_a_table_or_a_sentence(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as place:
        for path in [*HERE.glob("*.csv"), HERE / "sources.toml"]:
            shutil.copyfile(path, Path(place) / path.name)
        (Path(place) / "xnemo-3.csv").write_text(text, encoding="utf-8", errors="ignore")
        with pytest.raises(UsageProblem):
            load(Path(place))


@given(st.from_regex(r"\A-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?\Z"))
@settings(max_examples=20, deadline=None)
def test_any_plain_number_is_kept_digit_by_digit(number: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as place:
        for path in [*HERE.glob("*.csv"), HERE / "sources.toml"]:
            shutil.copyfile(path, Path(place) / path.name)
        path = Path(place) / "portraitdirector-1.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("399", number), encoding="utf-8")
        assert str(load(Path(place)).table("portraitdirector-1").rows[-1].values[0]) == number
