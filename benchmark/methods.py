"""Which methods there are, and how each one is loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmark.config import Config, MethodEntry
from benchmark.errors import UsageProblem
from benchmark.names import resolve

OURS = "ours"
_NO_SPEED_CONTROL = "a control: its speed means nothing"
_PRECOMPUTED = "adapters.precomputed:Precomputed"
_NO_SPEED_VIDEOS = "finished videos: nothing was run"


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """How to load a method.

    Attributes:
        name: What the user types.
        label: Row name in tables.
        target: ``module:Class``.
        options: Arguments of the class; plain data.
        search: Folder added to the module search path; empty for built-in methods.
        control: Whether it is a control, whose scores are known beforehand.
        no_speed: Why its speed is not measured; empty when it is.
        note: Sentence that tables print under it.
        description: One line for ``bench methods list``.
        train_lists: Lists of what it was trained on.
    """

    name: str
    label: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""
    control: bool = False
    no_speed: str = ""
    note: str = ""
    description: str = ""
    train_lists: tuple[Path, ...] = ()


_BUILT_IN = (
    MethodSpec(
        OURS,
        "ours (built-in)",
        "adapters.ours:Warp",
        note="ours is the built-in landmark warp, because bench.toml names no [methods.ours]",
        description="the built-in landmark-driven warp, until bench.toml names your own method",
    ),
    MethodSpec(
        "driver",
        "driver (control)",
        "adapters.controls:Driver",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: the driving clip itself",
    ),
    MethodSpec(
        "frozen",
        "frozen (control)",
        "adapters.controls:Frozen",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: the portrait, never moving",
    ),
    MethodSpec(
        "shuffled",
        "shuffled (control)",
        "adapters.controls:Shuffled",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: the driving frames in random order",
    ),
)


def known_methods(config: Config, folder: Path) -> dict[str, MethodSpec]:
    """Return every method by name; entries of ``bench.toml`` take precedence."""
    built_in = {spec.name: spec for spec in _BUILT_IN}
    own = {name: _from_entry(name, entry, folder) for name, entry in config.methods.items()}
    return {**built_in, **own}


def find_method(text: str, config: Config, folder: Path) -> MethodSpec:
    """Return the method named by ``text``: a name, or ``precomputed:FOLDER``.

    Raises:
        UsageProblem: If there is no such method or folder.
    """
    kind, _, rest = text.partition(":")
    if kind == "precomputed":
        if not rest:
            raise UsageProblem(
                "precomputed needs the folder of the finished videos",
                "write: --method precomputed:FOLDER, with FOLDER/<case id>.mp4 for every case",
            )
        folder = Path(rest).expanduser().absolute()
        _require_folder(folder)
        return _finished(_named_after(folder), folder, {}, "")
    methods = known_methods(config, folder)
    spec = methods[resolve(text, [*methods, "precomputed"], "method")]
    if (videos := spec.options.get("videos")) and spec.target == _PRECOMPUTED:
        _require_folder(Path(videos))
    return spec


def _from_entry(name: str, entry: MethodEntry, folder: Path) -> MethodSpec:
    lists = tuple(folder / Path(text).expanduser() for text in entry.train_lists)
    return replace(_loaded(name, entry, folder), train_lists=lists)


def _loaded(name: str, entry: MethodEntry, folder: Path) -> MethodSpec:
    if entry.videos is not None:
        return _finished(name, folder / entry.videos, entry.options, entry.label)
    assert entry.python is not None
    return MethodSpec(
        name,
        entry.label or name,
        entry.python,
        options=dict(entry.options),
        search=str(folder),
        description=f"yours: {entry.python}",
    )


def _finished(name: str, videos: Path, options: Mapping[str, Any], label: str) -> MethodSpec:
    return MethodSpec(
        name,
        label or name,
        _PRECOMPUTED,
        options={"videos": str(videos), **options},
        no_speed=_NO_SPEED_VIDEOS,
        description=f"finished videos in {videos}",
    )


def _require_folder(videos: Path) -> None:
    if not videos.is_dir():
        raise UsageProblem(f"no folder of finished videos at {videos}")


def _named_after(folder: Path) -> str:
    """Return a name that is safe in paths."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).strip("-._+")[:60] or "precomputed"
