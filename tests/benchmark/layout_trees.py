"""Small trees in the shape of datasets, and what an import makes of them."""

from fractions import Fraction
from pathlib import Path

from brought import run

from benchmark.splits.layouts import Ask, layout
from benchmark.splits.manifest import Case
from benchmark.splits.originals import Found
from benchmark.splits.validate import validate_manifest

RATE = Ask(frame_rate=Fraction(25))


def look(name: str, root: Path, ask: Ask = RATE) -> Found:
    return layout(name).read(root, ask)


def imported(name: str, root: Path, out: Path, ask: Ask = RATE, **options: object) -> list[Case]:
    """Import and validate; return the cases."""
    run(root, out, layout=name, ask=ask, **options)
    split, faults = validate_manifest(out / "single.jsonl")
    assert split is not None
    assert faults == []
    return list(split.cases)


def people(cases: list[Case]) -> set[tuple[str, str]]:
    """Who drives whom in the cross cases."""
    pairs = [case.origins for case in cases if case.protocol == "cross"]
    return {(pair.driving.identity, pair.source.identity) for pair in pairs if pair is not None}


def names(found: Found) -> set[str]:
    return {original.name for original in found.groups["single"].driving}


def tags(found: Found, name: str) -> tuple[str, ...]:
    return next(o.tags for o in found.groups["single"].driving if o.name == name)
