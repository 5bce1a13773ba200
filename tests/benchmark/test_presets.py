"""Presets: data that holds together, and a dry run that says what is missing."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support import ROOT

from adapters.description import Gpu
from benchmark.choice import choose_metrics
from benchmark.config import Config
from benchmark.errors import UsageProblem
from benchmark.methods import known_methods
from benchmark.presets import Preset, find_preset, presets
from benchmark.presets.readiness import misfit, readiness
from benchmark.spec import MethodSpec
from benchmark.splits.protocols import built_in
from benchmark.splits.sources import open_split
from leaderboards.published import load

NAMES = ("fantasyportrait-table1", "flashportrait", "portraitdirector-table3", "xnemo-table1")


def bench(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", "run", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BENCH_METHODS": str(cwd / "m"),
             "COLUMNS": "80"},
    )  # fmt: skip


def test_the_presets_are_those_that_are_promised() -> None:
    assert tuple(presets()) == NAMES
    with pytest.raises(UsageProblem, match="unknown preset 'xnemo-tabel1'"):
        find_preset("xnemo-tabel1")


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_names_what_there_is(name: str, tmp_path: Path) -> None:
    preset = find_preset(name)
    methods, library = known_methods(Config(), tmp_path), load()
    assert preset.protocol in built_in()
    chosen = {f"{card.name}.{card.definition}" for card in choose_metrics(preset.metrics, ())}
    assert chosen == set(preset.metrics), "one definition each, none twice"
    suffixes = {variant.suffix for variant in built_in()[preset.protocol].splits}
    for part in preset.parts:
        kind, _, rest = part.split.partition("-")
        assert kind in {"single", "multi"}
        assert (f"-{rest}" if rest else "") in suffixes
        table = library.table(part.table)
        assert part.group in table.groups
        rows = {row.method for row in table.rows if row.group == part.group}
        for method in part.methods:
            row = methods[method].row
            assert row is not None, method
            assert row.public, method
            printed = part.printed.get(method, method)
            own = part.printed.get(method, method) == table.paper.method
            assert printed in rows or own, method
        unrun = {m for m in rows if m not in {part.printed.get(n, n) for n in part.methods}}
        assert unrun <= {"portraitdirector"}, "only what has no code is left out"


@pytest.mark.parametrize("name", NAMES)
def test_its_metrics_are_those_of_the_papers_table(name: str) -> None:
    preset, library = find_preset(name), load()
    papers = {library.table(part.table).paper.name for part in preset.parts}
    tables = [table for table in library.tables.values() if table.paper.name in papers]
    ours = {column.metric.ours for table in tables for column in table.columns}
    assert set(preset.metrics) <= ours
    for part in preset.parts:
        columns = library.table(part.table).columns
        assert {column.metric.ours for column in columns} - {""} <= set(preset.metrics)


def test_a_preset_with_a_mistake_says_where(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('title = "x"\nprotocol = "long"\nmetrics = []\n')
    with pytest.raises(UsageProblem, match=r"mine\.toml: (metrics|parts)"):
        presets(tmp_path)


def test_the_only_part_goes_with_any_split_and_several_are_named() -> None:
    assert find_preset("xnemo-table1").part("hdtf").split == "hdtf"
    assert find_preset("fantasyportrait-table1").part("multi").split == "multi"
    with pytest.raises(UsageProblem, match="unknown part of fantasyportrait-table1 'hdtf'"):
        find_preset("fantasyportrait-table1").part("hdtf")


def spec_of(name: str, folder: Path) -> MethodSpec:
    return known_methods(Config(), folder)[name]


@pytest.mark.parametrize(
    ("here", "said"),
    [(None, "24 GB, none here"), (16.0, "24 GB, here 16 GB"), (80.0, "24 GB")],
)
def test_gpu_memory_is_held_against_this_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: float | None, said: str
) -> None:
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path))
    found = readiness(spec_of("hunyuanportrait", tmp_path), None, here)
    assert found.gpu == said
    assert found.missing == ("code", "weights (6 of 6)")


def test_what_is_there_is_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path))
    repository = tmp_path / "lia" / "repository"
    repository.mkdir(parents=True)
    assert readiness(spec_of("lia", tmp_path), None, None).missing == ("weights (1 of 1)",)
    (repository / "checkpoints").mkdir()
    (repository / "checkpoints" / "vox.pt").write_bytes(b"w")
    found = readiness(spec_of("lia", tmp_path), open_split("mini/single", None), None)
    assert (found.missing, found.gpu) == ((), "not stated")
    several = readiness(spec_of("lia", tmp_path), open_split("mini/multi", None), None)
    assert "several faces" in several.missing[0]


def test_a_method_without_code_says_so(tmp_path: Path) -> None:
    found = readiness(spec_of("portraitdirector", tmp_path), None, None)
    assert "no code" in found.missing[0]
    row = spec_of("lia", tmp_path)
    assert row.row is not None
    wanted = row.row.model_copy(update={"gpu": Gpu(gb=0.5, said="me")})
    assert readiness(replace(row, row=wanted), None, 2.0).gpu == "0.5 GB"


def test_a_split_of_another_protocol_does_not_fit() -> None:
    split = open_split("mini/single", None)
    assert misfit(split, "reenactment") == ""
    assert "reenactment@1, the preset's exprbench-shaped@1" in misfit(split, "exprbench-shaped")


def test_dry_run_says_what_is_missing_and_what_is_published(tmp_path: Path) -> None:
    done = bench("--preset", "fantasyportrait-table1", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    text = " ".join(done.stdout.split())
    assert "skyreels-a1-long code, weights (5 of 5) not stated unknown" in text
    assert "its protocol is reenactment@1, the preset's exprbench-shaped@1" in text
    assert "measure about" in text
    assert "FantasyPortrait paper 64.66 358.08 0.818 5.08 6.97 FantasyPortrait here – – –" in text
    assert not list(tmp_path.iterdir()), "nothing is written"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flashportrait", "portraitdirector-table3"])
def test_a_dry_run_needs_no_data(name: str, tmp_path: Path) -> None:
    done = bench("--preset", name, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    preset: Preset = find_preset(name)
    for method in (method for part in preset.parts for method in part.methods):
        assert method in done.stdout
    assert "published: " in done.stdout
    if name == "flashportrait":
        assert "missing  split single-long: bench data import --protocol long" in done.stdout
    else:
        assert "no speed: a process a case" in done.stdout


@pytest.mark.slow
def test_a_preset_is_refused_without_its_methods_or_its_protocol(tmp_path: Path) -> None:
    absent = bench("--preset", "xnemo-table1", cwd=tmp_path)
    assert absent.returncode == 4
    assert "PD-FGC is not on this machine" in absent.stderr
    other = bench("--preset", "fantasyportrait-table1", "--method", "ours", cwd=tmp_path)
    assert other.returncode == 2
    assert "split single does not fit fantasyportrait-table1" in other.stderr
    nothing = bench(cwd=tmp_path)
    assert (nothing.returncode, "or use --preset" in nothing.stderr) == (2, True)
    for more in (("--out", "x"), ("--variant", "plain")):
        one = bench("--preset", "xnemo-table1", *more, cwd=tmp_path)
        assert (one.returncode, f"{more[0]} takes one method" in one.stderr) == (2, True)


@pytest.mark.slow
def test_methods_of_ones_own_take_the_presets_place(tmp_path: Path) -> None:
    done = bench("--preset", "xnemo-table1", "--method", "ours", "--method", "frozen",
                 "--max-frames", "5", "--limit", "2", "--metrics", "l1.unit-rgb-256",
                 cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "frozen" in done.stdout
    assert len(list((tmp_path / "runs").iterdir())) == 2
