"""Hostile and odd originals through the whole import: each a documented outcome (docs/splits.md),
nothing half-written taken for finished."""

import errno
import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import clips
import numpy as np
import pytest
from brought import FACE, bring, content, run
from PIL import Image

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.media import image as images
from benchmark.media.image import read_image, write_png
from benchmark.media.video import probe
from benchmark.splits.validate import validate_manifest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for kind in ("portraits", "driving"):
        (tmp_path / "data" / kind / "single").mkdir(parents=True)
    clips.encode(tmp_path / "data/driving/single/fine.mp4", [clips.scene(FACE)] * 3)
    return tmp_path / "data"


def bomb(path: Path, side: int = 30_000) -> None:
    """A gigapixel PNG of a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def gif(path: Path) -> None:
    frames = [Image.fromarray(clips.scene((60 + 5 * i, 40, 90, 70))) for i in range(3)]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:])


def cmyk(path: Path) -> None:
    Image.fromarray(clips.scene(FACE)).convert("CMYK").save(path, format="JPEG", quality=95)


def ten_bits(path: Path) -> None:
    clips.encode(path, [clips.scene(FACE)] * 3, "libx264", "yuv420p10le")


def uneven(path: Path) -> None:
    frames = [clips.scene((60 + i, 40, 90, 70)) for i in range(5)]
    clips.encode(path, frames, times=[0, 24, 60, 72, 120])


def phone(path: Path) -> None:
    upright = clips.scene((30, 20, 60, 60), size=(160, 96))
    clips.encode(path, [np.ascontiguousarray(np.rot90(upright))] * 3)
    clips.turned(path, 0, 1, -1, 0)


REFUSED: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a decompression bomb": ("portraits/single/x.png", bomb, "decompression bomb"),
    "a picture cut short": (
        "portraits/single/x.png",
        lambda p: (write_png(p, clips.noise(1, 64, 64)[0]), clips.cut(p, 900)),
        "cannot read the image",
    ),
    "a clip without bytes": ("driving/single/x.mp4", Path.touch, "is empty"),
    "a clip without frames": ("driving/single/x.mp4", clips.only_audio, "no video stream"),
    "a clip of one frame": (
        "driving/single/x.mp4",
        lambda p: clips.encode(p, [clips.scene(FACE)]),
        "has one frame",
    ),
    "a GIF named .mp4": ("driving/single/x.mp4", gif, "is not an MP4"),
    "a picture named .mp4": ("driving/single/x.mp4", bomb, "is not an MP4"),
    "a playlist": (
        "driving/single/x.mp4",
        lambda p: p.write_text("#EXTM3U\n/etc/passwd\n"),
        "is not an MP4",
    ),
    "a broken link": ("driving/single/x.mp4", lambda p: p.symlink_to("none"), "no video at"),
    "a loop of links": ("driving/single/x.mp4", lambda p: p.symlink_to(p.name), "cannot open"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_named_and_nothing_is_made(
    name: str, root: Path, tmp_path: Path
) -> None:
    where, make, says = REFUSED[name]
    make(root / where)
    with pytest.raises(UsageProblem) as caught:
        run(root, tmp_path / "out")
    assert says in caught.value.remedy
    assert where.rsplit("/", 1)[1] in caught.value.remedy
    assert not (tmp_path / "out").exists()


USED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "an animated GIF as a portrait": ("portraits/single/x.gif", gif),
    "a CMYK portrait": ("portraits/single/x.jpg", cmyk),
    "a PNG named .jpg": ("portraits/single/x.jpg", lambda p: write_png(p, clips.scene(FACE))),
    "a JPEG named .png": (
        "portraits/single/x.png",
        lambda p: Image.fromarray(clips.scene(FACE)).save(p, format="JPEG"),
    ),
    "10 bits": ("driving/single/x.mp4", ten_bits),
    "uneven times": ("driving/single/x.mp4", uneven),
    "a phone held upright": ("driving/single/x.mp4", phone),
    "two frames": ("driving/single/x.mp4", lambda p: clips.encode(p, [clips.scene(FACE)] * 2)),
}


@pytest.mark.parametrize("name", USED)
def test_what_is_odd_but_usable_is_used(name: str, root: Path, tmp_path: Path) -> None:
    where, make = USED[name]
    make(root / where)
    report = run(root, tmp_path / "out", name="x")
    assert report.skipped == report.no_face == ()
    used = {Path(file).stem for c in report.splits[0].cases for file in (c.source, c.driving)}
    assert "x" in used
    assert validate_manifest(tmp_path / "out/single.jsonl", tracker=clips.BoxTracker())[1] == []


def test_uneven_times_at_a_constant_rate(root: Path, tmp_path: Path) -> None:
    """Five frames over 144 units of 1/600 s: the container's average decides, not the times."""
    uneven(root / "driving/single/x.mp4")
    native = probe(root / "driving/single/x.mp4").fps
    split = run(root, tmp_path / "out", fps=Fraction(10)).splits[0]
    case = next(c for c in split.cases if c.id == "self-x")
    assert (case.fps, case.n_frames) == ("10", -int(-5 * 10 // native))


def test_a_limit_on_pixels_is_judged_before_decoding(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images.Image.Image, "load", None)
    bomb(root / "portraits/single/x.png", 12_000)
    with pytest.raises(UsageProblem) as caught:
        run(root, tmp_path / "out")
    assert "12000x12000 pixels; the limit is" in caught.value.remedy


@pytest.mark.parametrize("after", [0, 3, 9])
def test_a_disk_that_fills_up(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever write meets the full disk: exit by the environment, and the same import goes on."""
    folder = bring(tmp_path / "data")
    run(folder, tmp_path / "whole", name="x")
    replace = Path.replace
    calls = {"n": 0}

    def full(self: Path, target: Path) -> Path:
        calls["n"] += 1
        if calls["n"] > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(EnvironmentProblem, match="No space left"):
            run(folder, tmp_path / "out", name="x")
    assert not (tmp_path / "out").exists()
    run(folder, tmp_path / "out", name="x")
    assert content(tmp_path / "out") == content(tmp_path / "whole")


@pytest.fixture
def little_disk(tmp_path: Path) -> object:
    """A file system of 300 kB, where we may mount one."""
    at = tmp_path / "disk"
    at.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=300k", "tmpfs", str(at)]
    if mount is None or os.geteuid() or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield at
    subprocess.run(["umount", str(at)], check=True)


def test_a_disk_that_is_really_full(little_disk: Path, tmp_path: Path) -> None:
    folder = bring(tmp_path / "data")
    noisy = clips.noise(6, 240, 240)
    clips.encode(folder / "driving/single/noisy.mp4", noisy, crf="1")
    with pytest.raises(EnvironmentProblem, match="No space left"):
        run(folder, little_disk / "out", name="x")
    assert not (little_disk / "out").exists()
    assert (little_disk / "out.part").exists()
    for path in (little_disk / "out.part").rglob("*.png"):
        read_image(path)  # what is there is whole
    for path in (little_disk / "out.part").rglob("*.mp4"):
        if not path.name.startswith("."):
            probe(path)
