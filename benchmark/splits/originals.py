"""What a layout finds in a folder that people bring: originals, groups, wishes."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath

from benchmark.errors import UsageProblem
from benchmark.names import printable

SPLITS = ("single", "multi")
_SLUG_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Draft:
    """An original before all names are known, see `finished`.

    Attributes:
        path: The file, or the folder of frames.
        name: Its path in the layout, POSIX; unique within its group.
        identity: The person, where the layout says; two files of one identity are never paired
            as a cross case.
        tags: What else the layout says, as ``key=value``.
        frames: For a folder of frames, its pictures in order.
        rate: For a folder of frames, their rate.
    """

    path: Path
    name: str
    identity: str = ""
    tags: tuple[str, ...] = ()
    frames: tuple[Path, ...] = ()
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """One file, or folder of frames, that is imported.

    Attributes:
        path: Where it lies.
        name: Its path in the layout, printable: NFC, control characters and undecodable bytes
            escaped.
        slug: The same as a safe name; unique within its group, also where case is ignored.
        identity: As in `Draft`.
        tags: As in `Draft`.
        frames: As in `Draft`.
        rate: As in `Draft`.
    """

    path: Path
    name: str
    slug: str
    identity: str = ""
    tags: tuple[str, ...] = ()
    frames: tuple[Path, ...] = ()
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A cross case that the layout asks for by name.

    Attributes:
        source: Name of a portrait, or of a clip, whose first frame is meant then.
        driving: Name of a clip.
        tags: What the layout says about the pair.
    """

    source: str
    driving: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The originals of one split, sorted by slug.

    Attributes:
        portraits: Pictures.
        driving: Clips.
        wishes: The cross cases; ``None``: they are drawn by rule.
        clips_as_portraits: Where there are no portraits, the first frames of other clips are.
    """

    portraits: tuple[Original, ...]
    driving: tuple[Original, ...]
    wishes: tuple[Wish, ...] | None = None
    clips_as_portraits: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds.

    Attributes:
        groups: By split; only splits that have driving clips.
        skipped: A line for each entry that is not used, with the reason.
    """

    groups: dict[str, Group]
    skipped: tuple[str, ...] = field(default=())


def finished(drafts: Iterable[Draft]) -> tuple[Original, ...]:
    """Give each draft its slug; sorted by it.

    Raises:
        UsageProblem: If two names cannot be told apart.
    """
    drafts = list(drafts)
    slugs = slugged([draft.name for draft in drafts])
    originals = (
        Original(
            path=draft.path,
            name=printable(draft.name),
            slug=slugs[draft.name],
            identity=printable(draft.identity),
            tags=tuple(printable(tag) for tag in draft.tags),
            frames=draft.frames,
            rate=draft.rate,
        )
        for draft in drafts
    )
    return tuple(sorted(originals, key=lambda original: original.slug))


def slugged(names: Sequence[str]) -> dict[str, str]:
    """Give each name a safe one: ``[A-Za-z0-9_-]``, at most 55 characters, unique.

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
    pure = PurePosixPath(name)
    stem = "_".join([*pure.parts[:-1], pure.stem])
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:_SLUG_LENGTH]
    return slug if slug == stem else f"{slug or 'file'}-{_digits(name)}"


def _digits(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
