"""Which portrait meets which driving clip, and what that says in the manifest."""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from benchmark.splits.case import Case, Hashes, Origin, Origins, Pair
from benchmark.splits.originals import Original, Wish
from benchmark.splits.protocols import PER_CLIP, Kind, Variant

NO_FACE = "no-face"
"""Tag of cases where the portrait, or the whole clip, shows no face: they cannot be judged."""

EVERYTHING = Variant(cases=("self", "cross"))


@dataclass(frozen=True, slots=True)
class Still:
    """A prepared picture.

    Attributes:
        name: Name of the original in its layout; pairs are drawn by it.
        slug: Safe name.
        file: Path relative to the dataset.
        sha256: Content of that file.
        size: ``(height, width)``.
        faces: Faces found.
        origin: The original.
        tags: What the layout says about it.
    """

    name: str
    slug: str
    file: str
    sha256: str
    size: tuple[int, int]
    faces: int
    origin: Origin
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """A prepared driving clip.

    Attributes:
        name: Name of the original in its layout; pairs are drawn by it.
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


@dataclass(frozen=True, slots=True)
class Pairing:
    """The rule by which pairs become cases.

    Attributes:
        variant: What is asked of the method.
        portraits_per_clip: Cross cases for each clip, where they are drawn.
        seed: Seed of the draw.
        once: Each portrait is driven once instead.
        wishes: The cross cases, where the layout lists them.
    """

    variant: Variant = field(default=EVERYTHING)
    portraits_per_clip: int = PER_CLIP
    seed: int = 0
    once: bool = False
    wishes: tuple[Wish, ...] | None = None

    def text(self) -> str:
        """Return the sentence for the header."""
        kinds = {"self": "self: the first frame of each clip", "cross": f"cross: {self._cross()}"}
        parts = [kinds[kind] for kind in self.variant.cases]
        return "; ".join(parts) + (
            "; people: the n leftmost faces are driven by the n leftmost "
            "people (in the first frame that shows any), n the smaller number"
        )

    def _cross(self) -> str:
        if self.wishes is not None:
            return "the pairs that the data list"
        if self.once:
            return (
                "each portrait once; portraits in order of "
                f"sha256('{self.seed}/portrait name') are dealt to clips in order of "
                f"sha256('{self.seed}/clip name'), in turn; a clip is passed over for its own "
                "first frame and its own person"
            )
        return (
            f"each clip with the {self.portraits_per_clip} portraits of smallest "
            f"sha256('{self.seed}/clip name/portrait name'), or all if there are fewer; "
            "never a clip's own first frame, nor its own person where the data name people"
        )


def make_cases(clips: Sequence[Clip], portraits: Sequence[Still], rule: Pairing) -> list[Case]:
    """Return the cases of a split by ``rule``: those of each clip in turn, self before cross.

    The draw compares names only: neither the order of files nor files that are not drawn matter.
    """
    cross: dict[str, list[tuple[Still, tuple[str, ...]]]] = {}
    if "cross" in rule.variant.cases:
        cross = _crossed(clips, portraits, rule)
    cases: list[Case] = []
    for clip in clips:
        if "self" in rule.variant.cases:
            cases += _cases(clip, clip.first, "self", rule.variant)
        for still, tags in cross.get(clip.name, []):
            cases += _cases(clip, still, "cross", rule.variant, tags)
    return cases


def chosen(originals: Sequence[Original], most: int | None, seed: int) -> tuple[Original, ...]:
    """Return at most ``most`` originals, those of smallest ``sha256('SEED/NAME')``, as ordered."""
    if most is None or len(originals) <= most:
        return tuple(originals)
    kept = {o.slug for o in sorted(originals, key=lambda o: rank(seed, o.name))[:most]}
    return tuple(o for o in originals if o.slug in kept)


def rank(seed: int, *names: str) -> bytes:
    """Return the lot that ``names`` draw."""
    return hashlib.sha256("/".join([str(seed), *names]).encode()).digest()


def _crossed(
    clips: Sequence[Clip], portraits: Sequence[Still], rule: Pairing
) -> dict[str, list[tuple[Still, tuple[str, ...]]]]:
    """Return the portraits that each clip drives, with tags of the pair, by name of the clip."""
    found: dict[str, list[tuple[Still, tuple[str, ...]]]] = {clip.name: [] for clip in clips}
    if rule.wishes is not None:
        stills = {clip.name: clip.first for clip in clips} | {s.name: s for s in portraits}
        for wish in rule.wishes:  # of what was not taken in, nothing can be made
            if wish.driving in found and wish.source in stills:
                found[wish.driving].append((stills[wish.source], wish.tags))
    elif rule.once:
        dealt = sorted(clips, key=lambda clip: rank(rule.seed, clip.name))
        ordered = sorted(portraits, key=lambda still: rank(rule.seed, still.name))
        turn = deque(dealt)
        for still in ordered:
            for _ in dealt:
                turn.rotate(-1)
                if _another(still, turn[-1]):
                    found[turn[-1].name].append((still, ()))
                    break
    else:
        for clip in clips:
            others = [still for still in portraits if _another(still, clip)]
            others.sort(key=lambda still: (rank(rule.seed, clip.name, still.name), still.slug))
            found[clip.name] = [(still, ()) for still in others[: rule.portraits_per_clip]]
    return found


def _another(still: Still, clip: Clip) -> bool:
    """Say whether a portrait is neither from the clip nor of its person, as far as is known."""
    person = clip.first.origin.identity
    return still.file != clip.first.file and not (person and person == still.origin.identity)


def _cases(
    clip: Clip, source: Still, kind: Kind, variant: Variant, tags: tuple[str, ...] = ()
) -> Iterator[Case]:
    own = kind == "self"
    people = max(1, min(source.faces, clip.people))
    said = [f"driving={clip.name}", *clip.first.tags]
    if not own:
        said.append(f"portrait={source.name}")
    if not source.faces or not clip.has_face:
        said.append(NO_FACE)
    # One '+' in a cross id and one more before a dial, none in a slug: no two cases share an id.
    name = f"self-{clip.slug}" if own else f"{source.slug}+{clip.slug}"
    for number, dials in enumerate(variant.dials or ({},)):
        yield Case(
            id=f"{name}+{number}" if dials else name,
            protocol=kind,
            source=source.file,
            driving=clip.file,
            pairs=tuple(Pair(source=rank, driving=rank) for rank in range(people)),
            components=variant.components,
            still=variant.still,
            dials=dials,
            series=name if dials else "",
            frames=(0, clip.n_frames),
            fps=str(clip.fps),
            size=source.size,
            tags=(*said, *tags),
            origins=Origins(source=source.origin, driving=clip.first.origin),
            sha256=Hashes(source=source.sha256, driving=clip.sha256),
        )
