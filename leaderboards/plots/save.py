"""Putting a figure on disk: whole or not at all, the same bytes for the same figure."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import EnvironmentProblem, UsageProblem
from leaderboards.plots.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg", ".pdf")
_DPI = 300  # what printers ask for
_OUTPUT: Any = {"svg.hashsalt": "portraitbench", "pdf.fonttype": 42}  # publishers refuse Type 3


def check_ending(path: Path, endings: tuple[str, ...] = ENDINGS) -> None:
    """Refuse a name that says no format of a picture, before anything is drawn.

    Raises:
        UsageProblem: If the ending is none of ``endings``.
    """
    if path.suffix.lower() not in endings:
        raise UsageProblem(f"{path} does not end in {', '.join(endings)}")


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
            with rc_context(_OUTPUT), warnings.catch_warnings():
                # A script that the font lacks is drawn as boxes; the console is no place for it.
                warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
                figure.savefig(part, dpi=_DPI, metadata=stamp)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None


def save_styled(figure: "Figure", path: Path) -> None:
    """Write a figure of the one style, see `save`; some of it is only set when it is drawn."""
    with styled():
        save(figure, path)


def save_text(text: str, path: Path) -> None:
    """Write a page.

    Raises:
        EnvironmentProblem: If it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"cannot write {path}: {error.strerror or error}", "choose another --out"
    )
