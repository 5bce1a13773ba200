"""``bench compare``: differences, words and a plot, outside any gate."""

from pathlib import Path

import pytest
from gate_runs import AED, LMD, SSIM, Cast, Invented
from typer.testing import CliRunner

from benchmark.cli.main import app
from benchmark.errors import BenchError, NotComparable, UsageProblem
from benchmark.gate.contrast import ALIKE, BETTER, UNSURE, WORSE, contrast, word
from benchmark.gate.judge import Judgement

BASE = Invented(Cast(24))


def words(found: Judgement) -> dict[str, str]:
    return {finding.card.id: word(finding) for finding in found.findings}


def test_words() -> None:
    new = BASE.but(noise=0.2, seed=1, changes={SSIM: lambda v: v * 0.97, AED: lambda v: v * 0.9})
    found = words(contrast(BASE.side(), new.side(), (), {}))
    assert (found[SSIM], found[AED], found[LMD]) == (WORSE, BETTER, ALIKE)
    few = BASE.but(cast=Cast(3))
    changed = few.but(changes={SSIM: lambda v: v * 0.9})
    assert set(words(contrast(few.side(), changed.side(), (), {})).values()) == {UNSURE}
    gone = words(contrast(BASE.side(), BASE.but(without=(AED,)).side(), (), {}))
    assert gone[AED] == "disappeared"


def test_only_what_is_asked_for() -> None:
    assert set(words(contrast(BASE.side(), BASE.side(), ("lmd",), {}))) == {LMD}
    with pytest.raises(UsageProblem, match="unknown metric 'lmdd'"):
        contrast(BASE.side(), BASE.side(), ("lmdd",), {})


def test_other_cases_are_refused() -> None:
    with pytest.raises(NotComparable, match="fewer cases: 66 of 72"):
        contrast(BASE.side(), BASE.but(cast=Cast(2)).side(), (), {})


def test_the_command(tmp_path: Path) -> None:
    BASE.but(cast=Cast(12)).write(tmp_path / "a")
    BASE.but(cast=Cast(12), changes={SSIM: lambda v: v * 0.9}).write(tmp_path / "b")
    runner = CliRunner(env={"COLUMNS": "80"})
    done = runner.invoke(
        app, ["compare", *(str(tmp_path / x) for x in "ab"), "--plot", str(tmp_path / "p.png")]
    )
    assert done.exit_code == 0, done.output
    assert "worse" in done.output and "not told apart" in done.output
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    done = runner.invoke(
        app, ["compare", *(str(tmp_path / x) for x in "ab"), "--plot", str(tmp_path / "p.gif")]
    )
    assert isinstance(done.exception, BenchError) and "p.gif" in done.exception.problem


def test_what_this_version_does_not_define_is_a_note() -> None:
    metrics = {**BASE.manifest()["metrics"], "gone.since@1": {}}
    old = BASE.but(manifest_changes={"metrics": metrics}).side()
    found = contrast(old, old, (), {})
    assert set(words(found).values()) == {ALIKE}
    assert found.warnings == ("the baseline has gone.since@1, which this version does not define",)
