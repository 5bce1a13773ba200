"""Watching over a case's copies of its inputs, for the conformance run.

A dataset may lie in a folder that nobody may write to, and a method may write beside its inputs.
In a run it gets copies and does no harm; a check says whether it does.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Guard = Literal["", "listed", "sealed"]
"""Nothing; what is there is listed by content; the right to write is taken away, too."""

_INPUTS, _LIST = "in", "inputs.json"
_READ_ONLY_FOLDER, _READ_ONLY_FILE, _FOLDER = 0o555, 0o444, 0o755


def post(scratch: Path, guard: Guard) -> None:
    """Guard the inputs of the case in ``scratch``, after they were made."""
    if not guard:
        return
    (scratch / _LIST).write_text(json.dumps(_contents(scratch / _INPUTS)), encoding="utf-8")
    if guard == "sealed":
        for path in (scratch / _INPUTS).iterdir():
            path.chmod(_READ_ONLY_FILE)
        (scratch / _INPUTS).chmod(_READ_ONLY_FOLDER)


def relieve(scratch: Path) -> Iterator[str]:
    """Give the right to write back; yield what was changed, removed or put beside the inputs."""
    folder, listed = scratch / _INPUTS, scratch / _LIST
    if not listed.is_file():
        return
    if folder.is_dir():
        folder.chmod(_FOLDER)
    before: dict[str, str] = json.loads(listed.read_text(encoding="utf-8"))
    after = _contents(folder)
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{name} (removed)"
        elif name not in before:
            yield name
        elif before[name] != after[name]:
            yield f"{name} (changed)"


def binds(folder: Path) -> bool:
    """Say whether taking the right to write away means anything for this user; not for root."""
    place = folder / "sealed"
    place.mkdir()
    place.chmod(_READ_ONLY_FOLDER)
    try:
        return not os.access(place, os.W_OK)
    finally:
        place.rmdir()


def _contents(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = digest
    return found
