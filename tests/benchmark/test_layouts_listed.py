"""Each layout on a small tree of the same shape, to the end: found, prepared, paired, validated."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from brought import run
from layout_trees import RATE, imported, look, names, people, tags

from benchmark.errors import UsageProblem
from benchmark.splits.layouts import Ask
from benchmark.splits.protocols import Counts, Spec, protocol


def one_clip() -> Spec:
    plain = protocol("reenactment")
    return plain.model_copy(update={"counts": {"single": Counts(clips=1)}})


def test_fomm(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put("test/a.mp4", "test/b/", "test/c.mp4", "test/d.png")
    (root / "train").mkdir()
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("distance,source,driving,frame\n0.25,a.mp4,b,7\n0.5,c.mp4,a.mp4,0\n")
    ask = Ask(Fraction(25), pairs)
    found = look("fomm", root, ask)
    assert names(found) == {"a.mp4", "b", "c.mp4"}
    assert [line.split(":")[0] for line in found.skipped] == ["test/d.png"]
    cases = imported("fomm", root, tmp_path / "out", ask)
    cross = {case.id: case for case in cases if case.protocol == "cross"}
    assert set(cross) == {"a+b", "c+a"}
    assert cross["a+b"].source == "media/single/first/a.png"
    assert {"distance=0.25", "frame=7"} <= set(cross["a+b"].tags)
    assert sum(case.protocol == "self" for case in cases) == 3
    lost = run(root, tmp_path / "lost", layout="fomm", ask=ask, protocol=one_clip())
    assert lost.notes[0] == "single: the protocol has 1 clips, here are 3: 1 taken by lot"
    assert lost.notes[-1] == "single: 2 of 2 listed pairs name a file that was not taken"
    drawn = imported("fomm", root, tmp_path / "drawn", RATE)
    assert len(drawn) == 3 + 6
    for bad, says in (
        ("source,driving\na.mp4,e.mp4\n", "no video 'e.mp4'"),
        ("source,driving\na.mp4,a.mp4\n", "drives itself"),
        ("source,driving\na.mp4,b\na.mp4,b\n", "occurs twice"),
        ("source,driving,colour\na.mp4,b,x\n", "unknown column 'colour'"),
        ("source;driving\na.mp4;b\n", "no column 'source'"),
    ):
        pairs.write_text(bad)
        with pytest.raises(UsageProblem, match=says):
            look("fomm", root, ask)


def test_a_table_of_pairs(put: Callable[..., Path], tmp_path: Path) -> None:
    table = "source,driving,tags\nfaces/a b.png,v/x.mp4,easy; glasses\nv/y.mp4,v/x.mp4,\n"
    root = put("faces/a b.png", "v/x.mp4", "v/y.mp4", text={"pairs.csv": table})
    cases = imported("pairs", root, tmp_path / "out", Ask())
    cross = [case for case in cases if case.protocol == "cross"]
    assert {Path(case.source).parts[2] for case in cross} == {"portraits", "first"}
    assert {"easy", "glasses"} <= set(next(c for c in cross if "portraits" in c.source).tags)
    assert sum(case.protocol == "self" for case in cases) == 2
    for bad, says in (
        ("source,driving\n../secret.png,v/x.mp4\n", "no path inside"),
        ("source,driving\n/etc/passwd,v/x.mp4\n", "no path inside"),
        ("source,driving\n,v/x.mp4\n", "no path inside"),
        ("source,driving\nfaces/a b.png,v/z.mp4\n", "cannot be used|v/z.mp4"),
        ("source,driving\nv/x.mp4,faces/a b.png\n", "cannot drive"),
        ("source,driving\npairs.csv,v/x.mp4\n", "not one of"),
        ("source,driving\n", "has no pairs"),
    ):
        (root / "pairs.csv").write_text(bad)
        with pytest.raises(UsageProblem, match=says):
            run(root, tmp_path / "no", layout="pairs")
    with pytest.raises(UsageProblem, match="no table of pairs"):
        look("pairs", tmp_path, Ask())


def test_a_hugging_face_folder_without_tables(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put("train/smile/a.mp4", "test/b.mp4", "c.mp4", text={"README.md": "x"})
    found = look("huggingface", root)
    assert tags(found, "train/smile/a.mp4") == ("part=train", "label=smile")
    assert [line.split(":")[0] for line in found.skipped] == ["README.md"]
    assert len(imported("huggingface", root, tmp_path / "out")) == 3 + 6
    (root / "test/data.parquet").write_text("x")
    with pytest.raises(UsageProblem, match="parquet"):
        look("huggingface", root)


def test_a_hugging_face_folder_with_files(put: Callable[..., Path], tmp_path: Path) -> None:
    rows = [
        {"file_name": "clips/a.mp4", "identity": "ann", "caption": "she nods", "n": 3},
        {"file_name": "clips/b.mp4", "identity": "bob", "long": "x" * 200},
        {"file_name": "p.png", "identity": "ann"},
    ]
    table = "\n".join(json.dumps(row) for row in rows) + "\n\n"
    root = put(
        "test/clips/a.mp4", "test/clips/b.mp4", "test/p.png", text={"test/metadata.jsonl": table}
    )
    found = look("huggingface", root)
    assert tags(found, "test/clips/a.mp4") == ("part=test", "caption=she nods", "n=3")
    assert tags(found, "test/clips/b.mp4") == ("part=test",)
    cases = imported("huggingface", root, tmp_path / "out")
    assert people(cases) == {("bob", "ann")}
    for bad in ("[]", "{", '{"x": 1}', '{"file_name": "../../x.mp4"}', '{"file_name": "no.mp4x"}'):
        (root / "test/metadata.jsonl").write_text(bad)
        with pytest.raises(UsageProblem, match="jsonl:1"):
            look("huggingface", root)


def test_a_hugging_face_folder_with_pairs(put: Callable[..., Path], tmp_path: Path) -> None:
    table = "source_file_name,driving_file_name,level\np.png,a.mp4,hard\n"
    root = put("p.png", "a.mp4", text={"metadata.csv": table})
    cases = imported("huggingface", root, tmp_path / "out")
    assert [case.id for case in cases] == ["self-a", "p+a"]
    assert "level=hard" in cases[1].tags
    (root / "metadata.csv").write_text("source_file_name,driving_file_name\na.mp4,p.png\n")
    with pytest.raises(UsageProblem, match="cannot drive"):
        look("huggingface", root)
