"""Manifests on disk: JSON lines, read with flat memory, however many there are.

A manifest is checked in one pass that keeps 32 bytes a case: number and start of its line, a
digest of the line and one of the id. Up to `IN_MEMORY` cases are kept as they are; a longer
manifest is read again, line by line, by whoever wants its cases.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar, overload

import numpy as np
from pydantic import BaseModel, ValidationError

from benchmark.errors import UsageProblem
from benchmark.media.files import writing
from benchmark.splits.case import (
    FORMAT,
    REENACTMENT,
    Case,
    Hashes,
    Header,
    Origin,
    Origins,
    Pair,
    Protocol,
    Split,
    SplitDigest,
    Task,
    line_of,
)

__all__ = [
    "FORMAT",
    "REENACTMENT",
    "Case",
    "CaseFile",
    "Hashes",
    "Header",
    "Origin",
    "Origins",
    "Pair",
    "Protocol",
    "Split",
    "Task",
    "inspect_manifest",
    "read_manifest",
    "repeated",
    "write_manifest",
]

M = TypeVar("M", bound=BaseModel)
IN_MEMORY = 10_000
MAX_LINE = 1_000_000
"""Bytes; a longer line is no case."""

_FORM = "see docs/splits.md for the form"
_REPORTED = 1_000
"""Faults that are kept; a file of another kind has one in every line."""


class CaseFile(Sequence[Case]):
    """The cases of a long manifest, read from the file whenever they are asked for.

    Raises:
        UsageProblem: From any access, if the file is no longer the one that was checked.
    """

    def __init__(self, path: Path, starts: "array[int]", digests: "array[int]") -> None:
        self._path, self._starts, self._digests = path, starts, digests

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Case: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Case, ...]: ...
    def __getitem__(self, index: int | slice) -> Case | tuple[Case, ...]:
        wanted = range(len(self))[index]
        if isinstance(wanted, int):
            return next(self._read([wanted]))
        return tuple(self._read(wanted))

    def __iter__(self) -> Iterator[Case]:
        return self._read(range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return False
        return all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def _read(self, indices: Iterable[int]) -> Iterator[Case]:
        try:
            with self._path.open("rb") as file:
                for index in indices:
                    file.seek(self._starts[index])
                    line = file.readline(MAX_LINE)
                    if _short(line) != self._digests[index]:
                        raise UsageProblem(f"{self._path} changed while it was in use", "run again")
                    yield Case.model_validate_json(line)
        except OSError as error:
            raise UsageProblem(f"cannot read the manifest {self._path}: {error}") from None


def write_manifest(path: Path, header: Header, cases: Iterable[Case]) -> None:
    """Write a manifest; it appears under its name when it is complete.

    Raises:
        EnvironmentProblem: If the disk is full or the folder cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with writing(path):
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.write(line_of(header))
                file.writelines(map(line_of, cases))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def read_manifest(path: Path) -> Split:
    """Read ``path`` and check its form (not its media, see `benchmark.splits.validate`).

    Raises:
        UsageProblem: With file, line and what is wrong with it.
    """
    split, faults = inspect_manifest(path)
    if faults:
        raise faults[0]
    return split


def inspect_manifest(path: Path) -> tuple[Split, list[UsageProblem]]:
    """Read ``path`` as far as it can be read, with the faults of its form.

    Returns:
        The split, of the cases that are well formed, and the faults in line order; of very many,
        the first ones and their number.

    Raises:
        UsageProblem: If the file or its header cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            return _Inspection(path).run(file)
    except FileNotFoundError:
        raise UsageProblem(f"no manifest at {path}", "bench data import DIR makes one") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UsageProblem(f"cannot read the manifest {path}: {error}") from None


class _Inspection:
    """One pass over a manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[tuple[int, UsageProblem]] = []
        self.untold = 0
        self.starts, self.lines, self.ids = array("q"), array("Q"), array("Q")
        self.numbers = array("q")
        self.held: list[Case] = []

    def run(self, file: BinaryIO) -> tuple[Split, list[UsageProblem]]:
        first = file.readline(MAX_LINE)
        if not first.strip():
            raise UsageProblem(f"{self.path} has no header line", _FORM)
        header = _parse(Header, self.path, 1, first)
        digest = SplitDigest(header)
        for number, start, line in _lines(file):
            if line.strip():
                self._take(number, start, line, header, digest)
        self._name_twins(file)
        if not self.starts and not self.faults:
            self._tell(0, f"{self.path} has no cases")
        cases: Sequence[Case] = tuple(self.held)
        if len(self.starts) > IN_MEMORY:
            cases = CaseFile(self.path, self.starts, self.lines)
        return Split(header, cases, self.path.parent, digest.hexdigest()), self._told()

    def _take(
        self, number: int, start: int, line: bytes, header: Header, digest: SplitDigest
    ) -> None:
        try:
            case = _parse(Case, self.path, number, line)
        except UsageProblem as fault:
            self._tell(number, fault.problem, fault.remedy)
            return
        if misfit := case.misfit(header.protocol.task):
            self._tell(number, f"{self.path}:{number}: {misfit}", _FORM)
            return
        digest.add(case)
        self.starts.append(start)
        self.lines.append(_short(line))
        self.ids.append(_short(case.id.encode()))
        self.numbers.append(number)
        if len(self.starts) <= IN_MEMORY:
            self.held.append(case)
        elif self.held:
            self.held.clear()

    def _tell(self, number: int, problem: str, remedy: str = "") -> None:
        if len(self.faults) < _REPORTED:
            self.faults.append((number, UsageProblem(problem, remedy)))
        else:
            self.untold += 1

    def _name_twins(self, file: BinaryIO) -> None:
        """Find ids that occur twice by their digests, and look at the lines to be sure."""
        twins = repeated(self.ids)
        first: dict[str, int] = {}
        surplus = set()
        for index in twins:
            file.seek(self.starts[index])
            case = Case.model_validate_json(file.readline(MAX_LINE))
            if first.setdefault(case.id, index) != index:
                number = self.numbers[index]
                self._tell(number, f"{self.path}:{number}: case id '{case.id}' occurs twice")
                surplus.add(index)
        if surplus:  # the split is unusable; what is looked at further holds each id once
            keep = [i for i in range(len(self.starts)) if i not in surplus]
            self.starts = array("q", (self.starts[i] for i in keep))
            self.lines = array("Q", (self.lines[i] for i in keep))
            self.held = [c for i, c in enumerate(self.held) if i not in surplus]

    def _told(self) -> list[UsageProblem]:
        found = [fault for _, fault in sorted(self.faults, key=lambda item: item[0])]
        if self.untold:
            found.append(UsageProblem(f"{self.path}: and {self.untold} more faulty lines"))
        return found


def repeated(digests: "array[int]") -> list[int]:
    """Return the indices, ascending, of the values that occur more than once."""
    if not digests:
        return []
    values = np.frombuffer(digests, dtype=np.uint64)
    order = np.argsort(values, kind="stable")
    same = values[order][1:] == values[order][:-1]
    members = np.zeros(len(values), dtype=bool)
    members[order[1:][same]] = True
    members[order[:-1][same]] = True
    return [int(index) for index in np.flatnonzero(members)]


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, offset and content of each further line; one too long comes cut off.

    Not text lines: JSON strings may hold other separators, such as U+2028, as they are.
    """
    number, start = 2, file.tell()
    while line := file.readline(MAX_LINE):
        yield number, start, line
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)  # the rest of a line that is too long
        number, start = number + 1, file.tell()


def _short(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _parse(model: type[M], path: Path, number: int, line: bytes) -> M:
    if len(line) >= MAX_LINE:
        raise UsageProblem(f"{path}:{number}: the line is longer than {MAX_LINE:,} bytes", _FORM)
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        what = f"{where}: {message}" if where else message
        remedy = _FORM
        if where == "format":
            remedy = f"this version reads {FORMAT}: import the data again"
        raise UsageProblem(f"{path}:{number}: {what}", remedy) from None
