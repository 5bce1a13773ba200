"""The split manifest: a header line and one line a case, as JSON lines.

Paths are POSIX, relative to the folder of the manifest, and stay inside it. The hash of a split
covers the header and every case, and with them the sha256 of every file, so that a renamed case
or re-encoded clip makes another split.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from adapters.base import ALL_COMPONENTS, Component, FacePair
from benchmark.errors import UsageProblem

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,119}$"
_SHA256 = r"^[0-9a-f]{64}$"
M = TypeVar("M", bound=BaseModel)


def _inside(path: str) -> str:
    """Accept a relative POSIX path without ``..``; the file itself is checked on opening."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in path or "\0" in path:
        raise ValueError(f"path must be relative and stay inside the dataset: {path!r}")
    return path


MAX_FRAMES = 1_000_000
MAX_SIDE = 16_384
_Side = Annotated[int, Field(gt=0, le=MAX_SIDE)]
RelativePath = Annotated[str, AfterValidator(_inside)]
Sha256 = Annotated[str, Field(pattern=_SHA256)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(_Strict):
    """First line of a manifest: what the split is and by which rules it was made."""

    format: Literal["portraitbench-split@1"] = "portraitbench-split@1"
    dataset: Annotated[str, Field(pattern=_NAME)]
    split: Annotated[str, Field(pattern=_NAME)]
    version: str
    citation: str
    licence: str
    pairing: str
    crop: str
    fps: str
    notice: str = ""
    """A sentence that every table from this split carries; empty for ordinary data."""


class Pair(_Strict):
    """Left-to-right ranks: driving person ``driving`` drives portrait face ``source``."""

    source: Annotated[int, Field(ge=0, le=63)]
    driving: Annotated[int, Field(ge=0, le=63)]


class Hashes(_Strict):
    """sha256 of the two files of a case."""

    source: Sha256
    driving: Sha256


class Case(_Strict):
    """One source and one driving video under one protocol.

    ``frames`` is the half-open range of driving frames that is used. In a self case the source is
    the first of them, and that frame is not scored.
    """

    id: Annotated[str, Field(pattern=_NAME)]
    protocol: Literal["self", "cross"]
    source: RelativePath
    driving: RelativePath
    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)] = (Pair(source=0, driving=0),)
    components: tuple[Component, ...] = tuple(Component)
    frames: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0, le=MAX_FRAMES)]]
    fps: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$")]
    size: tuple[_Side, _Side]
    tags: tuple[str, ...] = ()
    sha256: Hashes

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.frames[0] >= self.frames[1]:
            raise ValueError(f"empty frame range {list(self.frames)}")
        if len({p.source for p in self.pairs}) != len(self.pairs):
            raise ValueError("two pairs drive the same portrait face")
        if not self.components:
            raise ValueError("no component is driven")
        return self

    @property
    def n_frames(self) -> int:
        """Number of driving frames used."""
        return self.frames[1] - self.frames[0]

    @property
    def rate(self) -> Fraction:
        """Frame rate of the driving video."""
        return Fraction(self.fps)

    @property
    def face_pairs(self) -> tuple[FacePair, ...]:
        """The pairs as the adapter contract names them."""
        return tuple(FacePair(p.source, p.driving) for p in self.pairs)

    @property
    def driven(self) -> frozenset[Component]:
        """The driven components."""
        return frozenset(self.components) & ALL_COMPONENTS

    def shortened(self, max_frames: int) -> "Case":
        """Return the case with at most ``max_frames`` driving frames."""
        start, stop = self.frames
        return self.model_copy(update={"frames": (start, min(stop, start + max_frames))})


@dataclass(frozen=True, slots=True)
class Split:
    """A manifest that was read, with the folder its paths are relative to."""

    header: Header
    cases: tuple[Case, ...]
    root: Path

    @property
    def sha256(self) -> str:
        """Hash over header and cases in order; identifies the split."""
        digest = hashlib.sha256()
        for item in (self.header, *self.cases):
            digest.update(_line(item).encode())
        return digest.hexdigest()

    def file(self, relative: str) -> Path:
        """Return the path of a media file of the split.

        Raises:
            UsageProblem: If a symbolic link leads out of the dataset.
        """
        path = self.root / relative
        try:
            root, real = self.root.resolve(), path.resolve()
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
            raise UsageProblem(f"{relative}: cannot be followed in {self.root}") from None
        if not real.is_relative_to(root):
            raise UsageProblem(
                f"{relative}: leads out of the dataset {root}", "copy the file into the dataset"
            )
        return path


def _line(item: BaseModel) -> str:
    return json.dumps(item.model_dump(mode="json"), sort_keys=True, ensure_ascii=False) + "\n"


def write_manifest(path: Path, header: Header, cases: Sequence[Case]) -> None:
    """Write a manifest; the caller chooses a fresh path or replaces atomically."""
    text = "".join(_line(item) for item in (header, *cases))
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


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
    """Read ``path`` as far as it can be read, with every fault of its form.

    Returns:
        The split, of the cases that are well formed, and the faults in line order.

    Raises:
        UsageProblem: If the file or its header cannot be read at all.
    """
    try:
        # Not splitlines(): JSON strings may hold other separators, such as U+2028, as they are.
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise UsageProblem(f"no manifest at {path}", "bench data import DIR makes one") from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"cannot read the manifest {path}: {error}") from None
    if not lines[0].strip():
        raise UsageProblem(f"{path} has no header line", "see docs/splits.md for the form")
    header = _parse(Header, path, 1, lines[0])
    cases: dict[str, Case] = {}
    faults: list[UsageProblem] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            case = _parse(Case, path, number, line)
        except UsageProblem as fault:
            faults.append(fault)
            continue
        if case.id in cases:
            faults.append(UsageProblem(f"{path}:{number}: case id '{case.id}' occurs twice"))
        cases.setdefault(case.id, case)
    if not cases and not faults:
        faults.append(UsageProblem(f"{path} has no cases"))
    return Split(header, tuple(cases.values()), path.parent), faults


def _parse(model: type[M], path: Path, number: int, line: str) -> M:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        what = f"{where}: {message}" if where else message
        raise UsageProblem(f"{path}:{number}: {what}", "see docs/splits.md for the form") from None
