import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_lines import CASE, HEADER, QUICK, manifest
from support import ROOT

from benchmark.errors import UsageProblem
from benchmark.splits.manifest import (
    IN_MEMORY,
    Case,
    Header,
    Split,
    inspect_manifest,
    read_manifest,
    write_manifest,
)


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


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to ask")
def test_memory_is_flat_in_the_number_of_lines(tmp_path: Path) -> None:
    """Beyond those that are held, a case costs bytes; a held one costs 5 kB."""
    peaks = []
    for n in (IN_MEMORY + 1, 3 * IN_MEMORY):
        cases = ({**CASE, "id": f"c{i}", "tags": ["x" * 200]} for i in range(n))
        peaks.append(peak_of_reading(manifest(tmp_path, *cases)))
    assert peaks[1] - peaks[0] < 6_000
