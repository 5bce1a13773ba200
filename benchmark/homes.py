"""Where methods of others live on this machine, and what is missing there."""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adapters.description import Description
from adapters.home import Home
from adapters.rows import FOLDER
from benchmark.config import MethodEntry
from benchmark.paths import cache_dir

_PYTHONS = ("env/bin/python", ".venv/bin/python", "../env/bin/python")


def methods_dir() -> Path:
    """Return the folder that methods are set up in: ``BENCH_METHODS``, else in the cache."""
    named = os.environ.get("BENCH_METHODS")
    return Path(named).expanduser() if named else cache_dir() / "methods"


@dataclass(frozen=True, slots=True)
class Place:
    """A method's place on this machine.

    Attributes:
        repository: Folder of its code.
        interpreter: Its Python, ``python`` where it has none of its own here.
        prefix: Words before every command.
        hooks: Folder of its description.
    """

    repository: Path
    interpreter: str
    prefix: tuple[str, ...]
    hooks: Path

    @property
    def home(self) -> dict[str, Any]:
        """The place as an adapter takes it, as plain data."""
        home = Home(str(self.repository), self.interpreter, self.prefix, str(self.hooks))
        return {**asdict(home), "prefix": list(self.prefix)}  # as JSON gives it back


def place_of(name: str, entry: MethodEntry | None, folder: Path, *, ours: bool) -> Place:
    """Return where method ``name`` lives.

    Args:
        name: The method.
        entry: What ``bench.toml`` says about it.
        folder: Folder of ``bench.toml``.
        ours: Whether the description is one of this package's.
    """
    if entry is not None and entry.at:
        repository = folder / Path(entry.at).expanduser()
    else:
        repository = methods_dir() / name / "repository" if ours else folder
    prefix = entry.prefix if entry is not None else ()
    interpreter = entry.interpreter if entry is not None else ""
    if not interpreter:
        own = (repository / python for python in _PYTHONS) if not prefix else iter(())
        interpreter = next((str(path) for path in own if path.is_file()), "python")
    elif "/" in interpreter:
        # Not resolved: a virtual environment is known by the link that is called.
        interpreter = str((folder / Path(interpreter).expanduser()).absolute())
    return Place(repository.resolve(), interpreter, prefix, FOLDER if ours else folder)


def missing_weights(row: Description, place: Place) -> list[str]:
    """Return the paths of ``row``'s weights that are not in its repository."""
    return [item.path for item in row.weights if not _there(place.repository, item.path)]


def weight_files(row: Description, place: Place) -> tuple[Path, ...]:
    """Return the files of weights that are there; a folder counts with what it holds."""
    found: list[Path] = []
    for item in row.weights:
        for path in _matching(place.repository, item.path):
            found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return tuple(found)


def _there(repository: Path, pattern: str) -> bool:
    matching = list(_matching(repository, pattern))
    # Repositories ship empty folders for weights: a folder alone is no weights.
    return any(p.is_file() or (p.is_dir() and _holds_a_file(p)) for p in matching)


def _matching(repository: Path, pattern: str) -> Iterable[Path]:
    return repository.glob(pattern) if repository.is_dir() else ()


def _holds_a_file(folder: Path) -> bool:
    return any(p.is_file() and not p.name.startswith(".") for p in folder.rglob("*"))
