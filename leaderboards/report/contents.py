"""What a report holds, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboards.formats.layout import Layout
from leaderboards.report.worst import Bad


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot.

    Attributes:
        title: What it shows.
        files: Its forms, relative to the report; the first is a picture that browsers show.
        said: What the plot says in words.
        why: Why there is none; empty if there is.
    """

    title: str
    files: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Often:
    """A case that is its run's worst by many metrics.

    Attributes:
        label: The method.
        case: The case.
        count: By how many metrics.
        file: Its picture, relative to the report; empty if there is none.
        why: Why there is none.
    """

    label: str
    case: str
    count: int
    file: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything on the page of a report.

    Attributes:
        tables: Shown on the page.
        files: Title of each table and its files, relative to the report.
        figures: Plots, and those that could not be drawn.
        failures: Label, case and reason of what methods did not deliver.
        often: Cases that are their run's worst by many metrics.
        worst: The worst cases by column and run.
        provenance: Name and text of all that is on record about each run, by label.
        made: By which version, when.
    """

    tables: Sequence[Layout]
    files: Sequence[tuple[str, Sequence[str]]]
    figures: Sequence[Figure]
    failures: Sequence[tuple[str, str, str]]
    often: Sequence[Often]
    worst: Sequence[Bad]
    provenance: Sequence[tuple[str, Sequence[Sequence[str]]]]
    made: str
