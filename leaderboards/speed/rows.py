"""Points of measurements as rows: which may be ranked against each other, and which may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.speed.record import FILE, Cohort, Figures, Point, Record, read_record
from leaderboards.text import clean


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """One point.

    Attributes:
        label: What tables call it.
        point: What was measured.
        letter: Its cohort among those of the table; empty where there is only one.
    """

    label: str
    point: Point
    letter: str = ""

    @property
    def figures(self) -> Figures | None:
        """The figures that count; none of an invalid point."""
        return self.point.figures if self.point.valid else None

    @property
    def flaw(self) -> str:
        """Why there are none."""
        if self.point.valid:
            return ""
        why = "; ".join(map(clean, self.point.flaws)) or "nothing was measured"
        return f"INVALID: {why}"


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a table.

    Attributes:
        rows: In the order of the records, those of one cohort together.
        cohorts: Cohorts by letter, or by the empty string where there is only one.
    """

    rows: tuple[SpeedRow, ...]
    cohorts: dict[str, Cohort]

    @property
    def comparable(self) -> bool:
        """Whether all rows share a cohort: only then is anything ranked."""
        return len(self.cohorts) == 1


def find_records(folders: Sequence[Path]) -> list[Record]:
    """Read the measurements among ``folders`` and directly inside them.

    Raises:
        UsageProblem: If there is none, or one is damaged.
        NotComparable: If one was written in another form.
    """
    found: dict[Path, Path] = {}
    for folder in folders:
        inside = sorted(child for child in folder.glob(f"*/{FILE}")) if folder.is_dir() else []
        file = folder / FILE if folder.is_dir() else folder
        own = [file] if file.is_file() or not folder.is_dir() else []
        if not (own or inside):
            raise UsageProblem(
                f"{folder} is no measurement and holds none (no {FILE})", "bench perf makes one"
            )
        for path in own or inside:
            found.setdefault(path.resolve(), path)
    return [read_record(path) for path in found.values()]


def rows_of(records: Sequence[Record]) -> Rows:
    """Put the points of measurements together, cohort by cohort in the order of appearance."""
    points = [point for record in records for point in record.points]
    cohorts: dict[str, Cohort] = {}
    for point in points:
        cohorts.setdefault(point.cohort.id, point.cohort)
    letters = {key: _letter(i) if len(cohorts) > 1 else "" for i, key in enumerate(cohorts)}
    points.sort(key=lambda point: list(cohorts).index(point.cohort.id))
    rows = tuple(SpeedRow(_label(p), p, letters[p.cohort.id]) for p in points)
    return Rows(rows, {letters[key]: cohort for key, cohort in cohorts.items()})


def _label(point: Point) -> str:
    label = clean(point.label, 60) or clean(point.name, 60)
    stated = point.chunk is None or f"chunk={point.chunk}" in label
    return label if stated else f"{label} (chunk={point.chunk})"


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"{chr(ord('A') + index // 26 - 1)}{index % 26}"
