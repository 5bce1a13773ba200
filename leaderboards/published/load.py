"""Reading a folder of published tables; every mistake in it is a sentence with file and place."""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import UsageProblem
from leaderboards.published.model import (
    Id,
    Library,
    Method,
    Metric,
    Origin,
    Paper,
    PublishedColumn,
    PublishedRow,
    PublishedTable,
    TableFacts,
)
from leaderboards.text import clean
from metrics.card import Reenactment

SOURCES = "sources.toml"
FIXED = ("group", "method", "printed", "origin")
"""First columns of every CSV; the table's own columns follow."""
_HERE = Path(__file__).parent
_MOST_BYTES = 1 << 20
_MOST_ROWS = 2000
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?", re.ASCII)
_KINDS: Mapping[str, Reenactment] = MappingProxyType({kind: kind for kind in get_args(Reenactment)})
_REMEDY = "docs/published.md describes the files"


class _Sources(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: Mapping[Id, Method]
    papers: Mapping[Id, Paper]
    tables: Mapping[Id, TableFacts] = Field(max_length=1000)


def load(folder: Path | None = None) -> Library:
    """Return the tables of a folder.

    Args:
        folder: Holds ``sources.toml`` and one ``NAME.csv`` a table; ``None`` for those that come
            with this package.

    Raises:
        UsageProblem: If a file is missing, too large, or holds the wrong thing.
    """
    return _builtin() if folder is None else _read(folder)


@cache
def _builtin() -> Library:
    return _read(_HERE)


def _read(folder: Path) -> Library:
    sources = _sources(folder / SOURCES)
    for key, paper in sources.papers.items():
        if paper.method not in sources.methods:
            raise _problem(folder / SOURCES, f"papers.{key}: unknown method '{paper.method}'")
    _unique_names(folder / SOURCES, sources.methods)
    tables = {name: _table(folder, name, facts, sources) for name, facts in sources.tables.items()}
    return Library(
        MappingProxyType(dict(sources.papers)),
        MappingProxyType(dict(sources.methods)),
        MappingProxyType(tables),
    )


def _sources(path: Path) -> _Sources:
    try:
        return _Sources.model_validate(tomllib.loads(_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise _problem(path, str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise _problem(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except RecursionError:
        raise _problem(path, "it is nested too deeply") from None


def _unique_names(path: Path, methods: Mapping[str, Method]) -> None:
    owner: dict[str, str] = {}
    for key, method in methods.items():
        for name in {key, *method.printed}:
            if owner.setdefault(name, key) != key:
                raise _problem(path, f"'{name}' is printed for {owner[name]} and for {key}")


def _table(folder: Path, name: str, facts: TableFacts, sources: _Sources) -> PublishedTable:
    paper = sources.papers.get(facts.paper)
    if paper is None:
        raise _problem(folder / SOURCES, f"tables.{name}: unknown paper '{facts.paper}'")
    _known_columns(folder / SOURCES, name, facts)
    path = folder / f"{name}.csv"
    rows = tuple(_rows(path, facts, sources.methods))
    columns = tuple(
        _column(folder / SOURCES, facts, paper, key, [row.values[i] for row in rows])
        for i, key in enumerate(facts.columns)
    )
    return PublishedTable(name, paper, facts, columns, rows)


def _known_columns(path: Path, name: str, facts: TableFacts) -> None:
    if facts.split_sha256 and facts.group:
        raise _problem(path, f"tables.{name}: sets of rows are not of one split")
    if len(set(facts.columns)) < len(facts.columns):
        raise _problem(path, f"tables.{name}: a column occurs twice")
    for key in (*facts.unranked_columns, *facts.column_notes):
        if key not in facts.columns:
            raise _problem(path, f"tables.{name}: a note on '{key}', which is no column of it")


def _column(
    path: Path, facts: TableFacts, paper: Paper, key: str, values: Sequence[Decimal | None]
) -> PublishedColumn:
    kind, _, metric = key.rpartition(".")
    found: Metric | None = paper.metrics.get(metric)
    if found is None:
        raise _problem(path, f"papers.{facts.paper}.metrics: no '{metric}', which a table names")
    return PublishedColumn(
        key=key,
        kind=_KINDS.get(kind),
        metric=found,
        digits=max((_digits(value) for value in values if value is not None), default=0),
        note=facts.column_notes.get(key, ""),
        unranked=facts.unranked_columns.get(key, ""),
    )


def _digits(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # `_NUMBER` lets nothing else pass
    return -exponent


def _rows(path: Path, facts: TableFacts, methods: Mapping[str, Method]) -> Iterator[PublishedRow]:
    try:
        lines = list(csv.reader(io.StringIO(_text(path)), strict=True))
    except csv.Error as error:
        raise _problem(path, str(error)) from None
    head = [*FIXED, *facts.columns]
    if not lines or lines[0] != head:
        raise _problem(path, f"its first line must be {','.join(head)}")
    if not 1 < len(lines) <= _MOST_ROWS:
        raise _problem(path, f"it has {len(lines) - 1} rows; 1 to {_MOST_ROWS - 1} can be read")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(head):
            raise _problem(path, f"line {number} has {len(line)} fields, not {len(head)}")
        yield _row(path, number, line, facts, methods)


def _row(
    path: Path, number: int, line: Sequence[str], facts: TableFacts, methods: Mapping[str, Method]
) -> PublishedRow:
    group, method, printed, said = line[: len(FIXED)]
    origin = next((known for known in get_args(Origin) if known == said), None)
    if method not in methods:
        raise _problem(path, f"line {number}: unknown method '{method}'")
    if origin is None:
        raise _problem(path, f"line {number}: origin '{said}' is none of {get_args(Origin)}")
    if bool(group) != bool(facts.group):
        raise _problem(path, f"line {number}: a group goes with 'group' in {SOURCES}, only")
    if not clean(printed):
        raise _problem(path, f"line {number}: no printed name")
    for text in line[len(FIXED) :]:
        if text and not _NUMBER.fullmatch(text):
            raise _problem(path, f"line {number}: '{text}' is no plain decimal number")
    values = tuple(Decimal(text) if text else None for text in line[len(FIXED) :])
    return PublishedRow(clean(group), method, clean(printed), origin, values)


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise _problem(path, "it is no ordinary file")
        if path.stat().st_size > _MOST_BYTES:
            raise _problem(path, f"it is larger than {_MOST_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}", _REMEDY) from None
    except UnicodeDecodeError:
        raise _problem(path, "it is not UTF-8") from None


def _problem(path: Path, what: str) -> UsageProblem:
    return UsageProblem(f"{path}: {clean(what)}", _REMEDY)
