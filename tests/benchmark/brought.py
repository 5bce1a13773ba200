"""A folder as people bring it, and what tests of imports share."""

from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import clips
from PIL import Image

from benchmark.media.image import write_png
from benchmark.splits.importer import ImportPlan, ImportReport, import_folder
from benchmark.splits.manifest import Case, Split
from benchmark.splits.recipe import Wanted
from benchmark.splits.rules import Rules

FACE = (60, 40, 90, 70)
LEFT, RIGHT, MIDDLE = (10, 40, 40, 70), (110, 40, 140, 70), (60, 40, 90, 70)


def bring(root: Path) -> Path:
    """Two single clips, three portraits (one without a face), a duo and a trio."""
    for kind in ("portraits", "driving"):
        for split in ("single", "multi"):
            (root / kind / split).mkdir(parents=True)
    sway = [clips.scene((60 + 2 * i, 40, 90 + 2 * i, 70)) for i in range(6)]
    clips.encode(root / "driving/single/sway.mp4", sway, audio=True)
    still = [clips.scene(FACE, size=(200, 100))] * 4
    clips.encode(root / "driving/single/still one.mov", still, rate=Fraction(12000, 1001))
    clips.encode(root / "driving/multi/duo.mp4", [clips.scene(LEFT, RIGHT)] * 5)
    write_png(root / "portraits/single/face.png", clips.scene(FACE))
    write_png(root / "portraits/single/nobody.png", clips.scene())
    Image.fromarray(clips.scene(LEFT)).save(root / "portraits/single/wrong.jpg", format="PNG")
    write_png(root / "portraits/multi/trio.png", clips.scene(LEFT, MIDDLE, RIGHT))
    (root / "manifest.csv").write_text("file,notes\n")
    return root


def plan(root: Path, out: Path, **options: Any) -> ImportPlan:
    """A plan; options of what is wanted, and of its rules, may be given as they are."""
    rules = {k: options.pop(k) for k in [*options] if k in {f.name for f in fields(Rules)}}
    wanted = {k: options.pop(k) for k in [*options] if k in {f.name for f in fields(Wanted)}}
    return ImportPlan(root, out, wanted=Wanted(**wanted, rules=Rules(**rules)), **options)


def run(root: Path, out: Path, tracker: Any = None, **options: Any) -> ImportReport:
    return import_folder(plan(root, out, **options), tracker or clips.BoxTracker())


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def case(split: Split, case_id: str) -> Case:
    return next(c for c in split.cases if c.id == case_id)
