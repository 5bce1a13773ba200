import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ROOT

from adapters.base import Component, FacePair
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.splits.manifest import (
    IN_MEMORY,
    Case,
    CaseFile,
    Header,
    Split,
    inspect_manifest,
    read_manifest,
    write_manifest,
)

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEADER = {
    "format": "portraitbench-split@2",
    "dataset": "d",
    "split": "single",
    "version": "1",
    "citation": "",
    "licence": "CC0",
    "pairing": "by hand",
    "crop": "by hand",
    "fps": "native",
}
CASE = {
    "id": "a",
    "protocol": "cross",
    "source": "media/a.png",
    "driving": "media/a.mp4",
    "frames": [0, 10],
    "fps": "25",
    "size": [512, 512],
    "sha256": {"source": "0" * 64, "driving": "1" * 64},
}


COMPONENT = {"id": "component@1", "task": "component"}


def manifest(folder: Path, *cases: dict[str, Any], header: dict[str, Any] | None = None) -> Path:
    path = folder / "single.jsonl"
    lines = [json.dumps(header or HEADER), *(json.dumps(case) for case in cases)]
    path.write_text("\n".join(lines) + "\n")
    return path


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


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": ""}, "id: String should match"),
        ({"id": "../x"}, "id: String should match"),
        ({"id": "a b"}, "id: String should match"),
        ({"id": "a\n"}, "id: String should match"),
        ({"id": "x" * 121}, "id: String should match"),
        ({"id": 7}, "id: Input should be a valid string"),
        ({"protocol": "same"}, "protocol: Input should be 'self' or 'cross'"),
        ({"source": "../a.png"}, "source: path must be relative"),
        ({"source": "/etc/passwd"}, "source: path must be relative"),
        ({"source": "a/../../b"}, "source: path must be relative"),
        ({"source": "C:\\a.png"}, "source: path must be relative"),
        ({"source": "a\0b"}, "source: path must be relative"),
        ({"source": ""}, "source: path must be relative"),
        ({"source": "."}, "source: path must be relative"),
        ({"driving": None}, "driving: Input should be a valid string"),
        ({"pairs": []}, "pairs: Tuple should have at least 1"),
        ({"pairs": [{"source": 64, "driving": 0}]}, "pairs.0.source"),
        ({"pairs": [{"source": 0, "driving": 0}] * 2}, "two pairs drive the same"),
        ({"components": []}, "no component is driven"),
        ({"components": ["mouth", "mouth"]}, "components names a component twice"),
        ({"components": ["mouth"], "still": ["mouth"]}, "mouth must both follow and stand still"),
        ({"dials": {"strength": 1.5}, "series": "a"}, "dials.strength"),
        ({"dials": {"no dial": 0.5}, "series": "a"}, "dials.no dial"),
        ({"dials": {"strength": 0.5}}, "dials and series belong together"),
        ({"origins": {"source": {"name": "a"}}}, "origins.driving"),
        ({"components": ["nose"]}, "components.0"),
        ({"frames": [5, 5]}, "empty frame range"),
        ({"frames": [-1, 5]}, "frames.0"),
        ({"frames": [0, 10**30]}, "frames.1"),
        ({"frames": "0,5"}, "frames"),
        ({"frames": [0, 5, 9]}, "frames"),
        ({"fps": "0"}, "fps: String should match"),
        ({"fps": "25/0"}, "fps: String should match"),
        ({"fps": "9" * 400}, "fps: String should match"),
        ({"fps": 25}, "fps: Input should be a valid string"),
        ({"size": [0, 512]}, "size.0"),
        ({"size": [10**9, 512]}, "size.0"),
        ({"tags": "no-face"}, "tags"),
        ({"sha256": {"source": "0" * 63, "driving": "1" * 64}}, "sha256.source"),
        ({"sha256": {"source": "G" * 64, "driving": "1" * 64}}, "sha256.source"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_with_its_line(
    change: dict[str, Any], says: str, tmp_path: Path
) -> None:
    path = manifest(tmp_path, {**CASE, "id": "fine"}, {**CASE, **change})
    with pytest.raises(UsageProblem) as caught:
        read_manifest(path)
    assert f"{path}:3: {says}" in caught.value.problem
    assert "docs/splits.md" in caught.value.remedy


def test_every_faulty_line_is_found(tmp_path: Path) -> None:
    path = manifest(tmp_path, CASE, {**CASE, "id": "b", "fps": "x"}, CASE, {"id": "c"})
    split, faults = inspect_manifest(path)
    assert [case.id for case in split.cases] == ["a"]
    assert [f.problem.split(":")[1] for f in faults] == ["3", "4", "5"]
    assert "case id 'a' occurs twice" in faults[1].problem


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no header line"),
        (b"\n\n", "no header line"),
        (b"\xff\xfe\x00", ":1: Invalid JSON"),
        (b"\xef\xbb\xbf{}", ":1: Invalid JSON"),
        (b"PNG\n", ":1: Invalid JSON"),
        (b"[]\n", ":1: "),
        (b"null\n", ":1: "),
        (b"[" * 100_000, ":1: "),
        (b'{"a":' * 100_000, ":1: "),
        (json.dumps(HEADER).encode() + b"\n", "has no cases"),
        (json.dumps(HEADER).encode() + b"\nNaN\n", ":2: "),
        (json.dumps({**HEADER, "format": "portraitbench-split@1"}).encode(), "format"),
        (json.dumps({**HEADER, "dataset": "a b"}).encode(), "dataset"),
        (json.dumps({**HEADER, "citation": "\ud800"}).encode(), ":1: "),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_manifest(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_bytes(content)
    with pytest.raises(UsageProblem) as caught:
        read_manifest(tmp_path / "s.jsonl")
    assert says in caught.value.problem


@QUICK
@given(content=st.binary(max_size=200))
def test_any_bytes_end_in_a_usage_problem(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_bytes(content)
    with pytest.raises(UsageProblem):
        read_manifest(tmp_path / "s.jsonl")


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "no.jsonl", tmp_path, tmp_path / "nul\0", tmp_path / ("x" * 300)):
        with pytest.raises(UsageProblem):
            read_manifest(path)


def test_links_must_stay_inside(tmp_path: Path) -> None:
    root = tmp_path / "data"
    (root / "media").mkdir(parents=True)
    (tmp_path / "secret.png").write_text("x")
    (root / "media" / "here.png").write_text("x")
    (root / "media" / "a.png").symlink_to("here.png")
    (root / "media" / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop.png").symlink_to("loop.png")
    split = Split(Header.model_validate(HEADER), (), root)
    assert split.file("media/a.png").read_text() == "x"
    for path in ("media/out.png", "folder/secret.png"):
        with pytest.raises(UsageProblem, match="leads out of the dataset"):
            split.file(path)
    try:
        looped = split.file("loop.png")  # Python 3.13 leaves loops to the opening
    except UsageProblem as error:
        assert "cannot be followed" in error.problem
    else:
        assert not looped.exists()


def test_a_dataset_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").write_text("x")
    (tmp_path / "link").symlink_to("real")
    split = Split(Header.model_validate(HEADER), (), tmp_path / "link")
    assert split.file("a.png").samefile(tmp_path / "real" / "a.png")


def test_writing_replaces_in_one_step(tmp_path: Path) -> None:
    header = Header.model_validate(HEADER)
    for version in ("1", "2"):
        case = Case.model_validate({**CASE, "id": version})
        write_manifest(tmp_path / "s.jsonl", header, [case])
    assert read_manifest(tmp_path / "s.jsonl").cases[0].id == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["s.jsonl"]


def peak_of_reading(path: Path) -> int:
    """Peak memory in kB of a process that reads a manifest and looks at each case.

    Not ``ru_maxrss``: a child begins with that of its parent.
    """
    code = (
        "import sys; from pathlib import Path;"
        "from benchmark.splits.manifest import read_manifest;"
        "split = read_manifest(Path(sys.argv[1]));"
        "assert sum(1 for _ in split.cases) == len(split.cases);"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    words = [sys.executable, "-c", code, str(path)]
    return int(subprocess.run(words, capture_output=True, check=True, cwd=ROOT).stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to ask")
def test_memory_is_flat_in_the_number_of_lines(tmp_path: Path) -> None:
    """Beyond those that are held, a case costs bytes; a held one costs 5 kB."""
    peaks = []
    for n in (IN_MEMORY + 1, 3 * IN_MEMORY):
        cases = ({**CASE, "id": f"c{i}", "tags": ["x" * 200]} for i in range(n))
        peaks.append(peak_of_reading(manifest(tmp_path, *cases)))
    assert peaks[1] - peaks[0] < 6_000
