"""Walking through a layout: what is expected is taken, all else is named."""

import csv
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.splits.originals import Draft

PICTURES = frozenset(".png .jpg .jpeg .jfif .webp .bmp .gif .tif .tiff .ppm .avif".split())
VIDEOS = frozenset(".mp4 .m4v .mov .mkv .webm .avi".split())
"""Endings by which a file is meant as media. Its content decides what it is."""

_MAX_TABLE = 512 * 1024 * 1024
_MAX_FIELD = 100_000
_NUMBERED = re.compile(r"^(?P<stem>.*?)(?P<number>\d{1,12})$")


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user says beyond the folder.

    Attributes:
        frame_rate: Rate of folders of frames, which do not state one.
        pairs: A table of pairs, where the layout takes one.
    """

    frame_rate: Fraction | None = None
    pairs: Path | None = None


class Walk:
    """A look through one folder that remembers what it did not expect."""

    def __init__(self, root: Path, tree: str) -> None:
        """Start at ``root``.

        Raises:
            UsageProblem: If it is no folder.
        """
        self.root, self.tree = root, tree
        self.skipped: list[str] = []
        if not root.is_dir():
            raise UsageProblem(f"no folder at {root}", tree)

    def name(self, path: Path) -> str:
        """Return the path within the layout, POSIX."""
        return path.relative_to(self.root).as_posix()

    def skip(self, path: Path, reason: str) -> None:
        """Name an entry that is not used."""
        self.skipped.append(f"{printable(self.name(path))}: {reason}")

    def nothing(self, what: str) -> UsageProblem:
        """Return the refusal of a folder without any clip, with what was there instead."""
        seen = "".join(f"not expected: {line}\n" for line in self.skipped[:5])
        return UsageProblem(f"{self.root} has no {what}", seen + self.tree)

    def entries(self, folder: Path) -> list[Path]:
        """Return what lies in ``folder``, sorted; nothing if there is no such folder.

        Raises:
            UsageProblem: If it cannot be listed.
        """
        try:
            return sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise UsageProblem(f"cannot list {folder}: {error.strerror}") from None

    def folders(self, folder: Path, expected: str) -> list[Path]:
        """Return the folders in ``folder``; everything else is named as not ``expected``."""
        found = []
        for entry in self.entries(folder):
            if entry.is_dir() and not entry.name.startswith("."):
                found.append(entry)
            else:
                self.skip(entry, f"not {expected}")
        return found

    def files(self, folder: Path, endings: frozenset[str]) -> list[Path]:
        """Return the files in ``folder`` with one of ``endings``; everything else is named."""
        found = []
        for entry in self.entries(folder):
            if reason := unexpected(entry, endings):
                self.skip(entry, reason)
            else:
                found.append(entry)
        return found

    def frames(self, folder: Path, ask: Ask) -> Draft | None:
        """Return ``folder`` as a clip of numbered pictures; ``None``, and named, if it is none.

        Raises:
            UsageProblem: If a number is missing or occurs twice, or no rate was given.
        """
        numbered: dict[int, Path] = {}
        for path in self.files(folder, PICTURES):
            match = _NUMBERED.match(path.stem)
            if match is None:
                self.skip(path, "a picture without a number among frames")
                continue
            number = int(match["number"])
            if number in numbered:
                raise UsageProblem(f"{path} and {numbered[number].name} have the same number")
            numbered[number] = path
        if not numbered:
            self.skip(folder, "a folder without numbered pictures")
            return None
        gap = next((n for n in range(min(numbered), max(numbered)) if n not in numbered), None)
        if gap is not None:
            raise UsageProblem(
                f"{folder} lacks frame {gap} (it has {min(numbered)} to {max(numbered)})",
                "bring it back, or take the folder out",
            )
        if ask.frame_rate is None:
            raise UsageProblem(
                f"{folder} holds frames and states no rate", "say which: --frame-rate 25"
            )
        frames = tuple(numbered[n] for n in sorted(numbered))
        return Draft(folder, self.name(folder), frames=frames, rate=ask.frame_rate)


def unexpected(path: Path, endings: frozenset[str]) -> str:
    """Say why ``path`` is not one of the files that are meant; empty if it is."""
    if path.name.startswith("."):
        return "a hidden file"
    try:
        mode = path.stat().st_mode
    except OSError:
        # A broken link to media is a fault that the survey names; anything else is no media.
        return "" if path.suffix.lower() in endings else "a broken link"
    if stat.S_ISDIR(mode):
        return "a folder"
    if not stat.S_ISREG(mode):
        return "not a regular file"
    if path.suffix.lower() not in endings:
        return f"not one of {' '.join(sorted(endings))}"
    return ""


def table(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...] | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and fields of each row of a CSV file with a header.

    Args:
        path: The file, UTF-8.
        required: Columns that it must have.
        optional: Further columns that it may have; ``None``: any.

    Raises:
        UsageProblem: If it cannot be read, lacks a column, has an unknown one, or a row has
            another number of fields; says where.
    """
    try:
        if path.stat().st_size > _MAX_TABLE:
            raise UsageProblem(f"{path} is larger than {_MAX_TABLE:,} bytes")
        with path.open(encoding="utf-8-sig", newline="") as file:
            csv.field_size_limit(_MAX_FIELD)
            rows = csv.reader(file, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_columns(path, header, required, optional)
            for row in rows:
                if not row:
                    continue
                if len(row) != len(header):
                    raise UsageProblem(
                        f"{path}:{rows.line_num}: {len(row)} fields, the header has {len(header)}"
                    )
                yield rows.line_num, dict(zip(header, row, strict=True))
    except FileNotFoundError:
        raise UsageProblem(f"no table at {path}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageProblem(f"cannot read the table {path}: {error}") from None


def _check_columns(
    path: Path, header: list[str], required: tuple[str, ...], optional: tuple[str, ...] | None
) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise UsageProblem(
            f"{path} has no column '{missing[0]}'",
            f"its first line must name {', '.join(required)}",
        )
    if len(set(header)) < len(header):
        raise UsageProblem(f"{path} names a column twice")
    if optional is None:
        return
    strange = [name for name in header if name not in {*required, *optional}]
    if strange:
        raise UsageProblem(
            f"{path} has an unknown column '{printable(strange[0])}'",
            f"known: {', '.join((*required, *optional))}",
        )
