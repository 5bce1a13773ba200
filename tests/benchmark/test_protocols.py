from collections import Counter
from fractions import Fraction
from pathlib import Path

import clips
import pytest
from brought import FACE, bring, run

from adapters.base import Component
from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.splits.importer import ImportPlan
from benchmark.splits.protocols import built_in, protocol
from benchmark.splits.recipe import Wanted
from benchmark.splits.rules import Rules
from benchmark.splits.validate import validate_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bring(tmp_path / "data")


def clean(out: Path) -> None:
    for path in out.glob("*.jsonl"):
        assert validate_manifest(path)[1] == []


def test_component_cases_say_what_follows_and_what_stands_still(
    folder: Path, tmp_path: Path
) -> None:
    report = run(folder, tmp_path / "out", protocol=protocol("component"))
    found = {split.header.split: split for split in report.splits}
    assert set(found) == {
        f"{group}-{part}"
        for group in ("single", "multi")
        for part in ("mouth", "eyes", "pose", "expression")
    }
    pose = found["single-pose"]
    assert pose.header.protocol.task == "component"
    assert "Only a part" in pose.header.notice
    for case in pose.cases:
        assert case.protocol == "cross"
        assert case.driven == {Component.POSE}
        assert set(case.still) == {Component.MOUTH, Component.EYES, Component.EMOTION}
    assert len({split.sha256 for split in report.splits}) == 8
    clean(tmp_path / "out")


def test_interpolation_cases_are_series_of_a_dial(folder: Path, tmp_path: Path) -> None:
    report = run(folder, tmp_path / "out", protocol=protocol("interpolation"))
    single = next(s for s in report.splits if s.header.split == "single-dial")
    series = Counter(case.series for case in single.cases)
    assert set(series.values()) == {5}
    assert len(series) == 2  # one portrait for each clip
    for name in series:
        dials = [case.dials["strength"] for case in single.cases if case.series == name]
        assert dials == [0, 0.25, 0.5, 0.75, 1]
    clean(tmp_path / "out")


def test_long_clips_are_used_whole_and_short_ones_named(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "long.toml"
    own.write_text(
        '[mine]\ntitle = "x"\nmin_seconds = 0.3\nportraits_per_clip = 1\n'
        'rules = { id = "mine@1", task = "long" }\n'
        'splits = [{ suffix = "-long", cases = ["self", "cross"] }]\n'
    )
    report = run(folder, tmp_path / "out", protocol=protocol(str(own)))
    single = report.splits[0]
    assert {case.driving for case in single.cases} == {
        path for path in (c.driving for c in single.cases) if "still-one" in path
    }
    assert [line for line in report.skipped if "shorter than 0.3 s" in line] == [
        "driving/single/sway.mp4: 0.2 s, shorter than 0.3 s",
        "driving/multi/duo.mp4: 0.2 s, shorter than 0.3 s",
    ]
    with pytest.raises(UsageProblem, match="no clip lasts 60 s"):
        run(folder, tmp_path / "no", protocol=protocol("long"))


def test_the_shape_of_exprbench(tmp_path: Path) -> None:
    """Counts by lot, each portrait once, loads of clips even, 125 frames at 25."""
    root = tmp_path / "data"
    for kind in ("portraits", "driving"):
        (root / kind / "single").mkdir(parents=True)
    for i in range(7):
        write_png(root / f"portraits/single/p{i}.png", clips.scene((30 + i, 40, 60, 70)))
    for i in range(4):
        frames = [clips.scene((40 + 5 * i, 40, 80, 70))] * 12
        clips.encode(root / f"driving/single/d{i}.mp4", frames, rate=Fraction(50))
    spec = protocol("exprbench-shaped")
    assert (spec.frames, spec.fps) == (125, "25")
    assert (spec.counts["multi"].portraits, spec.counts["multi"].clips) == (100, 50)
    counts = {"single": spec.counts["single"].model_copy(update={"portraits": 5, "clips": 3})}
    small = spec.model_copy(update={"frames": 4, "counts": counts})
    report = run(root, tmp_path / "out", protocol=small)
    cross = [case for case in report.splits[0].cases if case.protocol == "cross"]
    assert len({case.source for case in cross}) == len(cross) == 5
    assert sorted(Counter(case.driving for case in cross).values()) == [1, 2, 2]
    assert {(case.fps, case.n_frames) for case in cross} == {("25", 4)}
    assert report.notes == (
        "single: the protocol has 3 clips, here are 4: 3 taken by lot",
        "single: the protocol has 5 portraits, here are 7: 5 taken by lot",
    )
    assert "not an ExprBench number" in report.splits[0].header.notice
    fewer = run(root, tmp_path / "fewer", protocol=spec)
    assert "here are 7: all taken" in fewer.notes[1]
    clean(tmp_path / "out")


def test_dealing_first_frames_never_deals_a_clip_its_own(tmp_path: Path) -> None:
    root = tmp_path / "set"
    root.mkdir()
    for i in range(4):
        clips.encode(root / f"RD_Radio{i % 3}_00{i}.mp4", [clips.scene(FACE)] * 3)
    spec = protocol("exprbench-shaped")
    report = run(root, tmp_path / "out", protocol=spec, layout="hdtf")
    cross = [c.origins for c in report.splits[0].cases if c.protocol == "cross"]
    assert len(cross) == 4
    assert all(o is not None and o.source.identity != o.driving.identity for o in cross)


def test_frame_0_is_a_rule_of_the_header(folder: Path, tmp_path: Path) -> None:
    scored = run(folder, tmp_path / "a", protocol=protocol("reenactment-frame0")).splits[0]
    plain = run(folder, tmp_path / "b").splits[0]
    assert scored.header.protocol.first_frame == "scored"
    assert plain.header.protocol.first_frame == "excluded"
    assert scored.cases == plain.cases
    assert scored.sha256 != plain.sha256


def test_options_that_contradict_the_protocol() -> None:
    spec = protocol("exprbench-shaped")
    for rules in (Rules(fps=Fraction(30)), Rules(max_frames=10)):
        plan = ImportPlan(Path(), Path("x"), wanted=Wanted(protocol=spec, rules=rules))
        with pytest.raises(UsageProblem, match="states"):
            _ = plan.rules
    agreeing = Wanted(protocol=spec, rules=Rules(fps=Fraction(25)))
    assert ImportPlan(Path(), Path("x"), wanted=agreeing).rules.max_frames == 125


def test_protocols_without_any_case(tmp_path: Path) -> None:
    (tmp_path / "data/driving/single").mkdir(parents=True)
    clips.encode(tmp_path / "data/driving/single/a.mp4", [clips.scene(FACE)] * 3)
    with pytest.raises(UsageProblem, match="makes no case"):
        run(tmp_path / "data", tmp_path / "out", protocol=protocol("component"))


GOOD = '[x]\ntitle="t"\nrules={id="x@1"}\nsplits=[{cases=["self"]}]\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds 0 protocols"),
        (GOOD + GOOD.replace("[x]", "[y]"), "holds 2 protocols"),
        ("x", "cannot read"),
        (GOOD.replace("x@1", "x"), "x.rules.id"),
        (GOOD.replace('["self"]', "[]"), "x.splits.0.cases"),
        (GOOD.replace('["self"]', '["self"], components=["mouth"]'), "do not fit together"),
        (GOOD.replace('"x@1"', '"x@1", task="interpolation"'), "do not fit together"),
        (GOOD.replace("title", "titel"), "x.titel|x.title"),
        (GOOD + 'fps="0"\n', "x.fps"),
        (GOOD + "frames=1\n", "x.frames"),
        (GOOD + "min_seconds=inf\n", "x.min_seconds"),
        (GOOD.replace("}]", '}, {cases=["cross"]}]'), "one suffix"),
        (GOOD.replace('["self"]', '["self"], suffix="/../x"'), "x.splits.0.suffix"),
    ],
    ids=str,
)
def test_protocol_files_that_are_wrong(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(UsageProblem, match=says):
        protocol(str(tmp_path / "p.toml"))


def test_names_of_protocols(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="unknown protocol 'componet'"):
        protocol("componet")
    with pytest.raises(UsageProblem, match="no protocol at"):
        protocol(str(tmp_path / "none.toml"))
    assert len({spec.rules.id for spec in built_in().values()}) == len(built_in())
