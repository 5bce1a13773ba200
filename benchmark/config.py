"""``bench.toml``: the user's own methods, and the licences of weights that were accepted."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from adapters.description import Invocation, Name, Words
from adapters.faults import first_fault
from benchmark.errors import UsageProblem

FILE = "bench.toml"
MethodName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,59}$")]


class Variant(Words):
    """``[methods.NAME.variants.V]``: the method with something changed, a row of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = ""
    """Row name in tables; the method's own with ``V`` in brackets if empty."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Options that take the place of the method's."""
    extra: tuple[str, ...] = ()
    """Arguments added to the command of a method that is run as one."""


class MethodEntry(Invocation):
    """``[methods.NAME]``: a class, finished videos, a command, or a known method's place.

    The words of a command are those of `adapters.description.Invocation`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    python: Annotated[str, Field(pattern=r"^[\w.]+:[A-Za-z_]\w*$")] | None = None
    """``module:Class``; the module is found from the folder of ``bench.toml``."""
    videos: str | None = None
    """Folder of finished videos, relative to ``bench.toml``."""
    label: str = ""
    """Row name in tables; the method's name if empty."""
    train_lists: tuple[str, ...] = ()
    """Lists of what it was trained on, relative to ``bench.toml``; see docs/splits.md."""
    like: str = ""
    """Name of the described method that this one starts from; its own name if empty."""
    at: str = ""
    """Folder of the method's code, relative to ``bench.toml``."""
    interpreter: str = ""
    """Its Python; ``env/bin/python`` or ``.venv/bin/python`` in or beside ``at`` if empty."""
    prefix: tuple[str, ...] = ()
    """Words before every command: ``["conda", "run", "-n", "x", "--no-capture-output"]``."""
    mode: Literal["worker", "once"] | None = None
    """Loaded once, or a process a case; a worker where there is one if it is not given."""
    variants: dict[Name, Variant] = Field(default_factory=dict)
    """Changed methods as rows of their own."""

    @property
    def described(self) -> dict[str, Any]:
        """The words of a command that were given, of tables only the words given in them."""
        given = {n for n in Invocation.model_fields if n in self.model_fields_set}
        return self.model_dump(mode="json", by_alias=True, include=given, exclude_unset=True)

    def _placeholders(self) -> Self:  # type: ignore[override]
        return self  # checked when the words of a known method are known too

    def _consistent(self) -> Self:  # type: ignore[override]
        return self

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.python is not None, self.videos is not None, bool(self.command)]
        if sum(kinds) > 1:
            raise ValueError("give one of python = 'module:Class', videos = 'FOLDER', command")
        return self


class Config(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: dict[MethodName, MethodEntry] = {}
    accept_licences: tuple[str, ...] = ()
    """Licences of weights that whoever runs this accepts, see docs/weights.md."""


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
        message = f"{chosen}: {first_fault(error)}"
        raise UsageProblem(message, "all words: docs/add-a-method.md") from None
