"""Opening the two sides of a comparison: a run directory or a baseline file."""

from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.gate.baseline import Baseline, is_baseline, read_baseline
from benchmark.gate.of_run import side_of
from benchmark.gate.side import Side
from benchmark.store import RunPaths, RunRecord, load_run


@dataclass(frozen=True, slots=True)
class Opened:
    """One side and where it came from.

    Attributes:
        path: As it was named.
        side: What the gate reads of it.
        record: The run, if it is one; its clips can be linked to.
        baseline: The baseline file, if it is one.
    """

    path: Path
    side: Side
    record: RunRecord | None = None
    baseline: Baseline | None = None

    def clip(self, case_id: str) -> Path | None:
        """Return the preview of a case, or its clip; ``None`` if it is not here."""
        if self.record is None:
            return None
        paths = self.record.paths
        here = (paths.preview(case_id), paths.clip(case_id))
        return next((path for path in here if path.is_file()), None)


def open_run(path: Path) -> Opened:
    """Open a run directory.

    Raises:
        BenchError: If it is none, or is damaged.
    """
    if not RunPaths(path).manifest.is_file():
        raise UsageProblem(f"{path} is not a run (it has no run.json)", "bench run makes one")
    record = load_run(path)
    return Opened(path, side_of(record), record)


def open_side(path: Path) -> Opened:
    """Open a run directory or a baseline file.

    Raises:
        BenchError: If it is neither, or is damaged.
    """
    if not is_baseline(path):
        return open_run(path)
    baseline = read_baseline(path)
    return Opened(path, baseline.content.side, baseline=baseline)
