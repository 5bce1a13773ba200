"""Protocols as data: read from ``protocols.toml`` beside this file, or from the user's own."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from adapters.base import ALL_COMPONENTS, Component
from benchmark.errors import UsageProblem
from benchmark.names import resolve
from benchmark.splits.case import Dial, Protocol, Strength

DEFAULT = "reenactment"
PER_CLIP = 3
"""Cross cases for each clip, where neither the protocol nor the user says."""

_FILE = Path(__file__).with_name("protocols.toml")
_Count = Annotated[int, Field(ge=1, le=1_000_000)]
Kind = Literal["self", "cross"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variant(_Strict):
    """One split that the protocol makes of a group.

    ``dials`` holds a setting for each case of a series; without it every pair is one case.
    """

    suffix: Annotated[str, Field(pattern=r"^(-[a-z0-9][a-z0-9-]{0,30})?$")] = ""
    cases: Annotated[tuple[Kind, ...], Field(min_length=1)]
    components: Annotated[tuple[Component, ...], Field(min_length=1)] = tuple(Component)
    still: tuple[Component, ...] = ()
    dials: tuple[dict[Dial, Strength], ...] = ()

    @property
    def partial(self) -> bool:
        """Whether only a part of the motion is driven."""
        return frozenset(self.components) != ALL_COMPONENTS or bool(self.still)


class Counts(_Strict):
    """The most portraits and clips that are taken of a group."""

    portraits: _Count | None = None
    clips: _Count | None = None


class Spec(_Strict):
    """A protocol: which cases are made, and how they are scored."""

    title: str
    rules: Protocol
    splits: Annotated[tuple[Variant, ...], Field(min_length=1)]
    counts: dict[Annotated[str, Field(pattern=r"^(single|multi)$")], Counts] = {}
    pairing: Literal["drawn", "portrait-once"] = "drawn"
    portraits_per_clip: Annotated[int, Field(ge=0)] | None = None
    frames: Annotated[int, Field(ge=2)] | None = None
    fps: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(/[1-9][0-9]{0,3})?$")] | None = None
    min_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    notice: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        task = self.rules.task
        if len({variant.suffix for variant in self.splits}) < len(self.splits):
            raise ValueError("two splits have one suffix")
        for variant in self.splits:
            if variant.partial != (task == "component"):
                raise ValueError(f"task '{task}' and driven components do not fit together")
            if bool(variant.dials) != (task == "interpolation"):
                raise ValueError(f"task '{task}' and dials do not fit together")
            if set(variant.components) & set(variant.still):
                raise ValueError("a component must both follow and stand still")
        return self


@cache
def built_in() -> dict[str, Spec]:
    """Return the protocols that come with the package, by name."""
    return _read(_FILE)


def protocol(text: str) -> Spec:
    """Return a protocol by name, or the only one of a TOML file.

    Raises:
        UsageProblem: If there is none, or the file is wrong; says where.
    """
    if not text.endswith(".toml"):
        return built_in()[resolve(text, built_in(), "protocol")]
    found = _read(Path(text).expanduser())
    if len(found) != 1:
        raise UsageProblem(f"{text} holds {len(found)} protocols", "put each in a file of its own")
    return next(iter(found.values()))


def _read(path: Path) -> dict[str, Spec]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageProblem(f"no protocol at {path}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageProblem(f"cannot read {path}: {error}") from None
    found = {}
    for name, table in data.items():
        try:
            found[name] = Spec.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in (name, *first["loc"]))
            message = first["msg"].removeprefix("Value error, ")
            raise UsageProblem(f"{path}: {where}: {message}", "see docs/protocols.md") from None
    return found
