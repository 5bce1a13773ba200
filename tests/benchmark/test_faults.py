"""Twenty faults planted in a clean split, each alone: every one is found, and nothing else is."""

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import clips
import numpy as np
import pytest
from brought import run
from PIL import Image

from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_video
from benchmark.media.write import CANONICAL, write_video
from benchmark.splits import validate
from benchmark.splits.manifest import read_manifest
from benchmark.splits.validate import validate_manifest
from metrics.weights import file_sha256

Lines = list[dict[str, Any]]
CLIP, OTHER = "media/single/driving/sway.mp4", "media/single/driving/nod.mp4"
FACE, FIRST = "media/single/portraits/face.png", "media/single/first/sway.png"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("originals")
    for kind in ("portraits", "driving"):
        (root / kind / "single").mkdir(parents=True)
    sway = [clips.scene((50 + 6 * i, 40, 80 + 6 * i, 70)) for i in range(6)]
    nod = [clips.scene((60, 30 + 6 * i, 90, 60 + 6 * i)) for i in range(6)]
    clips.encode(root / "driving/single/sway.mp4", sway, crf="1")
    clips.encode(root / "driving/single/nod.mp4", nod, crf="1")
    write_png(root / "portraits/single/face.png", clips.scene((60, 40, 90, 70)))
    write_png(root / "portraits/single/second.png", clips.scene((40, 30, 90, 80)))
    run(root, root / "out", name="tiny")
    return root / "out"


@pytest.fixture
def data(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "data"))


def edit(data: Path, change: Callable[[Lines], object]) -> None:
    path = data / "single.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def the(lines: Lines, case_id: str) -> dict[str, Any]:
    return next(line for line in lines if line.get("id") == case_id)


def restated(data: Path) -> None:
    """State the hashes that files have now: what is left wrong is not a matter of hashes."""

    def change(lines: Lines) -> None:
        for line in lines[1:]:
            for role in ("source", "driving"):
                line["sha256"][role] = file_sha256(data / line[role])

    edit(data, change)


def truncated(data: Path) -> None:
    clips.cut(data / CLIP, (data / CLIP).stat().st_size * 3 // 4)


def flipped(data: Path) -> None:
    content = bytearray((data / CLIP).read_bytes())
    content[len(content) // 2] ^= 1
    (data / CLIP).write_bytes(content)


def mislabelled(data: Path) -> None:
    Image.new("RGB", (512, 512)).save(data / "x.png")
    (data / "x.png").replace(data / CLIP)


def longer_than_stated(data: Path) -> None:
    """The manifest promises frames that the clip does not have."""
    edit(data, lambda lines: [line.update(frames=[0, 9]) for line in lines[1:] if
                              line["driving"] == CLIP])  # fmt: skip


def container_states_less(data: Path) -> None:
    """An AVI whose header counts four of its six frames."""
    path = data / "media/single/driving/sway.avi"
    clips.encode(path, list(read_video(data / CLIP)), "mpeg4")
    content = bytearray(path.read_bytes())
    at = content.find(b"strh") + 40  # dwLength of AVISTREAMHEADER
    assert content[at : at + 4] == (6).to_bytes(4, "little")
    content[at : at + 4] = (4).to_bytes(4, "little")
    path.write_bytes(content)
    edit(
        data,
        lambda lines: the(lines, "face+sway").update(driving=f"media/single/driving/{path.name}"),
    )
    restated(data)


def another_rate(data: Path) -> None:
    write_video(data / CLIP, read_video(data / CLIP), Fraction(30), CANONICAL)
    restated(data)


def swapped_source(data: Path) -> None:
    write_png(data / FIRST, read_image(data / "media/single/first/nod.png"))
    picture = read_image(data / FIRST).copy()
    picture[0, 0] ^= 1  # not the content of the other
    write_png(data / FIRST, picture)
    restated(data)


def twin_clip(data: Path) -> None:
    shutil.copy(data / CLIP, data / "media/single/driving/copy.mp4")
    edit(data, lambda lines: the(lines, "face+sway").update(
        driving="media/single/driving/copy.mp4"))  # fmt: skip


def twin_case(data: Path) -> None:
    edit(data, lambda lines: lines.append({**the(lines, "face+sway"), "id": "again"}))


def blank_source(data: Path) -> None:
    write_png(data / FACE, clips.noise(1, 512, 512)[0] // 2)
    restated(data)


def blank_clip(data: Path) -> None:
    dark = [np.full((512, 512, 3), 20 + i, np.uint8) for i in range(6)]
    write_video(data / CLIP, dark, Fraction(25), CANONICAL)
    write_png(data / FIRST, read_video(data / CLIP)[0])
    restated(data)
    edit(data, lambda lines: the(lines, "self-sway").update(tags=["no-face"]))


def linked_out(data: Path) -> None:
    shutil.move(data / FACE, data.parent / "face.png")
    (data / FACE).symlink_to(data.parent / "face.png")


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing file": (lambda d: (d / FACE).unlink(), "no image at"),
    "an empty file": (lambda d: (d / FACE).write_bytes(b""), "is empty"),
    "a truncated clip": (truncated, "truncated"),
    "one bit of a clip": (flipped, "sha256|damaged"),
    "a picture named .mp4": (mislabelled, "is not an MP4"),
    "a changed picture": (
        lambda d: write_png(d / FACE, clips.scene((9, 9, 99, 99), size=(512, 512))),
        "another sha256",
    ),
    "a picture of another size": (
        lambda d: (write_png(d / FACE, clips.scene((9, 9, 99, 99), size=(512, 510))), restated(d)),
        "source is 510x512, stated 512x512",
    ),
    "more frames stated than there are": (longer_than_stated, "driving has 6 frames, stated"),
    "fewer frames stated by the container": (
        container_states_less,
        "driving has 6 frames, its container states 4",
    ),
    "another rate": (another_rate, "30 frames a second, stated 25"),
    "a source that is another clip's": (swapped_source, "source is not frame 0"),
    "a self case of one frame": (
        lambda d: edit(d, lambda lines: the(lines, "self-sway").update(frames=[0, 1])),
        "a self case needs two frames",
    ),
    "one clip under two names": (twin_clip, "has the content of"),
    "one case under two ids": (twin_case, "again: is the same case as face\\+sway"),
    "two cases with one id": (
        lambda d: edit(d, lambda lines: lines.append(lines[1])),
        "occurs twice",
    ),
    "a source without a face": (blank_source, "0 of 1 faces found in the source"),
    "a clip without a face": (blank_clip, "0 of 1 faces found in the driving video"),
    "a person who is not there": (
        lambda d: edit(
            d, lambda lines: the(lines, "face+sway").update(pairs=[{"source": 1, "driving": 0}])
        ),
        "1 of 2 faces found in the source",
    ),
    "a path out of the dataset": (
        lambda d: edit(d, lambda lines: the(lines, "face+sway").update(source="../face.png")),
        "stay inside",
    ),
    "a link out of the dataset": (linked_out, "leads out of the dataset"),
    "an unknown field": (
        lambda d: edit(d, lambda lines: the(lines, "face+sway").update(colour="red")),
        "colour: Extra inputs",
    ),
    "a line that is no JSON": (
        lambda d: (d / "single.jsonl").open("a").write("{oops\n"),
        "Invalid JSON",
    ),
    "a case of another protocol": (
        lambda d: edit(d, lambda lines: the(lines, "face+sway").update(components=["mouth"])),
        "components belong to a component protocol",
    ),
    "a renamed manifest": (
        lambda d: edit(d, lambda lines: lines[0].update(split="double")),
        "its header says split 'double'",
    ),
    "an earlier form": (
        lambda d: edit(d, lambda lines: lines[0].update(format="portraitbench-split@1")),
        "import the data again",
    ),
}


def look(data: Path) -> list[str]:
    found = validate_manifest(data / "single.jsonl", tracker=clips.BoxTracker())[1]
    return [str(fault) for fault in found]


def test_a_clean_split_has_no_faults(clean: Path) -> None:
    assert look(clean) == []
    assert len(read_manifest(clean / "single.jsonl").cases) == 6


def test_there_are_twenty_and_more() -> None:
    assert len(FAULTS) >= 20


@pytest.mark.parametrize("name", FAULTS)
def test_each_planted_fault_is_found_and_nothing_else(name: str, data: Path) -> None:
    plant, says = FAULTS[name]
    plant(data)
    found = look(data)
    import re

    assert found
    assert [line for line in found if not re.search(says, line)] == []


def test_faces_that_the_manifest_says_are_missing_are_no_fault(data: Path) -> None:
    blank_source(data)

    def change(lines: Lines) -> None:
        for line in lines[1:]:
            if line["source"] == FACE:
                line["tags"].append("no-face")

    edit(data, change)
    assert look(data) == []


def test_few_facts_remembered_change_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swapped_source(data)
    before = look(data)
    monkeypatch.setattr(validate, "_REMEMBERED", 1)
    assert look(data) == before != []


def test_very_many_faults_are_counted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "_REPORTED", 2)
    shutil.rmtree(data / "media")
    found = look(data)
    assert len(found) == 3
    assert found[-1].endswith("more faults")
