"""``bench gate``: hold a run against a baseline and say so in the exit code."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmark.cli.gating.page import Page
    from benchmark.gate.judge import Judgement


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate is asked for beside its two sides.

    Attributes:
        config: ``gate.toml``.
        data: Folder of the dataset.
        interleave: Method that the baseline's version is known as here; empty for no new timing.
        rounds: How often both are timed.
        device: Where, as of ``bench perf``.
    """

    config: Path | None = None
    data: Path | None = None
    interleave: str = ""
    rounds: int = 5
    device: str | None = None


_PLAIN = Asked()


def gate(
    candidate: Annotated[Path, typer.Option(help="Run directory of what is to be judged.")],
    baseline: Annotated[
        Path, typer.Option(help="Run directory, or a file of `bench baseline save`.")
    ],
    config: Annotated[
        Path | None, typer.Option(help="What a change may cost (default: gate.toml if it is here).")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder: FVD and KVD then draw the same clips for both."),
    ] = None,
    interleave: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help="Measure speed anew, in turns: the baseline's version is METHOD of bench.toml.",
        ),
    ] = "",
    rounds: Annotated[int, typer.Option(help="Turns of --interleave.")] = 5,
    device: Annotated[
        str | None,
        typer.Option(help="Where --interleave measures: cpu, cuda or cuda:N, as bench perf."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write everything as JSON to this file.")
    ] = None,
    comment: Annotated[
        Path | None, typer.Option(help="Write a Markdown comment to this file; needs no token.")
    ] = None,
    github: Annotated[
        bool,
        typer.Option(
            "--github", help="Write the step summary and annotations of a GitHub workflow."
        ),
    ] = False,
) -> None:
    """Hold a run against a baseline.

    Exit codes: 0 pass, 1 regression, 2 usage, 3 not comparable, 4 environment. Nothing measured
    is never a pass. docs/gate.md names every outcome.
    """
    from rich.console import Console

    from benchmark.cli.gating.terminal import show
    from benchmark.cli.gating.write import Targets, write_all

    asked = Asked(config, data, interleave, rounds, device)
    judgement, found = judged(candidate, baseline, asked)
    with _no_commands() if github else nullcontext():
        show(found, Console())
    write_all(found, judgement, Targets(junit, json_out, comment, github))
    if found.code:
        raise typer.Exit(int(found.code))


@contextmanager
def _no_commands() -> Iterator[None]:
    """Keep a workflow from reading commands out of text for people, wherever its lines break."""
    word = secrets.token_hex(16)
    print(f"::stop-commands::{word}", flush=True)
    yield
    print(f"::{word}::", flush=True)


def judged(candidate: Path, baseline: Path, asked: Asked = _PLAIN) -> "tuple[Judgement, Page]":
    """Return what comes of a gate.

    What cannot be read is an outcome like any other, so that it gets into every report.
    """
    from benchmark.cli.gating.page import Side, page
    from benchmark.errors import BenchError
    from benchmark.gate.comparable import Remark, obstacles
    from benchmark.gate.config import read_gate_config, without_stored_speed
    from benchmark.gate.interleave import Turns, interleaved
    from benchmark.gate.judge import Judgement, judge
    from benchmark.gate.outcome import Outcome, of_error
    from benchmark.gate.read import open_run, open_side
    from benchmark.gate.redraw import redraw
    from metrics.speed import FPS

    ours, theirs = Side("", str(candidate)), Side("", str(baseline))
    if not baseline.exists():
        said = f"there is no baseline at {baseline}: bench baseline save makes one from a run"
        nothing = Judgement((Remark(Outcome.NO_BASELINE, said),))
        return nothing, page(nothing, ours, theirs, lambda _: (None, None))
    if candidate.exists() and candidate.samefile(baseline):
        said = f"{candidate} is both sides: a run held against itself says nothing"
        nothing = Judgement((Remark(Outcome.NOTHING_MEASURED, said),))
        return nothing, page(nothing, ours, theirs, lambda _: (None, None))
    try:
        settings = read_gate_config(asked.config)
        new, old = open_run(candidate), open_side(baseline)
    except BenchError as error:
        said = f"{error.problem}: {error.remedy}" if error.remedy else error.problem
        nothing = Judgement((Remark(of_error(error), said),))
        return nothing, page(nothing, ours, theirs, lambda _: (None, None))
    drawn, note = redraw(new, old, asked.data)
    if asked.interleave:
        settings = without_stored_speed(settings)
    found = judge(new.side, old.side, settings, drawn)
    if note:
        found = replace(found, warnings=(*found.warnings, note))
    if asked.interleave and not obstacles(new.side, old.side):
        names = (asked.interleave, new.side.method.name)
        limits = settings.limits(FPS)
        turns = Turns(asked.rounds, asked.device)
        timed = interleaved(names, (old.side, new.side), turns, limits)
        found = replace(found, remarks=(*found.remarks, timed))
    ours, theirs = (Side(one.side.method.label, str(one.path)) for one in (new, old))
    return found, page(found, ours, theirs, lambda case: (old.clip(case), new.clip(case)))
