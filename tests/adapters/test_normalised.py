"""From a method's video to frames on the canvas: mapped by index, cut, laid where they belong."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from outside import driving_frames, frames_of, index_of, request

from adapters.base import Animation, Frame, Geometry, MethodError
from adapters.command import expected_frames, normalised
from adapters.description import Invocation
from adapters.frame_rule import FrameRule
from benchmark.media.write import LOSSLESS, write_video

ALL = driving_frames()


def made(
    tmp: Path, video: NDArray[np.uint8], portrait: Frame | None = None, **words: Any
) -> Animation:
    """What becomes of ``video`` as the result of a method on the ten driving frames."""
    how = Invocation.model_validate(words)
    case = request(tmp, portrait=portrait)
    write_video(tmp / "result.mp4", video, Fraction(7), LOSSLESS)  # a rate that means nothing
    return normalised(how, case, [tmp / "result.mp4"], expected_frames(how, case), 1.0)


@pytest.mark.parametrize(
    ("kept", "rule"),
    [
        (range(1, 10), {"first": 1}),
        (range(9), {"last": 1}),
        (range(9), {"multiple": 4, "plus": 1}),
        (range(8), {"multiple": 4}),
        (range(1, 9), {"multiple": 4, "plus": 1, "first": 1}),
        (range(3), {"most": 3}),
        ([0, 2, 4, 6], {"fps": "12"}),
        ([*range(10), 9, 9], {"surplus": True}),
    ],
)
def test_frames_are_mapped_by_the_rule(
    tmp_path: Path, kept: list[int], rule: dict[str, Any]
) -> None:
    animation = made(tmp_path, ALL[list(kept)], frames=rule)
    assert animation.frame_map == list(kept)[:10]
    assert [index_of(f) for f in frames_of(animation)] == list(kept)[:10]


@pytest.mark.parametrize(("count", "said"), [(9, "gave 9"), (11, "gave 11")])
def test_another_number_of_frames_is_a_failure(tmp_path: Path, count: int, said: str) -> None:
    animation = made(tmp_path, np.concatenate([ALL, ALL])[:count])
    with pytest.raises(MethodError, match=f"{said} frames where its frame rule says 10"):
        frames_of(animation)


def test_panels_are_cut(tmp_path: Path) -> None:
    wide = np.concatenate([ALL * 0, ALL, ALL * 0 + 255], axis=2)
    panel = {"columns": 3, "column": 1}
    frames = frames_of(made(tmp_path, wide, result={"panel": panel}))
    assert frames[0].shape == (64, 64, 3)
    assert [index_of(f) for f in frames] == list(range(10))


@pytest.mark.parametrize(
    "panel",
    [{"columns": 2, "column": 1, "gap": 2}, {"x": 68, "y": 2, "width": 64, "height": 64}],
)
def test_a_grid_with_gaps_and_a_box_are_cut_alike(tmp_path: Path, panel: dict[str, int]) -> None:
    gap = np.zeros((10, 64, 2, 3), np.uint8)
    grid = np.pad(np.concatenate([ALL, gap, ALL], axis=2), ((0, 0), (2, 2), (2, 2), (0, 0)))
    frames = frames_of(made(tmp_path, grid, result={"panel": panel}))
    assert [index_of(f) for f in frames] == list(range(10))
    assert all(np.ptp(f) == 0 for f in frames)


def test_a_frame_without_the_panel_is_a_failure(tmp_path: Path) -> None:
    animation = made(tmp_path, ALL, result={"panel": {"x": 516, "width": 512, "height": 512}})
    with pytest.raises(MethodError, match="64x64, which has no panel of 512x512"):
        frames_of(animation)


def test_another_size_than_the_canvas_is_no_source_geometry(tmp_path: Path) -> None:
    animation = made(tmp_path, ALL[:, :32], result={"geometry": "source"})
    with pytest.raises(MethodError, match=r"its frames are 64x32, the canvas is 64x64"):
        frames_of(animation)


def test_bars_are_removed(tmp_path: Path) -> None:
    barred = np.pad(ALL, ((0, 0), (0, 0), (16, 16), (0, 0)), constant_values=255)
    animation = made(tmp_path, barred, result={"geometry": "letterboxed"})
    frames = frames_of(animation)
    assert animation.geometry is Geometry.RESIZED
    assert frames[5].shape == (64, 64, 3)
    assert np.ptp(frames[5]) == 0


def test_a_centred_part_is_laid_back_onto_the_portrait(tmp_path: Path) -> None:
    portrait = np.full((64, 128, 3), 7, np.uint8)
    animation = made(tmp_path, ALL[:, :32, :32], portrait, result={"geometry": "centre"})
    frame = frames_of(animation)[5]
    assert animation.geometry is Geometry.SOURCE
    assert frame.shape == (64, 128, 3)
    assert (frame[:, 32:96] == 100).all()
    assert (frame[:, :32] == 7).all()
    assert (frame[:, 96:] == 7).all()


def test_the_time_to_read_a_result_is_not_the_methods(tmp_path: Path) -> None:
    animation = made(tmp_path, ALL)
    assert animation.frames.run_s == 1.0  # type: ignore[union-attr]


RULES = st.builds(
    FrameRule,
    fps=st.none() | st.fractions(1, 60, max_denominator=1001),
    most=st.none() | st.integers(1, 60),
    multiple=st.integers(1, 8),
    plus=st.integers(0, 3),
    first=st.integers(0, 3),
    last=st.integers(0, 3),
)


@example(FrameRule(multiple=3, plus=2, last=3), 2, Fraction(25))  # drops more than there is
@given(RULES, st.integers(0, 60), st.fractions(1, 60, max_denominator=1001))
def test_a_frame_map_stays_inside_the_driving_video_and_rises(
    rule: FrameRule, n_frames: int, rate: Fraction
) -> None:
    found = rule.frame_map(n_frames, rate)
    assert all(0 <= index < n_frames for index in found)
    assert found == sorted(found)
    taken = len(found) + rule.first + rule.last
    if found:
        assert (taken - rule.plus) % rule.multiple == 0
        assert rule.most is None or taken <= rule.most


@given(st.integers(1, 200), st.fractions(1, 60, max_denominator=1001))
def test_the_videos_own_rate_changes_nothing(n_frames: int, rate: Fraction) -> None:
    assert FrameRule(fps=rate).frame_map(n_frames, rate) == list(range(n_frames))
