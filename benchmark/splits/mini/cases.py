"""Which pictures mini has and who drives whom."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmark.media.image import write_png
from benchmark.splits.manifest import Case, Hashes, Header, Pair, write_manifest
from benchmark.splits.mini import choreography, portraits
from benchmark.splits.mini.clips import FPS, first_frame, perform, render_clip
from benchmark.splits.mini.rig import Dials

VERSION = "1"
SPLITS = ("single", "multi")
NOTICE = (
    "mini is a self-check and a demonstration, no benchmark: its driving clips, the built-in "
    "method and the scores share landmarks, warp and tracker."
)

_PEOPLE = tuple(portraits.ORIGINS)  # left to right in pictures of both
_MEDIA = "media"
_BOTH = "both"
_STRAIGHT = (Pair(source=0, driving=0), Pair(source=1, driving=1))
_CROSSED = (Pair(source=0, driving=1), Pair(source=1, driving=0))


def make(root: Path) -> None:
    """Make mini in the new folder ``root``: media first, then the manifests that hash them."""
    (root / _MEDIA).mkdir(parents=True)
    stills = {name: next(perform(name, [Dials()])) for name in _PEOPLE}
    stills[_BOTH] = np.hstack([stills[name] for name in _PEOPLE])
    for name, still in stills.items():
        write_png(root / _still(name), still)
        render_clip(root / _clip(name), _PEOPLE if name == _BOTH else [name])
    write_manifest(root / "single.jsonl", _header("single"), list(_single(root)))
    write_manifest(root / "multi.jsonl", _header("multi"), list(_multi(root)))


def _still(name: str) -> str:
    return f"{_MEDIA}/{name}.png"


def _clip(name: str) -> str:
    return f"{_MEDIA}/{name}-moves.mp4"


def _single(root: Path) -> Iterator[Case]:
    for person, other in zip(_PEOPLE, reversed(_PEOPLE), strict=True):
        yield _case(root, f"self-{person}", None, person)
        yield _case(root, f"cross-{other}-by-{person}", other, person)


def _multi(root: Path) -> Iterator[Case]:
    yield _case(root, "self-both", None, _BOTH, _STRAIGHT)
    yield _case(root, "cross-both", _BOTH, _BOTH, _CROSSED)


def _case(
    root: Path,
    name: str,
    portrait: str | None,
    clip: str,
    pairs: tuple[Pair, ...] = (Pair(source=0, driving=0),),
) -> Case:
    """Return a case: cross with a portrait, self (from the clip's first frame) without."""
    driving = Path(_clip(clip))
    source = Path(_still(portrait)) if portrait else first_frame(driving)
    return Case(
        id=name,
        protocol="cross" if portrait else "self",
        source=source.as_posix(),
        driving=driving.as_posix(),
        pairs=pairs,
        frames=(0, choreography.N_FRAMES),
        fps=str(FPS),
        size=(portraits.SIDE, portraits.SIDE * len(pairs)),
        sha256=Hashes(source=sha256(root / source), driving=sha256(root / driving)),
    )


def _header(split: str) -> Header:
    return Header(
        dataset="mini",
        split=split,
        version=VERSION,
        citation="; ".join(origin.credit for origin in portraits.ORIGINS.values()),
        licence="portraits in the public domain; the clips are rendered from them, CC0",
        pairing="each clip drives its own first frame (self) and the portrait of the other person "
        "(cross; in multi the two drive each other)",
        crop="static square of 1.8 x the face box, 512 x 512; multi: two of them side by side",
        fps=f"rendered at {FPS}",
        notice=NOTICE,
    )


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
