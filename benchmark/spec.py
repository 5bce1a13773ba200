"""What the harness knows of a method before it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.description import Description
    from benchmark.errors import BenchError


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """How to load a method.

    Attributes:
        name: What the user types.
        label: Row name in tables.
        target: ``module:Class``.
        options: Arguments of the class; plain data.
        search: Folder added to the module search path; empty for built-in methods.
        control: Whether it is a control, whose scores are known beforehand.
        no_speed: Why its speed is not measured; empty when it is.
        note: Sentence that tables print under it.
        description: One line for ``bench methods list``.
        train_lists: Lists of what it was trained on.
        watched: Files besides its code that make it what it is: weights.
        row: Its description, for methods that are run outside.
        absent: Why it cannot be run on this machine; ``None`` if it can.
    """

    name: str
    label: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""
    control: bool = False
    no_speed: str = ""
    note: str = ""
    description: str = ""
    train_lists: tuple[Path, ...] = ()
    watched: tuple[Path, ...] = ()
    row: "Description | None" = None
    absent: "BenchError | None" = None
