"""The definition of a metric, as people cite it: its card and its protocol id."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Reenactment = Literal["self", "cross"]


class Direction(StrEnum):
    """Which values are better."""

    LOWER = "lower"
    HIGHER = "higher"
    DRIVER = "driver"
    """Better the nearer to the driving clip's own value (a frozen video flickers least)."""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that must match for two numbers to be one quantity.

    Attributes:
        name: The field's name for it (``aed``); several definitions may share a name.
        definition: Which definition (``mediapipe51``); with ``name`` and ``version`` the id.
        title: Column header without unit or arrow.
        formula: The formula, with reduction order: frame, person, case, split.
        unit: Unit of the raw value; empty for pure numbers.
        direction: Which values are better.
        bounds: Smallest and largest possible value.
        protocols: In which kinds of reenactment it is defined.
        extractors: Names of the signals it is computed from.
        missing: What happens to frames that cannot be measured.
        identical: Its value when the result is the driving clip itself; ``None`` where that is
            the driver's own value.
        source: Where the formula comes from, and which papers print it, at which scale.
        inference: What in the definition is our reading because the papers do not say.
        scale_exponent: Tables show ``value * 10**scale_exponent`` and say so.
        digits: Digits after the point in tables.
        version: Raised whenever a number could change.
        default: Whether tables show it unless asked otherwise.
        timing: Whether it depends on when and where it was measured.
        over: What one value is of: a case, or the set of all cases of one kind (FID, FVD).
        embedded: Whether it stands on stand-ins for official weights: marked with a dagger,
            never ranked with canonical numbers.
        still: Defined only for cases in which this component must not move; empty for all.
        people: Defined only for cases with at least so many driven people.
    """

    name: str
    definition: str
    title: str
    formula: str
    unit: str
    direction: Direction
    bounds: tuple[float, float]
    protocols: frozenset[Reenactment]
    extractors: tuple[str, ...]
    missing: str
    identical: float | None
    source: str
    inference: str = ""
    scale_exponent: int = 0
    digits: int = 3
    version: int = 1
    default: bool = True
    timing: bool = False
    over: Literal["case", "set"] = "case"
    embedded: bool = False
    still: str = ""
    people: int = 1
    notes: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """The protocol id, ``name.definition@version``."""
        return f"{self.name}.{self.definition}@{self.version}"
