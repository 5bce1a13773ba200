"""``bench plot`` as a user sees it, from runs that are written by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import bench
from plot_lab import FRAMES, Lab, motion
from safetensors.numpy import save_file
from scipy import stats
from test_drift_runs import AED, LONG, SHORT, SSIM, write

from benchmark.store import RunPaths
from leaderboards.plots.projection import Projection

EVIL = "$a$ <b>"
STILL = np.zeros((FRAMES, 3))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab whose maps are the first two columns: UMAP itself is tested where it is used."""
    from benchmark.cli.plotting import maps

    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(maps, "project", lambda points, seed: Projection(points[:, :2], 0.9, 15))
    return Lab(tmp_path).dataset()


def good(lab: Lab) -> Path:
    return lab.run("good", {"one": motion(0), "two": motion(0)}, EVIL)


def plot(lab: Lab, out: str, *arguments: Any) -> Any:
    return bench("plot", "umap", *arguments, "--data", lab.data, "--out", lab.folder / out)


def test_a_map_is_drawn_and_what_is_reached_is_said(lab: Lab) -> None:
    frozen = lab.run("frozen", {"one": STILL, "two": STILL})
    done = plot(lab, "map.svg", good(lab), frozen)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "expression: 120 points, trustworthiness 0.900 (15 neighbours)"
    assert lines[1].startswith(f"  {EVIL}: coverage 1.000, density ")
    assert "frozen: coverage 0." in lines[2]
    assert "spread 0 (48 points, k = 5); least: one 0." in lines[2]
    assert lines[3].startswith("pose: 120 points")
    assert lines[-1] == str(lab.folder / "map.svg")
    assert (lab.folder / "map.svg").is_file()


def test_a_page_has_frames_or_leaves_them_out(lab: Lab) -> None:
    run = good(lab)
    assert plot(lab, "a.html", run, "--colour", "emotion", "--points", "30").returncode == 0
    text = (lab.folder / "a.html").read_text()
    assert text.count("data:image/jpeg") == 30
    assert "<b>" not in text
    assert '"emotion":{"names":' in text
    assert text.index('"emotion":{"names"') < text.index('"method":{"names"'), "asked for, first"
    assert plot(lab, "b.html", run, "--no-pictures").returncode == 0
    assert "data:image/jpeg" not in (lab.folder / "b.html").read_text()


def test_one_signal_alone(lab: Lab) -> None:
    done = plot(lab, "map.svg", good(lab), "--of", "pose")
    assert "expression" not in done.stdout
    assert "pose: 72 points" in done.stdout


def test_latents_are_mapped_together(lab: Lab) -> None:
    run = good(lab)
    path = RunPaths(run).latents("one")
    path.parent.mkdir()
    rng = np.random.default_rng(0)
    names = ("pose", "motion")
    save_file({n: rng.normal(size=(FRAMES, 4)).astype(np.float32) for n in names}, path)
    done = plot(lab, "map.svg", run, "--latents")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("latent: 48 points, trustworthiness 0.900")
    assert "motion" in done.stderr + (lab.folder / "map.svg").read_text()
    one = plot(lab, "map.svg", run, "--latent", "pose")
    assert one.stdout.startswith("latent: 24 points")
    two = plot(lab, "map.svg", run, lab.run("other", {"one": STILL}), "--latents")
    assert two.returncode == 2
    assert "latents of 2 runs do not share a space" in two.stderr


def test_an_unfinished_run_is_said(lab: Lab) -> None:
    done = plot(lab, "map.svg", lab.run("begun", {"one": motion(0)}))
    assert done.returncode == 0
    assert "begun is not finished: the plot shows what is there" in done.stderr


def test_runs_of_other_splits_do_not_share_a_map(lab: Lab, tmp_path: Path) -> None:
    other = Lab(tmp_path / "elsewhere", {"x": {}})
    other.folder.mkdir()
    strange = other.dataset().run("strange", {"x": STILL})
    done = plot(lab, "map.svg", good(lab), strange)
    assert done.returncode == 3
    assert "is a run of lab/s" in done.stderr


@pytest.mark.parametrize("kind", ["umap", "drift", "components", "interpolation"])
def test_an_ending_that_names_no_format_is_refused_first(kind: str, tmp_path: Path) -> None:
    done = bench("plot", kind, tmp_path / "nowhere", "--out", tmp_path / "a.jpg")
    assert done.returncode == 2
    assert "does not end in .png, .svg, .pdf" in done.stderr
    there = bench("plot", kind, tmp_path / "nowhere", "--out", tmp_path / "a.svg")
    assert there.returncode == 2
    assert "there is no folder" in there.stderr


def test_a_split_without_dial_has_no_interpolation(lab: Lab) -> None:
    out = lab.folder / "dial.svg"
    done = bench("plot", "interpolation", good(lab), "--data", lab.data, "--out", out)
    assert done.returncode == 2
    assert "the split turns no dial" in done.stderr


def test_the_answer_to_a_dial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    changes = {f"d{s}": {"dials": {"strength": s / 4}, "series": "d"} for s in range(5)}
    lab = Lab(tmp_path, changes, "interpolation").dataset()
    run = lab.run("m", {f"d{s}": (s / 4) ** 2 * motion(0) for s in range(5)})
    out = tmp_path / "dial.svg"
    done = bench("plot", "interpolation", run, "--data", lab.data, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "m, expression: at most 0.25 from a straight line (1 series)" in done.stdout
    assert out.is_file()


def test_cases_of_two_runs(lab: Lab) -> None:
    run, out = good(lab), lab.folder / "cases.svg"
    other = lab.run("n", {"one": STILL})
    done = bench("plot", "cases", run, other, "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"{AED}, cross: n is better than {EVIL} in 1 of 1 cases" in done.stdout
    assert "n, cross, aed.mediapipe51@1: 1 of 2 cases missing: not reached yet" in done.stderr
    assert out.is_file()
    for metrics in (("--metric", f" {AED}, ,{AED}"), ("--metric", AED)):
        again = bench("plot", "cases", run, other, "--out", out, *metrics)
        assert again.stdout == done.stdout
    twice = bench("plot", "cases", run, run, "--out", out)
    assert twice.returncode == 2
    assert "1 run cannot be paired" in twice.stderr
    nothing = bench("plot", "cases", run, lab.run("none", {}), "--out", out)
    assert nothing.returncode == 2
    assert "no case was measured in both runs" in nothing.stderr


def test_runs_without_components_are_told(lab: Lab) -> None:
    done = bench("plot", "components", good(lab), "--out", lab.folder / "parts.svg")
    assert done.returncode == 2
    assert "no run holds the metric 'blendshape_l2.mouth23@1'" in done.stderr


def test_drift_is_drawn_and_its_slope_said(tmp_path: Path) -> None:
    slopes = {("a", AED, -1): 0.3, ("b", AED, -1): 0.1, ("a", SSIM, -1): 0.1}
    run = write(tmp_path / "r", slopes, {"a": LONG, "b": LONG})
    done = bench("plot", "drift", run, "--metric", "aed", "--out", tmp_path / "drift.svg")
    assert done.returncode == 0, done.stderr
    assert "r, self, aed_drift.mediapipe51@1: 0.2 1/min [" in done.stdout
    assert (tmp_path / "drift.svg").is_file()


def test_nothing_that_drifts_is_said_in_place_of_empty_tables(tmp_path: Path) -> None:
    lengths = {f"c{k}": SHORT for k in range(6)}
    run = write(tmp_path / "r", {(c, AED, -1): 0.3 for c in lengths}, lengths)
    for arguments in (("drift", run), ("plot", "drift", run, "--out", tmp_path / "d.svg")):
        done = bench(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no clip of these runs has a drift" in done.stderr
        assert "the clip is shorter than 60 seconds: c0, c1, c2, c3 and 2 more" in done.stderr
    page = bench("drift", run, "--format", "csv")
    assert page.returncode == 0
    assert page.stdout.count("shorter than 60 seconds") == 6, "CSV has them all"


def test_a_damaged_file_of_frames_is_said(tmp_path: Path) -> None:
    run = write(tmp_path / "r", {("a", AED, -1): 0.3}, {"a": LONG})
    RunPaths(run).frame_values("a").write_bytes(b"no safetensors")
    done = bench("plot", "drift", run, "--out", tmp_path / "drift.svg")
    assert done.returncode == 2
    assert "a.safetensors is damaged" in done.stderr


def test_components_of_ten_people_have_an_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmark.cli.plotting import series

    seen: list[Any] = []
    monkeypatch.setattr(series, "draw_components", lambda found, of, out: seen.extend([found, of]))
    cases = [f"c{k}" for k in range(12)]
    mouth = "blendshape_l2.mouth23@1"
    slopes = {(c, mouth, -1): float(k) for k, c in enumerate(cases)}
    run = write(tmp_path / "r", slopes, dict.fromkeys(cases, SHORT))
    people = {"people": {c: [f"person {c}", f"person {c}"] for c in cases}}
    record = {**json.loads((run / "run.json").read_text()), **people}
    (run / "run.json").write_text(json.dumps(record))
    assert bench("plot", "components", run, "--out", tmp_path / "a.svg").returncode == 0
    (panel,), interval = seen
    low, high = interval(panel.values["r"])
    means = list(panel.values["r"].values())
    reach = stats.t.ppf(0.975, 11) * np.std(means, ddof=1) / 12**0.5
    assert ((low + high) / 2, (high - low) / 2) == pytest.approx((np.mean(means), reach))


def test_methods_come_before_controls_but_pairs_as_they_are_named(tmp_path: Path) -> None:
    from benchmark.cli.plotting.named import named_runs

    runs = [write(tmp_path / name, {("c", AED, -1): 0.0}, {"c": SHORT}) for name in "ab"]
    record = json.loads((runs[0] / "run.json").read_text())
    record["method"]["control"] = True
    (runs[0] / "run.json").write_text(json.dumps(record))
    assert list(named_runs(runs)) == ["b", "a"]
    assert {label: run.paths.root for label, run in named_runs(runs).items()} == {
        "a": runs[0],
        "b": runs[1],
    }
    assert list(named_runs(runs, as_named=True)) == ["a", "b"]
