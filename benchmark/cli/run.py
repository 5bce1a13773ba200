"""``bench run``: a method on a split, to a table."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.weights import Licences

if TYPE_CHECKING:
    from benchmark.plan import Plan
    from benchmark.store import RunRecord


def run(
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help="Method to run; repeat for several (bench methods list)."),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            help="A paper's comparison: its methods (or those of --method), split, protocol and "
            "metrics; with --dry-run what is missing here. fantasyportrait-table1, xnemo-table1, "
            "flashportrait or portraitdirector-table3."
        ),
    ] = "",
    split: Annotated[
        str, typer.Option(help="Split to run (bench data list).", show_default=False)
    ] = "",
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            help="Variant of the method, as a row of its own: one of bench.toml, or OPTION=VALUE; "
            "repeat for several. 'plain' is the method unchanged.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder; default: BENCH_DATA, else the embedded mini split."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run directory (one method only); default: runs/<id>.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Run only the first N cases.")] = None,
    max_frames: Annotated[
        int | None, typer.Option(help="Use at most N driving frames of each case.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed given to the method.")] = 0,
    timeout: Annotated[float, typer.Option(help="Seconds a case may take.")] = 600.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run cases again that failed in an earlier call.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="Configuration; default: bench.toml in this folder.")
    ] = None,
    face_backend: Annotated[
        str | None,
        typer.Option(
            help="Engine of the face signal: mediapipe, torch or embedded; default: by the machine."
        ),
    ] = None,
    accept_licence: Licences = None,
    metrics: Annotated[
        str,
        typer.Option(
            help="What to measure: names or ids, comma-separated; 'default', 'all', or 'light' "
            "(no network beside the face engine)."
        ),
    ] = "",
    skip: Annotated[str, typer.Option(help="What not to measure, in the same words.")] = "",
    profile: Annotated[
        str,
        typer.Option(
            help="Weights of the metrics: canonical (official), embedded (stand-ins, marked), or "
            "auto: official where they are present."
        ),
    ] = "auto",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run, and stop.")
    ] = False,
) -> None:
    """Run a method on a split, score it, and print the table.

    Stop it anywhere; the same command goes on where it was stopped.
    """
    from benchmark.cli.preset import (
        describe_preset,
        parts_of,
        refuse_what_does_not_fit,
        with_metrics,
    )
    from benchmark.config import read_config
    from benchmark.errors import ExitCode, UsageProblem
    from benchmark.licences import accept
    from benchmark.plan import RunOptions
    from benchmark.presets import find_preset
    from benchmark.profiles import find_device, profile_named
    from benchmark.tracker import face_backend as find_backend
    from benchmark.tracker import face_source

    method = _in_variants(method or [], variant or [])
    if not method and not preset:
        raise UsageProblem("--method says what to run", "see: bench methods list; or use --preset")
    if out is not None and (len(method) > 1 or preset):
        raise UsageProblem("--out takes one method", "leave --out away, or run one at a time")
    if len(set(method)) < len(method):
        raise UsageProblem("a method is named twice")
    accept([*read_config(config)[0].accept_licences, *(accept_licence or [])], _say)
    options = RunOptions(
        max_frames,
        limit,
        seed,
        timeout,
        find_backend(face_backend),
        retry_failed,
        profile=profile_named(profile),
        metrics=_listed(metrics),
        skip=_listed(skip),
        device=find_device(),
    )
    jobs = [_Job(tuple(method), split)]
    if preset:
        found = find_preset(preset)
        options = with_metrics(found, options)
        parts = parts_of(found, split, method)
        if dry_run:
            describe_preset(found, parts, data, config, options)
            return
        refuse_what_does_not_fit(found, parts, data)
        jobs = [_Job(part.methods, part.split) for part in parts]
    plans = _plans(jobs, data, config, options)
    if dry_run:
        _describe(plans, out)
        return
    source = face_source(face_backend, _say)
    if source.backend != options.backend:  # the official model is not to be had
        options = replace(options, backend=source.backend)
        plans = _plans(jobs, data, config, options)
    records = _carry_out(plans, out, source.model)
    failed = _report(records)
    if failed:
        raise typer.Exit(int(ExitCode.FAILED))


def _in_variants(methods: list[str], variants: list[str]) -> list[str]:
    """Return the rows that are asked for: ``ours`` in variant ``x`` is ``ours+x``."""
    from benchmark.errors import UsageProblem

    if not variants:
        return methods
    if len(methods) != 1:
        raise UsageProblem("--variant takes one method", "name others as METHOD+VARIANT")
    return [methods[0] if name == "plain" else f"{methods[0]}+{name}" for name in variants]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


@dataclass(frozen=True, slots=True)
class _Job:
    """Methods on a split."""

    methods: tuple[str, ...]
    split: str


def _plans(
    jobs: list[_Job], data: Path | None, config: Path | None, options: object
) -> list["Plan"]:
    from benchmark.config import read_config
    from benchmark.errors import UsageProblem
    from benchmark.methods import find_method
    from benchmark.plan import RunOptions, make_plan
    from benchmark.splits.sources import data_root, open_split

    assert isinstance(options, RunOptions)
    settings, folder = read_config(config)
    specs = {name: find_method(name, settings, folder) for job in jobs for name in job.methods}
    plans = []
    for job in jobs:
        if not job.split:  # said after what is missing of the methods: that takes longer to mend
            raise UsageProblem("--split says what to run on", "see: bench data list")
        opened = open_split(job.split, data_root(data))
        plans += [make_plan(specs[name], opened, options) for name in job.methods]
    return plans


def _describe(plans: list["Plan"], out: Path | None) -> None:
    from rich.console import Console

    from benchmark.cli.estimate import describe

    console = Console()
    for plan in plans:
        for line in describe(plan, out):
            console.print(line, soft_wrap=True, highlight=False, markup=False)


def _say(text: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(text, highlight=False, markup=False)


def _carry_out(plans: list["Plan"], out: Path | None, model: Path) -> list["RunRecord"]:
    from rich.console import Console

    from benchmark import run as runner
    from benchmark.chosen import left_out
    from benchmark.cli.progress import RunProgress
    from benchmark.plan import default_out

    console = Console(stderr=True)
    for line in filter(None, dict.fromkeys(left_out(plan) for plan in plans)):
        console.print(line, highlight=False, markup=False)
    records = []
    for plan in plans:
        target = out or default_out(plan)
        if plan.spec.note:
            console.print(plan.spec.note, highlight=False, markup=False)
        if line := _kept(plan, target):
            console.print(line, highlight=False, markup=False)
        try:
            with RunProgress(console, plan, target) as progress:
                records.append(runner.run(plan, target, model, progress))
        except KeyboardInterrupt:
            console.print("stopped; the same command goes on from here")
            raise typer.Exit(130) from None
    return records


def _kept(plan: "Plan", target: Path) -> str:
    """Say what an earlier call has measured in ``target`` and ``--skip`` does not take away."""
    from benchmark.choice import measured_before
    from benchmark.store import RunPaths, read_manifest

    paths = RunPaths(target)
    if not plan.options.skip or not paths.manifest.is_file():
        return ""
    stored = read_manifest(paths).get("metrics", {})
    kept = measured_before(plan.options.skip, stored, plan.options.device)
    if not kept:
        return ""
    names = ", ".join(f"{card.name}.{card.definition}" for card in kept)
    return (
        f"--skip changes nothing about {names}: this run measures it since an earlier call; "
        "choose another --out to do without"
    )


def _report(records: list["RunRecord"]) -> int:
    """Print failures, the table and where things lie; return the number of failed cases."""
    from rich.console import Console

    from benchmark.cli.table import show
    from benchmark.names import printable
    from benchmark.store import Outcome

    failed = [
        (record.manifest["method"]["name"], result)
        for record in records
        for result in record.generated.values()
        if result.outcome is Outcome.FAILED
    ]
    splits = dict.fromkeys(record.manifest["split"]["sha256"] for record in records)
    for split in splits:  # a table is of one split
        show([r.paths.root for r in records if r.manifest["split"]["sha256"] == split])
    errors = Console(stderr=True)
    for name, result in failed:
        errors.print(
            printable(f"{name}: case {result.case_id} failed: {result.reason}"),
            highlight=False,
            markup=False,
        )
    places = " ".join(str(record.paths.root) for record in records)
    errors.print(f"runs: {places}", highlight=False, soft_wrap=True, markup=False)
    return len(failed)
