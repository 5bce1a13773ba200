"""Whether a method writes where nobody cleans up: its own folder, the home folder.

Its own folder is compared before and after all trials. For the home folder it gets one of its own
for a trial: what is in the real one appears there, small files as copies and everything else as
links, so that it finds its weights and settings. What it puts or changes there is seen and never
reaches the real one. What it changes inside a folder that was there before, or at a place that its
code spells out (``/tmp/x``), is not seen.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from benchmark.conformance.trials import Trial
from benchmark.conformance.verdict import Finding, broken, held, untestable

RULE = "no writes outside the scratch directory"
CACHE = ".cache"
_XDG = {
    "XDG_CACHE_HOME": CACHE,
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
}
_NAMED = 3
_COPIED = 1 << 20

Snapshot = Mapping[str, tuple[int, int]]
"""Size and time of change by path, of `benchmark.conformance.trials.snapshot`."""


class HomeApart:
    """A home folder that shows what is in the real one.

    Args:
        place: A folder that does not exist yet.
        variables: The environment: ``HOME``, and where it moves caches and settings to.

    Attributes:
        variables: What the environment has to say to have a method live there.
    """

    def __init__(self, place: Path, variables: Mapping[str, str]) -> None:
        self._place = place
        self._copies: dict[Path, tuple[int, int]] = {}
        real = Path(variables.get("HOME") or Path.home())
        opened = {folder: variables.get(name) or real / folder for name, folder in _XDG.items()}
        for folder, shown in opened.items():
            (place / folder).mkdir(parents=True)
            self._show(Path(shown), place / folder)
        self._show(real / ".local", place / ".local")
        self._show(real, place)
        moved = {name: str(place / folder) for name, folder in _XDG.items() if name in variables}
        self.variables = {"HOME": str(place), **moved}

    def _show(self, real: Path, place: Path) -> None:
        try:
            entries = list(real.iterdir())
        except OSError:  # no such folder, or not for us to read
            return
        for entry in entries:
            shown = place / entry.name
            if shown.exists() or shown.is_symlink():
                continue
            if _is_small(entry):
                with suppress(OSError):  # not for us to read: not for the method either
                    shutil.copy2(entry, shown)
                    self._copies[shown] = _stamp(shown)
            else:
                shown.symlink_to(entry.absolute())

    def written(self) -> Iterator[str]:
        """Yield the files that are new or changed, relative to the folder."""
        for path in sorted(self._place.rglob("*")):
            if path.is_symlink() or not path.is_file() or "__pycache__" in path.parts:
                continue
            if self._copies.get(path) != _stamp(path):
                yield path.relative_to(self._place).as_posix()


def _is_small(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= _COPIED


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def judge(
    before: Snapshot, after: Snapshot, watched: list[Path], home: tuple[Trial, list[str]] | None
) -> Finding:
    """Judge what a method wrote.

    Args:
        before: Its own folders before all trials.
        after: The same after them.
        watched: These folders.
        home: A trial with a home folder of its own and the files written there; ``None`` where a
            method runs in our process, whose home folder is ours.
    """
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    if changed:
        return broken(RULE, f"{len(changed)} files of its own folder changed, first {changed[0]}")
    trial, files = home if home is not None else (None, [])
    cached = sorted({"/".join(f.split("/")[:2]) for f in files if f.startswith(f"{CACHE}/")})
    stray = [name for name in files if not name.startswith(f"{CACHE}/")]
    if stray:
        more = f" and {len(stray) - _NAMED} more" if len(stray) > _NAMED else ""
        named = ", ".join(f"~/{name}" for name in stray[:_NAMED])
        return broken(RULE, f"writes {named}{more}")
    if trial is not None and trial.frames is None:
        return untestable(RULE, f"with a home folder of its own it fails: {trial.reason}")
    said = []
    if watched:
        said.append(f"none of {len(before):,} files in {watched[0]} changed")
    if home is not None:
        caches = f" but caches ({', '.join(f'~/{name}' for name in cached)})" if cached else ""
        said.append(f"nothing new in its home folder{caches}")
    if not said:
        return untestable(RULE, "it has no folder of its own to watch")
    return held(RULE, ", ".join(said))
