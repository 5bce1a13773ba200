from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_lines import CASE, COMPONENT, HEADER, QUICK, manifest

from adapters.base import Component, FacePair
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.splits.manifest import (
    Case,
    CaseFile,
    Header,
    Split,
    inspect_manifest,
    read_manifest,
    write_manifest,
)

words = st.text(max_size=30).filter(lambda s: s.isprintable() or "\u2028" in s or "\n" in s)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,30}", fullmatch=True)
paths = st.lists(st.text("abé '#\u2028\n", min_size=1, max_size=8), min_size=1, max_size=3).map(
    "/".join
)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    start = draw(st.integers(0, 1000))
    return Case.model_validate(
        {
            "id": draw(names),
            "protocol": draw(st.sampled_from(["self", "cross"])),
            "source": draw(paths),
            "driving": draw(paths),
            "pairs": [{"source": i, "driving": 0} for i in range(draw(st.integers(1, 3)))],
            "components": ["mouth", *draw(st.sampled_from([[], ["eyes"], ["eyes", "emotion"]]))],
            "still": draw(st.sampled_from([[], ["pose"]])),
            "frames": (start, start + draw(st.integers(1, 1000))),
            "fps": draw(st.sampled_from(["25", "30000/1001", "959/80"])),
            "size": draw(st.tuples(st.integers(1, 4096), st.integers(1, 4096))),
            "tags": tuple(draw(st.lists(words, max_size=3))),
            "sha256": {"source": draw(hashes), "driving": draw(hashes)},
        }
    )


@QUICK
@given(items=st.lists(cases(), min_size=1, max_size=4, unique_by=lambda c: c.id), notice=words)
def test_what_is_written_is_read(items: list[Case], notice: str, tmp_path: Path) -> None:
    header = Header.model_validate({**HEADER, "notice": notice, "protocol": COMPONENT})
    write_manifest(tmp_path / "s.jsonl", header, items)
    split = read_manifest(tmp_path / "s.jsonl")
    assert split == Split(header, tuple(items), tmp_path)
    assert split.sha256 == Split(header, tuple(items), Path("elsewhere")).sha256


def test_a_case_says_what_it_says(tmp_path: Path) -> None:
    written = {
        **CASE,
        "frames": [3, 10],
        "fps": "30000/1001",
        "pairs": [{"source": 1, "driving": 0}],
    }
    case = read_manifest(manifest(tmp_path, written)).cases[0]
    assert case.n_frames == 7
    assert case.rate == Fraction(30000, 1001)
    assert case.face_pairs == (FacePair(1, 0),)
    assert case.driven == frozenset(Component)
    assert case.shortened(4).frames == (3, 7)
    assert case.shortened(100).frames == (3, 10)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "b"},
        {"protocol": "self"},
        {"source": "media/b.png"},
        {"driving": "media/b.mp4"},
        {"pairs": [{"source": 0, "driving": 1}]},
        {"origins": {"source": {"name": "a.png"}, "driving": {"name": "a.mov", "identity": "x"}}},
        {"frames": [0, 9]},
        {"fps": "24"},
        {"size": [512, 510]},
        {"tags": ["x"]},
        {"sha256": {"source": "0" * 64, "driving": "2" * 64}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_makes_another_split(change: dict[str, Any], tmp_path: Path) -> None:
    before = read_manifest(manifest(tmp_path, CASE)).sha256
    assert read_manifest(manifest(tmp_path, {**CASE, **change})).sha256 != before


@pytest.mark.parametrize(
    ("change", "task"),
    [
        ({"components": ["mouth", "eyes"]}, "component"),
        ({"components": ["mouth"], "still": ["pose"]}, "component"),
        ({"dials": {"strength": 0.5}, "series": "a"}, "interpolation"),
        ({"dials": {"strength": 0.25}, "series": "b"}, "interpolation"),
    ],
)
def test_what_is_driven_is_part_of_the_hash(
    change: dict[str, Any], task: str, tmp_path: Path
) -> None:
    plain = {"component": {"components": ["mouth"]}}.get(
        task, {"dials": {"strength": 0.25}, "series": "a"}
    )
    header = {**HEADER, "protocol": {"id": "x@1", "task": task}}
    one, two = (
        read_manifest(manifest(tmp_path, {**CASE, **fields}, header=header)).sha256
        for fields in (plain, change)
    )
    assert one != two


@pytest.mark.parametrize(
    "rule",
    [
        {"id": "x@2"},
        {"id": "x@1", "task": "long"},
        {"id": "x@1", "first_frame": "scored"},
        {"id": "x@1", "reference": "sources"},
        {"id": "x@1", "identity": "driving"},
    ],
)
def test_the_rules_of_scoring_are_part_of_the_hash(rule: dict[str, Any], tmp_path: Path) -> None:
    hashes = {
        read_manifest(manifest(tmp_path, CASE, header={**HEADER, "protocol": p})).sha256
        for p in ({"id": "x@1"}, rule)
    }
    assert len(hashes) == 2


def test_a_split_holds_one_task(tmp_path: Path) -> None:
    """A table averages over a split: a case of another task must not slip in."""
    for case in (
        {**CASE, "components": ["mouth"]},
        {**CASE, "dials": {"strength": 0.5}, "series": "a"},
    ):
        with pytest.raises(UsageProblem, match="protocol"):
            read_manifest(manifest(tmp_path, case))
    for task in ("component", "interpolation"):
        header = {**HEADER, "protocol": {"id": "x@1", "task": task}}
        with pytest.raises(UsageProblem, match=f"an? {task} "):
            read_manifest(manifest(tmp_path, CASE, header=header))


def test_a_manifest_of_an_earlier_form_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """It does not say how frame 0 counts, so it is not read as if it did."""
    path = manifest(tmp_path, CASE, header={**HEADER, "format": "portraitbench-split@1"})
    with pytest.raises(UsageProblem, match="format") as caught:
        read_manifest(path)
    assert "import the data again" in caught.value.remedy


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.splits.manifest.IN_MEMORY", 3)


def test_a_long_manifest_reads_like_a_short_one(tmp_path: Path, little_memory: None) -> None:
    header = Header.model_validate(HEADER)
    written = [Case.model_validate({**CASE, "id": f"c{i}", "tags": ["名\u2028"]}) for i in range(9)]
    write_manifest(tmp_path / "s.jsonl", header, written)
    split = read_manifest(tmp_path / "s.jsonl")
    assert isinstance(split.cases, CaseFile)
    assert split == Split(header, tuple(written), tmp_path)
    assert split.sha256 == Split(header, tuple(written), tmp_path).sha256
    assert split.cases[-1] == written[-1]
    assert split.cases[2:5] == tuple(written[2:5])
    assert split.cases != tuple(written[1:])


def test_a_long_manifest_that_changes_meanwhile_is_noticed(
    tmp_path: Path, little_memory: None
) -> None:
    path = manifest(tmp_path, *({**CASE, "id": f"c{i}"} for i in range(9)))
    split = read_manifest(path)
    path.write_bytes(path.read_bytes().replace(b'"c7"', b'"c9"'))
    assert split.cases[6].id == "c6"
    with pytest.raises(UsageProblem, match="changed while it was in use"):
        list(split.cases)


def test_twins_in_a_long_manifest(tmp_path: Path, little_memory: None) -> None:
    ids = ["a", "b", "a", "c", "d", "b", "e", "f", "a"]
    split, faults = inspect_manifest(manifest(tmp_path, *({**CASE, "id": i} for i in ids)))
    assert [case.id for case in split.cases] == ["a", "b", "c", "d", "e", "f"]
    assert [f.problem.split(":")[1] for f in faults] == ["4", "7", "10"]


def test_a_file_of_another_kind_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    with path.open("a") as file:
        file.write("x\n" * 5000)
        file.write("y" * 3_000_000 + "\n")
    _, faults = inspect_manifest(path)
    assert len(faults) == 1001
    assert faults[-1].problem.endswith("and 4001 more faulty lines")


def test_a_line_too_long_is_one_fault(tmp_path: Path) -> None:
    path = manifest(tmp_path, {**CASE, "tags": ["x" * 3_000_000]}, {**CASE, "id": "b"})
    split, faults = inspect_manifest(path)
    assert [case.id for case in split.cases] == ["b"]
    assert [f.problem.split(":")[1:] for f in faults] == [
        ["2", " the line is longer than 1,000,000 bytes"]
    ]


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path: Path) -> None:
    class Full(Case):
        def model_dump(self, **_: Any) -> dict[str, Any]:
            raise OSError(28, "No space left on device")

    header = Header.model_validate(HEADER)
    write_manifest(tmp_path / "s.jsonl", header, [Case.model_validate(CASE)])
    with pytest.raises(EnvironmentProblem, match="No space left"):
        write_manifest(tmp_path / "s.jsonl", header, [Full.model_validate(CASE)])
    assert [p.name for p in tmp_path.iterdir()] == ["s.jsonl"]
    assert read_manifest(tmp_path / "s.jsonl").cases[0].id == "a"


def test_an_added_case_or_another_order_makes_another_split(tmp_path: Path) -> None:
    second, third = {**CASE, "id": "b"}, {**CASE, "id": "c"}
    hashes = {
        read_manifest(manifest(tmp_path, *cases)).sha256
        for cases in ((CASE,), (CASE, second), (second, CASE), (CASE, third), (CASE, second, third))
    }
    assert len(hashes) == 5


@pytest.mark.parametrize("field", [k for k in HEADER if k != "format"])
def test_any_change_of_the_header_makes_another_split(field: str, tmp_path: Path) -> None:
    before = read_manifest(manifest(tmp_path, CASE)).sha256
    other = manifest(tmp_path, CASE, header={**HEADER, field: "other"})
    assert read_manifest(other).sha256 != before


def test_order_and_white_space_of_a_line_do_not_matter(tmp_path: Path) -> None:
    before = read_manifest(manifest(tmp_path, CASE)).sha256
    path = manifest(tmp_path, dict(reversed(CASE.items())))
    path.write_text(path.read_text().replace(", ", " ,  ").replace("\n", "\r\n") + "\n\n")
    assert read_manifest(path).sha256 == before
