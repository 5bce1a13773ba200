"""Methods that installed packages bring: entry points of the group ``portraitbench.methods``.

``NAME = "package.module:Class"`` is a class that runs in process, imported when it is run.
``NAME = "package"`` is a package with descriptions, one TOML a method; it is not imported at all.
"""

import importlib.util
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from adapters.description import Description
from adapters.rows import BadDescription, read_folder
from benchmark.errors import UsageProblem
from benchmark.spec import MethodSpec

GROUP = "portraitbench.methods"


@dataclass(frozen=True, slots=True)
class Plugins:
    """What packages bring.

    Attributes:
        rows: Descriptions by name.
        specs: Classes by name.
    """

    rows: dict[str, Description]
    specs: dict[str, MethodSpec]


@cache
def plugin_methods() -> Plugins:
    """Return the methods of installed packages.

    Raises:
        UsageProblem: If a package brings a description that cannot be used.
    """
    return methods_of(list(entry_points(group=GROUP)))


def methods_of(points: list[EntryPoint]) -> Plugins:
    """Return the methods that ``points`` name; see the module."""
    rows: dict[str, Description] = {}
    specs: dict[str, MethodSpec] = {}
    for point in points:
        if point.attr:
            specs[point.name] = MethodSpec(
                point.name,
                point.name,
                point.value,
                description=f"from {_origin(point)}: {point.value}",
            )
            continue
        try:
            spec = importlib.util.find_spec(point.module)
            places = spec.submodule_search_locations if spec is not None else None
            for place in places or ():
                found = read_folder(Path(place))
                rows |= {name: _with_hook(row, Path(place)) for name, row in found.items()}
        except (ImportError, BadDescription) as error:
            raise UsageProblem(
                f"the plugin '{point.name}' cannot be used: {error}", "repair or uninstall it"
            ) from None
    return Plugins(rows, specs)


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module


def _with_hook(row: Description, folder: Path) -> Description:
    """Return ``row`` with its hook, if it brings one, named by its whole path."""
    name, _, kind = row.worker.rpartition(":")
    if not name or not (folder / name).is_file():
        return row
    return row.model_copy(update={"worker": f"{folder / name}:{kind}"})
