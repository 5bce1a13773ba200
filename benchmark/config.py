"""``bench.toml``: the user's own methods."""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from benchmark.errors import UsageProblem

FILE = "bench.toml"
MethodName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,59}$")]


class MethodEntry(BaseModel):
    """``[methods.NAME]``: a Python class, or a folder of finished videos."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    python: Annotated[str, Field(pattern=r"^[\w.]+:[A-Za-z_]\w*$")] | None = None
    """``module:Class``; the module is found from the folder of ``bench.toml``."""
    videos: str | None = None
    """Folder of finished videos, relative to ``bench.toml``."""
    label: str = ""
    """Row name in tables; the method's name if empty."""
    options: dict[str, JsonValue] = {}
    """Arguments of the class (or of `adapters.precomputed.Precomputed`)."""
    train_lists: tuple[str, ...] = ()
    """Lists of what it was trained on, relative to ``bench.toml``; see docs/splits.md."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.python is None) == (self.videos is None):
            raise ValueError("give either python = 'module:Class' or videos = 'FOLDER'")
        return self


class Config(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: dict[MethodName, MethodEntry] = {}


def read_config(path: Path | None) -> tuple[Config, Path]:
    """Read ``path``, or ``bench.toml`` in the working directory if there is one.

    Returns:
        The configuration and the folder that relative paths in it start from.

    Raises:
        UsageProblem: If a named file is missing, or the file is wrong; says where.
    """
    chosen = path or Path(FILE)
    if not chosen.is_file():
        if path is not None:
            raise UsageProblem(f"no configuration at {path}")
        return Config(), Path.cwd()
    try:
        data = tomllib.loads(chosen.read_text(encoding="utf-8"))
        return Config.model_validate(data), chosen.resolve().parent
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageProblem(f"cannot read {chosen}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageProblem(f"{chosen}: {where}: {message}", "see docs/methods.md") from None
