"""``bench leaderboard``: runs as boards that open in a browser."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Boards: static pages of runs, with every case to look at.", no_args_is_help=True
)


@app.command()
def build(
    runs: Annotated[
        list[Path], typer.Option(help="Run directories, or folders of them; repeat for several.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the site.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder of the runs; default: BENCH_DATA, else mini."),
    ] = None,
    metrics: Annotated[
        str, typer.Option(help="Names or protocol ids, comma-separated, or 'all'.")
    ] = "",
    media: Annotated[
        bool,
        typer.Option("--media/--no-media", help="Whether portraits and clips go into the site."),
    ] = True,
) -> None:
    """Write boards of runs as static pages: one a cohort and protocol; no server is needed.

    Mind the licences of portraits, driving clips and results before you publish a site:
    --no-media leaves them out.
    """
    from benchmark.names import printable
    from benchmark.showcase import Showcase
    from leaderboards.board.site import SiteOptions, build_site
    from metrics.registry import CARDS

    wanted = tuple(name for name in (part.strip() for part in metrics.split(",")) if name)
    options = SiteOptions(out, wanted, media)
    built = build_site(runs, dict(CARDS), Showcase(data), options, lambda t: _say(printable(t)))
    for one in built.left:
        _say(f"left out: {printable(one.name)}: {printable(one.reason)}")
    for reason, times in built.missing.items():
        _say(f"not shown ({times}x): {printable(reason)}")
    print(built.page)


@app.command()
def serve(
    site: Annotated[Path, typer.Argument(help="Folder that bench leaderboard build wrote.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8000,
) -> None:
    """Show a site to the browser of this machine, and to nobody else."""
    from leaderboards.board.serve import serve as show

    show(site, port, print)


def _say(text: str) -> None:
    import sys

    print(text, file=sys.stderr)
