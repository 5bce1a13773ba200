"""``gate.toml``: what is read, what is refused, and what the refusal says."""

from pathlib import Path

import pytest

from benchmark.errors import UsageProblem
from benchmark.gate.config import GateConfig, Limits, read_gate_config
from metrics.registry import CARDS, card, named

LMD, FPS = card("lmd.mediapipe478@1"), card("fps.offline@1")
ISO = card("lmd.mediapipe478-iso@1")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_gate_config(None) == GateConfig()
    written(tmp_path, "max_failed = 2")
    assert read_gate_config(None).max_failed == 2
    with pytest.raises(UsageProblem, match="no gate configuration"):
        read_gate_config(tmp_path / "other.toml")


def test_the_more_exact_name_counts(tmp_path: Path) -> None:
    config = read_gate_config(
        written(
            tmp_path,
            """
            relative = 0.02
            alpha = 0.01
            [metric.lmd]
            absolute = 0.001
            relative = 0.05
            [metric."lmd.mediapipe478"]
            relative = 0.10
            [metric."lmd.mediapipe478@1"]
            min_coverage = 0.5
            """,
        )
    )
    expected = Limits(relative=0.10, absolute=0.001, alpha=0.01, min_coverage=0.5)
    assert config.limits(LMD) == expected
    assert config.limits(ISO) == Limits(relative=0.05, absolute=0.001, alpha=0.01)
    assert config.limits(named("aed")[0]) == Limits(relative=0.02, alpha=0.01)


def test_speed_has_floors_of_its_own(tmp_path: Path) -> None:
    assert GateConfig().limits(FPS) == Limits(relative=0.10, absolute=1.0)
    text = "[speed]\npercent = 20\nfps = 3\n[metric.fps]\nalpha = 0.2"
    config = read_gate_config(written(tmp_path, text))
    assert config.limits(FPS) == Limits(relative=0.20, absolute=3.0, alpha=0.2)


def test_what_is_wanted() -> None:
    config = GateConfig(metrics=("lmd.mediapipe478-iso",), skip=("psnr",))
    wanted = [one.id for one in CARDS.values() if config.wants(one)]
    assert wanted == ["lmd.mediapipe478-iso@1"]
    default = {one.id for one in CARDS.values() if GateConfig(skip=("psnr",)).wants(one)}
    assert default == {one.id for one in CARDS.values() if one.default and one.name != "psnr"}
    everything = GateConfig(metrics=("all",), skip=("psnr.frame-cap100@1",))
    left = {one.id for one in CARDS.values()} - {
        o.id for o in CARDS.values() if everything.wants(o)
    }
    assert left == {"psnr.frame-cap100@1"}
    assert GateConfig(metric={"jitter": {}}).wants(named("jitter")[0])  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics = ['lmdd']", "did you mean 'lmd'"),
        ("skip = ['sim']", "unknown metric 'sim'"),
        ("[metric.lmdd]\nalpha = 0.1", "did you mean 'lmd'"),
        ("max_faild = 1", "did you mean 'max_failed'"),
        ("[metric.lmd]\nabsolut = 1", "did you mean 'absolute'"),
        ("[speed]\npercnt = 1", "did you mean 'percent'"),
        ("alpha = 0", "alpha"),
        ("alpha = 1.0", "alpha"),
        ("relative = -0.1", "relative"),
        ("absolute = inf", "absolute"),
        ("absolute = nan", "absolute"),
        ("min_coverage = 1.5", "min_coverage"),
        ("max_failed = -1", "max_failed"),
        ("metric = 3", "metric"),
        ("speed = 3", "speed"),
        ("[metric.lmd]\ndirection = 'up'", "direction"),
        ("[metric.lmd]\ndirection = 'higher'", "is better lower, not higher"),
        ("[speed]\njudge = 'maybe'", "judge"),
        ("alpha = ", "cannot read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read_gate_config(written(tmp_path, text))
    assert said in f"{caught.value.problem} {caught.value.remedy}"
    assert "gate.toml" in caught.value.problem


def test_a_direction_may_be_said_or_be_any(tmp_path: Path) -> None:
    text = "[metric.lmd]\ndirection = 'lower'\n[metric.ssim]\ndirection = 'any'"
    config = read_gate_config(written(tmp_path, text))
    assert config.limits(LMD).direction == "lower"
    assert config.limits(card("ssim.wang-rgb@2")).direction == "any"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("relative = true", "valid number"),
        ("relative = '0.1'", "valid number"),
        ("[metric.lmd]\nabsolute = 1e300", "less than or equal"),
        ("min_coverage = false", "valid number"),
        ("max_failed = true", "valid integer"),
        ("direction = 'lower'", "cannot be for all metrics"),
    ],
)
def test_what_would_tolerate_more_than_it_says(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        read_gate_config(written(tmp_path, text))


def test_whole_numbers_and_no_change_for_all(tmp_path: Path) -> None:
    config = read_gate_config(written(tmp_path, "relative = 0\ndirection = 'any'"))
    assert (config.relative, config.direction) == (0.0, "any")
