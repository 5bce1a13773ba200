"""Which methods there are, and how each one is loaded."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.description import Description
from adapters.rows import BadDescription, by_alias, our_rows
from benchmark.config import Config, MethodEntry
from benchmark.described import described
from benchmark.errors import UsageProblem
from benchmark.names import resolve
from benchmark.plugins import plugin_methods
from benchmark.spec import MethodSpec
from benchmark.variants import SIGN, named_variant

OURS = "ours"
_LISTING = "bench methods list"
_NO_SPEED_CONTROL = "a control: its speed means nothing"
_PRECOMPUTED = "adapters.precomputed:Precomputed"
_NO_SPEED_VIDEOS = "finished videos: nothing was run"


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
    MethodSpec(
        "swapped",
        "swapped (control)",
        "adapters.ours.controls:Swapped",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: ours, every face driven by the next face's driver",
    ),
    MethodSpec(
        "shared",
        "shared (control)",
        "adapters.ours.controls:Shared",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: ours, every face driven by the leftmost face's driver",
    ),
    MethodSpec(
        "half",
        "half (control)",
        "adapters.ours.controls:Half",
        control=True,
        no_speed=_NO_SPEED_CONTROL,
        description="control: ours, every face driven half by its own driver, half by the next's",
    ),
)


def known_methods(config: Config, folder: Path) -> dict[str, MethodSpec]:
    """Return every method by name, with the declared variants of those in ``bench.toml``.

    Later ones take precedence: built-in, described in this package, plugins, ``bench.toml``.

    Raises:
        UsageProblem: If an entry of ``bench.toml`` or a plugin does not fit.
    """
    rows = described_rows()
    plugins = plugin_methods()
    found = {spec.name: spec for spec in _BUILT_IN}
    described_here = {**rows, **plugins.rows}
    found |= {name: described(name, row, None, folder) for name, row in described_here.items()}
    found |= plugins.specs
    for name, entry in config.methods.items():
        known = by_alias(entry.like or name, described_here.values())
        row = described_here.get(known)
        if entry.like and row is None:
            resolve(known, described_here, f"method that {name} is like", _LISTING)
        found[name] = _from_entry(name, entry, row, folder)
        for variant in entry.variants:
            changed = named_variant(found[name], entry, variant)
            found[changed.name] = changed
    return found


def described_rows() -> dict[str, Description]:
    """Return the rows described in this package by name.

    Raises:
        UsageProblem: If one cannot be used.
    """
    try:
        return our_rows()
    except BadDescription as error:
        raise UsageProblem(str(error)) from None


def find_method(text: str, config: Config, folder: Path) -> MethodSpec:
    """Return the method named by ``text``, ready to run.

    Args:
        text: A name or alias, ``precomputed:FOLDER``, or ``NAME+VARIANT``.
        config: What ``bench.toml`` says.
        folder: Its folder.

    Raises:
        UsageProblem: If there is no such method or folder.
        EnvironmentProblem: If it is not on this machine; says how to get it.
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
    spec = _known(text, config, folder)
    if (videos := spec.options.get("videos")) and spec.target == _PRECOMPUTED:
        _require_folder(Path(videos))
    if spec.absent is not None:
        raise spec.absent
    return spec


def look_up(text: str, config: Config, folder: Path) -> MethodSpec:
    """Return the method named by ``text`` (a name, an alias, ``NAME+VARIANT``), here or not.

    Raises:
        UsageProblem: If there is no such method.
    """
    return _known(text, config, folder)


def _known(text: str, config: Config, folder: Path) -> MethodSpec:
    methods = known_methods(config, folder)
    rows = [spec.row for spec in methods.values() if spec.row is not None]
    if (exact := by_alias(text, rows) if text not in methods else text) in methods:
        return methods[exact]
    base, sign, variants = text.partition(SIGN)
    base = by_alias(base, rows) if base not in methods else base
    if not sign or base not in methods:
        return methods[resolve(text, [*methods, "precomputed"], "method", _LISTING)]
    spec = methods[base]
    for variant in variants.split(SIGN):
        spec = named_variant(spec, config.methods.get(base), variant)
    return spec


def _from_entry(name: str, entry: MethodEntry, row: Description | None, folder: Path) -> MethodSpec:
    lists = tuple(folder / Path(text).expanduser() for text in entry.train_lists)
    return replace(_loaded(name, entry, row, folder), train_lists=lists)


def _loaded(name: str, entry: MethodEntry, row: Description | None, folder: Path) -> MethodSpec:
    if entry.videos is not None:
        label = entry.label or (row.label if row is not None else "")
        return _finished(name, folder / entry.videos, entry.options, label)
    if entry.python is not None:
        return MethodSpec(
            name,
            entry.label or name,
            entry.python,
            options=dict(entry.options),
            search=str(folder),
            description=f"yours: {entry.python}",
        )
    if row is None and not (entry.command or entry.worker):
        raise UsageProblem(
            f"methods.{name}: give either python = 'module:Class' or videos = 'FOLDER', or a "
            "command",
            "see docs/methods.md",
        )
    return described(name, row, entry, folder)


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


__all__ = ["OURS", "MethodSpec", "described_rows", "find_method", "known_methods", "look_up"]
