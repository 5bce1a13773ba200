"""``bench look``: one case of a run as pictures."""

from pathlib import Path
from typing import Annotated

import typer


def look(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    case: Annotated[str, typer.Argument(help="Case of the run.")],
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Dataset folder of the run; default: BENCH_DATA, else mini."),
    ] = None,
    frames: Annotated[int, typer.Option(min=1, max=50, help="Driving frames to show.")] = 5,
) -> None:
    """Draw who is who in a case, and who moves like whom.

    CASE-people.png: portrait, driving frames and result with boxes; a driver has the colour of the
    person whom they drive. CASE-leakage.png: weights and distances of everybody to everybody.
    """
    from benchmark.look import look as look_at
    from benchmark.media.image import write_png
    from benchmark.names import printable
    from benchmark.run_case import open_case
    from leaderboards.plots.leakage import draw_leakage

    seen = look_at(open_case(run, case, data), frames, _say)
    sheet, leakage = out / f"{case}-people.png", out / f"{case}-leakage.png"
    _make(out)
    write_png(sheet, seen.sheet)
    print(sheet)
    if seen.without:
        _say(f"no picture of leakage: {printable(seen.without)}")
        return
    draw_leakage(seen.leakage, seen.title, leakage)
    print(leakage)


def _make(out: Path) -> None:
    from benchmark.errors import EnvironmentProblem

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write to {out}: {error.strerror}", "choose another --out"
        ) from None


def _say(text: str) -> None:
    import sys

    print(text, file=sys.stderr)
