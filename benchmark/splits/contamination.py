"""Has a method seen a case in training? Lists of what it was trained on, held against a split.

A list is a UTF-8 text file, one entry a line; lines that are empty or start with ``# `` say
nothing. An entry is

- ``identity:NAME``: a person, by the layout's name for them;
- ``sha256:HEX``: a file, by the content of the original;
- otherwise a clip or picture by its path in the layout, with or without ending. Entry and path
  match if, endings aside, the shorter is the end of the longer; a lone number matches nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.splits.case import Case, Origin

_MAX_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class TrainList:
    """What a method was trained on.

    Attributes:
        file: Name of the list.
        sha256: Its content.
        identities: People in it.
        hashes: Contents of files in it.
        clips: Paths in it as parts, without ending, by their last part.
    """

    file: str
    sha256: str
    identities: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    clips: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.identities) + len(self.hashes) + sum(map(len, self.clips.values()))

    def seen(self, origin: Origin) -> str:
        """Say what of ``origin`` is in the list; empty if nothing is."""
        if origin.identity and origin.identity in self.identities:
            return f"the person {origin.identity}"
        if origin.sha256 in self.hashes:
            return f"the content of {origin.name}"
        parts = _parts(origin.name)
        for entry in self.clips.get(parts[-1], ()):
            shared = min(len(entry), len(parts))
            if entry[-shared:] == parts[-shared:] and not (shared == 1 and parts[-1].isdigit()):
                return origin.name
        return ""


def read_train_list(path: Path) -> TrainList:
    """Read a list.

    Raises:
        UsageProblem: If it cannot be read, is empty, or an entry is not well formed.
    """
    digest = hashlib.sha256()
    found = TrainList(printable(path.name), "")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageProblem(f"the training list {path} is larger than {_MAX_BYTES:,} bytes")
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                digest.update(line)
                _take(found, line.decode("utf-8").strip("\ufeff\r\n\t "), f"{path}:{number}")
    except FileNotFoundError:
        raise UsageProblem(f"no training list at {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"cannot read the training list {path}: {error}") from None
    if not len(found):
        raise UsageProblem(f"the training list {path} has no entries")
    return TrainList(found.file, digest.hexdigest(), found.identities, found.hashes, found.clips)


def _take(found: TrainList, text: str, where: str) -> None:
    if not text or text == "#" or text.startswith("# "):
        return
    kind, colon, rest = text.partition(":")
    if kind == "identity" and colon:
        if not rest.strip():
            raise UsageProblem(f"{where}: names no person")
        found.identities.add(rest.strip())
    elif kind == "sha256" and colon:
        value = rest.strip().lower()
        if len(value) != 64 or set(value) - set("0123456789abcdef"):
            raise UsageProblem(f"{where}: sha256: takes 64 hex digits")
        found.hashes.add(value)
    else:
        parts = _parts(printable(text))
        found.clips.setdefault(parts[-1], []).append(parts)


def _parts(name: str) -> tuple[str, ...]:
    pure = PurePosixPath(name.replace("\\", "/"))
    parts = tuple(part for part in pure.parts if part not in ("/", ".", ".."))
    return (*parts[:-1], PurePosixPath(parts[-1]).stem) if parts else ("",)


def marks(cases: Iterable[Case], lists: Iterable[TrainList]) -> Iterator[tuple[str, str]]:
    """Yield id and reason of each case of which a list holds a clip, picture or person."""
    lists = tuple(lists)
    for case in cases:
        if case.origins is None:
            continue
        for role, origin in (("driving", case.origins.driving), ("source", case.origins.source)):
            hits = ((seen, known.file) for known in lists if (seen := known.seen(origin)))
            if (hit := next(hits, None)) is not None:
                yield case.id, f"{role}: {hit[0]} is in {hit[1]}"
                break


def contamination(paths: Sequence[Path], cases: Iterable[Case]) -> dict[str, Any]:
    """Return what a run records: the lists by name, their contents, and the marked cases.

    Raises:
        UsageProblem: If a list cannot be read.
    """
    lists = [read_train_list(path) for path in paths]
    if not lists:
        return {}
    return {
        "lists": [known.file for known in lists],
        "sha256": [known.sha256 for known in lists],
        "cases": dict(marks(cases, lists)),
    }
