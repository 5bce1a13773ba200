"""What ``bench weights list`` and ``verify`` show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import BenchError
from benchmark.licences import accepted_on, is_accepted
from benchmark.paths import weights_folders
from benchmark.weights import locate
from metrics.weights import Licence, Weights, registry
from metrics.weights_users import used_by

_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A file of weights on this machine.

    Attributes:
        weights: The entry of the registry.
        path: The verified file; ``None`` if it is absent or wrong.
        problem: What is wrong with the file; empty if nothing is.
    """

    weights: Weights
    path: Path | None
    problem: str

    @property
    def state(self) -> str:
        """``present``, ``absent`` or ``wrong``."""
        if self.problem:
            return "wrong"
        return "present" if self.path else "absent"


def rows(wanted: Sequence[Weights] | None = None) -> list[Row]:
    """Look for files of weights and hash them; all of the registry by default."""
    return [_row(weights) for weights in wanted or registry().values()]


def _row(weights: Weights) -> Row:
    try:
        return Row(weights, locate(weights.name), "")
    except BenchError as error:
        return Row(weights, None, error.problem)


def print_table(shown: Sequence[Row]) -> None:
    """Print rows for people, at any width from 80 columns."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("MB", justify="right")
    table.add_column("here", no_wrap=True)
    table.add_column("licence", overflow="fold")
    table.add_column("used by", overflow="fold")
    for row in shown:
        weights = row.weights
        title = weights.licence.title + ("" if weights.licence.permissive else " *")
        size, metrics = f"{weights.bytes / 1e6:.1f}", _shortened(used_by(weights.name))
        table.add_row(weights.name, size, row.state, title, metrics)
    console = Console()
    console.print(table, markup=False, highlight=False)
    console.print()
    for row in shown:
        if row.problem:
            console.print(f"wrong: {row.problem}", markup=False, highlight=False, soft_wrap=True)
    for licence in dict.fromkeys(row.weights.licence for row in shown):
        if not licence.permissive:
            console.print(f"* {licence.name}: {_standing(licence)}", markup=False, highlight=False)
    folders = ", ".join(str(folder) for folder in weights_folders())
    console.print(f"looked in: {folders}", markup=False, highlight=False, soft_wrap=True)


def _shortened(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_NAMES - 1])} and {len(names) - _MOST_NAMES + 1} more"


def _standing(licence: Licence) -> str:
    date = accepted_on(licence)
    ask = f"accepted {date}" if date else f"not accepted; --accept-licence {licence.name} does"
    return f"{licence.says} {licence.terms} ({ask})"


def print_json(shown: Sequence[Row]) -> None:
    """Print rows for programs."""
    import json

    print(json.dumps([_plain(row) for row in shown], indent=2, ensure_ascii=False))


def _plain(row: Row) -> dict[str, Any]:
    weights = row.weights
    return {
        "name": weights.name,
        "file": weights.file,
        "bytes": weights.bytes,
        "sha256": weights.sha256,
        "source": weights.source,
        "purpose": weights.purpose,
        "used_by": list(used_by(weights.name)),
        "licence": weights.licence.name,
        "permissive": weights.licence.permissive,
        "licence_accepted": is_accepted(weights.licence),
        "here": row.state,
        "path": str(row.path) if row.path else None,
        "problem": row.problem or None,
    }
