"""What a split is: a header, cases, and the rules by which they are scored.

On disk it is a manifest of JSON lines, see `benchmark.splits.manifest`. Paths are POSIX, relative
to the folder of the manifest, and stay inside it. The hash of a split covers the header and every
case, and with them the sha256 of every file, so that an added or renamed case or a re-encoded
clip makes another split.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from adapters.base import ALL_COMPONENTS, Component, FacePair
from benchmark.errors import UsageProblem

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,119}$"
_SHA256 = r"^[0-9a-f]{64}$"
FORMAT: Literal["portraitbench-split@2"] = "portraitbench-split@2"
Task = Literal["reenactment", "component", "interpolation", "long"]


def _inside(path: str) -> str:
    """Accept a relative POSIX path without ``..``; the file itself is checked on opening."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in path or "\0" in path:
        raise ValueError(f"path must be relative and stay inside the dataset: {path!r}")
    return path


MAX_FRAMES = 1_000_000
MAX_SIDE = 16_384
_Side = Annotated[int, Field(gt=0, le=MAX_SIDE)]
Dial = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Strength = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
RelativePath = Annotated[str, AfterValidator(_inside)]
Sha256 = Annotated[str, Field(pattern=_SHA256)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Protocol(_Strict):
    """The rules by which the cases of a split are scored; one manifest holds one protocol.

    ``first_frame``: in a self case frame 0 is the source, so methods get it for nothing; most
    papers score it all the same, which makes their numbers better, and other numbers.
    ``reference``: the real pictures that distributions of results (FID, FVD) are compared with:
    the driving frames of the cases, or their source portraits.
    ``identity``: whom the result must look like: the source portrait, or the driving person (the
    two are one in self-reenactment).
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}@[1-9][0-9]{0,3}$")]
    task: Task = "reenactment"
    first_frame: Literal["excluded", "scored"] = "excluded"
    reference: Literal["driving", "sources"] = "driving"
    identity: Literal["source", "driving"] = "source"


REENACTMENT = Protocol(id="reenactment@1")


class Header(_Strict):
    """First line of a manifest: what the split is and by which rules it was made."""

    format: Literal["portraitbench-split@2"] = FORMAT
    dataset: Annotated[str, Field(pattern=_NAME)]
    split: Annotated[str, Field(pattern=_NAME)]
    version: str
    citation: str
    licence: str
    protocol: Protocol = REENACTMENT
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


class Origin(_Strict):
    """Where a file of a case comes from, so that training lists can be held against it.

    ``name`` is the file in the layout it was imported from, ``identity`` the person by that
    layout (empty where it does not say), ``sha256`` the content of the original.
    """

    name: str
    identity: str = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class Origins(_Strict):
    """The origins of the two files of a case; in a self case they are one."""

    source: Origin
    driving: Origin


class Case(_Strict):
    """One source and one driving video under one protocol.

    ``frames`` is the half-open range of driving frames that is used. In a self case the source is
    the first of them; whether that frame is scored, `Protocol.first_frame` says. What is in
    ``components`` must follow the driving person, what is in ``still`` must stay as in the
    source; what is in neither is free. ``dials`` are strengths in [0, 1] that the method is asked
    for; the cases that differ only in them share a ``series``.
    """

    id: Annotated[str, Field(pattern=_NAME)]
    protocol: Literal["self", "cross"]
    source: RelativePath
    driving: RelativePath
    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)] = (Pair(source=0, driving=0),)
    components: tuple[Component, ...] = tuple(Component)
    still: tuple[Component, ...] = ()
    dials: Annotated[dict[Dial, Strength], Field(max_length=16)] = {}
    series: Annotated[str, Field(pattern=rf"^$|{_NAME}")] = ""
    frames: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0, le=MAX_FRAMES)]]
    fps: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$")]
    size: tuple[_Side, _Side]
    tags: tuple[str, ...] = ()
    origins: Origins | None = None
    sha256: Hashes

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.frames[0] >= self.frames[1]:
            raise ValueError(f"empty frame range {list(self.frames)}")
        if len({p.source for p in self.pairs}) != len(self.pairs):
            raise ValueError("two pairs drive the same portrait face")
        if not self.components:
            raise ValueError("no component is driven")
        for name, listed in (("components", self.components), ("still", self.still)):
            if len(set(listed)) != len(listed):
                raise ValueError(f"{name} names a component twice")
        if both := set(self.components) & set(self.still):
            raise ValueError(f"{min(both)} must both follow and stand still")
        if bool(self.dials) != bool(self.series):
            raise ValueError("dials and series belong together")
        return self

    def misfit(self, task: Task) -> str:
        """Say why the case does not belong to ``task``; empty if it does.

        A table averages over the cases of a split, so that one split holds one task.
        """
        whole = self.driven == ALL_COMPONENTS
        if task == "component" and whole:
            return "a component case drives some components, not all"
        if task != "component" and (not whole or self.still):
            return f"components belong to a component protocol, not to '{task}'"
        if (task == "interpolation") != bool(self.dials):
            return "dials belong to an interpolation protocol, and it needs them"
        return ""

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
    """A manifest that was read, with the folder its paths are relative to.

    Attributes:
        header: Its first line.
        cases: Its cases in order; a long manifest is read again for them, see
            `benchmark.splits.manifest.CaseFile`.
        root: Folder of the media.
        sha256: Hash over header and cases in order; identifies the split.
    """

    header: Header
    cases: Sequence[Case]
    root: Path
    sha256: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.sha256:
            digest = SplitDigest(self.header)
            for case in self.cases:
                digest.add(case)
            object.__setattr__(self, "sha256", digest.hexdigest())

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


class SplitDigest:
    """The hash of a split, line by line, so that no manifest needs to be held in memory."""

    def __init__(self, header: Header) -> None:
        self._digest = hashlib.sha256(line_of(header).encode())

    def add(self, case: Case) -> str:
        """Take the next case in order; return its line."""
        line = line_of(case)
        self._digest.update(line.encode())
        return line

    def hexdigest(self) -> str:
        """Return the hash of what was added."""
        return self._digest.hexdigest()


def line_of(item: BaseModel) -> str:
    """Return the one way to write an item down: every field, sorted keys, one line."""
    return json.dumps(item.model_dump(mode="json"), sort_keys=True, ensure_ascii=False) + "\n"
