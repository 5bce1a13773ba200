"""Where an import is built: beside its result, under another name until it is complete."""

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmark.errors import UsageProblem
from benchmark.media.files import writing

_LOCK = "import.lock"


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folder ``OUT.part``.

    Finished steps are kept in it by content, so that an import that was stopped goes on; the
    result grows in ``tree`` and gets its name in one step.
    """

    root: Path

    @property
    def tree(self) -> Path:
        """What will be the result."""
        return self.root / "tree"

    def recall(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the JSON object kept under ``key``; ``make`` it if there is none."""
        path = self._done(key, ".json")
        if path.is_file():
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return kept
        value = make()
        with writing(path):
            # Two files of one content may be looked at by two threads at once.
            part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
            part.write_text(json.dumps(value), encoding="utf-8")
            part.replace(path)
        return value

    def place(self, key: str, relative: str, make: Callable[[Path], None]) -> Path:
        """Put the file kept under ``key`` into the tree; ``make`` it if there is none.

        Args:
            key: What the file is, by content; used once.
            relative: Path in the tree.
            make: Writes the file, atomically.
        """
        target = self.tree / relative
        kept = self._done(key, target.suffix)
        if not kept.is_file():
            make(kept)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.hardlink_to(kept)
            except OSError:  # not every file system has hard links
                shutil.copyfile(kept, target)
        return target

    def _done(self, key: str, suffix: str) -> Path:
        return self.root / "done" / f"{key}{suffix}"


@contextmanager
def workplace(out: Path) -> Iterator[Workplace]:
    """Lend the workplace of ``out``; when the block ends well, its tree becomes ``out``.

    Raises:
        UsageProblem: If ``out`` is taken, or another import is writing it.
        EnvironmentProblem: If it cannot be written.
    """
    out = Path(os.path.realpath(out))
    place = Workplace(out.with_name(f"{out.name}.part"))
    _refuse_taken(out, place.root)
    with writing(out):
        place.root.mkdir(parents=True, exist_ok=True)
        lock = (place.root / _LOCK).open("w")
    with lock:
        _take(lock, out)
        with writing(out):
            shutil.rmtree(place.tree, ignore_errors=True)
            place.tree.mkdir()
            (place.root / "done").mkdir(exist_ok=True)
        yield place
        with writing(out):
            place.tree.replace(out)
            shutil.rmtree(place.root)


def _refuse_taken(out: Path, part: Path) -> None:
    with writing(out):
        taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
        foreign = part.exists() and not (part / _LOCK).is_file() and any(part.iterdir())
    if taken:
        raise UsageProblem(f"{out} exists and is not an empty folder", "name another --out")
    if foreign:
        raise UsageProblem(f"{part} is in the way and is no unfinished import", "move it away")


def _take(lock: IO[str], out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageProblem(f"another import is writing {out}", "wait for it to end") from None
