"""Runs for boards: read one by one, sorted into cohorts; what cannot be shown is named.

One cohort makes one board. In it the newest finished run of a method stands for it. Earlier runs of
the same method are stale; runs on the same split that did not have the same cases are not
comparable. Both are shown, never ranked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.errors import BenchError, UsageProblem
from benchmark.store import RunPaths, RunRecord, load_run, read_manifest
from leaderboards.facts import Facts, check
from leaderboards.find import find_runs
from leaderboards.text import clean, placeless

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,119}")
"""What a case may be called (`benchmark.splits.case`): its files are found by that name."""
_HASH = 12


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A run that no board shows.

    Attributes:
        name: Name of its folder.
        reason: Why.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A run that boards show.

    Attributes:
        record: The run.
        facts: Its checked manifest.
    """

    record: RunRecord
    facts: Facts

    @property
    def name(self) -> str:
        """Name of its folder, on one line."""
        return clean(self.record.paths.root.name)


@dataclass(frozen=True, slots=True)
class Grey:
    """A run that a board shows beside those that it ranks.

    Attributes:
        entry: The run.
        state: ``stale`` or ``incomparable``.
        why: One sentence.
    """

    entry: Entry
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one board.

    Attributes:
        current: Runs of one cohort, one a method; controls last, as tables order them.
        stale: Earlier runs of the same methods.
        others: Runs of the same split that did not have the same cases.
    """

    current: tuple[Entry, ...]
    stale: tuple[Grey, ...]
    others: tuple[Grey, ...] = ()


def gather(folders: Sequence[Path]) -> tuple[list[Group], list[LeftOut]]:
    """Read the runs among ``folders`` and directly inside them.

    Returns:
        The boards in the order of their first run, and the runs that could not be read.

    Raises:
        UsageProblem: If a folder does not exist or holds no run.
        BenchError: If no run can be read: what is wrong with the first one.
    """
    entries: list[Entry] = []
    left: list[LeftOut] = []
    first: BenchError | None = None
    for root in find_runs(folders):
        try:
            entries.append(_read(root))
        except BenchError as error:
            first = first or error
            said = error.problem.replace(str(root), root.name)
            left.append(LeftOut(clean(root.name), placeless(said)))
    if not entries:
        assert first is not None
        raise first
    return _groups(entries), left


def _read(root: Path) -> Entry:
    paths = RunPaths(root)
    facts = check(read_manifest(paths), paths)
    for case_id in facts.case_ids:
        if not _CASE.fullmatch(case_id):
            raise UsageProblem(f"{paths.manifest}: {clean(case_id)!r} cannot name a case")
    if len(set(facts.case_ids)) < len(facts.case_ids):
        raise UsageProblem(f"{paths.manifest} lists a case twice")
    return Entry(load_run(root), facts)


def _groups(entries: Sequence[Entry]) -> list[Group]:
    cohorts: dict[str, list[Entry]] = {}
    for entry in entries:
        cohorts.setdefault(_cohort(entry.facts), []).append(entry)
    groups = [_group(members) for members in cohorts.values()]
    return [replace(g, others=_others(g, [o for o in groups if o is not g])) for g in groups]


def _cohort(facts: Facts) -> str:
    """Return what all runs of a cohort have alike, as `leaderboards.comparable.cohort` asks."""
    cases = [(c, facts.cases[c]) for c in facts.case_ids]
    return repr((facts.split.sha256, facts.options, cases))


def _group(members: Sequence[Entry]) -> Group:
    methods: dict[str, list[Entry]] = {}
    for entry in members:
        methods.setdefault(entry.facts.method.name, []).append(entry)
    current, stale = [], []
    for runs in methods.values():
        newest = max(runs, key=lambda e: (e.record.complete, _created(e), e.name))
        current.append(newest)
        stale += [Grey(e, "stale", _stale(e, newest)) for e in runs if e is not newest]
    current.sort(key=lambda e: e.facts.method.control)
    return Group(tuple(current), tuple(stale))


def _created(entry: Entry) -> str:
    return clean(str(entry.record.manifest.get("created", "")))


def _stale(entry: Entry, newest: Entry) -> str:
    method, other = (e.record.manifest.get("method", {}) for e in (entry, newest))
    changed = method.get("content") != other.get("content")
    how = "the method has changed since" if changed else "the same method was run again"
    if not entry.record.complete and newest.record.complete:
        how = "it is not finished, and another run of the method is"
    return f"{how}; {newest.name} stands for it"


def _others(group: Group, groups: Sequence[Group]) -> tuple[Grey, ...]:
    """Return what other boards rank of the same split by name."""
    own = group.current[0].facts
    found = []
    for other in groups:
        facts = other.current[0].facts
        if (facts.split.dataset, facts.split.split) == (own.split.dataset, own.split.split):
            why = _difference(own, facts)
            found += [Grey(entry, "incomparable", why) for entry in other.current]
    return tuple(found)


def _difference(own: Facts, other: Facts) -> str:
    a, b = own.split, other.split
    if a.sha256 != b.sha256:
        what = f"another split: version {b.version}, sha256 {b.sha256[:_HASH]}"
        return f"{what}, protocol {b.protocol.id}" if a.protocol.id != b.protocol.id else what
    if own.options != other.options:
        cases = "all cases" if other.options.limit is None else f"{other.options.limit} cases"
        most = other.options.max_frames
        frames = "all frames" if most is None else f"at most {most} frames"
        return f"other options: {frames} of {cases}"
    return "other cases, although the split is the same"
