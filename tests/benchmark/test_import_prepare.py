from fractions import Fraction
from pathlib import Path

import clips
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import UsageProblem
from benchmark.media.footage import VideoFile
from benchmark.media.image import read_image, write_png
from benchmark.media.video import probe, read_video
from benchmark.splits import prepare
from benchmark.splits.prepare import Crop, cut, survey_clip, survey_still, window
from benchmark.splits.rules import BOX_SCALE, Rules

SIZES = st.tuples(st.integers(1, 3000), st.integers(1, 3000))
COORDINATE = st.floats(-500, 3500)
BOXES = st.tuples(COORDINATE, COORDINATE, st.floats(0, 3000), st.floats(0, 3000)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def survey(path: Path, split: str = "single", limit: int | None = None) -> prepare.Survey:
    rules = Rules(max_frames=limit)
    return survey_clip(VideoFile(path), split, clips.BoxTracker(), rules, lambda: None)


@given(size=SIZES, box=st.none() | BOXES)
def test_the_square_lies_inside_the_frame(
    size: tuple[int, int], box: tuple[float, float, float, float] | None
) -> None:
    crop = window("single", size, box)
    assert crop.width == crop.height >= 1
    assert 0 <= crop.left <= crop.left + crop.width <= size[1]
    assert 0 <= crop.top <= crop.top + crop.height <= size[0]
    assert crop.to == (512, 512)


@given(size=SIZES, box=BOXES)
def test_the_square_has_the_stated_side_or_the_largest(
    size: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    wanted = BOX_SCALE * max(box[2] - box[0], box[3] - box[1])
    side = window("single", size, box).width
    assert side == min(size) or side == max(1, round(wanted))
    assert side <= max(1, wanted + 0.5)


@given(size=SIZES, box=BOXES)
def test_the_square_is_as_near_to_the_face_as_the_frame_allows(
    size: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    crop = window("single", size, box)
    centre = (box[0] + box[2]) / 2
    off = crop.left + crop.width / 2 - centre
    if off > 0.5:  # moved right: it must stand at the left edge
        assert crop.left == 0
    if off < -0.5:
        assert crop.left + crop.width == size[1]


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((1000, 1000), (400, 450, 500, 550), Crop(360, 410, 180, 180, (512, 512))),
        ((1000, 1000), (400, 400, 500, 600), Crop(270, 320, 360, 360, (512, 512))),
        ((1000, 1000), (0, 450, 100, 550), Crop(0, 410, 180, 180, (512, 512))),  # shifted
        ((1000, 1000), (950, 450, 1050, 550), Crop(820, 410, 180, 180, (512, 512))),
        ((1280, 720), (182, 375, 566, 857), Crop(0, 256, 720, 720, (512, 512))),  # does not fit
        ((100, 300), (0, 0, 200, 200), Crop(50, 0, 100, 100, (512, 512))),  # larger than all
        ((100, 300), None, Crop(100, 0, 100, 100, (512, 512))),  # centre square
        ((301, 100), None, Crop(0, 100, 100, 100, (512, 512))),
    ],
)
def test_squares_by_hand(
    size: tuple[int, int], box: tuple[float, float, float, float] | None, expected: Crop
) -> None:
    assert window("single", size, box) == expected


@given(size=SIZES)
def test_several_people_keep_their_frame(size: tuple[int, int]) -> None:
    crop = window("multi", size, None)
    assert (crop.left, crop.top, crop.width, crop.height) == (0, 0, size[1], size[0])
    assert max(crop.to) == 1024
    assert min(crop.to) >= 2
    assert crop.to[0] % 2 == crop.to[1] % 2 == 0
    for axis in (0, 1):
        assert abs(crop.to[axis] - size[axis] * 1024 / max(size)) <= 2


def test_cutting_without_resizing_copies_pixels() -> None:
    frame = clips.noise(1, 600, 700)[0]
    np.testing.assert_array_equal(
        cut(frame, Crop(30, 20, 512, 512, (512, 512))), frame[20:532, 30:542]
    )


def test_shrinking_averages() -> None:
    """Fine stripes become grey: picking pixels would leave them black or white."""
    frame = np.zeros((1536, 1536, 3), np.uint8)
    frame[:, ::3] = 255
    small = cut(frame, Crop(0, 0, 1536, 1536, (512, 512)))
    assert np.abs(small.astype(int) - 85).max() <= 1


def test_growing_keeps_flat_areas_and_range() -> None:
    frame = clips.scene((10, 10, 50, 50), size=(64, 64))
    large = cut(frame, Crop(0, 0, 64, 64, (512, 512)))
    assert large.shape == (512, 512, 3)
    assert (large[200:280, 200:280] == 255).all()


def test_the_box_is_the_union_over_the_clip(tmp_path: Path) -> None:
    frames = [clips.scene((20 + 4 * i, 40, 50 + 4 * i, 70)) for i in range(6)]
    path = clips.encode(tmp_path / "a.mp4", frames, crf="1")
    found = survey(path)
    assert found.box == pytest.approx((20, 40, 70, 70), abs=2)
    assert (found.n_frames, found.fps, found.size) == (6, 25, (120, 160))
    assert (found.people, found.first) == (1, 1)


def test_people_are_those_of_the_first_frame_that_shows_any(tmp_path: Path) -> None:
    none, two, one = (
        clips.scene(),
        clips.scene((10, 40, 30, 60), (100, 40, 120, 60)),
        clips.scene((10, 40, 30, 60)),
    )
    path = clips.encode(tmp_path / "a.mp4", [none, two, one, one, one], crf="1")
    found = survey(path, "multi")
    assert (found.people, found.first) == (2, 0)


def test_without_a_face(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene()] * 3)
    found = survey(path)
    assert (found.box, found.people, found.first) == (None, 0, 0)
    assert window("single", found.size, found.box) == Crop(20, 0, 120, 120, (512, 512))


def test_a_limit_reads_no_further(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene((20, 40, 50, 70))] * 9)
    tracker = clips.BoxTracker()
    ticks: list[int] = []
    found = survey_clip(
        VideoFile(path), "single", tracker, Rules(max_frames=4), lambda: ticks.append(1)
    )
    assert (found.n_frames, tracker.calls, len(ticks)) == (4, 4, 4)


@pytest.mark.parametrize(
    ("options", "n", "says"),
    [
        ({}, 1, "has one frame"),
        ({"aspect": Fraction(4, 3)}, 5, "not square"),
        ({"rate": Fraction(2000)}, 5, "2000 frames a second"),
        ({"rate": Fraction(1, 2)}, 5, "0.5 frames a second"),
    ],
)
def test_clips_that_cannot_drive(options: dict, n: int, says: str, tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene()] * n, **options)
    with pytest.raises(UsageProblem, match=says):
        survey(path)


def test_pixels_that_are_nearly_square_pass(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene()] * 3, aspect=Fraction(511, 512))
    assert survey(path).n_frames == 3


def work(path: Path, found: prepare.Survey, crop: Crop) -> prepare.ClipWork:
    return prepare.ClipWork(VideoFile(path), found, crop, Rules())


def prepared(path: Path, target: Path, split: str = "single") -> prepare.Survey:
    found = survey(path, split)
    crop = window(split, found.size, found.box)
    prepare.prepare_clip(work(path, found, crop), target, lambda: None)
    return found


def test_a_prepared_clip_is_canonical(tmp_path: Path) -> None:
    frames = [clips.scene((60 + i, 40, 90 + i, 70)) for i in range(8)]
    path = clips.encode(tmp_path / "a.mp4", frames, rate=Fraction(30000, 1001), audio=True)
    prepared(path, tmp_path / "one.mp4")
    prepared(path, tmp_path / "two.mp4")
    info = probe(tmp_path / "one.mp4")
    assert (info.n_frames, info.size, info.fps) == (8, (512, 512), Fraction(30000, 1001))
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert b"soun" not in (tmp_path / "one.mp4").read_bytes()
    box = clips.BoxTracker()(read_video(tmp_path / "one.mp4")[0], 1)[0]
    width = (box.landmarks[1, 0] - box.landmarks[0, 0]) * 512
    assert width == pytest.approx(512 * 30 / round(1.8 * 37), rel=0.1)


def test_the_crop_is_static(tmp_path: Path) -> None:
    """What does not move in the original does not move in the prepared clip."""
    frames = [clips.scene((60 + 2 * i, 40, 90 + 2 * i, 70)) for i in range(8)]
    path = clips.encode(tmp_path / "a.mp4", frames, crf="1")
    prepared(path, tmp_path / "one.mp4")
    top = read_video(tmp_path / "one.mp4")[:, :100].astype(int)
    assert np.abs(top - top[0]).mean() < 1


def test_several_people_at_odd_sizes(tmp_path: Path) -> None:
    frames = [clips.scene((10, 10, 40, 40), (90, 10, 120, 40), size=(97, 151))] * 4
    path = clips.encode(tmp_path / "a.mkv", frames, "ffv1", "bgr0")
    found = prepared(path, tmp_path / "one.mp4", "multi")
    assert found.people == 2
    assert probe(tmp_path / "one.mp4").size == (658, 1024)


def test_a_clip_that_changed_is_noticed(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene((60, 40, 90, 70))] * 8)
    found = survey(path)
    crop = window("single", found.size, found.box)
    for other in ([clips.scene()] * 5, [clips.scene(size=(60, 80))] * 8):
        clips.encode(path, other)
        with pytest.raises(UsageProblem, match="changed while it was imported"):
            prepare.prepare_clip(work(path, found, crop), tmp_path / "b.mp4", lambda: None)
        assert not (tmp_path / "b.mp4").exists()


def test_the_source_of_a_self_case_is_what_methods_decode(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "a.mp4", [clips.scene((60, 40, 90, 70))] * 3)
    prepared(path, tmp_path / "one.mp4")
    prepare.write_first_frame(tmp_path / "one.mp4", tmp_path / "first.png")
    np.testing.assert_array_equal(
        read_image(tmp_path / "first.png"), read_video(tmp_path / "one.mp4")[0]
    )


def test_a_portrait_is_cut_by_its_own_face(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", clips.scene((60, 40, 90, 70)))
    found = survey_still(tmp_path / "a.png", "single", clips.BoxTracker())
    assert (found.n_frames, found.people, found.first) == (1, 1, 1)
    crop = window("single", found.size, found.box)
    prepare.prepare_still(tmp_path / "a.png", crop, tmp_path / "b.png")
    picture = read_image(tmp_path / "b.png")
    assert picture.shape == (512, 512, 3)
    white = (picture.min(axis=2) > 250).mean()
    assert white == pytest.approx((30 / 54) ** 2, abs=0.02)


@settings(max_examples=20, deadline=None)
@given(size=st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_pictures_of_any_size_are_prepared(size: tuple[int, int]) -> None:
    frame = np.full((*size, 3), 77, np.uint8)
    for split in ("single", "multi"):
        assert (cut(frame, window(split, size, None)) == 77).all()
