"""``bench plot``: what runs hold as figures for a paper."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Figures of runs: PNG, SVG or PDF, by what --out ends in (docs/plots.md).",
    no_args_is_help=True,
)

Runs = Annotated[list[Path], typer.Argument(help="Run directories, or folders of them.")]
Out = Annotated[Path, typer.Option(help="Picture: .png, .svg or .pdf.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Dataset folder of the runs; default: BENCH_DATA, else mini."),
]
Metric = Annotated[
    list[str] | None,
    typer.Option("--metric", help="Name (aed) or protocol id; repeat, or separate by commas."),
]


class Colour(StrEnum):
    """What points are coloured by."""

    METHOD = "method"
    PART = "part"
    IDENTITY = "identity"
    EMOTION = "emotion"
    CASE = "case"


class Signal(StrEnum):
    """What is mapped."""

    EXPRESSION = "expression"
    POSE = "pose"


@app.command()
def umap(
    runs: Runs,
    out: Annotated[Path, typer.Option(help="Picture: .png, .svg, .pdf; or .html: a page.")],
    of: Annotated[
        list[Signal] | None, typer.Option("--of", help="Signals to map; repeat. Default: both.")
    ] = None,
    latents: Annotated[
        bool, typer.Option("--latents", help="Map what the method itself gave, not signals.")
    ] = False,
    latent: Annotated[
        list[str] | None, typer.Option("--latent", help="Only this latent; repeat.")
    ] = None,
    colour: Annotated[
        Colour | None, typer.Option(help="Default: method; of latents: part, their names.")
    ] = None,
    points: Annotated[
        int, typer.Option(min=20, max=50_000, help="Most frames in all, evenly spaced.")
    ] = 6400,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the projection.")] = 0,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Put frames into the page.")
    ] = True,
    data: Data = None,
) -> None:
    """Map frames of drivers and results to a plane, and say what the methods reach.

    Mind the licences of portraits and clips before you publish a page: --no-pictures leaves them
    out.
    """
    from benchmark.cli.plotting.maps import Asked, draw

    asked = Asked(
        signals=[str(one) for one in of or Signal],
        latents=latents or bool(latent),
        wanted=latent or [],
        colour=str(colour) if colour else "",
        points=points,
        seed=seed,
        pictures=pictures,
        data=data,
    )
    draw(runs, asked, out)


@app.command()
def drift(runs: Runs, out: Out, metric: Metric = None) -> None:
    """Draw scores over the minutes of long clips, with intervals; default: aed."""
    from benchmark.cli.plotting.series import draw_drifts

    draw_drifts(runs, _named(metric), out)


@app.command()
def components(runs: Runs, out: Out) -> None:
    """Draw how well mouth, jaw, eyes, brows, cheeks and nose follow, and what else moves."""
    from benchmark.cli.plotting.series import draw_parts

    draw_parts(runs, out)


@app.command()
def cases(
    first: Annotated[Path, typer.Argument(help="A run directory.")],
    second: Annotated[Path, typer.Argument(help="Another, on the same cases.")],
    out: Out,
    metric: Metric = None,
) -> None:
    """Draw two runs case by case: a line for each case; default: aed."""
    from benchmark.cli.plotting.series import draw_pairs

    draw_pairs([first, second], _named(metric), out)


@app.command()
def interpolation(runs: Runs, out: Out, data: Data = None) -> None:
    """Draw how much of their full motion methods make at each setting of a dial."""
    from benchmark.cli.plotting.maps import draw_responses

    draw_responses(runs, data, out)


def _named(metric: list[str] | None) -> list[str]:
    parts = (part.strip() for one in metric or () for part in one.split(","))
    return [part for part in parts if part] or ["aed"]
