"""From the paths that a user names to runs."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.store import RunPaths, RunRecord, load_run, read_manifest
from leaderboards.facts import check


def load_runs(folders: Sequence[Path]) -> list[RunRecord]:
    """Read the runs among ``folders`` and directly inside them, see `find_runs`.

    Raises:
        UsageProblem: If there is none, or one is damaged.
        NotComparable: If one was written in another form.
    """
    roots = find_runs(folders)
    for paths in map(RunPaths, roots):
        check(read_manifest(paths), paths)  # before anything relies on it
    return [load_run(root) for root in roots]


def find_runs(folders: Sequence[Path]) -> list[Path]:
    """Return the run directories among ``folders`` and directly inside them.

    A folder that is a run is taken as it is; of another folder all runs in it are taken, by name.
    Order is kept and a run that is reached twice is taken once.

    Raises:
        UsageProblem: If a folder does not exist or holds no run.
    """
    found: dict[Path, Path] = {}
    for folder in folders:
        for run in _runs(folder):
            found.setdefault(run.resolve(), run)
    return list(found.values())


def _runs(folder: Path) -> list[Path]:
    if _is_run(folder):
        return [folder]
    if not folder.is_dir():
        raise UsageProblem(f"there is no folder {folder}", "name run directories, see `bench run`")
    runs = sorted(child for child in folder.iterdir() if _is_run(child))
    if not runs:
        raise UsageProblem(
            f"{folder} is not a run and holds none (no run.json)", "bench run makes one"
        )
    return runs


def _is_run(folder: Path) -> bool:
    return RunPaths(folder).manifest.is_file()
