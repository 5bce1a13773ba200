from fractions import Fraction
from pathlib import Path

import clips
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.base import Frame
from benchmark.errors import EnvironmentProblem
from benchmark.media.video import probe, read_frames, read_video
from benchmark.media.write import CANONICAL, LOSSLESS, PREVIEW, VideoWriter, write_video

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RATE = Fraction(30000, 1001)


@st.composite
def pictures(draw: st.DrawFn) -> list[Frame]:
    """Noise, gradients and flat pictures of any size, also odd ones."""
    n, height, width = draw(st.tuples(*(st.integers(1, high) for high in (6, 70, 70))))
    kind = draw(st.sampled_from(["noise", "gradient", "flat", "columns"]))
    seed = draw(st.integers(0, 2**32 - 1))
    if kind == "noise":
        return clips.noise(n, height, width, seed)
    if kind == "gradient":
        return clips.gradients(n, height, width)
    colours = clips.noise(n, 1, 1 if kind == "flat" else width, seed)
    return [np.broadcast_to(colour, (height, width, 3)).copy() for colour in colours]


@QUICK
@given(frames=pictures())
def test_lossless_is_exact(frames: list[Frame], tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    assert write_video(path, frames, RATE, LOSSLESS) == len(frames)
    read = list(read_frames(path))
    assert len(read) == len(frames)
    for before, after in zip(frames, read, strict=True):
        np.testing.assert_array_equal(after, before)
    assert probe(path).fps == RATE


def test_lossless_is_exact_on_every_level_of_every_channel(tmp_path: Path) -> None:
    levels = np.arange(256, dtype=np.uint8)
    frame = np.zeros((16, 768, 3), np.uint8)
    for channel in range(3):
        frame[:, 256 * channel : 256 * (channel + 1), channel] = levels
    write_video(tmp_path / "a.mkv", [frame], RATE, LOSSLESS)
    np.testing.assert_array_equal(read_video(tmp_path / "a.mkv")[0], frame)


@pytest.mark.parametrize("encoding", [CANONICAL, LOSSLESS], ids=["canonical", "lossless"])
def test_the_same_bytes_twice(encoding, tmp_path: Path) -> None:  # noqa: ANN001
    frames = clips.noise(40, 64, 64)
    suffix = "mp4" if encoding is CANONICAL else "mkv"
    for name in ("one", "two"):
        write_video(tmp_path / f"{name}.{suffix}", frames, RATE, encoding)
    one, two = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    "fps", ["1", "24", "25", "24000/1001", "30000/1001", "60", "959/80", "997/41", "240"]
)
def test_canonical_keeps_count_order_and_rate(fps: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    for n in (1, 2, 30):
        frames = clips.gradients(n)
        write_video(path, frames, Fraction(fps), CANONICAL)
        read = read_video(path)
        assert len(read) == n
        assert probe(path).fps == Fraction(fps)
        for i, frame in enumerate(read):
            nearest = np.argmin([np.abs(frame.astype(int) - f).mean() for f in frames])
            assert nearest == i


def test_canonical_colours_are_right_here_and_for_opencv(tmp_path: Path) -> None:
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (255, 255, 255), (0, 0, 0)]
    frames = [np.full((1080 // 4, 720, 3), colour, np.uint8) for colour in colours]
    path = tmp_path / "a.mp4"
    write_video(path, frames, RATE, CANONICAL)
    reader = cv2.VideoCapture(str(path))
    for colour, ours in zip(colours, read_frames(path), strict=True):
        np.testing.assert_allclose(ours.mean(axis=(0, 1)), colour, atol=3)
        _, theirs = reader.read()
        np.testing.assert_allclose(theirs[:, :, ::-1].mean(axis=(0, 1)), colour, atol=3)


@pytest.mark.parametrize("encoding", [CANONICAL, PREVIEW], ids=["canonical", "preview"])
def test_odd_sizes_are_padded_by_the_edge(encoding, tmp_path: Path) -> None:  # noqa: ANN001
    frames = [np.full((33, 17, 3), 90, np.uint8)] * 3
    path = tmp_path / "a.mp4"
    write_video(path, frames, RATE, encoding)
    read = read_video(path)
    assert read.shape == (3, 34, 18, 3)
    assert np.abs(read.astype(int) - 90).max() <= 3


def test_a_preview_starts_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, clips.gradients(), RATE, PREVIEW)
    data = path.read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")


def test_nothing_is_there_until_all_is(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with VideoWriter(path, RATE, LOSSLESS) as writer:
        for frame in clips.gradients():
            writer.write(frame)
            assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mkv"]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield from clips.gradients(5)
        raise RuntimeError("the method failed")

    with pytest.raises(RuntimeError, match="the method failed"):
        write_video(tmp_path / "a.mkv", broken(), RATE, LOSSLESS)
    assert not list(tmp_path.iterdir())


def test_an_error_leaves_an_earlier_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write_video(path, clips.gradients(3), RATE, LOSSLESS)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="frame 1"):
        write_video(path, [*clips.gradients(1), clips.gradients(1, 9, 9)[0]], RATE, LOSSLESS)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mkv"]


def test_no_frames_no_file(tmp_path: Path) -> None:
    assert write_video(tmp_path / "a.mkv", [], RATE, LOSSLESS) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
    ],
    ids=["float", "grey", "alpha", "empty"],
)
def test_what_is_no_frame_is_refused(frame: Frame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not uint8 RGB"):
        write_video(tmp_path / "a.mkv", [frame], RATE, LOSSLESS)


def test_views_and_strides_do_not_matter(tmp_path: Path) -> None:
    base = clips.noise(1, 20, 40)[0]
    views = [base[::2, ::2], base[::2, ::-2], np.asfortranarray(base[:10, :20])]
    write_video(tmp_path / "a.mkv", views, RATE, LOSSLESS)
    np.testing.assert_array_equal(read_video(tmp_path / "a.mkv"), np.stack(views))


def test_what_cannot_be_written_is_the_environment(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "a.mkv", Path("/proc/a.mkv")):
        with pytest.raises(EnvironmentProblem, match="cannot write"):
            write_video(path, clips.gradients(2), RATE, LOSSLESS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".a.part.mkv").symlink_to("/dev/full")
    with pytest.raises(EnvironmentProblem, match="No space left"):
        write_video(tmp_path / "a.mkv", clips.noise(30, 128, 128), RATE, LOSSLESS)
    assert not (tmp_path / "a.mkv").exists()


def test_a_case_named_part_is_not_overwritten_by_its_neighbour(tmp_path: Path) -> None:
    mine, other = tmp_path / "x.part.mkv", tmp_path / "x.mkv"
    write_video(mine, clips.gradients(2), RATE, LOSSLESS)
    before = mine.read_bytes()
    write_video(other, clips.gradients(5), RATE, LOSSLESS)
    assert mine.read_bytes() == before
