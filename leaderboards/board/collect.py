"""From run folders to boards: tables over all cases and over the cases of each tag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.errors import BenchError
from benchmark.store import Outcome, RunRecord
from leaderboards.board.gather import Entry, Group, LeftOut, gather
from leaderboards.board.material import Material
from leaderboards.board.views import View, part, parts, view
from leaderboards.facts import Run, read
from leaderboards.text import clean, placeless
from metrics.card import Card

_HASH = 12


@dataclass(frozen=True, slots=True)
class Board:
    """One cohort, ready to be written.

    Attributes:
        key: Begins the names of its shards.
        view: The table over all cases.
        parts: Cases and table by tag.
        tags: Tags by case; empty where the dataset is not at hand.
        untagged: Why there are no tags; empty if there are.
        runs: The runs with pages of their own, in the order of the rows.
        elsewhere: Board of the runs that are compared in another one, by folder.
    """

    key: str
    view: View
    parts: Mapping[str, tuple[list[str], View]]
    tags: Mapping[str, tuple[str, ...]]
    untagged: str
    runs: tuple[tuple[Entry, Run], ...]
    elsewhere: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Dataset, split, and what of it was used."""
        cohort = self.view.table.cohort
        parts = [f"{cohort.dataset}/{cohort.split} version {cohort.version}"]
        if cohort.limit is not None:
            parts.append(f"first {cohort.limit} cases")
        if cohort.max_frames is not None:
            parts.append(f"at most {cohort.max_frames} frames")
        return ", ".join(parts)

    @property
    def case_ids(self) -> tuple[str, ...]:
        """The cases, in order."""
        return self.runs[0][1].facts.case_ids

    @property
    def numbers(self) -> dict[str, int]:
        """Number of each run by its folder."""
        return {str(entry.record.paths.root): i for i, (entry, _) in enumerate(self.runs)}

    def summary(self) -> dict[str, Any]:
        """Return what the list of boards says of it."""
        cohort, facts = self.view.table.cohort, self.runs[0][1].facts
        return {
            "key": self.key,
            "title": self.title,
            "split": f"{cohort.dataset}/{cohort.split}",
            "protocol": facts.split.protocol.id,
            "sha": cohort.sha256[:_HASH],
            "notice": cohort.notice,
            "cases": len(facts.case_ids),
            "methods": sum(row.row.role == "method" for row in self.view.rows),
        }


def boards(
    folders: Sequence[Path],
    cards: Mapping[str, Card],
    material: Material,
    metrics: Sequence[str],
) -> tuple[list[Board], list[LeftOut]]:
    """Return the boards of runs, and the runs that none shows.

    Raises:
        BenchError: If there is nothing to show: why not the first one.
    """
    groups, left = gather(folders)
    found: list[Board] = []
    first: BenchError | None = None
    for group in groups:
        try:
            found.append(_board(f"b{len(found)}", group, cards, material, metrics))
        except BenchError as error:
            first = first or error
            entries = (*group.current, *(grey.entry for grey in group.stale))
            left += [LeftOut(entry.name, _without_paths(error, entry)) for entry in entries]
    if not found:
        assert first is not None
        raise first
    homes = {root: board.key for board in found for root in board.numbers}
    for board in found:
        board.elsewhere.update({root: key for root, key in homes.items() if key != board.key})
    return found, left


def delivered(record: RunRecord) -> bool:
    """Say whether any case of a run has a clip."""
    return any(made.outcome is Outcome.OK for made in record.generated.values())


def _without_paths(error: BenchError, entry: Entry) -> str:
    root = entry.record.paths.root
    return placeless(error.problem.replace(str(root), root.name))


def _board(
    key: str,
    group: Group,
    cards: Mapping[str, Card],
    material: Material,
    metrics: Sequence[str],
) -> Board:
    whole = view(group, cards, metrics)
    case_ids = group.current[0].facts.case_ids
    tags, untagged = _tags(group, material)
    smaller = {
        tag: (cases, part(group, cases, cards, whole.table))
        for tag, cases in parts(tags, case_ids).items()
    }
    entries = [*group.current, *(grey.entry for grey in group.stale)]
    runs = tuple((entry, read(entry.record)) for entry in entries)
    return Board(key, whole, smaller, tags, untagged, runs)


def _tags(group: Group, material: Material) -> tuple[dict[str, tuple[str, ...]], str]:
    witness = next((e for e in group.current if delivered(e.record)), group.current[0])
    try:
        found = material.tags(witness.record)
    except BenchError as error:
        return {}, placeless(f"Tags, portraits and driving clips are not shown: {error.problem}.")
    return {c: tuple(clean(tag) for tag in tags) for c, tags in found.items()}, ""
