"""Presets read from the TOML files beside this module; a mistake in one is a `UsageProblem`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import UsageProblem
from benchmark.names import resolve

_HERE = Path(__file__).resolve().parent
_Names = Annotated[tuple[str, ...], Field(min_length=1)]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Words):
    """One split of a preset.

    Attributes:
        split: Name of the split, as ``bench data import`` names it.
        shape: What the paper ran on, as far as it says.
        methods: Who is run, by name.
        table: Id of the published table whose rows stand beside ours.
        group: Its set of rows; empty where it has one.
        printed: Ids of methods in that table, where ours have another name.
    """

    split: str
    shape: str
    methods: _Names
    table: str
    group: str = ""
    printed: dict[str, str] = {}


class Preset(_Words):
    """A paper's comparison.

    Attributes:
        name: What the user types.
        title: What it is.
        protocol: Name of the protocol that the split must have (``bench data protocols``).
        metrics: Definitions that stand nearest to the paper's.
        differs: Why the numbers are not the paper's.
        parts: The splits.
    """

    name: str
    title: str
    protocol: str
    metrics: _Names
    differs: tuple[str, ...] = ()
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    def part(self, split: str) -> Part:
        """Return the part on that split; the only part of a preset is on any.

        Raises:
            UsageProblem: If there are several and none is on it.
        """
        if len(self.parts) == 1:
            return self.parts[0].model_copy(update={"split": split})
        by_name = {part.split: part for part in self.parts}
        return by_name[resolve(split, by_name, f"part of {self.name}")]


@cache
def presets(folder: Path = _HERE) -> dict[str, Preset]:
    """Return the presets of a folder by name.

    Raises:
        UsageProblem: If a file cannot be used; says which and where.
    """
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = Preset.model_validate({"name": path.stem, **table})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageProblem(f"cannot read {path}: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageProblem(f"{path}: {where}: {first['msg']}") from None
    return found


def find_preset(name: str) -> Preset:
    """Return a preset.

    Raises:
        UsageProblem: If there is none of that name; says which is nearest.
    """
    return presets()[resolve(name, presets(), "preset")]
