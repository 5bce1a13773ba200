"""Finding the files of a folder that people bring, and giving each a safe name."""

import hashlib
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.names import printable

SPLITS = ("single", "multi")
KINDS: dict[str, frozenset[str]] = {
    "portraits": frozenset(".png .jpg .jpeg .jfif .webp .bmp .gif .tif .tiff .ppm .avif".split()),
    "driving": frozenset(".mp4 .m4v .mov .mkv .webm .avi".split()),
}
"""Folder and the endings that are expected in it. The content decides what a file is; the ending
only whether it is meant as media."""

TREE = (
    "expected:  DIR/portraits/single/*.png|jpg|...   DIR/driving/single/*.mp4|mov|mkv|...\n"
    "and, or:   DIR/portraits/multi/...              DIR/driving/multi/..."
)
_SLUG_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Original:
    """One file of the folder.

    Attributes:
        path: Where it lies.
        name: Its file name, printable: NFC, control characters and undecodable bytes escaped.
        slug: The same as a safe name; unique within its folder, also where case is ignored.
    """

    path: Path
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one split, sorted by slug."""

    portraits: tuple[Original, ...]
    driving: tuple[Original, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds.

    Attributes:
        groups: By split; only splits that have driving clips.
        skipped: A line for each entry of the media folders that is not used, with the reason.
    """

    groups: dict[str, Group]
    skipped: tuple[str, ...]


def find_originals(root: Path) -> Found:
    """List the media of an ExprBench-style folder; links are followed, nothing is opened.

    Raises:
        UsageProblem: If ``root`` is not such a folder or cannot be listed.
    """
    if not root.is_dir():
        raise UsageProblem(f"no folder at {root}", TREE)
    skipped: list[str] = []
    groups: dict[str, Group] = {}
    for kind in KINDS:
        skipped += [
            f"{kind}/{printable(entry.name)}: neither 'single' nor 'multi'"
            for entry in _entries(root / kind)
            if entry.name not in SPLITS
        ]
    for split in SPLITS:
        group = Group(*(_media(root, kind, split, skipped) for kind in KINDS))
        if group.driving:
            groups[split] = group
        elif group.portraits:
            skipped.append(f"portraits/{split}: there are no clips in driving/{split}")
    if not groups:
        raise UsageProblem(f"{root} has no driving clips", TREE)
    return Found(groups, tuple(skipped))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageProblem(f"cannot list {folder}: {error.strerror}") from None


def _media(root: Path, kind: str, split: str, skipped: list[str]) -> tuple[Original, ...]:
    paths = []
    for path in _entries(root / kind / split):
        if reason := _unexpected(path, KINDS[kind]):
            skipped.append(f"{kind}/{split}/{printable(path.name)}: {reason}")
        else:
            paths.append(path)
    slugs = slugged([path.name for path in paths])
    originals = (Original(p, printable(p.name), slugs[p.name]) for p in paths)
    return tuple(sorted(originals, key=lambda original: original.slug))


def _unexpected(path: Path, endings: frozenset[str]) -> str:
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


def slugged(names: Sequence[str]) -> dict[str, str]:
    """Give each file name a safe one: ``[A-Za-z0-9_-]``, at most 55 characters, unique.

    A name that loses something on the way, or that differs from another only by its ending or
    by case, carries six digits of its hash; the result does not depend on the order of names.

    Raises:
        UsageProblem: If two names still agree (they were made to).
    """
    safe = {name: _slug(name) for name in names}
    taken = Counter(slug.casefold() for slug in safe.values())
    for name, slug in safe.items():
        if taken[slug.casefold()] > 1:
            safe[name] = f"{slug[:_SLUG_LENGTH]}-{_digits(name)}"
    if len({slug.casefold() for slug in safe.values()}) < len(safe):
        raise UsageProblem("two files have names that cannot be told apart", "rename one of them")
    return safe


def _slug(name: str) -> str:
    stem = Path(name).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:_SLUG_LENGTH]
    return slug if slug == stem else f"{slug or 'file'}-{_digits(name)}"


def _digits(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
