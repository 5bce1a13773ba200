"""The conformance run: its judgement on arrays, and on programs that break one rule each."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.checks import check_of, in_a_word, needs_check, record_check, stated
from benchmark.config import Config
from benchmark.conformance import judge
from benchmark.conformance.check import Material, check
from benchmark.conformance.material import mini_material
from benchmark.conformance.trials import Inputs
from benchmark.conformance.verdict import Finding, Verdict, held
from benchmark.methods import find_method
from benchmark.process import GenerateOptions
from benchmark.spec import MethodSpec

HELD, BROKEN, UNTESTABLE = Verdict.HELD, Verdict.BROKEN, Verdict.UNTESTABLE


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


BASE = noise(0, 12, 16, 16, 3)


def changed(*where: int, by: float = 1.0) -> NDArray[np.uint8]:
    """BASE with some frames changed; ``by`` says how much of the picture."""
    other = BASE.copy()
    for index in where:
        other[index, : round(16 * by)] ^= 128
    return other


def test_determinism() -> None:
    assert judge.determinism(BASE, BASE.copy()).verdict is HELD
    found = judge.determinism(BASE, changed(3))
    assert found.verdict is BROKEN
    assert "up to 128 levels" in found.said
    assert judge.determinism(BASE, BASE[1:]).verdict is BROKEN


@pytest.mark.parametrize(
    ("moved", "verdict", "said"),
    [
        (lambda j: [j], HELD, "changed that output alone"),
        (lambda j: [j - 1, j, j + 1], HELD, "up to 3 outputs around it"),
        (lambda j: range(j // 4 * 4, j // 4 * 4 + 4), HELD, "up to 4 outputs around it"),
        (lambda j: [j + 1], BROKEN, "+1.0 frames away"),
        (lambda j: [j - 2], BROKEN, "-2.0 frames away"),
        (lambda j: range(12), UNTESTABLE, "changes outputs everywhere"),
        (lambda j: [], UNTESTABLE, "changes no output"),
    ],
)
def test_frame_map_by_perturbation(moved: Any, verdict: Verdict, said: str) -> None:
    outputs = {j: changed(*moved(j)) for j in (3, 6, 8)}
    found = judge.frame_map(BASE, outputs, range(12), 0.0)
    assert (found.verdict, said in found.said) == (verdict, True), found.said


def test_a_method_that_drops_the_first_frame_and_says_so() -> None:
    stated = range(1, 13)  # out[i] came from driving frame i + 1
    outputs = {j: changed(j - 1) for j in (3, 6, 8)}
    assert judge.frame_map(BASE, outputs, stated, 0.0).verdict is HELD
    unsaid = judge.frame_map(BASE, outputs, range(12), 0.0)
    assert unsaid.verdict is BROKEN


def test_small_echoes_and_noise_do_not_move_the_frame_map() -> None:
    echo = {j: changed(j) for j in (3, 6)}
    for j, outputs in echo.items():
        outputs[j + 1, :1] ^= 16  # a codec's trace
    assert judge.frame_map(BASE, echo, range(12), 0.0).verdict is HELD


def everywhere(*where: int, seed: int = 0) -> NDArray[np.uint8]:
    """BASE as a lossy video gives it back: all of it a little other, some frames a little more."""
    chance = np.random.default_rng(seed)
    other = BASE.astype(int) + chance.integers(-2, 3, BASE.shape)
    for index in where:
        other[index] += chance.integers(-3, 4, BASE.shape[1:])
    return other.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "verdict", "said"),
    [
        (lambda j: [j], HELD, "every output, and that one stood out"),
        (lambda j: [j + 1], BROKEN, "+1.0 frames away"),
        (lambda j: [], UNTESTABLE, "changes outputs everywhere"),
        (lambda j: [11 - j], UNTESTABLE, "changes outputs everywhere"),
        (lambda j: range(0, 12, 3), UNTESTABLE, "changes outputs everywhere"),
    ],
)
def test_a_small_change_that_a_codec_spreads(image: Any, verdict: Verdict, said: str) -> None:
    outputs = {j: everywhere(*image(j), seed=j) for j in (3, 6, 8)}
    found = judge.frame_map(BASE, outputs, range(12), 0.0)
    assert (found.verdict, said in found.said) == (verdict, True), found.said
    two = {j: outputs[j] for j in (3, 6)}
    assert judge.frame_map(BASE, two, range(12), 0.0).verdict is UNTESTABLE


def test_one_that_stands_out_by_chance_places_nothing() -> None:
    """Three outputs of any kind agree on an offset too seldom to matter."""
    found = []
    for seed in range(300):
        chance = np.random.default_rng(seed)
        outputs = {}
        for j in (4, 8, 12):
            levels = np.minimum(chance.standard_exponential(17) * 20, 120).astype(np.uint8) + 1
            outputs[j] = np.broadcast_to(levels[:, None, None, None], (17, 2, 2, 3))
        base = np.zeros((17, 2, 2, 3), np.uint8)
        found.append(judge.frame_map(base, outputs, range(17), 0.0).verdict)
    assert found.count(UNTESTABLE) >= 295


def marked(move: Any) -> list[NDArray[np.uint8]]:
    still = np.repeat(noise(1, 1, 64, 64, 3), 2, axis=0)
    outputs = []
    for rows, columns in judge.corner_boxes((64, 64)):
        picture = still.copy()
        picture[:, rows, columns] ^= 255
        outputs.append(move(picture))
    return [move(still), *outputs]


@pytest.mark.parametrize(
    ("move", "verdict"),
    [
        (lambda v: v, HELD),
        (lambda v: np.roll(v, 2, axis=1), HELD),
        (lambda v: v[:, :, ::-1], BROKEN),
        (lambda v: np.roll(v, 9, axis=2), BROKEN),
        (lambda v: v[:, 8:56, 8:56].repeat(4, 1).repeat(4, 2)[:, ::3, ::3], BROKEN),
        (lambda v: v * 0, UNTESTABLE),
        (lambda v: np.roll(v, int(v[0, :, :, 0].sum()) % 64, axis=2), UNTESTABLE),
    ],
)
def test_geometry_by_corner_marks(move: Any, verdict: Verdict) -> None:
    still, *outputs = marked(move)
    assert judge.geometry([still], outputs, 0.0).verdict is verdict


def test_value_range() -> None:
    portrait = (64 + noise(2, 32, 32, 3) // 2).astype(np.uint8)
    video = np.repeat(portrait[None], 3, axis=0)
    assert judge.value_range(video, portrait, 64, 192).verdict is HELD
    wide = ((video.astype(int) - 64) * 2).clip(0, 255).astype(np.uint8)
    assert judge.value_range(wide, portrait, 64, 192).verdict is BROKEN
    assert judge.value_range(noise(3, *video.shape), portrait, 64, 192).verdict is UNTESTABLE
    assert judge.value_range(video // 200, portrait, 64, 192).verdict is BROKEN


@pytest.mark.parametrize(
    ("halves", "verdict"),
    [((0, 1), HELD), ((1, 0), BROKEN), ((None, None), UNTESTABLE)],
)
def test_assignment(halves: tuple[int | None, int | None], verdict: Verdict) -> None:
    outputs = {}
    for driver, half in enumerate(halves):
        video = BASE.copy()
        where = slice(None) if half is None else slice(8 * half, 8 * half + 8)
        video[:, :, where] ^= 64
        outputs[driver] = video
    assert judge.assignment(BASE, outputs, {0: 0, 1: 1}).verdict is verdict


PROGRAM = """
import sys, os, random
import numpy as np, av
src, drv, out, how = sys.argv[1:]
def read(path):
    with av.open(path) as c: return [f.to_ndarray(format="rgb24") for f in c.decode(video=0)]
source, frames = read(src)[0].astype(int), read(drv)
if "strict" in how and source.std() > 50: raise SystemExit("no face found")
if "drops" in how: frames = [f for f in frames if f.std() < 50]
if "shortest" in how and av.open(drv).streams.audio: frames.pop()
if "late" in how: frames = [frames[0], *frames[:-1]]
made = [np.clip(source + f[:, :24].mean((0, 1)).astype(int) - 140, 0, 255).astype(np.uint8) for f in frames]
if "draws" in how: made = [f // 2 + random.SystemRandom().randrange(100) for f in made]
if "mirrors" in how: made = [f[:, ::-1] for f in made]
if "beside" in how: open(drv + ".pkl", "w").write("x")
if "homely" in how: open(os.path.expanduser("~/history.txt"), "w").write("x")
if "outside" in how: open(os.path.join(os.path.dirname(os.path.realpath(__file__)), "log.txt"), "a").write("x")
with av.open(out, "w") as c:
    s = c.add_stream("libx264rgb", rate=25, options={"qp": "0"})
    s.height, s.width = made[0].shape[:2]; s.pix_fmt = "rgb24"
    for f in made: c.mux(s.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(f), format="rgb24")))
    c.mux(s.encode(None))
"""  # noqa: E501


def program(folder: Path, how: str) -> MethodSpec:
    (folder / "program.py").write_text(PROGRAM)
    words = {
        "command": ["{python}", "program.py", "{source}", "{driving}", "{out}/r.mp4", how],
        "output": "{out}/r.mp4",
        "interpreter": sys.executable,
        "at": str(folder),
    }
    return find_method("ours", Config.model_validate({"methods": {"ours": words}}), folder)


def material() -> Material:
    """A grey gradient, driven by the left half of a film that gets brighter; noise is nobody."""
    portrait = np.broadcast_to(np.linspace(70, 180, 48)[:, None, None], (48, 48, 3))
    video = np.stack([np.full((48, 48, 3), 120 + i, np.uint8) for i in range(8)])
    video[:, :, :24] += 20  # a mirrored frame is another one
    return Material(Inputs(portrait.astype(np.uint8), video), None, noise(4, 48, 48, 3))


def findings(spec: MethodSpec, model: Path, folder: Path) -> dict[str, Finding]:
    found = check(
        spec, GenerateOptions(60, 0, model), material(), folder / "log", lambda finding: None
    )
    return {finding.rule: finding for finding in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "broken"),
    [
        (
            "late beside outside strict",
            {
                "frame map": "+1.0 frames away",
                "input folder left alone": "driving.mp4.pkl",
                "no writes outside the scratch directory": "log.txt",
            },
        ),
        (
            "mirrors drops homely",
            {
                "no writes outside the scratch directory": "writes ~/history.txt",
                "geometry": "of a side away",
                "a driving frame without a face": "gave 7 frames",
            },
        ),
        (
            "draws shortest",
            {
                "same seed, same frames": "two runs differ by up to",
                "a silent track": "gave 7 frames where its frame rule says 8",
            },
        ),
    ],
)
def test_broken_rules_are_found_and_no_others(
    face_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    broken: dict[str, str],
) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = findings(program(tmp_path / "repo", how), face_model, tmp_path)
    assert {rule for rule, f in found.items() if f.verdict is BROKEN} == set(broken)
    for rule, said in broken.items():
        assert said in found[rule].said
    strict = found["a portrait without a face"]
    assert strict.verdict is HELD
    assert ("fails and says so" in strict.said) == ("strict" in how)


def test_a_record_belongs_to_what_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    spec = program(tmp_path, "honest")
    assert needs_check(spec)
    assert in_a_word(check_of(spec)) == "unchecked"
    assert stated(spec) == {"needed": True}
    path = record_check(spec, [held("frame count", "8 gave 8")], 8)
    before = stated(spec)
    assert before["needed"]
    assert before["rules"][0]["rule"] == "frame count"
    assert json.loads(path.read_text())["rules"][0]["verdict"] == "held"
    assert in_a_word(check_of(spec)) == "held"
    options = {**spec.options, "how": {**spec.options["how"], "options": {"steps": 4}}}
    assert check_of(replace(spec, options=options)) is None
    (tmp_path / "program.py").write_text("changed")
    assert check_of(spec) is None
    assert stated(spec, before) == before, "a run keeps what it was begun with"
    broken = Finding("frame map", BROKEN, "off by one")
    record_check(spec, [broken], 8)
    assert in_a_word(check_of(spec)) == "broken: frame map"


def test_what_this_package_brings_needs_no_check(tmp_path: Path) -> None:
    named = {name: find_method(name, Config(), tmp_path) for name in ("ours", "frozen", "swapped")}
    videos = find_method(f"precomputed:{tmp_path}", Config(), tmp_path)
    assert not any(needs_check(spec) for spec in (*named.values(), videos))
    mine = Config.model_validate({"methods": {"ours": {"python": "adapters.mine:Mine"}}})
    assert needs_check(find_method("ours", mine, tmp_path))


@pytest.mark.slow
def test_the_built_in_method_holds_every_rule(face_model: Path, tmp_path: Path) -> None:
    spec = find_method("ours", Config(), tmp_path)
    options = GenerateOptions(120, 0, face_model)
    log = tmp_path / "log"
    found = check(spec, options, mini_material(5, two=True), log, lambda finding: None)
    verdicts = {finding.rule: finding.verdict for finding in found}
    assert verdicts.pop("no writes outside the scratch directory") is UNTESTABLE
    assert set(verdicts.values()) == {HELD}
    assert {"assignment", "frame map", "geometry", "two jobs at once"} <= set(verdicts)
