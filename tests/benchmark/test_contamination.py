from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Config
from benchmark.errors import UsageProblem
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.splits.case import Case, Origin
from benchmark.splits.contamination import contamination, marks, read_train_list

SHA = "ab" * 32


def listed(folder: Path, text: str, name: str = "train.txt") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("entry", "seen"),
    [
        ("id10283#abc#000010#000020.mp4", True),
        ("id10283#abc#000010#000020", True),
        ("test/id10283#abc#000010#000020.mp4", True),
        ("/data/vox/test/id10283#abc#000010#000020.png", True),
        ("vox\\test\\id10283#abc#000010#000020.mp4", True),
        ("train/id10283#abc#000010#000020.mp4", False),
        ("id10283#abc#000010#00002", False),
        ("xid10283#abc#000010#000020.mp4", False),
        ("identity:id10283", True),
        ("identity: id10283 ", True),
        ("identity:id1028", False),
        (f"sha256:{SHA}", True),
        (f"sha256:{SHA.upper()}", True),
        (f"sha256:{'0' * 64}", False),
        ("id10283", False),
    ],
)
def test_entries(entry: str, seen: bool, tmp_path: Path) -> None:
    known = read_train_list(listed(tmp_path, f"# a comment\n\n{entry}\nother\n"))
    origin = Origin(name="test/id10283#abc#000010#000020.mp4", identity="id10283", sha256=SHA)
    assert bool(known.seen(origin)) == seen


def test_a_lone_number_names_no_clip(tmp_path: Path) -> None:
    """VoxCeleb2 has a 00001.mp4 in nearly every folder."""
    known = read_train_list(listed(tmp_path, "00001.mp4\nx/00002.mp4\n"))
    assert not known.seen(Origin(name="id00017/01dfn2spqyE/00001.mp4"))
    assert not known.seen(Origin(name="00001.mp4"))
    assert known.seen(Origin(name="id00017/x/00002.mp4"))


def test_people_without_a_name_match_nobody(tmp_path: Path) -> None:
    known = read_train_list(listed(tmp_path, "a.mp4\n"))
    assert not known.seen(Origin(name="b.mp4"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no entries"),
        (b"# only\n\n", "no entries"),
        (b"identity:\n", "names no person"),
        (b"sha256:xyz\n", "64 hex digits"),
        (b"\xff\xfe\n", "cannot read"),
    ],
)
def test_lists_that_are_wrong(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    with pytest.raises(UsageProblem, match=says):
        read_train_list(tmp_path / "t.txt")


def case(name: str, source: dict[str, str], driving: dict[str, str]) -> Case:
    return Case.model_validate(
        {
            "id": name,
            "protocol": "cross",
            "source": "a.png",
            "driving": "a.mp4",
            "frames": (0, 5),
            "fps": "25",
            "size": (8, 8),
            "origins": {"source": source, "driving": driving},
            "sha256": {"source": "0" * 64, "driving": "1" * 64},
        }
    )


def test_marks_say_what_and_where(tmp_path: Path) -> None:
    cases = [
        case("a", {"name": "p.png"}, {"name": "x.mp4", "identity": "ann"}),
        case("b", {"name": "q.png", "identity": "bob"}, {"name": "y.mp4"}),
        case("c", {"name": "r.png"}, {"name": "z.mp4"}),
    ]
    lists = [
        read_train_list(listed(tmp_path, "identity:ann\n", "one.txt")),
        read_train_list(listed(tmp_path, "q\n", "two.txt")),
    ]
    assert list(marks(cases, lists)) == [
        ("a", "driving: the person ann is in one.txt"),
        ("b", "source: q.png is in two.txt"),
    ]
    record = contamination([tmp_path / "one.txt", tmp_path / "two.txt"], cases)
    assert record["lists"] == ["one.txt", "two.txt"]
    assert set(record["cases"]) == {"a", "b"}
    assert contamination([], cases) == {}


def test_a_method_names_its_lists_in_the_configuration(tiny: Any, tmp_path: Path) -> None:
    listed(tmp_path, "sway.mp4\n", "lists.txt")
    config = Config.model_validate(
        {"methods": {"mine": {"python": "m:M", "train_lists": ["lists.txt"]}}}
    )
    spec = find_method("mine", config, tmp_path)
    assert spec.train_lists == (tmp_path / "lists.txt",)
    origins = {"source": {"name": "p.png"}, "driving": {"name": "sway.mp4"}}
    cases = [c.model_copy(update={"origins": case("x", **origins).origins}) for c in
             tiny.split.cases[:1]]  # fmt: skip
    from benchmark.splits.manifest import Split

    split = Split(tiny.split.header, (*cases, *tiny.split.cases[1:]), tiny.root)
    plan = make_plan(spec, split, RunOptions())
    manifest = plan.manifest()
    assert manifest["contamination"]["cases"] == {"self": "driving: sway.mp4 is in lists.txt"}
    assert "contamination" not in plan.identity()
    missing = Config.model_validate(
        {"methods": {"mine": {"python": "m:M", "train_lists": ["no.txt"]}}}
    )
    with pytest.raises(UsageProblem, match="no training list"):
        make_plan(find_method("mine", missing, tmp_path), split, RunOptions())
