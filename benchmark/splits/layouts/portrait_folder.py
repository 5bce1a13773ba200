"""A folder of portraits and a folder of driving clips, for one person and for several."""

from pathlib import Path

from benchmark.splits.layouts.walk import PICTURES, VIDEOS, Ask, Walk
from benchmark.splits.originals import SPLITS, Draft, Found, Group, Original, finished

TREE = (
    "expected:  DIR/portraits/single/*.png|jpg|...   DIR/driving/single/*.mp4|mov|mkv|...\n"
    "and, or:   DIR/portraits/multi/...              DIR/driving/multi/..."
)
KINDS = {"portraits": PICTURES, "driving": VIDEOS}
"""Folder and the endings that are expected in it."""


def read(root: Path, ask: Ask) -> Found:
    """List the media; links are followed, nothing is opened.

    Raises:
        UsageProblem: If ``root`` is not such a folder or cannot be listed.
    """
    walk = Walk(root, TREE)
    groups: dict[str, Group] = {}
    for kind in KINDS:
        for entry in walk.entries(root / kind):
            if entry.name not in SPLITS:
                walk.skip(entry, "neither 'single' nor 'multi'")
    for split in SPLITS:
        group = Group(_media(walk, "portraits", split), _media(walk, "driving", split))
        if group.driving:
            groups[split] = group
        elif group.portraits:
            walk.skipped.append(f"portraits/{split}: there are no clips in driving/{split}")
    if not groups:
        raise walk.nothing("driving clips")
    return Found(groups, tuple(walk.skipped))


def _media(walk: Walk, kind: str, split: str) -> tuple[Original, ...]:
    """Names are those of the files alone: pairs have always been drawn by them."""
    paths = walk.files(walk.root / kind / split, KINDS[kind])
    return finished(Draft(path, path.name) for path in paths)
