"""The methods described in this package, one TOML each in ``adapters/methods``."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from adapters.description import Description
from adapters.faults import first_fault

FOLDER = Path(__file__).resolve().parent / "methods"


class BadDescription(ValueError):
    """A description that cannot be used; says which file and where."""


def read_row(path: Path) -> Description:
    """Read one description.

    Raises:
        BadDescription: If the file is not TOML, or has a word that is wrong.
    """
    try:
        return Description.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDescription(f"cannot read {path}: {error}") from None
    except ValidationError as error:
        raise BadDescription(f"{path}: {first_fault(error)}") from None


def read_folder(folder: Path) -> dict[str, Description]:
    """Return the descriptions of ``folder`` by name.

    Raises:
        BadDescription: If one cannot be used, is not named like its file, or two share a name.
    """
    found: dict[str, Description] = {}
    for path in sorted(folder.glob("*.toml")):
        row = read_row(path)
        if row.name != path.stem:
            raise BadDescription(f"{path}: its name is '{row.name}'")
        found[row.name] = row
    names = [name for row in found.values() for name in (row.name, *row.aliases)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadDescription(f"{folder}: '{min(twice)}' names two methods")
    return found


@cache
def our_rows() -> dict[str, Description]:
    """Return the rows of this package by name."""
    return read_folder(FOLDER)


def by_alias(name: str, rows: Iterable[Description]) -> str:
    """Return the name of the row that ``name`` is an alias of, whatever its case; else ``name``."""
    for row in rows:
        if name.lower() in {row.name.lower(), *(alias.lower() for alias in row.aliases)}:
            return row.name
    return name
