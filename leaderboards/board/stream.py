"""The shards of a board one after another: tables, runs, cases, and the frames behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import BenchError, EnvironmentProblem
from benchmark.store import Outcome, RunRecord
from leaderboards.board.collect import Board
from leaderboards.board.gather import Entry
from leaderboards.board.material import Material, Pictures, Series
from leaderboards.board.provenance import provenance
from leaderboards.board.shards import Strings, case_cells, columns, table
from leaderboards.facts import Run
from leaderboards.text import placeless

_WHOLE = -1
_DIGITS = 4
"""Significant digits of a curve: a tenth of a pixel on a screen of any size."""

Shards = Iterator[tuple[str, Any]]


@dataclass(slots=True)
class Media:
    """Portraits and clips on their way into a site.

    Attributes:
        folder: Where they go; ``None`` to leave them out.
        material: Where they come from.
        used: File names that pages show.
        missing: How often something could not be had, by reason.
    """

    folder: Path | None
    material: Material
    used: set[str] = field(default_factory=set)
    missing: dict[str, int] = field(default_factory=dict)

    def get(self, make: Callable[[RunRecord, str, Path], str], record: RunRecord, case: str) -> str:
        """Return the name of a file; empty where it is left out or cannot be had.

        Raises:
            OSError: If the folder cannot be made.
            EnvironmentProblem: If it cannot be written: then no site is whole.
        """
        if self.folder is None:
            return ""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            name = make(record, case, self.folder)
        except EnvironmentProblem:
            raise
        except BenchError as error:
            self.miss(error, record)
            return ""
        self.used.add(name)
        return name

    def miss(self, error: BenchError, record: RunRecord) -> str:
        """Remember that something could not be had; return the reason as one line."""
        said = placeless(error.problem.replace(str(record.paths.root), record.paths.root.name))
        self.missing[said] = self.missing.get(said, 0) + 1
        return said


def board_shards(board: Board, media: Media) -> Shards:
    """Yield name and data of every shard of a board.

    Raises:
        OSError: If media cannot be written.
    """
    yield board.key, _overview(board)
    for number, (cases, view) in enumerate(board.parts.values()):
        places = {case: i for i, case in enumerate(board.case_ids)}
        of_tag = {"cases": [places[case] for case in cases], **table(view, board.numbers)}
        yield f"{board.key}-t{number}", of_tag
    pictures = [_pictures(board, case, media) for case in board.case_ids]
    for number, (entry, run) in enumerate(board.runs):
        yield (
            f"{board.key}-r{number}",
            _run(board, entry, run, [p.results[number] for p in pictures]),
        )
    for place, case in enumerate(board.case_ids):
        yield f"{board.key}-c{place}", _case(board, case, pictures[place])
        for number, (entry, run) in enumerate(board.runs):
            if run.outcome(case) is Outcome.OK:
                yield f"{board.key}-f{number}-{place}", _frames(board, entry, case, media)


def _overview(board: Board) -> dict[str, Any]:
    facts = board.runs[0][1].facts
    tags = {
        tag: i for i, tag in enumerate(dict.fromkeys(t for ts in board.tags.values() for t in ts))
    }
    return {
        "columns": columns(board.view.table.columns),
        "cases": [
            [
                case,
                facts.cases[case].protocol,
                facts.cases[case].frames,
                facts.cases[case].people,
                [tags[tag] for tag in dict.fromkeys(board.tags.get(case, ()))],
            ]
            for case in board.case_ids
        ],
        "tags": list(tags),
        "parts": list(board.parts),
        "untagged": board.untagged,
        "runs": [[run.facts.method.label, entry.name] for entry, run in board.runs],
        **table(board.view, board.numbers),
        "elsewhere": [
            board.elsewhere.get(str(one.entry.record.paths.root), "") if one.entry else ""
            for one in board.view.rows
        ],
    }


def _pictures(board: Board, case: str, media: Media) -> Pictures:
    """Put the media of a case into the site."""
    material, record = media.material, board.runs[0][0].record
    results = tuple(
        media.get(material.result, entry.record, case) if run.outcome(case) is Outcome.OK else ""
        for entry, run in board.runs
    )
    if media.folder is None:
        return Pictures("", "", results, ("The site was built without media.",))
    if board.untagged:
        return Pictures("", "", results, (board.untagged,))
    portrait = media.get(material.portrait, record, case)
    return Pictures(portrait, media.get(material.driving, record, case), results)


def _run(board: Board, entry: Entry, run: Run, previews: list[str]) -> dict[str, Any]:
    strings, shown = Strings(), board.view.table.columns
    cells = [case_cells(run, case, shown, strings) for case in board.case_ids]
    return {
        "cells": cells,
        "strings": strings.all,
        "previews": previews,
        "provenance": provenance(entry),
    }


def _case(board: Board, case: str, pictures: Pictures) -> dict[str, Any]:
    strings, shown = Strings(), board.view.table.columns
    rows = []
    for number, (entry, run) in enumerate(board.runs):
        made = entry.record.generated.get(case)
        rows.append(
            {
                "run": number,
                "outcome": "not reached" if made is None else str(made.outcome.value),
                "reason": strings.of(placeless(made.reason) if made else ""),
                "cells": case_cells(run, case, shown, strings),
                "preview": pictures.results[number],
                "map": _map(made.frame_map if made else ()),
            }
        )
    return {
        "rows": rows,
        "strings": strings.all,
        "portrait": pictures.portrait,
        "driving": pictures.driving,
        "why": list(pictures.why),
    }


def _map(frame_map: tuple[int, ...]) -> list[int] | int:
    """Return which driving frame each frame came from; its length where it came from its own."""
    same = frame_map == tuple(range(len(frame_map)))
    return len(frame_map) if same else [int(frame) for frame in frame_map]


def _frames(board: Board, entry: Entry, case: str, media: Media) -> dict[str, Any]:
    try:
        found = media.material.frames(entry.record, case)
    except BenchError as error:
        return {"why": media.miss(error, entry.record)}
    return _series(board, entry, case, found)


def _series(board: Board, entry: Entry, case: str, found: Series) -> dict[str, Any]:
    kind = entry.facts.cases[case].protocol
    place = {c.card.id: i for i, c in enumerate(board.view.table.columns) if c.kind == kind}
    powers = {c.card.id: c.card.scale_exponent for c in board.view.table.columns}
    ids = sorted((k for k in found.values if k[0] in place), key=lambda k: (place[k[0]], k[1]))
    persons = {name for name, person in ids if person != _WHOLE}
    return {
        "rate": float(Fraction(found.rate)),
        "scored": [int(one) for one in found.scored],
        "series": [
            [place[name], person, _numbers(found.values[name, person], powers[name])]
            for name, person in ids
            if person != _WHOLE or name not in persons
        ],
        "driver": [
            [place[name], _numbers(values, powers[name])]
            for name, values in found.driver.items()
            if name in place
        ],
    }


def _numbers(values: NDArray[np.float64], power: int) -> list[float | None]:
    """Return a curve in the scale of tables; ``None`` at frames without a value."""
    scaled = np.asarray(values, dtype=np.float64) * 10.0**power
    return [float(f"{v:.{_DIGITS}g}") if np.isfinite(v) else None for v in scaled.tolist()]
