import os
import struct
import zlib
from pathlib import Path

import clips
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from benchmark.errors import BenchError, EnvironmentProblem, UsageProblem
from benchmark.media import image
from benchmark.media.image import read_image, write_png

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RGB = clips.gradients(1, 20, 30)[0]
GREY = RGB[:, :, 0]


def saved(folder: Path, picture: Image.Image, name: str, **options: object) -> Path:
    path = folder / name
    picture.save(path, **options)
    return path


@QUICK
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_png_keeps_every_pixel(tmp_path: Path, frame: np.ndarray) -> None:
    write_png(tmp_path / "a.png", frame)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), frame)


def test_png_bytes_depend_on_pixels_only(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, RGB)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.bmp", "a.tif", "a.ppm", "png_named.jpg"])
def test_lossless_formats_by_content(name: str, tmp_path: Path) -> None:
    kind = {"a.webp": "WEBP", "a.bmp": "BMP", "a.tif": "TIFF", "a.ppm": "PPM"}.get(name, "PNG")
    options = {"lossless": True} if kind == "WEBP" else {}
    path = saved(tmp_path, Image.fromarray(RGB), name, format=kind, **options)
    np.testing.assert_array_equal(read_image(path), RGB)


def test_grey(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GREY), "a.png")
    np.testing.assert_array_equal(read_image(path), np.repeat(GREY[:, :, None], 3, 2))


def test_one_bit(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GREY > 30), "a.png")
    assert set(np.unique(read_image(path))) == {0, 255}


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_not_clipped(suffix: str, tmp_path: Path) -> None:
    deep = GREY.astype(np.uint16) * 257
    path = saved(tmp_path, Image.fromarray(deep), f"a.{suffix}")
    np.testing.assert_array_equal(read_image(path)[:, :, 0], GREY)


def test_a_dark_sixteen_bit_picture_stays_dark(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(np.full((4, 4), 200, np.uint16)), "a.png")
    assert read_image(path).max() == 1


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_values_of_no_agreed_range_are_refused(kind: type, tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GREY.astype(kind)), "a.tif")
    with pytest.raises(UsageProblem, match="no agreed range"):
        read_image(path)


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    alpha = np.zeros((20, 30), np.uint8)
    alpha[:, :10], alpha[:, 10:20] = 255, 128
    path = saved(tmp_path, Image.fromarray(np.dstack([RGB, alpha])), "a.png")
    seen = read_image(path)
    np.testing.assert_array_equal(seen[:, :10], RGB[:, :10])
    np.testing.assert_allclose(seen[:, 10:20], RGB[:, 10:20] * 0.502 + 255 * 0.498, atol=1.5)
    assert (seen[:, 20:] == 255).all()


def test_grey_with_alpha(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(np.dstack([GREY, np.zeros_like(GREY)]), "LA"), "a.png")
    assert (read_image(path) == 255).all()


def test_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 2), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.putpixel((0, 0), 0)
    path = saved(tmp_path, picture, "a.png", transparency=0)
    seen = read_image(path)
    assert seen[0, 0].tolist() == [255, 255, 255]
    assert seen[1, 3].tolist() == [10, 20, 30]


def test_cmyk(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (16, 16), (255, 0, 255, 0))
    seen = read_image(saved(tmp_path, picture, "a.jpg", quality=100))
    assert seen[8, 8].tolist() == pytest.approx([0, 255, 0], abs=3)


def test_of_an_animation_the_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path = saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert read_image(path)[4, 4].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, lambda f: f),
        (2, lambda f: f[:, ::-1]),
        (3, lambda f: f[::-1, ::-1]),
        (4, lambda f: f[::-1]),
        (5, lambda f: f.transpose(1, 0, 2)),
        (6, lambda f: np.rot90(f, -1)),
        (7, lambda f: np.rot90(f.transpose(1, 0, 2), 2)),
        (8, lambda f: np.rot90(f, 1)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_exif_orientation(orientation: int, upright, mode: str, tmp_path: Path) -> None:  # noqa: ANN001
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = RGB if mode == "RGB" else GREY.astype(np.uint16) * 257
    path = saved(tmp_path, Image.fromarray(pixels), "a.png", exif=exif)
    expected = RGB if mode == "RGB" else np.repeat(GREY[:, :, None], 3, 2)
    np.testing.assert_array_equal(read_image(path), upright(expected))


def test_things_that_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    (tmp_path / "program.png").write_bytes(eps)
    (tmp_path / "vector.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    clips.encode(tmp_path / "video.png.mp4", clips.gradients(2)).rename(tmp_path / "video.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "broken.png").symlink_to(tmp_path / "nowhere")
    for name, says in (
        ("missing.png", "no image at"),
        ("empty.png", "empty"),
        ("text.png", "no known image format"),
        ("program.png", "no known image format"),
        ("vector.png", "no known image format"),
        ("video.png", "no known image format"),
        ("pipe.png", "not a regular file"),
        ("broken.png", "no image at"),
        (".", "folder"),
        ("nul\0.png", "cannot open"),
    ):
        with pytest.raises(UsageProblem, match=says):
            read_image(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tif", "a.gif"])
def test_a_picture_cut_anywhere_is_refused(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(clips.noise(1, 20, 30)[0]), name)
    whole = path.read_bytes()
    read_image(path)
    for keep in range(1, int(len(whole) * 0.9), 7):
        path.write_bytes(whole[:keep])
        with pytest.raises(UsageProblem):
            read_image(path)


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        code = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", code)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9)))
    (tmp_path / "bomb.png").write_bytes(bomb + chunk(b"IEND", b""))
    with pytest.raises(UsageProblem, match=r"60000x60000|3600000000 pixels"):
        read_image(tmp_path / "bomb.png")


def test_a_large_picture_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.fromarray(RGB), "a.png")
    monkeypatch.setattr(image, "MAX_PIXELS", 599)
    with pytest.raises(UsageProblem, match="30x20 pixels; the limit is 599"):
        read_image(path)


@QUICK
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=10
    ),
)
def test_damaged_bytes_raise_or_decode_but_nothing_else(
    kind: str, changes: list[tuple[float, int]], tmp_path: Path
) -> None:
    path = saved(tmp_path, Image.fromarray(RGB), "a", format=kind)
    content = bytearray(path.read_bytes())
    for where, value in changes:
        content[int(where * len(content))] = value
    path.write_bytes(content)
    try:
        frame = read_image(path)
    except BenchError:
        return
    assert frame.dtype == np.uint8
    assert frame.shape[2] == 3


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        write_png(tmp_path / "missing" / "a.png", RGB)
    (tmp_path / "a.png").mkdir()
    with pytest.raises(EnvironmentProblem):
        write_png(tmp_path / "a.png", RGB)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
