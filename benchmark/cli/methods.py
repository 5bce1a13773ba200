"""``bench methods list | show | setup | check``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.lists import Format, ListFormat, print_json, print_rows

if TYPE_CHECKING:
    from benchmark.spec import MethodSpec

app = typer.Typer(help="Methods that can be run.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The method (bench methods list).")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Configuration; default: bench.toml in this folder.")
]


@app.command("list")
def list_methods(form: Format = ListFormat.TABLE, config: ConfigFile = None) -> None:
    """List the methods that ``bench run --method`` knows."""
    from benchmark.config import read_config
    from benchmark.methods import known_methods

    specs = known_methods(*read_config(config)).values()
    rows = [_row(spec) for spec in specs] + [_VIDEOS]
    if form is ListFormat.JSON:
        print_json(rows)
        return
    # Two tables: what is told of the ones means nothing for the others, and 80 columns are few.
    print_rows([row for row in rows if not row["public"]], ["name", "check", "what"], form)
    print()
    shown = [{**row, "licence": _short(row["licence"])} for row in rows if row["public"]]
    print_rows(shown, ["name", "licence", "faces", "frames", "here", "check"], form)
    print("\n* its models or data have terms of their own: bench methods show NAME")


_VIDEOS = {
    "name": "precomputed:FOLDER",
    "target": "adapters.precomputed:Precomputed",
    "control": False,
    "what": "finished videos, FOLDER/<case id>.mp4",
    "public": False,
    "licence": "",
    "faces": "",
    "frames": "",
    "here": "yes",
    "check": "",
}


def _row(spec: "MethodSpec") -> dict[str, Any]:
    from benchmark.checks import check_of, in_a_word, needs_check

    row = spec.row
    runs = row is not None and row.public
    missing = "no" if runs else "excluded" if row is not None and row.repository else "no code"
    here = "yes" if spec.absent is None else missing
    record = check_of(spec)
    return {
        "name": spec.name,
        "target": spec.target,
        "control": spec.control,
        "what": spec.description,
        "public": row is not None and bool(row.paper or row.repository or row.licence or row.why),
        "licence": row.licence if row is not None else "",
        "faces": row.faces if row is not None and row.public else "",
        "frames": str(row.frames.rule) if row is not None and row.public else "",
        "here": here,
        "check": in_a_word(record) if needs_check(spec) or record is not None else "",
    }


def _short(licence: str) -> str:
    """Return the licence of the code; ``*`` says that ``show`` knows of more."""
    code, sign, _ = licence.partition(";")
    return f"{code} *" if sign else code


@app.command()
def show(name: Name, form: Format = ListFormat.TABLE, config: ConfigFile = None) -> None:
    """Show what is known of a method: source, licence, command, frames, geometry, traps."""
    from rich.console import Console

    from benchmark.checks import check_of
    from benchmark.cli.method_facts import facts, folded
    from benchmark.config import read_config
    from benchmark.methods import look_up

    spec = look_up(name, *read_config(config))
    record = check_of(spec)
    if form is ListFormat.JSON:
        row = spec.row.model_dump(mode="json", by_alias=True) if spec.row is not None else {}
        print_json([{**_row(spec), "row": row, "checked": record}])
        return
    console = Console()
    for head, text in facts(spec, record):
        for part in folded(head, text, console.width):
            console.print(part, markup=False, highlight=False, soft_wrap=True)


@app.command()
def setup(
    name: Name,
    run: Annotated[bool, typer.Option("--run", help="Do it, instead of printing it.")] = False,
    config: ConfigFile = None,
) -> None:
    """Print how to get a method of others (code, environment, weights); with --run, do it."""
    import shlex

    from benchmark.config import read_config
    from benchmark.errors import UsageProblem
    from benchmark.methods import look_up
    from benchmark.setup import run_steps, setup_steps

    spec = look_up(name, *read_config(config))
    if spec.row is None:
        raise UsageProblem(f"{spec.name} needs no setup", "bench methods list shows what does")
    steps = setup_steps(spec.row)
    print(f"{spec.row.label}, licence: {spec.row.licence}")
    if not run:
        for step in steps:
            print(f"\n# {step.what}, in {step.folder}")
            print(f"# {step.by_hand}" if step.by_hand else shlex.join(step.command))
        return
    for step in run_steps(steps, print):
        print(f"left for you: {step.by_hand}")


@app.command()
def check(
    name: Name,
    frames: Annotated[int, typer.Option(help="Driving frames of each trial.")] = 17,
    seed: Annotated[int, typer.Option(help="Seed given to the method.")] = 0,
    timeout: Annotated[float, typer.Option(help="Seconds a trial may take.")] = 600.0,
    config: ConfigFile = None,
) -> None:
    """Try whether a method does what it says, on the embedded split; keep what was found.

    Determinism, frame count, frame map, geometry, value range, sound, inputs without a face, what
    it writes where, two jobs at once. Needs some fifteen runs of a few frames.
    """
    from dataclasses import replace

    from rich.console import Console

    from benchmark.checks import log_of, record_check
    from benchmark.cli.method_facts import finding, folded
    from benchmark.config import read_config
    from benchmark.conformance.check import check as try_all
    from benchmark.conformance.material import mini_material
    from benchmark.conformance.verdict import Finding, Verdict
    from benchmark.errors import ExitCode, UsageProblem
    from benchmark.methods import find_method
    from benchmark.process import GenerateOptions
    from benchmark.tracker import face_source

    if frames < 5:
        raise UsageProblem(f"--frames must be at least 5, got {frames}")
    spec = find_method(name, *read_config(config))
    source = face_source(None, lambda text: typer.echo(text, err=True))
    options = GenerateOptions(timeout, seed, source.model, str(source.backend))
    several = spec.row is None or spec.row.faces in {"each", "apart"}
    material = mini_material(frames, two=several)
    if spec.row is not None and spec.row.faces == "each":  # it may need more faces than one
        assert material.two is not None
        material = replace(material, one=material.two)
    log = log_of(spec)
    log.unlink(missing_ok=True)
    width = Console().width

    def say(rule: Finding) -> None:
        print(*folded(*finding(rule.as_dict()), width), sep="\n", flush=True)

    found = try_all(spec, options, material, log, say)
    path = record_check(spec, found, frames)
    print(f"kept in {path}")
    if log.is_file():
        print(f"what it printed: {log}")
    if any(rule.verdict is Verdict.BROKEN for rule in found):
        raise typer.Exit(int(ExitCode.FAILED))
