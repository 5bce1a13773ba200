"""Baseline files: what is kept, how small they are, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from gate_runs import FID, LMD, Cast, Invented, fid
from support import ROOT
from typer.testing import CliRunner

from benchmark.cli.main import app
from benchmark.errors import BenchError, ExitCode, NotComparable, UsageProblem
from benchmark.gate.baseline import (
    Baseline,
    _digest,
    content_of,
    read_baseline,
    save_baseline,
)
from benchmark.gate.config import GateConfig, read_gate_config
from benchmark.gate.judge import judge
from benchmark.gate.of_run import side_of
from benchmark.gate.read import open_side
from metrics.score import Measured, NotMeasured

RUN = Invented(Cast(12), fid=fid(50.0))


@pytest.fixture
def saved(tmp_path: Path) -> Baseline:
    return save_baseline(content_of(RUN.side(), "me", "why"), tmp_path / "b.baseline.json")


def resigned(path: Path, change: Any) -> None:
    """Change a file and make its hash right again: what a forger would do."""
    plain = json.loads(path.read_text())
    plain.pop("sha256")
    change(plain)
    path.write_text(json.dumps({"sha256": _digest(plain), **plain}))


def test_what_is_read_is_what_was_saved(saved: Baseline) -> None:
    found = read_baseline(saved.path)
    assert found == saved
    assert found.content.side == RUN.side()
    assert found.content.signed_off.by == "me"


def test_a_file_judges_as_the_run_does(saved: Baseline) -> None:
    candidate = RUN.but(noise=0.3, changes={LMD: lambda v: v * 1.2}).side()
    by_file = judge(candidate, read_baseline(saved.path).content.side, GateConfig())
    assert by_file == judge(candidate, RUN.side(), GateConfig())


def test_lines_are_made_for_reviews(saved: Baseline) -> None:
    lines = saved.path.read_text().splitlines()
    assert sum('"id":"' in line for line in lines) == 36
    assert sum(line.startswith(f'"{LMD}"') for line in lines) == 1
    again = save_baseline(saved.content, saved.path.with_name("again.baseline.json"))
    assert again.path.read_bytes() == saved.path.read_bytes()


def test_300_cases_stay_small(tmp_path: Path) -> None:
    side = Invented(Cast(100)).side()
    metrics = {f"m{i}.x@1": metric for i, metric in enumerate([*side.metrics.values()] * 8)}
    big = side.model_copy(update={"metrics": metrics})
    path = save_baseline(content_of(big), tmp_path / "big.baseline.json").path
    assert len(metrics) == 64
    assert path.stat().st_size < 1_500_000


def test_an_edit_by_hand_is_seen(saved: Baseline) -> None:
    text = saved.path.read_text()
    saved.path.write_text(text.replace('"commit', '"Commit').replace("ours (", "OURS ("))
    with pytest.raises(UsageProblem, match="changed after it was signed off"):
        read_baseline(saved.path)
    saved.path.write_text(text.replace(saved.sha256, ""))
    with pytest.raises(UsageProblem, match="it states none"):
        read_baseline(saved.path)


@pytest.mark.parametrize("cut", [0, 1, 100, -3])
def test_a_cut_file_is_refused(saved: Baseline, cut: int) -> None:
    saved.path.write_text(saved.path.read_text()[:cut])
    with pytest.raises(UsageProblem, match="cannot read the baseline"):
        read_baseline(saved.path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "holds no object"),
        ("[" * 100_000, "cannot read"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"b": 0, "a": 1, "a": 2}', "'a' occurs twice"),
        ("\udcff", "cannot read"),
    ],
)
def test_hostile_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.baseline.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageProblem, match=said):
        read_baseline(path)


def test_a_huge_file_is_not_read(saved: Baseline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.gate.baseline.MAX_BYTES", saved.path.stat().st_size)
    read_baseline(saved.path)
    monkeypatch.setattr("benchmark.gate.baseline.MAX_BYTES", saved.path.stat().st_size - 1)
    with pytest.raises(UsageProblem, match="is larger than"):
        read_baseline(saved.path)


def test_another_form_is_not_comparable(saved: Baseline) -> None:
    resigned(saved.path, lambda plain: plain.update(format="portraitbench-baseline@9"))
    with pytest.raises(NotComparable, match="portraitbench-baseline@1"):
        read_baseline(saved.path)


def _first_score(plain: dict[str, Any], value: Any) -> None:
    scores = plain["side"]["metrics"][LMD]["scores"]
    scores[next(i for i, s in enumerate(scores) if s)][0] = value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda p: p["side"]["cases"].append(p["side"]["cases"][1]),
            "case 'cross-000-1' is listed twice",
        ),
        (lambda p: p["side"]["metrics"][LMD]["scores"].pop(), "35 scores for 36 cases"),
        (lambda p: _first_score(p, "x"), "number"),
        (lambda p: p["side"]["cases"][0].update(id="../../etc"), "id"),
        (lambda p: p.update(extra=1), "extra"),
        (lambda p: p["side"]["split"].update(sha256="x"), "sha256"),
        (lambda p: p["side"].pop("cohort"), "cohort"),
        (lambda p: p["side"]["cases"][0].update(outcome="fine"), "outcome"),
    ],
)
def test_a_forged_file_is_still_checked(saved: Baseline, change: Any, said: str) -> None:
    resigned(saved.path, change)
    with pytest.raises(UsageProblem, match=said):
        read_baseline(saved.path)


def test_a_file_of_any_name_and_a_missing_one(saved: Baseline, tmp_path: Path) -> None:
    plain = saved.path.rename(tmp_path / "baseline")
    assert open_side(plain).side == RUN.side()
    with pytest.raises(UsageProblem, match="there is no baseline"):
        open_side(tmp_path / "missing.json")
    with pytest.raises(UsageProblem, match="is not a run"):
        open_side(tmp_path)


def test_labels_cannot_drive_a_terminal() -> None:
    method = {"name": "x", "label": "\x1b[2Jours\u202e", "content": ""}
    side = RUN.but(manifest_changes={"method": method}).side()
    assert side.method.label == r"\x1b[2Jours\u202e"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"case_ids": ["self-000", "self-001", "self-000"]}, "listed twice"),
        ({"case_ids": ["nobody"]}, "KeyError"),
        ({"options": None}, "AttributeError"),
        ({"cases": {}}, "KeyError"),
        ({"split": {"dataset": "x"}}, "KeyError"),
        ({"metrics": {"lmd": {}}}, "metrics.lmd"),
        ({"people": {"self-000": ["one"]}}, "is damaged"),
    ],
)
def test_a_damaged_run_is_said_in_words(changes: dict[str, Any], said: str) -> None:
    run = RUN.but(manifest_changes=changes)
    record = RUN.record()
    damaged = type(record)(record.paths, run.manifest(), record.generated, record.scores)
    with pytest.raises(UsageProblem, match=said):
        side_of(damaged)


def test_no_number_is_not_measured() -> None:
    nan = RUN.but(scores={(LMD, "self-000"): Measured(float("nan"), 31, 31)})
    inf = RUN.but(scores={(LMD, "self-000"): Measured(0.1, 31, 31, driver=float("inf"))})
    for run in (nan, inf):
        assert run.side().metrics[LMD].score(0) == NotMeasured("the value is not a number")
    endless = RUN.but(fid=fid(float("nan"), groups=0))
    found = endless.side().sets["self"][FID]
    assert getattr(found, "reason", "") == "the value is not a number"


def test_people_are_known_only_if_every_case_says_both() -> None:
    side = RUN.side()
    assert (people := side.people(range(36))) is not None and people.clusters == 12
    for part in ("source", "driving"):
        half = side.cases[0].model_copy(update={part: ""})
        assert side.model_copy(update={"cases": (half, *side.cases[1:])}).people([0, 1]) is None


def test_the_projects_own_baseline_can_be_used() -> None:
    side = open_side(ROOT / "baselines" / "mini-multi.baseline.json").side
    config = read_gate_config(ROOT / "baselines" / "mini.toml")
    judged = judge(side, side, config)
    assert judged.exit_code is ExitCode.OK
    assert len([f for f in judged.findings if f.test]) > 30


def run_cli(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, BenchError):
        return int(done.exception.exit_code), f"{done.exception.problem} {done.exception.remedy}"
    return done.exit_code, done.output


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    RUN.write(tmp_path / "run")
    code, text = run_cli("baseline", "save", "run", "--by", "me", "--note", "first")
    assert code == 0 and "baselines/ours-clips-single-00000000.baseline.json" in text
    code, text = run_cli("baseline", "list")
    assert code == 0 and "ours (built-in)" in text and "clips/single" in text
    name = "baselines/ours-clips-single-00000000.baseline.json"
    code, text = run_cli("baseline", "show", name)
    assert code == 0 and "first" in text and LMD in text and "12 (the smaller" in text
    Path(name).write_text("{")
    code, text = run_cli("baseline", "list")
    assert code == int(ExitCode.USAGE) and "cannot read" in text


@pytest.mark.parametrize("words", [("list", "nowhere"), ("list", "."), ("show", "x.json"),
                                   ("save", "nowhere")])  # fmt: skip
def test_wrong_words(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = run_cli("baseline", *words)
    assert code == int(ExitCode.USAGE) and words[1].strip(".") in text


def test_an_unfinished_run_is_no_baseline(tmp_path: Path) -> None:
    root = RUN.but(reached=3).write(tmp_path / "run")
    code, text = run_cli("baseline", "save", str(root))
    assert code == int(ExitCode.USAGE) and "not finished: 33 of 36" in text


def test_numbers_beyond_any_metric_are_refused(saved: Baseline) -> None:
    text = saved.path.read_text()
    saved.path.write_text(text.replace('"value":50.0', '"value":1e999', 1))
    with pytest.raises(UsageProblem, match="1e999 is no number"):
        read_baseline(saved.path)
    saved.path.write_text(text)
    scores = RUN.side().metrics[LMD].scores
    place = next(i for i, score in enumerate(scores) if score)

    def huge(plain: dict[str, Any]) -> None:
        plain["side"]["metrics"][LMD]["scores"][place][0] = 1e200

    resigned(saved.path, huge)  # its square is infinite, and so would be its error
    with pytest.raises(UsageProblem, match="less than or equal to"):
        read_baseline(saved.path)
