"""How a method that lives outside our process is described, in a TOML of its own or the user's."""

from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from adapters.frame_rule import FrameRule
from adapters.words import ALWAYS, PLACEHOLDERS, SEVERAL, names_in, unknown

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+=-]{0,59}$")]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_COUNT = Annotated[int, Field(ge=0, le=1_000_000)]
_SIDE = Annotated[int, Field(ge=1, le=8192)]
_COMPONENTS = {"pose", "mouth", "eyes", "emotion"}


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith(("/", "~")) and ".." not in path.split("/")


class Words(BaseModel):
    """What all tables share: unknown words are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Frames(Words):
    """``[frames]``: the words of `adapters.frame_rule.FrameRule`."""

    fps: str | None = None
    most: Annotated[int, Field(ge=1)] | None = None
    multiple: Annotated[int, Field(ge=1)] = 1
    plus: _COUNT = 0
    first: _COUNT = 0
    last: _COUNT = 0
    surplus: bool = False

    @field_validator("fps")
    @classmethod
    def _a_rate(cls, text: str | None) -> str | None:
        try:
            if text is not None and not 0 < Fraction(text) <= 1000:
                raise ValueError
        except (ValueError, ZeroDivisionError):
            raise ValueError('write a rate as "12" or "30000/1001"') from None
        return text

    @property
    def rule(self) -> FrameRule:
        """The rule itself."""
        given = self.model_dump()
        return FrameRule(**{**given, "fps": None if self.fps is None else Fraction(self.fps)})


class Panel(Words):
    """``[result.panel]``: which part of each frame shows the result alone.

    Either a box in pixels (``x``, ``y``, ``width``, ``height``), or one of ``columns`` equal
    columns, counted from 0, with ``gap`` pixels before, between and after them.
    """

    x: _COUNT = 0
    y: _COUNT = 0
    width: _SIDE | None = None
    height: _SIDE | None = None
    columns: Annotated[int, Field(ge=2, le=64)] | None = None
    column: _COUNT = 0
    gap: _COUNT = 0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        box = self.width is not None and self.height is not None
        if box == (self.columns is not None):
            raise ValueError("give a box (x, y, width, height) or columns and column")
        if self.columns is not None and self.column >= self.columns:
            raise ValueError(f"there is no column {self.column} of {self.columns}, from 0")
        return self


class Result(Words):
    """``[result]``: where a frame shows what.

    Attributes:
        panel: What is cut out of each frame first.
        geometry: How the source became the result. ``source``: pixels lie where the source's do.
            ``stretched``: the whole canvas at another size or shape. ``letterboxed``: the whole
            canvas inside bars, which are cut. ``centre``: the largest centred part of the canvas
            that has the result's shape; it is laid back onto the portrait. ``height``: the canvas
            at its full height; one or the other at its sides. ``face``: a part that
            the method chooses itself, around the face. It is found by landmarks and laid back in
            self-reenactment, left as it is in cross-reenactment, and said under every table.
    """

    panel: Panel | None = None
    geometry: Literal["source", "stretched", "letterboxed", "centre", "height", "face"] = (
        "stretched"
    )


class Inputs(Words):
    """``[inputs]``: what the copies of the inputs must be like.

    Attributes:
        size: ``[height, width]`` that portrait and driving video are resized to; as they are if
            it is not given.
        audio: ``none``; ``track``: a silent track in the driving video; ``file``: ``{audio}``.
        extra: So many repeats of its last frame are added to the driving video.
        order: Which face the first of ``{drivings}`` drives: from the ``left`` or the ``right``.
        margin: Share of a driving face's box added on each side where people are cut apart.
    """

    size: tuple[_SIDE, _SIDE] | None = None
    audio: Literal["none", "track", "file"] = "none"
    extra: _COUNT = 0
    order: Literal["left", "right"] = "left"
    margin: Annotated[float, Field(ge=0, le=4)] = 0.5


class JobFile(Words):
    """``[[files]]``: a file written for each case before the command runs."""

    path: str
    content: str

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        if not path.startswith(("{work}/", "{out}/")) or ".." in path.split("/"):
            raise ValueError("a file of a case lies below {work}/ or {out}/")
        return path


class Weights(Words):
    """``[[weights]]``: a file or folder that must lie in the repository.

    Attributes:
        path: Where, relative to the repository.
        source: Address that it comes from.
        licence: Its licence, where that is another than the code's.
        fetch: Command that gets it, run in the repository; empty where a person has to.
    """

    path: str
    source: str
    licence: str = ""
    fetch: tuple[str, ...] = ()

    @field_validator("path")
    @classmethod
    def _relative(cls, path: str) -> str:
        if not _is_inside(path):
            raise ValueError("a path inside the repository")
        return path


class Gpu(Words):
    """``gpu``: what is known of the GPU memory that a method takes.

    Attributes:
        gb: Gigabytes, 10⁹ bytes, of the smallest device that it is said to run on.
        said: Who says so, and of what.
    """

    gb: Annotated[float, Field(gt=0)]
    said: str


class Environment(Words):
    """``[environment]``: what it runs in.

    Attributes:
        python: Version it was made for.
        system: Programs and libraries of the system that it needs.
        setup: Commands that install it, run in the repository after its environment was made.
        prefix: Words before the command: conda, a container; templates.
        stop: Command that ends what runs elsewhere on its behalf: a container; templates of
            ``{job}``, ``{repository}``, ``{python}`` and options. Run whenever its process is
            ended: after too long a time, a crash, an interrupt, and at the end.
        variables: Environment variables; templates.
    """

    python: str = ""
    system: tuple[str, ...] = ()
    setup: tuple[tuple[str, ...], ...] = ()
    prefix: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    variables: dict[Variable, str] = {}


class Invocation(Words):
    """How it is run: the words that rows of ours and ``[methods.NAME]`` of users share.

    Attributes:
        command: Argument list for one case; no shell. Templates, see `adapters.words`.
        worker: ``FILE.py:Class`` of a hook that loads once and serves cases; see
            `adapters.worker`. The file lies beside the description, or in the repository.
        output: Pattern of the result: a video, or numbered pictures.
        ignore: File names among those that match which are something else.
        tolerant: A file counts even if the command ends with another code than 0.
        self: Arguments added in self-reenactment.
        cross: Arguments added in cross-reenactment.
        components: Arguments that drive less than everything; ``eyes+mouth`` and so on.
        own: Folders of the repository that each case gets an empty one of, because it writes there.
        options: Named values for placeholders, with their defaults.
        faces: ``one``; ``alike``: every face gets the same motion; ``each``: its own driver;
            ``apart``: one, but several people are cut apart, animated one by one and laid back.
    """

    command: tuple[str, ...] = ()
    worker: str = ""
    output: str = ""
    ignore: tuple[str, ...] = ()
    tolerant: bool = False
    self_flags: Annotated[tuple[str, ...], Field(alias="self")] = ()
    cross: tuple[str, ...] = ()
    components: dict[str, tuple[str, ...]] = {}
    own: tuple[str, ...] = ()
    options: dict[str, JsonValue] = {}
    faces: Literal["one", "alike", "each", "apart"] = "one"
    inputs: Inputs = Inputs()
    frames: Frames = Frames()
    result: Result = Result()
    files: tuple[JobFile, ...] = ()
    environment: Environment = Environment()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @field_validator("own")
    @classmethod
    def _own_inside(cls, folders: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [text for text in folders if not _is_inside(text)]:
            raise ValueError(f"'{wrong[0]}' is no folder inside the method's own")
        return folders

    @field_validator("worker")
    @classmethod
    def _a_hook(cls, text: str) -> str:
        file, _, kind = text.rpartition(":")
        if text and not (file.endswith(".py") and kind.isidentifier() and _is_inside(file)):
            raise ValueError(
                'write "hook.py:Class", a file beside the description or in its folder'
            )
        return text

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        texts = [*self.command, *self.self_flags, *self.cross, *self.environment.variables.values()]
        texts += [word for words in self.components.values() for word in words]
        texts += [text for file in self.files for text in (file.path, file.content)]
        texts += [*self.environment.prefix, *self.environment.stop]
        if strange := unknown([*texts, self.output], self.options):
            known = ", ".join(PLACEHOLDERS)
            raise ValueError(
                f"nothing takes the place of {{{strange[0]}}}; there are {known}, and your options"
            )
        if any(SEVERAL in text and text != SEVERAL for text in texts):
            raise ValueError(f"{SEVERAL} is an argument of its own")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        below = self.output.startswith(("{out}/", "{work}/"))
        if self.command and not (below and ".." not in self.output.split("/")):
            raise ValueError("output = '{out}/...' or '{work}/...' says where the result lies")
        if wrong := set("+".join(self.components).split("+")) - _COMPONENTS - {""}:
            raise ValueError(f"no component '{min(wrong)}'; there are {sorted(_COMPONENTS)}")
        if clash := set(self.options) & set(PLACEHOLDERS):
            raise ValueError(f"option '{min(clash)}' has the name of a placeholder")
        known = {*ALWAYS, *self.options}
        if late := [n for text in self.environment.stop for n in names_in(text) if n not in known]:
            raise ValueError(f"environment.stop belongs to no case: {{{late[0]}}} means nothing")
        return self


class Description(Invocation):
    """A row: a method of others, with what must be known before its numbers are believed.

    Attributes:
        name: What the user types.
        label: Row name in tables.
        aliases: Other names that find it.
        paper: Where it is described.
        repository: Address of its code; empty where there is none.
        commit: The commit that all of this was read from.
        licence: Of the code, and of models where they differ.
        why: Why there is no code to run; such a row takes finished videos only.
        traps: What goes wrong by default, for ``bench methods show``.
        footnotes: What cannot be undone; printed under every table.
        weights: Files that it needs.
        gpu: GPU memory that it needs; ``None`` where nobody says.
    """

    name: Name
    label: str
    aliases: tuple[Name, ...] = ()
    paper: str = ""
    repository: str = ""
    commit: str = ""
    licence: str = ""
    why: str = ""
    traps: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    weights: tuple[Weights, ...] = ()
    gpu: Gpu | None = None

    @model_validator(mode="after")
    def _runs_or_says_why(self) -> Self:
        if bool(self.command or self.worker) == bool(self.why):
            raise ValueError("give a command or worker, or say why there is none")
        return self

    @property
    def public(self) -> bool:
        """Whether there is code to run."""
        return not self.why


def invocation(row: Invocation) -> dict[str, Any]:
    """Return the words of ``row`` that say how it is run, as plain data of `Invocation`."""
    names = {field.alias or name for name, field in Invocation.model_fields.items()}
    return {k: v for k, v in row.model_dump(mode="json", by_alias=True).items() if k in names}
