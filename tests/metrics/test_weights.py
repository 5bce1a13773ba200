"""The registry of weights: complete, and nothing but the registered bytes is ever used."""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from metrics.weights import Weights, WeightsError, find, licences, registry, verify

CONTENT = b"a small file of weights" * 1000
SMALL = Weights(
    name="small",
    file="small.bin",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    bytes=len(CONTENT),
    licence=licences()["apache"],
    auto=True,
    purpose="tests",
    checked="here",
    url="http://127.0.0.1:9/none",
)


def test_find_takes_only_the_right_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir(), second.mkdir()
    assert find(SMALL, [first, second]) is None
    (second / "small.bin").write_bytes(CONTENT)
    assert find(SMALL, [first, second]) == second / "small.bin"
    (first / "small.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match="22,999 bytes instead of 23,000"):
        find(SMALL, [first, second])
    assert find(replace(SMALL, file="other.bin"), [first, second]) is None


def test_one_changed_byte_is_noticed_whatever_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "small.bin"
    path.write_bytes(CONTENT)
    verify(SMALL, path)
    before = path.stat()
    with path.open("r+b") as file:  # same file, size and, set back below, times
        file.write(b"A")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(WeightsError, match="is not the registered") as caught:
        verify(SMALL, path)
    assert caught.value.remedy == "delete it and run: bench weights fetch small"


@pytest.mark.parametrize("item", registry().values(), ids=registry())
def test_every_entry_is_complete(item: Weights) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", item.sha256)
    assert item.bytes > 0
    assert Path(item.file).name == item.file
    assert item.purpose
    assert item.checked
    ways = [bool(item.url), bool(item.hub), bool(item.pypi)]
    assert sum(ways) == 1
    if item.pypi:
        assert "==" in item.pypi
    else:
        assert item.address.startswith("https://")
    if item.hub:
        assert re.fullmatch(r"[0-9a-f]{40}", item.revision)
        assert item.revision in item.address
    assert bool(item.member) == bool(item.pypi or item.hub or item.archive_bytes)


def test_the_names_of_files_are_unique() -> None:
    files = [item.file for item in registry().values()]
    assert len(files) == len(set(files))


def test_what_a_run_fetches_by_itself_is_small_and_free() -> None:
    auto = [item for item in registry().values() if item.auto]
    assert [item.name for item in auto] == [
        "face_landmarker",
        "embedded_face_detector",  # and where that is not to be had:
        "embedded_face_mesh",
        "embedded_face_iris",
    ]
    assert all(item.licence.permissive and item.bytes < 5e6 for item in auto)


def test_licences_say_what_they_are() -> None:
    assert {item.licence for item in registry().values()} == set(licences().values())
    for licence in licences().values():
        assert licence.says.endswith(".")
        assert licence.terms.startswith("https://")
    restricted = {item.name for item in registry().values() if not item.licence.permissive}
    assert restricted == {"i3d", "scrfd_10g", "arcface_r50", "emonet_8", "l2cs_gaze360"}
