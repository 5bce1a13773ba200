"""``bench perf``: how fast a method is, on which machine, and whether the figure counts."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import perf_read

if TYPE_CHECKING:
    from benchmark.speed.latency import GlassModel

app = typer.Typer(
    help="Speed of a method: frames a second, latency, memory, stages, on named hardware.",
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
)
app.command()(perf_read.table)
app.command()(perf_read.plot)
app.command()(perf_read.gate)


class ModeName(StrEnum):
    """How frames come."""

    OFFLINE = "offline"
    STREAMING = "streaming"


@app.callback()
def perf(
    context: typer.Context,
    method: Annotated[str, typer.Option(help="The method (bench methods list).")] = "",
    variant: Annotated[str, typer.Option(help="A variant of it: NAME or KEY=VALUE.")] = "",
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N; the first GPU where there is one.")
    ] = None,
    size: Annotated[int, typer.Option(help="Side of the canvas in pixels.")] = 512,
    chunk: Annotated[
        str, typer.Option(help="Frames answered together, comma-separated: 1,2,4.")
    ] = "",
    mode: Annotated[
        ModeName, typer.Option(help="As fast as it goes, or fed at the real rate.")
    ] = ModeName.OFFLINE,
    frames: Annotated[int, typer.Option(help="Driving frames of a case.")] = 48,
    fps: Annotated[float, typer.Option(help="Rate of the driving video.")] = 25.0,
    percentile: Annotated[
        int, typer.Option(help="Highest percentile wanted: 50, 90 (30 queries), 99 (300).")
    ] = 90,
    max_s: Annotated[float, typer.Option(help="Seconds after which it is given up.")] = 600.0,
    warm_s: Annotated[float, typer.Option(help="Seconds of warm-up at least.")] = 2.0,
    said: Annotated[
        list[str] | None,
        typer.Option("--state", help="precision=, compile=, batch= or steps=, for the cohort."),
    ] = None,
    target: Annotated[
        str, typer.Option(help="Hardware that a claim is about: rtx5090, a100-80g, h200 ...")
    ] = "",
    floor: Annotated[
        float | None, typer.Option(help="Frames a second that must be reached, else exit 1.")
    ] = None,
    queue: Annotated[
        int | None, typer.Option(help="Streaming: frames that wait at most; default: 2 chunks.")
    ] = None,
    search: Annotated[
        bool, typer.Option(help="Streaming: look for the highest rate that is sustained.")
    ] = True,
    glass: Annotated[
        str,
        typer.Option(help="Model latency glass to glass: camera=MS,transport=MS,display=HZ."),
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for perf.json.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration; default: bench.toml in this folder.")
    ] = None,
) -> None:
    """Measure the speed of a method and keep it in perf.json.

    Warm-up, then at least 10 seconds and as many queries as the percentile needs; VALID, or INVALID
    with the reason (then the exit code is 1).
    """
    if context.invoked_subcommand is not None:
        return
    from fractions import Fraction
    from math import inf

    from benchmark.config import read_config
    from benchmark.errors import ExitCode, UsageProblem
    from benchmark.methods import find_method
    from benchmark.names import printable
    from benchmark.speed.device import find_device, load_library
    from benchmark.speed.plan import PerfOptions
    from benchmark.speed.record import write_record
    from benchmark.speed.run import Measuring, measure_all
    from benchmark.speed.show import point_lines
    from benchmark.speed.targets import below_floor, find_target, here, require_target
    from benchmark.variants import SIGN

    if not method:
        raise UsageProblem("name the method to measure: --method M", "bench methods list")
    if not 0 < fps <= 1000:
        raise UsageProblem(f"--fps must be above 0, at most 1000; got {fps}")
    if floor is not None and not 0 < floor < inf:
        raise UsageProblem(f"--floor must be a number above 0; got {floor:g}")
    read, folder = read_config(config)
    spec = find_method(f"{method}{SIGN}{variant}" if variant else method, read, folder)
    options = PerfOptions(
        mode=mode.value,
        size=size,
        frames=frames,
        fps=Fraction(fps).limit_denominator(1001),
        percentile=percentile,
        max_s=max_s,
        warm_s=warm_s,
        queue=queue,
        search=search,
    )
    model = glass_model(glass) if glass else None
    library = load_library()
    place = find_device(device, library)
    aim = find_target(target) if target else None
    if aim is not None:
        require_target(aim, here(place.open(library)))
    what = Measuring(spec, read, options, place, chunks_of(chunk), statements(said or []), target)
    out = out or Path("runs") / f"perf-{spec.name}-{mode.value}-{size}-{place.kind}"
    record = measure_all(
        what,
        out / "method.log",
        lambda text: typer.echo(text, err=True),
        lambda point: print("\n".join(point_lines(point, model))),
    )
    print(f"kept in {write_record(out, record)}")
    below = below_floor(record.points, floor, aim) if floor is not None else []
    for why in below:
        print(f"FAIL {printable(why)}")
    if below or not all(point.valid for point in record.points):
        raise typer.Exit(int(ExitCode.FAILED))


def chunks_of(text: str) -> tuple[int, ...]:
    """Read ``1,2,4``.

    Raises:
        UsageProblem: If it is no list of whole numbers above 0.
    """
    from benchmark.errors import UsageProblem

    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = any(not part.isdecimal() or len(part) > 9 or int(part) < 1 for part in parts)
    if wrong or (text.strip() and not parts):
        raise UsageProblem(f"--chunk must be whole numbers above 0, as 1,2,4; got {text}")
    return tuple(dict.fromkeys(int(part) for part in parts))


def glass_model(text: str) -> "GlassModel":
    """Read ``camera=33,transport=5,display=60``: milliseconds, milliseconds, refreshes a second.

    Raises:
        UsageProblem: If a term is missing, unknown or no number above 0 (0 or more for the times).
    """
    from math import isfinite

    from benchmark.errors import UsageProblem
    from benchmark.speed.latency import GlassModel

    try:
        terms = {k.strip(): float(v) for k, v in (part.split("=") for part in text.split(","))}
        wrong = terms.keys() != {"camera", "transport", "display"}
        wrong |= not all(isfinite(value) and value >= 0 for value in terms.values())
        if wrong or terms["display"] == 0:
            raise ValueError
    except ValueError:
        raise UsageProblem(
            f"--glass must be camera=MS,transport=MS,display=HZ; got '{text}'"
        ) from None
    return GlassModel(terms["camera"] / 1000, terms["transport"] / 1000, terms["display"])


def statements(said: list[str]) -> dict[str, str]:
    """Read ``precision=fp16`` and the like.

    Raises:
        UsageProblem: If a word is none of the cohort's.
    """
    from benchmark.errors import UsageProblem
    from benchmark.names import resolve
    from benchmark.speed.cohort import STATED

    found = {}
    for text in said:
        name, sign, value = text.partition("=")
        if not sign or not value.strip():
            raise UsageProblem(f"--state must be NAME=VALUE; got '{text}'")
        found[resolve(name.strip(), STATED, "statement")] = value.strip()[:60]
    return found
