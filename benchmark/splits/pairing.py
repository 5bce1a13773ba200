"""Which portrait meets which driving clip, and what that says in the manifest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchmark.splits.manifest import Case, Hashes, Pair

NO_FACE = "no-face"
"""Tag of cases where the portrait, or the whole clip, shows no face: they cannot be judged."""


@dataclass(frozen=True, slots=True)
class Still:
    """A prepared picture.

    Attributes:
        name: File name of the original; pairs are drawn by it.
        slug: Safe name.
        file: Path relative to the dataset.
        sha256: Content of that file.
        size: ``(height, width)``.
        faces: Faces found.
    """

    name: str
    slug: str
    file: str
    sha256: str
    size: tuple[int, int]
    faces: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A prepared driving clip.

    Attributes:
        name: File name of the original; pairs are drawn by it.
        slug: Safe name.
        file: Path relative to the dataset.
        sha256: Content of that file.
        n_frames: Its length.
        fps: Its rate.
        people: Faces in its first frame that shows any.
        has_face: Whether any frame has a face.
        first: Its first frame.
    """

    name: str
    slug: str
    file: str
    sha256: str
    n_frames: int
    fps: Fraction
    people: int
    has_face: bool
    first: Still


def pairing_rule(portraits_per_clip: int, seed: int) -> str:
    """Return the sentence for the header."""
    return (
        f"self: the first frame of each clip, not scored; cross: each clip with the "
        f"{portraits_per_clip} portraits of smallest sha256('{seed}/clip name/portrait name'), "
        f"or all if there are fewer; people: the n leftmost faces are driven by the n leftmost "
        f"people (in the first frame that shows any), n the smaller number"
    )


def make_cases(
    clips: Sequence[Clip], portraits: Sequence[Still], portraits_per_clip: int, seed: int
) -> list[Case]:
    """Return the self case and the cross cases of each clip, by `pairing_rule`.

    The draw compares names only: neither the order of files nor files that are not drawn matter.
    """
    cases = []
    for clip in clips:
        cases.append(_case(clip, clip.first, "self"))
        drawn = sorted(portraits, key=lambda still: (_rank(seed, clip, still), still.slug))
        cases.extend(_case(clip, still, "cross") for still in drawn[:portraits_per_clip])
    return cases


def _rank(seed: int, clip: Clip, still: Still) -> bytes:
    return hashlib.sha256(f"{seed}/{clip.name}/{still.name}".encode()).digest()


def _case(clip: Clip, source: Still, protocol: str) -> Case:
    own = protocol == "self"
    people = max(1, min(source.faces, clip.people))
    tags = [f"driving={clip.name}"]
    if not own:
        tags.append(f"portrait={source.name}")
    if not source.faces or not clip.has_face:
        tags.append(NO_FACE)
    return Case(
        # One '+' in a cross id, none in a slug: no two cases can share an id.
        id=f"self-{clip.slug}" if own else f"{source.slug}+{clip.slug}",
        protocol="self" if own else "cross",
        source=source.file,
        driving=clip.file,
        pairs=tuple(Pair(source=rank, driving=rank) for rank in range(people)),
        frames=(0, clip.n_frames),
        fps=str(clip.fps),
        size=source.size,
        tags=tuple(tags),
        sha256=Hashes(source=source.sha256, driving=clip.sha256),
    )
