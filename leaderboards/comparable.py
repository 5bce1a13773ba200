"""What may stand in one table: the same cases of the same split, each run once."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import NotComparable, UsageProblem
from leaderboards.facts import Run
from leaderboards.model import Cohort


def cohort(runs: Sequence[Run]) -> Cohort:
    """Return what all runs share.

    Raises:
        UsageProblem: If there is no run, or one run occurs twice.
        NotComparable: If two runs did not have the same cases; names both and the remedy.
    """
    if not runs:
        raise UsageProblem("no run to show", "bench run makes one; bench table DIR shows it")
    first = runs[0]
    seen: set[Path] = set()
    for run in runs:
        _same_split(first, run)
        _same_options(first, run)
        _same_cases(first, run)
        if _root(run) in seen:
            raise UsageProblem(f"the run {_root(run)} occurs twice", "name it once")
        seen.add(_root(run))
    split, options = first.facts.split, first.facts.options
    return Cohort(
        dataset=split.dataset,
        split=split.split,
        version=split.version,
        sha256=split.sha256,
        n_cases=len(first.facts.case_ids),
        max_frames=options.max_frames,
        limit=options.limit,
        notice=split.notice,
    )


def _same_split(a: Run, b: Run) -> None:
    if a.facts.split.sha256 != b.facts.split.sha256:
        raise NotComparable(
            f"{_root(a)} is a run of {_split(a)}, {_root(b)} of {_split(b)}",
            "make one table for each split, or run both methods on the same split",
        )


def _same_options(a: Run, b: Run) -> None:
    if a.facts.options != b.facts.options:
        raise NotComparable(
            f"{_root(a)} used {_extent(a)}, {_root(b)} used {_extent(b)}",
            "run both with the same --max-frames and --limit",
        )


def _same_cases(a: Run, b: Run) -> None:
    if a.facts.case_ids != b.facts.case_ids or a.facts.cases != b.facts.cases:
        raise NotComparable(
            f"{_root(a)} and {_root(b)} name the same split but list different cases",
            "run.json of one of them was changed; run it again",
        )


def _root(run: Run) -> Path:
    return run.record.paths.root


def _split(run: Run) -> str:
    split = run.facts.split
    return f"{split.dataset}/{split.split} version {split.version} (sha256 {split.sha256[:12]})"


def _extent(run: Run) -> str:
    options = run.facts.options
    cases = "all cases" if options.limit is None else f"the first {options.limit} cases"
    if options.max_frames is None:
        return f"all frames of {cases}"
    return f"the first {options.max_frames} frames of {cases}"
