"""What a published table is: paper, metrics as the paper defines them, rows, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from benchmark.names import resolve
from leaderboards.text import clean
from metrics.card import Reenactment

Origin = Literal["self-reported", "measured-by-paper"]
"""Whose method a row is: the authors' own, or somebody else's that they ran."""
Direction = Literal["lower", "higher", "none"]
TableKind = Literal["scores", "speed", "opinion", "preference"]

_LONGEST = 1000


def _line(text: str) -> str:
    return clean(text, _LONGEST)


Words = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_line)]
Optional = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_line)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
MetricKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,31}$")]
ColumnKey = Annotated[str, Field(pattern=r"^((self|cross)\.)?[a-z0-9][a-z0-9_]{0,31}$")]
Power = Annotated[int, Field(ge=-12, le=12)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(_Part):
    """A metric as one paper defines it.

    Attributes:
        title: Header as printed, without arrow and scale.
        unit: Unit of the raw value; of ``%`` the raw value is the share if ``scale`` is 2.
        direction: Which values are better.
        scale: The paper prints the raw value times ``10**scale``.
        scale_stated: Whether the paper says so; otherwise the scale is our inference.
        stated: The definition as the paper states it, in our words.
        ours: Name and definition of our nearest metric, without version; empty if there is none.
        differs: Why it is not the same quantity, or why there is none.
        convert: What is printed is our raw value times ``10**convert``; ``None`` for ``scale``.
        protocol_id: The exact definition, where numbers were measured with this suite.
        extractors: Their fingerprints, as ``name=hex;...``, where it has any.
    """

    title: Words
    unit: Optional = ""
    direction: Direction
    scale: Power = 0
    scale_stated: bool = True
    stated: Words
    ours: Annotated[str, Field(pattern=r"^([a-z0-9_]+\.[a-z0-9-]+)?$", max_length=80)] = ""
    differs: Optional = ""
    convert: Power | None = None
    protocol_id: Optional = ""
    extractors: Optional = ""

    @property
    def from_ours(self) -> int:
        """The power of ten from our raw value to what this paper would print."""
        return self.scale if self.convert is None else self.convert


class Method(_Part):
    """A method under all the names that papers print for it.

    Attributes:
        label: The name its authors use.
        printed: Names in tables.
        cites: Another method, whose paper is cited for this name.
        note: What a reader must know.
    """

    label: Words
    printed: tuple[Words, ...]
    cites: Optional = ""
    note: Optional = ""


class Paper(_Part):
    """Where tables are from.

    Attributes:
        title: Full title.
        name: Short name.
        arxiv: Id of the preprint, without version.
        read: Which text was read, and what of it is missing.
        year: Year of the preprint.
        method: The authors' own method.
        metrics: Definitions by key.
    """

    title: Words
    name: Words
    arxiv: Annotated[str, Field(pattern=r"^\d{4}\.\d{4,5}$")]
    read: Words
    year: Annotated[int, Field(ge=1990, le=2100)]
    method: Id
    metrics: Mapping[MetricKey, Metric]


class TableFacts(_Part):
    """What a paper says around a table, and what we found in it.

    Attributes:
        paper: Key of the paper.
        number: Number of the table.
        title: What it shows, in our words.
        kind: Scores, speed, or a study of people's opinions or preferences.
        columns: Keys of the columns, ``self.lmd``, ``cross.aed`` or ``fps``, in printed order.
        group: What sets of rows are named after (``dataset``); empty if there is one set.
        row: What a row is, where it is no method.
        protocol: The rules as stated.
        hardware: As stated; empty where it does not matter.
        split_sha256: Hash of the split, where numbers were measured with this suite on all of it.
        transposed: Whether the paper prints methods as columns.
        unranked: Why its rows do not compete; empty if they do.
        unranked_columns: Why numbers of a column must not be compared, by key.
        column_notes: What a reader must know of a column, by key.
        notes: Where the paper contradicts itself or leaves something open.
    """

    paper: Id
    number: Annotated[int, Field(ge=1, le=99)]
    title: Words
    kind: TableKind
    columns: tuple[ColumnKey, ...] = Field(min_length=1, max_length=32)
    group: Optional = ""
    row: Words = "method"
    protocol: Words
    hardware: Optional = ""
    split_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    transposed: bool = False
    unranked: Optional = ""
    unranked_columns: Mapping[ColumnKey, Words] = Field(default_factory=dict)
    column_notes: Mapping[ColumnKey, Words] = Field(default_factory=dict)
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedColumn:
    """A column of a published table.

    Attributes:
        key: ``self.lmd``; header of the CSV.
        kind: Kind of reenactment; ``None`` where the paper does not say or it does not matter.
        metric: What it holds.
        digits: Most digits after the point that are printed in it.
        note: What a reader must know of it.
        unranked: Why its numbers must not be compared; empty if they may.
    """

    key: str
    kind: Reenactment | None
    metric: Metric
    digits: int
    note: str = ""
    unranked: str = ""


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A row of a published table.

    Attributes:
        group: The set of rows it belongs to (a dataset); rows of other sets do not compete.
        method: Id of the method, a key of `Library.methods`.
        printed: Its name as printed; ``Ours (vanilla)`` is a variant of the paper's own.
        origin: Whether the authors speak of their own method.
        values: As printed, one for each column; ``None`` where the paper has none.
    """

    group: str
    method: str
    printed: str
    origin: Origin
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of one paper.

    Attributes:
        id: ``fantasyportrait-1``.
        paper: Where it is from.
        facts: What the paper says around it, and our notes.
        columns: In printed order.
        rows: In printed order.
    """

    id: str
    paper: Paper
    facts: TableFacts
    columns: tuple[PublishedColumn, ...]
    rows: tuple[PublishedRow, ...]

    def raw(self, row: PublishedRow, column: PublishedColumn) -> float | None:
        """Return a row's value in the unit of the metric, with the printed scale undone."""
        printed = row.values[self.columns.index(column)]
        return None if printed is None else float(printed.scaleb(-column.metric.scale))

    @property
    def groups(self) -> tuple[str, ...]:
        """The sets of rows, in printed order; one empty name if the table has no sets."""
        return tuple(dict.fromkeys(row.group for row in self.rows))

    @property
    def cite(self) -> str:
        """``FantasyPortrait, Table 1 (arXiv 2507.12956)``."""
        return f"{self.paper.name}, Table {self.facts.number} (arXiv {self.paper.arxiv})"


@dataclass(frozen=True, slots=True)
class Library:
    """All tables of a folder.

    Attributes:
        papers: By key.
        methods: By id.
        tables: By id, in the order of ``sources.toml``.
    """

    papers: Mapping[str, Paper]
    methods: Mapping[str, Method]
    tables: Mapping[str, PublishedTable]

    def table(self, name: str) -> PublishedTable:
        """Return a table by its id.

        Raises:
            UsageProblem: If there is none; says which there are and which is nearest.
        """
        return self.tables[resolve(name, self.tables, "published table")]

    def method(self, name: str) -> str:
        """Return the id of the method that papers print as ``name``, or that has this id.

        Raises:
            UsageProblem: If no table knows it.
        """
        names = {printed: key for key, m in self.methods.items() for printed in m.printed}
        names |= {key: key for key in self.methods}
        return names[resolve(name, names, "published method")]
