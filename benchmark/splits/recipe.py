"""The recipe of a dataset: what an import was asked and what it found, without the media.

It lies beside the manifests as ``import.json``. With it and the same originals the dataset can be
made again on another machine, without looking for faces, and compared file by file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import UsageProblem
from benchmark.media.files import writing
from benchmark.splits.case import MAX_FRAMES
from benchmark.splits.layouts import DEFAULT, Ask
from benchmark.splits.protocols import DEFAULT as REENACTMENT
from benchmark.splits.protocols import Spec, built_in
from benchmark.splits.rules import Rules

NAME = "import.json"
FORMAT = "portraitbench-import@2"
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for, apart from where things lie.

    Attributes:
        layout: Name of the layout.
        ask: What was said about it.
        where: Tags, ``key=value``, that a clip must have to be taken.
        protocol: Which cases are made, and how they are scored.
        portraits_per_clip: Cross cases for each clip; ``None``: as the protocol says.
        seed: Seed of every draw.
        rules: How media are prepared.
        citation: How the dataset is cited.
        licence: Its licence.
    """

    layout: str = DEFAULT
    ask: Ask = field(default_factory=Ask)
    where: tuple[str, ...] = ()
    protocol: Spec = field(default_factory=lambda: built_in()[REENACTMENT])
    portraits_per_clip: int | None = None
    seed: int = 0
    rules: Rules = field(default_factory=Rules)
    citation: str = NOT_STATED
    licence: str = NOT_STATED

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data; the table of pairs by its name only."""
        rate, pairs = self.ask.frame_rate, self.ask.pairs
        return {
            "layout": self.layout,
            "frame_rate": None if rate is None else str(rate),
            "pairs": None if pairs is None else pairs.name,
            "where": list(self.where),
            "protocol": self.protocol.model_dump(mode="json"),
            "portraits_per_clip": self.portraits_per_clip,
            "seed": self.seed,
            "rules": self.rules.as_dict(),
            "citation": self.citation,
            "licence": self.licence,
        }


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe that was read.

    Attributes:
        name: Name of the dataset.
        wanted: What was asked for.
        tracker: What found the faces.
        surveys: What was found, by split, kind and sha256 of the original.
        labels: The originals by that key, for people.
        files: sha256 of every prepared file, by path.
        splits: Hash of every split, by name.
        versions: Versions of the libraries that drew and encoded.
    """

    name: str
    wanted: Wanted
    tracker: str
    surveys: dict[tuple[str, str, str], dict[str, Any]]
    labels: dict[tuple[str, str, str], str]
    files: Mapping[str, str]
    splits: Mapping[str, str]
    versions: Mapping[str, str]


def write_recipe(path: Path, recipe: Mapping[str, Any]) -> None:
    """Write a recipe as JSON."""
    text = json.dumps({"format": FORMAT, **recipe}, indent=1, ensure_ascii=False) + "\n"
    with writing(path):
        path.write_text(text, encoding="utf-8")


def read_recipe(path: Path, pairs: Path | None = None) -> Recipe:
    """Read a recipe.

    Args:
        path: The file ``import.json`` of a dataset.
        pairs: The table of pairs, if one was used.

    Raises:
        UsageProblem: If it is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageProblem(f"no recipe at {path}", f"it is the {NAME} of a dataset") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(f"cannot read the recipe {path}: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UsageProblem(f"{path} is not in the form {FORMAT}", "import the data again")
    try:
        return _recipe(_File.model_validate(data), pairs)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageProblem(f"{path} is damaged: {where}: {first['msg']}") from None


def _recipe(data: "_File", pairs: Path | None) -> Recipe:
    asked = data.wanted
    if asked.pairs and pairs is None:
        raise UsageProblem(f"the recipe used a table of pairs, {asked.pairs}", "add --pairs")
    wanted = Wanted(
        layout=asked.layout,
        ask=Ask(None if asked.frame_rate is None else Fraction(asked.frame_rate), pairs),
        where=asked.where,
        protocol=asked.protocol,
        portraits_per_clip=asked.portraits_per_clip,
        seed=asked.seed,
        rules=Rules.of(asked.rules.model_dump()),
        citation=asked.citation,
        licence=asked.licence,
    )
    keyed = {(o.split, o.kind, o.sha256): o for o in data.originals}
    return Recipe(
        name=data.name,
        wanted=wanted,
        tracker=data.tracker,
        surveys={key: original.survey.model_dump() for key, original in keyed.items()},
        labels={key: f"{key[1]}/{key[0]}/{o.name}" for key, o in keyed.items()},
        files=data.files,
        splits=data.splits,
        versions=data.versions,
    )


_Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$")]
_Side = Annotated[int, Field(ge=1, le=100_000)]
_Faces = Annotated[int, Field(ge=0, le=64)]
_Pixel = Annotated[float, Field(allow_inf_nan=False, ge=-1e7, le=1e7)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Survey(_Part):
    n_frames: Annotated[int, Field(ge=1, le=MAX_FRAMES)]
    fps: Annotated[str, Field(pattern=r"^[0-9]{1,9}(/[1-9][0-9]{0,8})?$")]
    size: tuple[_Side, _Side]
    box: tuple[_Pixel, _Pixel, _Pixel, _Pixel] | None
    people: _Faces
    first: _Faces


class _Original(_Part):
    split: str
    kind: Literal["driving", "portraits"]
    name: str
    slug: str
    identity: str
    sha256: str
    survey: _Survey
    crop: dict[str, Any]


class _Rules(_Part):
    side: int
    longest: int
    fps: _Rate | None
    max_frames: int | None
    audio: Literal["none", "silent"]


class _Asked(_Part):
    layout: str
    frame_rate: _Rate | None
    pairs: str | None
    where: tuple[str, ...]
    protocol: Spec
    portraits_per_clip: int | None
    seed: int
    rules: _Rules
    citation: str
    licence: str


class _File(_Part):
    format: str
    name: str
    wanted: _Asked
    tracker: str
    versions: dict[str, str]
    splits: dict[str, str]
    files: dict[str, str]
    skipped: tuple[str, ...]
    originals: tuple[_Original, ...]
