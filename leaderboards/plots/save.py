"""Putting a figure on disk: whole or not at all, the same bytes for the same figure."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import EnvironmentProblem, UsageProblem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg", ".pdf")
_DPI = 150


def check_ending(path: Path) -> None:
    """Refuse a name that says no format of a picture, before anything is drawn.

    Raises:
        UsageProblem: If the ending is none of `ENDINGS`.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageProblem(f"{path} does not end in {', '.join(ENDINGS)}")


def save(figure: "Figure", path: Path) -> None:
    """Write a figure in the format that its name ends in.

    Raises:
        UsageProblem: As `check_ending`.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    from matplotlib import rc_context

    part = path.with_name(f".{path.stem}.part{path.suffix}")
    stamp = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower(), {})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with rc_context({"svg.hashsalt": "portraitbench"}):
                figure.savefig(part, dpi=_DPI, metadata=stamp)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {path}: {error.strerror or error}", "choose another --out"
        ) from None
