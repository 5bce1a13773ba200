"""Runs by label, checked for standing together; what all plots say besides their picture."""

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.names import printable
from benchmark.store import RunRecord
from leaderboards.build import labels
from leaderboards.comparable import cohort
from leaderboards.facts import read
from leaderboards.find import load_runs


def named_runs(folders: Sequence[Path], as_named: bool = False) -> dict[str, RunRecord]:
    """Return runs on the same cases by label, methods before controls; says which are unfinished.

    Args:
        folders: Run directories, or folders of them.
        as_named: Keep the order in which they are named instead.

    Raises:
        UsageProblem: If there is none, or one is damaged.
        NotComparable: If they did not have the same cases.
    """
    records = load_runs(folders)
    runs = [read(record) for record in records]
    if not as_named:
        runs.sort(key=lambda run: run.facts.method.control)
    cohort(runs)
    found = {label: run.record for label, run in zip(labels(runs), runs, strict=True)}
    for name, record in found.items():
        if not record.complete:
            say(f"{name} is not finished: the plot shows what is there")
    return found


def say(text: str) -> None:
    """Print a remark beside the result."""
    print(printable(text), file=sys.stderr)
