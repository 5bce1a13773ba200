import gc
import os
from fractions import Fraction
from pathlib import Path

import av
import clips
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmark.errors import BenchError, UsageProblem
from benchmark.media import video
from benchmark.media.video import claims, frame_rate, probe, read_frames, read_video

FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CONTAINERS = {
    "mp4": ("libx264", {}),
    "faststart.mp4": ("libx264", {"movflags": "+faststart"}),
    "mkv": ("libx264", {}),
    "webm": ("libvpx-vp9", {}),
    "avi": ("mpeg4", {}),
    "mov": ("mjpeg", {}),
}


def sample(folder: Path, name: str) -> Path:
    codec, container = CONTAINERS[name]
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"cpu-used": "8"} if codec == "libvpx-vp9" else {}
    path = folder / f"clip.{name}"
    return clips.encode(path, clips.gradients(), codec, pixels, container=container, **options)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_its_frames_in_order(name: str, tmp_path: Path) -> None:
    path = sample(tmp_path, name)
    frames = read_video(path)
    assert frames.shape == (12, 48, 80, 3)
    assert frames.dtype == np.uint8
    levels = frames[:, :, :, 0].mean(axis=(1, 2))
    assert (np.diff(levels) > 0).all()  # red grows from frame to frame
    info = probe(path)
    assert (info.n_frames, info.size, info.fps) == (12, (48, 80), 25)
    assert claims(path).n_frames == 12


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_file_cut_anywhere_is_never_a_shorter_video(name: str, tmp_path: Path) -> None:
    whole = sample(tmp_path, name).read_bytes()
    path = tmp_path / f"cut.{name}"
    for keep in {1, 7, 40, *range(50, len(whole), len(whole) // 40), len(whole) - 1}:
        path.write_bytes(whole[:keep])
        with pytest.raises(UsageProblem):
            read_video(path)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    path = sample(tmp_path, "mkv")
    clips.cut(path, path.stat().st_size - 1234)
    with pytest.raises(UsageProblem, match="truncated: 1,234 bytes are missing"):
        read_video(path)


def test_fewer_frames_than_stated_are_noticed(tmp_path: Path) -> None:
    path = sample(tmp_path, "faststart.mp4")
    data = bytearray(path.read_bytes())
    at = data.find(b"stsz")
    assert int.from_bytes(data[at + 12 : at + 16], "big") == 12
    last = int.from_bytes(data[at + 16 + 4 * 11 : at + 20 + 4 * 11], "big")
    # Cut the last frame's bytes off, and say so in the length of mdat: all boxes are whole.
    box = data.find(b"mdat") - 4
    length = int.from_bytes(data[box : box + 4], "big")
    data[box : box + 4] = (length - last).to_bytes(4, "big")
    path.write_bytes(data[:-last])
    with pytest.raises(UsageProblem, match="damaged or truncated"):
        read_video(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    return {name: sample(folder, name).read_bytes() for name in CONTAINERS}


@FUZZ
@given(
    name=st.sampled_from(sorted(CONTAINERS)),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20
    ),
)
def test_damaged_bytes_raise_or_decode_but_nothing_else(
    name: str,
    changes: list[tuple[float, int]],
    whole: dict[str, bytes],
    tmp_path: Path,
) -> None:
    content = bytearray(whole[name])
    for where, value in changes:
        content[int(where * len(content))] = value
    path = tmp_path / f"damaged.{name}"
    path.write_bytes(content)
    try:
        for frame in read_frames(path):
            assert frame.dtype == np.uint8
            assert frame.ndim == 3
    except BenchError as error:
        assert error.problem


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
        ("b.avi", "mpeg4", "yuv420p"),
    ],
)
def test_most_damage_is_refused_rather_than_painted_over(
    name: str, codec: str, pixels: str, tmp_path: Path
) -> None:
    grains = zip(clips.gradients(20, 128, 160), clips.noise(20, 128, 160), strict=True)
    frames = [np.minimum(smooth, 220) + noise // 8 for smooth, noise in grains]
    path = clips.encode(tmp_path / name, frames, codec, pixels)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(30):
        content = bytearray(whole)
        at = int(len(whole) * rng.uniform(0.1, 0.8))
        content[at : at + 20] = rng.integers(0, 256, 20, dtype=np.uint8).tobytes()
        path.write_bytes(content)
        try:
            read_video(path)
        except UsageProblem:
            refused += 1
    assert refused >= 10  # by default the decoders patch nearly all of it up in silence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"hello\n" * 100, "not an MP4"),
        (b"#EXTM3U\n#EXTINF:2,\nreal.mp4\n#EXT-X-ENDLIST\n", "not an MP4"),
        (b"ffconcat version 1.0\nfile real.mp4\n", "not an MP4"),
        (b"\x1a\x45\xdf\xa3" + bytes(40), "not an MP4"),
        (b"RIFF\xff\xff\xff\x7fAVI LIST", "truncated"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(12), "not an MP4"),
    ],
)
@pytest.mark.parametrize("ending", ["mp4", "m3u8", "ffconcat", "mkv"])
def test_what_is_no_video_is_refused(
    content: bytes, says: str, ending: str, tmp_path: Path
) -> None:
    sample(tmp_path, "mp4").rename(tmp_path / "real.mp4")
    path = tmp_path / f"fake.{ending}"
    path.write_bytes(content)
    for use in (read_video, probe, frame_rate, claims):
        with pytest.raises(UsageProblem, match=says):
            use(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_pictures_named_mp4_are_no_videos(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.mp4"
    Image.fromarray(clips.gradients(1)[0]).save(path, format=kind)
    with pytest.raises(UsageProblem, match="not an MP4"):
        read_video(path)


def test_things_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, says in (
        (tmp_path / "nothing.mp4", "no video at"),
        (tmp_path, "folder"),
        (tmp_path / "pipe.mp4", "not a regular file"),
        (tmp_path / ("x" * 300), "File name too long"),
        (tmp_path / "nul\0.mp4", "cannot open"),
    ):
        with pytest.raises(UsageProblem, match=says):
            read_video(path)


def test_only_audio(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no video stream"):
        read_video(clips.only_audio(tmp_path / "a.mp4"))


def test_audio_beside_video_is_ignored(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", clips.gradients(), audio=True)
    assert probe(path).n_frames == 12


def test_unknown_codec(tmp_path: Path) -> None:
    path = sample(tmp_path, "mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(UsageProblem, match="cannot be read"):
        read_video(path)


def test_tags_in_odd_encodings_do_not_matter(tmp_path: Path) -> None:
    path = sample(tmp_path, "mp4")
    with av.open(str(path)) as source, av.open(str(tmp_path / "tagged.mp4"), "w") as out:
        out.metadata["title"] = "TITLE"
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    tagged = tmp_path / "tagged.mp4"
    tagged.write_bytes(tagged.read_bytes().replace(b"TITLE", b"\xff\xfe\xc3\x28\x80"))
    assert probe(tagged).n_frames == 12


@pytest.mark.parametrize(
    ("matrix", "upright"),
    [
        ((1, 0, 0, 1), lambda f: f),
        ((0, 1, -1, 0), lambda f: np.rot90(f, -1)),  # phone held upright: clockwise
        ((0, -1, 1, 0), lambda f: np.rot90(f, 1)),
        ((-1, 0, 0, -1), lambda f: np.rot90(f, 2)),
        ((-1, 0, 0, 1), lambda f: f[:, ::-1]),
        ((1, 0, 0, -1), lambda f: f[::-1]),
        ((0, 1, 1, 0), lambda f: f.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda f: np.rot90(f.transpose(1, 0, 2), 2)),
    ],
)
def test_phone_video_comes_upright(matrix, upright, tmp_path: Path) -> None:  # noqa: ANN001
    path = sample(tmp_path, "mp4")
    stored = read_video(path)
    clips.turned(path, *matrix)
    for before, after in zip(stored, read_frames(path), strict=True):
        np.testing.assert_array_equal(after, upright(before))


def test_ten_bits(tmp_path: Path) -> None:
    frames = clips.gradients()
    path = clips.encode(
        tmp_path / "a.mp4", frames, "libx265", "yuv420p10le", **{"x265-params": "log-level=none"}
    )
    assert np.abs(read_video(path).astype(int) - np.stack(frames)).mean() < 4


def test_uneven_times_keep_every_frame_at_the_average_rate(tmp_path: Path) -> None:
    steps = [20, 25, 17, 60] * 3
    times = [sum(steps[:i]) for i in range(12)]
    path = clips.encode(tmp_path / "a.mp4", clips.gradients(), times=times)
    info = probe(path)
    assert info.n_frames == 12
    assert info.fps.denominator <= 1001
    assert float(info.fps) == pytest.approx(600 / np.mean(steps), rel=0.1)


def test_frames_outside_the_edit_list_are_no_loss(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", clips.gradients(40), bf="0")
    trimmed = tmp_path / "trimmed.mp4"
    muting = {"avoid_negative_ts": "disabled"}
    with av.open(str(path)) as source, av.open(str(trimmed), "w", options=muting) as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.pts -= 10 * 512
                packet.dts -= 10 * 512
                packet.stream = copy
                out.mux(packet)
    assert claims(trimmed).n_frames == 40
    np.testing.assert_array_equal(read_video(trimmed), read_video(path)[10:])


def test_one_frame(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", clips.gradients(1))
    assert probe(path) == video.VideoInfo(1, Fraction(25), (48, 80))


def test_huge_frames_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample(tmp_path, "mp4")
    monkeypatch.setattr(video, "MAX_FRAME_PIXELS", 48 * 80 - 1)
    with pytest.raises(UsageProblem, match="80x48; the limit"):
        read_video(path)


@pytest.mark.parametrize(
    "name", ["a b'c\".mp4", "new\nline.mp4", "ünï #%d.mp4", "file:x.mp4", "-y.mp4", "concat:a.mp4"]
)
def test_odd_names_are_only_names(name: str, tmp_path: Path) -> None:
    path = sample(tmp_path, "mp4").rename(tmp_path / name)
    assert probe(path).n_frames == 12


def test_a_reader_may_stop_early(tmp_path: Path) -> None:
    frames = read_frames(sample(tmp_path, "mp4"))
    next(frames)
    frames.close()


def test_frames_are_let_go_without_waiting_for_the_garbage_collector(tmp_path: Path) -> None:
    path = sample(tmp_path, "mp4")

    def alive() -> int:
        return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        for _ in range(3):
            probe(path)
        assert alive() - before <= 3  # one a file: its display matrix was looked up
    finally:
        gc.enable()


def test_memory_does_not_grow_with_files_read(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", clips.gradients(40, 360, 640))

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for _ in range(3):
        probe(path)
    before = resident()
    for _ in range(12):
        probe(path)
    assert resident() - before < 100e6  # kept, 12 x 40 frames would be 330 MB
