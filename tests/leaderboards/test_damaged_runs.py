"""A run is a folder anyone can edit: whatever stands in it is read, or refused in words."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmark.errors import BenchError
from benchmark.journal import Journal, SetEntry
from benchmark.store import RunPaths, load_run
from leaderboards.build import build
from metrics.card import Card
from metrics.set_score import SetScore

Cards = Mapping[str, Card]
CARD = "lmd.test@1"
SCORE = SetScore(1.0, 2, 2, 8, 2, 8, (1.0, 1.1), 0.5, 0.4, 8)

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path of every value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inside:
        yield (*path, key)
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))


def put(manifest: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        manifest = manifest[key]
    manifest[path[-1]] = value


@pytest.fixture
def whole(tmp_path: Path, cards: Cards, invented: Callable[..., Any]) -> Path:
    root: Path = invented("x", {CARD: [0.1, 0.2, 0.3, 0.4]}).write(tmp_path / "whole")
    with closing(Journal(RunPaths(root).journal)) as journal:
        journal.record_sets([SetEntry("self", "fid.test@1", SCORE)])
    assert build([load_run(root)], cards).rows
    return root


def read(root: Path, cards: Cards) -> None:
    """Read a run as `bench table` does; only what is meant for people may come out."""
    with suppress(BenchError):
        build([load_run(root)], cards)


examples = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@examples
@given(data=st.data(), value=anything)
def test_any_value_in_the_manifest(whole: Path, cards: Cards, data: Any, value: Any) -> None:
    manifest = json.loads(RunPaths(whole).manifest.read_text())
    put(manifest, data.draw(st.sampled_from(list(places(manifest)))), value)
    hurt = copy(whole)
    RunPaths(hurt).manifest.write_text(json.dumps(manifest))
    read(hurt, cards)


COLUMNS = [
    *(("generated", c) for c in ("case_id", "outcome", "reason", "clip_sha256", "frame_map")),
    *(("generated", c) for c in ("height", "width", "resized", "timings")),
    *(("scores", c) for c in ("case_id", "metric", "person", "protocol", "value", "frames")),
    *(("scores", c) for c in ("total", "driver", "unjudged", "of_input")),
    *(("sets", c) for c in ("metric", "protocol", "value", "detail")),
]
cells = st.integers(-3, 3) | st.floats(allow_nan=False) | anything.map(json.dumps)


@examples
@given(column=st.sampled_from(COLUMNS), value=cells)
def test_any_value_in_the_journal(whole: Path, cards: Cards, column: Any, value: Any) -> None:
    hurt = copy(whole)
    table, name = column
    with closing(sqlite3.connect(RunPaths(hurt).journal)) as db:
        try:
            db.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = 1", (value,))
        except sqlite3.IntegrityError:  # not a value this column takes
            return
        db.commit()
    read(hurt, cards)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE sets SET detail = '{}'", "self, fid.test@1: value: Field required"),
        ("UPDATE sets SET detail = '['", "self, fid.test@1: "),
        ("UPDATE generated SET frame_map = '[0, -1]'", "a: frame_map: "),
        ("UPDATE generated SET outcome = 'fine'", "a: outcome: "),
        ("UPDATE scores SET frames = 40", f"a, {CARD}: 40 of 32 frames measured"),
        ("UPDATE scores SET total = 0, frames = 0", f"a, {CARD}: 0 of 0 frames measured"),
    ],
)
def test_the_row_is_named(whole: Path, change: str, said: str) -> None:
    with closing(sqlite3.connect(RunPaths(whole).journal)) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(BenchError) as caught:
        load_run(whole)
    assert f"is damaged: {said}" in caught.value.problem
    assert "run again" in caught.value.remedy


def copy(root: Path) -> Path:
    """Return a copy beside it; the one before gives way."""
    hurt = root.with_name("hurt")
    shutil.rmtree(hurt, ignore_errors=True)
    shutil.copytree(root, hurt)
    return hurt
