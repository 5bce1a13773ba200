"""The noise floor: known changes, measured by the code that measures runs."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from in_process import bench
from tiny_split import TinySplit, moving_face

from benchmark.floor import measure_floor
from benchmark.floor_clips import CHANGES
from benchmark.floor_page import page
from benchmark.plan import RunOptions
from metrics.floor import CONDITIONS, IDENTICAL, VIDEO_MODE
from metrics.registry import CANONICAL

RATE = Fraction(25)
NOISE = ("h264-crf18", "jpeg-75", "shift-1px", "down-up-2")


def changed(name: str, frames: list[np.ndarray], scratch: Path) -> np.ndarray:
    made = list(CHANGES[name](frames, RATE, scratch))
    assert {frame.dtype for frame in made} == {np.dtype(np.uint8)}
    assert list(scratch.iterdir()) == []
    return np.stack(made)


@pytest.mark.parametrize("size", [(64, 48), (33, 47)])
def test_changes_keep_length_and_size(size: tuple[int, int], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = list(rng.integers(0, 256, (3, *size, 3), dtype=np.uint8))
    for name in CHANGES:
        assert changed(name, frames, tmp_path).shape == (3, *size, 3)


def test_changes_are_what_they_say(tmp_path: Path) -> None:
    whole = moving_face()
    frames = list(whole)
    assert np.array_equal(changed("identical", frames, tmp_path), whole)
    assert np.array_equal(changed("frozen", frames, tmp_path), np.stack([whole[0]] * len(whole)))
    moved = changed("shift-1px", frames, tmp_path)
    assert np.array_equal(moved[:, :, 1:], whole[:, :, :-1])
    assert np.array_equal(moved[:, :, 0], whole[:, :, 0])
    for name in ("h264-crf18", "jpeg-75", "down-up-2"):
        error = np.abs(changed(name, frames, tmp_path).astype(int) - whole).mean()
        assert 0 < error < 4, name


def test_every_condition_is_a_change_or_a_mode() -> None:
    assert {c.name for c in CONDITIONS} == {*CHANGES, VIDEO_MODE}
    assert CONDITIONS[0].name == IDENTICAL


def test_a_floor_of_pixels_and_faces(tiny: TinySplit, face_model: Path, tmp_path: Path) -> None:
    clip = tiny.root / "media" / "sway.mp4"
    mine = ("psnr.frame-cap100", "aed.mediapipe51", "aed.mediapipe51rel", "apd.mediapipe-euler")
    options = RunOptions(metrics=(*mine, "flicker", "fps", "fid", "still_mouth"))
    found = measure_floor([clip], 4, options, face_model)
    assert (found.record.clips, found.record.frames) == (1, 4)
    values = found.record.values
    for metric_id, by_condition in values.items():
        card = CANONICAL[metric_id]
        same = by_condition[IDENTICAL]
        assert same == pytest.approx(card.identical or 0.0, abs=2e-2), metric_id
        assert (VIDEO_MODE in by_condition) == ("face" in card.extractors)
        if "face" in card.extractors:
            assert all(by_condition[name] > same for name in NOISE), metric_id
    turn = values["apd.mediapipe-euler@1"]  # the head only sways
    assert turn["frozen"] > 2 * max(turn[name] for name in NOISE)
    assert values["psnr.frame-cap100@1"]["frozen"] < values["psnr.frame-cap100@1"]["jpeg-75"] < 100
    assert "aed.mediapipe51rel@1" in values  # defined for cross-reenactment only
    assert not any(
        metric.startswith(("fps", "fid", "still")) for metric in (*values, *found.absent)
    )
    text = page(found)
    assert "| `aed.mediapipe51@1` | 0 |" in text
    assert "1 clips, 4 frames." in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.mp4", "--out", "floor.txt"], "--out floor.txt: .md or .json"),
        (["x.mp4", "--max-frames", "0"], "--max-frames must be at least 1"),
        (["nowhere.mp4"], "nowhere.mp4"),
        (["x.mp4", "--metrics", "fid,fps"], "no metric is left to measure"),
        (["x.mp4", "--metrics", "aedd"], "did you mean 'aed'?"),
    ],
)
def test_mistakes_end_with_2(
    arguments: list[str], message: str, face_model: Path, tmp_path: Path
) -> None:
    done = bench("metrics", "floor", *arguments, BENCH_WEIGHTS=str(face_model.parent))
    assert done.returncode == 2
    assert message in done.stderr


def test_it_prints_80_columns_and_writes_both_forms(
    tiny: TinySplit, face_model: Path, tmp_path: Path
) -> None:
    clip = tiny.root / "media" / "sway.mp4"
    arguments = [
        clip,
        "--max-frames",
        "3",
        "--metrics",
        "l1.unit-rgb",
        "--out",
        tmp_path / "floor.md",
    ]
    done = bench(
        "metrics",
        "floor",
        *arguments,
        "--out",
        tmp_path / "floor.json",
        BENCH_WEIGHTS=str(face_model.parent),
    )
    assert done.returncode == 0, done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert (tmp_path / "floor.md").read_text().startswith("# Noise floor\n")
    record = json.loads((tmp_path / "floor.json").read_text())
    assert record["clips"] == 1
    assert record["values"]["l1.unit-rgb@1"][IDENTICAL] == 0
