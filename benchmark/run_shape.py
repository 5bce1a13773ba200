"""The shape of a run's files, held before anybody reads them: a run is a folder anyone can edit."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Row = TypeVar("Row")
Name = Annotated[str, Field(min_length=1)]


class Damaged(Exception):
    """A stored record is not what this program writes; the text says where, in one line."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Named(_Part):
    name: Name
    label: Name


class _Split(_Part):
    dataset: str
    split: str
    version: str = ""
    sha256: str


class _Case(_Part):
    protocol: str
    frames: Annotated[int, Field(ge=0)]


class _Metric(_Part):
    extractors: Mapping[str, str] = Field(default_factory=dict)


class _Extractor(_Part):
    fingerprint: str = ""
    profile: Literal["", "canonical", "embedded"] = ""
    absent: str = ""


class _Options(_Part):
    max_frames: Annotated[int, Field(ge=1)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


class ManifestShape(_Part):
    """What every reader of ``run.json`` may rely on; readers check what they need beyond it."""

    run_id: Name
    method: _Named
    split: _Split
    case_ids: tuple[Name, ...]
    cases: Mapping[str, _Case]
    options: _Options = _Options()
    extractors: Mapping[str, _Extractor] = Field(default_factory=dict)
    metrics: Mapping[str, _Metric] = Field(default_factory=dict)
    runtimes: Mapping[str, Any] = Field(default_factory=dict)
    check: Mapping[str, Any] = Field(default_factory=dict)


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Hold ``run.json`` against its shape.

    Raises:
        Damaged: If it has another, lists a case twice, or tells nothing of one.
    """
    try:
        shape = ManifestShape.model_validate(manifest)
    except ValidationError as error:
        raise Damaged(_first(error)) from None
    if len(set(shape.case_ids)) < len(shape.case_ids):
        raise Damaged("case_ids names a case twice")
    if missing := set(shape.case_ids) - set(shape.cases):
        raise Damaged(f"cases says nothing of {min(missing)}")


def reader(kind: type[Row]) -> Callable[[Mapping[str, Any]], Row]:
    """Return a function that makes a record of named values.

    It raises `Damaged` where a value is missing, has another type, or is not finite where the
    record asks for that.

    Args:
        kind: A dataclass.
    """
    adapter = TypeAdapter(kind)

    def read(values: Mapping[str, Any]) -> Row:
        try:
            return adapter.validate_python(values)
        except ValidationError as error:
            raise Damaged(_first(error)) from None

    return read


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
