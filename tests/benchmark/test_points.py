"""Frames of runs as points, what runs reach, and how they answer a dial."""

from pathlib import Path

import numpy as np
import pytest
from plot_lab import FRAMES, Lab, motion
from safetensors.numpy import save_file

from benchmark.errors import NotComparable, UsageProblem
from benchmark.point_reach import reaches
from benchmark.points import (
    DRIVING,
    EXPRESSION,
    LATENT,
    POSE,
    RESULT,
    Strand,
    latents,
    signals,
    thinned,
)
from benchmark.responses import response, responses
from benchmark.store import RunPaths, load_run
from benchmark.thumbnails import SIDE, thumbnails

BOTH = {"one": motion(0), "two": motion(0)}
STILL = np.zeros((FRAMES, 3))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    return Lab(tmp_path).dataset()


def strands(lab: Lab, *runs: Path) -> list[Strand]:
    records = {run.name: load_run(run) for run in runs}
    return signals(records, lab.data, lambda text: None)


def test_a_driver_enters_once_and_results_by_case(lab: Lab) -> None:
    found = strands(lab, lab.run("good", BOTH), lab.run("bad", {"one": STILL, "two": STILL}))
    assert [(s.part, s.run, s.case) for s in found] == [
        (DRIVING, "", "one"),
        (RESULT, "good", "one"),
        (RESULT, "good", "two"),
        (RESULT, "bad", "one"),
        (RESULT, "bad", "two"),
    ]
    driver = found[0]
    assert driver.features[EXPRESSION].shape == (FRAMES, 51)
    assert driver.features[POSE].shape == (FRAMES, 9)
    np.testing.assert_allclose(driver.features[EXPRESSION][:, :3], 0.5 + motion(0) / 25, atol=1e-6)
    assert [s.emotion for s in found[:3]] == ["happy", "happy", "<b>sad</b>"]
    assert [s.identity for s in found[:2]] == ["$d_$", "p"]
    assert len({s.driver for s in found}) == 1


def test_a_perfect_method_reaches_everything_and_a_frozen_one_collapses(lab: Lab) -> None:
    good, bad = lab.run("good", BOTH), lab.run("bad", {"one": STILL, "two": motion(0)})
    found = {(r.run, r.channel): r for r in reaches(strands(lab, good, bad), [EXPRESSION, POSE])}
    for channel in (EXPRESSION, POSE):
        assert found["good", channel].whole.coverage == 1.0
        assert found["good", channel].spread == pytest.approx(1.0, abs=1e-5)
        assert found["bad", channel].spread == pytest.approx(0.5, abs=1e-5), "one of two is frozen"
        case, worst = found["bad", channel].cases[0]
        assert case == "one"
        assert worst.spread == 0.0
        assert worst.coverage < 0.5
        assert found["bad", channel].points == 2 * FRAMES


def test_points_are_thinned_evenly(lab: Lab) -> None:
    found = strands(lab, lab.run("good", BOTH))
    fewer = thinned(found, 32)
    assert [len(s.frames) for s in fewer] == [10, 10, 10]
    assert fewer[0].frames[0] == 0
    assert fewer[0].frames[-1] == FRAMES - 1
    np.testing.assert_array_equal(fewer[1].features[POSE], found[1].features[POSE][fewer[1].frames])
    assert thinned(found, 6400) == found
    with pytest.raises(UsageProblem, match="3 clips do not fit into 2 points"):
        thinned(found, 2)


def test_who_is_never_seen_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = lab.run("good", BOTH)
    from benchmark import points

    monkeypatch.setattr(
        points, "followed", lambda *_: type("F", (), {"driver": None, "made": None})
    )
    said: list[str] = []
    assert signals({"good": load_run(run)}, lab.data, said.append) == []
    assert said[0] == "left out: driving clip of one: no frame shows the person"
    assert said[1] == "left out: good, one: no frame shows the person"


def test_runs_without_clips_or_split_are_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no case of these runs was delivered"):
        strands(lab, lab.run("none", {}))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = lab.run("good", BOTH)
    with pytest.raises((NotComparable, UsageProblem)):
        signals({"good": load_run(run)}, elsewhere, lambda text: None)


def test_thumbnails_are_of_the_frames(lab: Lab) -> None:
    import io

    from PIL import Image

    driver = thinned(strands(lab, lab.run("good", BOTH)), 9)[0]
    found = thumbnails([driver])
    shades = [np.asarray(Image.open(io.BytesIO(one))).mean() for one in found]
    np.testing.assert_allclose(shades, 8.0 * driver.frames, atol=4)
    assert max(Image.open(io.BytesIO(found[0])).size) <= SIDE


def give(run: Path, case: str, **arrays: np.ndarray) -> None:
    path = RunPaths(run).latents(case)
    path.parent.mkdir(exist_ok=True)
    save_file({name: np.ascontiguousarray(a, np.float32) for name, a in arrays.items()}, path)


def test_latents_are_read_by_name(lab: Lab) -> None:
    run = lab.run("good", BOTH)
    rng = np.random.default_rng(0)
    pose, mouth = rng.normal(size=(2, FRAMES, 8))
    give(run, "one", pose=pose, mouth=mouth)
    found = latents("good", load_run(run), lab.data)
    assert sorted(s.part for s in found) == ["mouth", "pose"]
    (only,) = latents("good", load_run(run), lab.data, ["pose"])
    np.testing.assert_allclose(only.features[LATENT], pose, rtol=1e-6)
    with pytest.raises(UsageProblem, match="unknown latent 'poes'") as error:
        latents("good", load_run(run), lab.data, ["poes"])
    assert error.value.remedy == "known: mouth, pose"


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"pose": np.full((FRAMES, 4), np.nan)}, "or infinite values"),
        ({"pose": np.zeros((FRAMES + 1, 4))}, f"has {FRAMES + 1} rows for {FRAMES} frames"),
        ({"pose": np.zeros(FRAMES)}, "is no array"),
        (
            {"a": np.zeros((FRAMES, 4)), "b": np.zeros((FRAMES, 5))},
            "do not share a plane: a .4., b",
        ),
    ],
)
def test_latents_that_give_no_map_are_refused(
    lab: Lab, arrays: dict[str, np.ndarray], says: str
) -> None:
    run = lab.run("good", BOTH)
    give(run, "two", **arrays)
    with pytest.raises(UsageProblem, match=says):
        latents("good", load_run(run), lab.data)


def test_damaged_and_missing_latents_are_said(lab: Lab) -> None:
    run = lab.run("good", BOTH)
    with pytest.raises(UsageProblem, match="gave no latents"):
        latents("good", load_run(run), lab.data)
    give(run, "one", pose=np.zeros((FRAMES, 2)))
    RunPaths(run).latents("one").write_bytes(b"no safetensors")
    with pytest.raises(UsageProblem, match="is damaged"):
        latents("good", load_run(run), lab.data)


def test_a_response_is_the_share_of_the_full_motion() -> None:
    rng = np.random.default_rng(0)
    still, full = rng.normal(size=(2, 30, 5))
    assert response(still, still, full) == 0.0
    assert response(still, full, full) == pytest.approx(1.0)
    assert response(still, 0.3 * full + 0.7 * still, full) == pytest.approx(0.3)
    sideways = np.zeros_like(full)
    sideways[:, 0], sideways[:, 1] = full[:, 1] - still[:, 1], still[:, 0] - full[:, 0]
    assert response(still, still + sideways, full) == pytest.approx(0.0, abs=1e-12)
    assert response(still, full, still) is None


DIALS = {f"d{s}": {"dials": {"strength": s / 100}, "series": "d"} for s in (0, 50, 100)}


@pytest.fixture
def dial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    return Lab(tmp_path, DIALS, "interpolation").dataset()


def test_answers_to_a_dial(dial: Lab) -> None:
    made = {"d0": STILL, "d50": 0.25 * motion(0), "d100": motion(0)}
    run = dial.run("m", made)
    found = responses({"m": load_run(run)}, dial.data, lambda text: None)
    assert [(one.channel, one.dial) for one in found] == [
        ("expression", "strength"),
        ("pose", "strength"),
    ]
    points = found[0].series["d"]
    assert [s for s, _ in points] == [0.0, 0.5, 1.0]
    assert [r for _, r in points] == pytest.approx([0.0, 0.25, 1.0], abs=1e-5)


def test_a_dial_that_does_nothing_or_is_not_turned(dial: Lab) -> None:
    said: list[str] = []
    frozen = dial.run("frozen", dict.fromkeys(DIALS, STILL))
    with pytest.raises(UsageProblem, match="no series of these runs answers the dial"):
        responses({"frozen": load_run(frozen)}, dial.data, said.append)
    assert "left out: frozen, d, pose: nothing moves at the highest setting" in said
    short = dial.run("short", {"d0": STILL})
    with pytest.raises(UsageProblem, match="one setting of the dial"):
        responses({"short": load_run(short)}, dial.data, said.append)


def test_a_series_that_lacks_a_setting_is_left_out(dial: Lab) -> None:
    whole = dial.run("whole", {"d0": STILL, "d50": motion(0), "d100": motion(0)})
    part = dial.run("part", {"d0": STILL, "d100": motion(0)})
    said: list[str] = []
    records = {run.name: load_run(run) for run in (whole, part)}
    assert {one.run for one in responses(records, dial.data, said.append)} == {"whole"}
    assert "left out: part, d: 1 settings are missing" in said


def test_a_split_without_dial_is_refused(lab: Lab) -> None:
    run = lab.run("good", BOTH)
    with pytest.raises(UsageProblem, match="the split turns no dial"):
        responses({"good": load_run(run)}, lab.data, lambda text: None)


def test_a_run_that_measured_no_faces_is_refused(lab: Lab) -> None:
    run = lab.run("good", BOTH)
    path = RunPaths(run).manifest
    path.write_text(path.read_text().replace('"max_faces": 8', '"max_faces": "8"'))
    with pytest.raises(UsageProblem, match="does not say how faces were measured"):
        strands(lab, run)
