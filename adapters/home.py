"""Where a method lives on this machine, and what holds for it before there is a case."""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.description import Invocation
from adapters.processes import JOB
from adapters.words import filled, names_in

_PACKAGE_ROOT = str(Path(__file__).resolve().parent.parent)
_ALONE = uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Home:
    """Where a method lives on this machine.

    Attributes:
        repository: Its folder; empty for a command that needs none.
        python: Its interpreter.
        prefix: Words before every command.
        hooks: Folder of its description, where its hook is looked for first.
    """

    repository: str = ""
    python: str = "python"
    prefix: tuple[str, ...] = ()
    hooks: str = ""


def home_from(plain: Mapping[str, Any]) -> Home:
    """Rebuild a `Home` from plain data."""
    return Home(**{**plain, "prefix": tuple(plain.get("prefix", ()))})


def job_name() -> str:
    """Return the value of ``{job}`` in this process: that of the worker it belongs to."""
    return os.environ.get(JOB) or _ALONE


def option_values(how: Invocation) -> dict[str, str]:
    """Return the options as placeholders take them."""
    return {name: _said(value) for name, value in how.options.items()}


def _said(value: object) -> str:
    """Return an option as a command line says it."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def known_early(how: Invocation, home: Home, job: str) -> dict[str, str]:
    """Return the placeholders that have a value before there is a case."""
    always = {"job": job, "repository": home.repository, "python": home.python}
    return {**always, **option_values(how)}


def variables_of(
    how: Invocation, seed: int, values: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of the method: ours, without our packages on its search path.

    Args:
        how: The description.
        seed: What Python's hashes start from.
        values: Placeholders; where there is no case yet, variables that need some are left out.
    """
    mine = dict(os.environ)
    path = [p for p in mine.pop("PYTHONPATH", "").split(os.pathsep) if p and p != _PACKAGE_ROOT]
    if path:
        mine["PYTHONPATH"] = os.pathsep.join(path)
    mine.pop("PYTHONHOME", None)
    known = values or {}
    return {
        **mine,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # the repository is not ours to write to
        "PYTHONHASHSEED": str(seed % 2**32),
        "MPLBACKEND": "Agg",
        **{
            name: filled(text, known)
            for name, text in how.environment.variables.items()
            if set(names_in(text)) <= set(known)
        },
    }
