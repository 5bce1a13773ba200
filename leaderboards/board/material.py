"""What a board needs besides scores: a port, filled by the harness, which knows files and media."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.store import RunRecord


class Series(Protocol):
    """Values of the frames of a case, as `benchmark.frame_values.CaseFrames`."""

    @property
    def rate(self) -> Fraction:
        """Frames a second of the driving clip."""
        ...

    @property
    def scored(self) -> NDArray[np.bool_]:
        """``(N,)``: which frames count."""
        ...

    @property
    def values(self) -> Mapping[tuple[str, int], NDArray[np.float64]]:
        """``(N,)`` by protocol id and person; NaN where a frame does not enter the score."""
        ...

    @property
    def driver(self) -> Mapping[str, NDArray[np.float64]]:
        """``(N,)`` the driving clip's own, by protocol id."""
        ...


class Material(Protocol):
    """Where frames, tags and pictures come from. Every method may raise a `BenchError`."""

    def tags(self, record: RunRecord) -> Mapping[str, tuple[str, ...]]:
        """Return the tags of the cases of a run, by case; needs its dataset."""
        ...

    def frames(self, record: RunRecord, case_id: str) -> Series:
        """Return the values of the frames of a case."""
        ...

    def portrait(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the portrait of a case into ``folder``, unless it is there; return its file name."""
        ...

    def driving(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the driving clip of a case into ``folder``, unless it is there; return its name."""
        ...

    def result(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the result of a case into ``folder``, unless it is there; return its file name."""
        ...


@dataclass(frozen=True, slots=True)
class Pictures:
    """Media of a case in a site: file names, or reasons.

    Attributes:
        portrait: File name; empty if there is none.
        driving: File name; empty if there is none.
        results: File name by run, in the order of the board's rows; empty if there is none.
        why: Sentences on what is missing.
    """

    portrait: str
    driving: str
    results: tuple[str, ...]
    why: tuple[str, ...] = ()
