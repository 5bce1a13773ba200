"""Turning a folder that people have into splits that every method can run on."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import av
import cv2
import PIL

from adapters.base import FaceTracker
from benchmark.errors import UsageProblem
from benchmark.media.files import writing
from benchmark.splits.case import Header
from benchmark.splits.convert import Convert, Counter, Item, Progress, survey_as_dict
from benchmark.splits.layouts import DEFAULT, layout
from benchmark.splits.layouts.portrait_folder import KINDS
from benchmark.splits.manifest import Split, read_manifest, write_manifest
from benchmark.splits.originals import Found, Group
from benchmark.splits.pairing import Clip, Pairing, Still, chosen, make_cases
from benchmark.splits.protocols import PER_CLIP, Counts, Variant
from benchmark.splits.recipe import NAME, Recipe, Wanted, write_recipe
from benchmark.splits.rules import Rules
from benchmark.splits.workplace import Workplace, workplace

Prepared = Mapping[str, tuple[list[Clip], list[Still]]]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What to import and how.

    Attributes:
        root: The folder that is brought.
        out: Folder to make; must not exist, or be empty.
        name: Name of the dataset; by default that of ``root``.
        wanted: What was asked for.
        tracker_id: What identifies the tracker: work of an import that was stopped is taken up
            again under the same only.
        jobs: Originals worked on at the same time.
        recipe: Surveys of an earlier import, by which faces need not be looked for.
    """

    root: Path
    out: Path
    name: str | None = None
    wanted: Wanted = field(default_factory=Wanted)
    tracker_id: str = ""
    jobs: int = 1
    recipe: Recipe | None = None

    @property
    def rules(self) -> Rules:
        """How media are prepared: as asked, and as the protocol states.

        Raises:
            UsageProblem: If the two differ.
        """
        spec, rules = self.wanted.protocol, self.wanted.rules
        stated = Rules.of({**rules.as_dict(), "fps": spec.fps, "max_frames": spec.frames})
        for option, asked, own in (
            ("--fps", rules.fps, stated.fps),
            ("--max-frames", rules.max_frames, stated.max_frames),
        ):
            if asked is not None and own is not None and asked != own:
                raise UsageProblem(f"{option} {asked}, but protocol {spec.rules.id} states {own}")
        return replace(
            rules,
            fps=rules.fps if stated.fps is None else stated.fps,
            max_frames=rules.max_frames if stated.max_frames is None else stated.max_frames,
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import.

    Attributes:
        splits: The splits written.
        skipped: A line for each entry that was not used.
        no_face: Originals in which no face was found; their cases are tagged.
        notes: What else the user should know.
    """

    splits: tuple[Split, ...]
    skipped: tuple[str, ...]
    no_face: tuple[str, ...]
    notes: tuple[str, ...] = ()


def import_folder(
    plan: ImportPlan, tracker: FaceTracker, progress: Progress = lambda step, done, total: None
) -> ImportReport:
    """Import ``plan.root`` to ``plan.out``.

    Every file is surveyed before any is converted, so that all faults are named at once. An
    import that stops, for whatever reason, leaves ``OUT.part``; the same import goes on from it.

    Raises:
        UsageProblem: If the plan cannot be carried out, or files of the expected kinds cannot be
            used; names each with the reason.
        EnvironmentProblem: If ``plan.out`` cannot be written.
    """
    name, rules = _checked(plan), plan.rules
    found, notes = select(layout(plan.wanted.layout).read(plan.root, plan.wanted.ask), plan.wanted)
    known = None if plan.recipe is None else plan.recipe.surveys
    with workplace(plan.out) as place:
        counter = Counter(progress)
        work = Convert(place, rules, tracker, plan.tracker_id, plan.jobs, counter, known)
        surveyed = work.survey(found)
        _all_there(plan.recipe, surveyed)
        items, short = _long_enough(surveyed, plan.wanted)
        prepared = work.convert(items)
        notes += tuple(_unheard(found, prepared))
        written = _write_splits(plan, name, found, prepared, items, place)
        _write_recipe(place, plan, name, work, surveyed, (*found.skipped, *short))
    splits = tuple(read_manifest(plan.out / f"{split}.jsonl") for split in written)
    no_face = tuple(item.label for item in items if item.survey.box is None)
    return ImportReport(splits, (*found.skipped, *short), no_face, notes)


def select(found: Found, wanted: Wanted) -> tuple[Found, tuple[str, ...]]:
    """Keep what has the wanted tags, and of that what the protocol takes, by lot.

    Returns:
        What is left, and what the user should know about it.

    Raises:
        UsageProblem: If nothing is left.
    """
    notes = []
    groups = {}
    for split, group in found.groups.items():
        driving = tuple(o for o in group.driving if set(wanted.where) <= set(o.tags))
        counts = wanted.protocol.counts.get(split, Counts())
        if not driving:
            known = sorted({tag for original in group.driving for tag in original.tags})
            raise UsageProblem(
                f"no clip of {split} has {' and '.join(wanted.where)}",
                f"clips have: {', '.join(known[:30]) or 'no tags'}",
            )
        if len(driving) < len(group.driving):
            notes.append(
                f"{split}: {len(driving)} of {len(group.driving)} clips have "
                f"{', '.join(wanted.where)}"
            )
        for what, have, most in (
            ("clips", driving, counts.clips),
            ("portraits", group.portraits or driving, counts.portraits),
        ):
            if most is not None and len(have) != most:
                took = f"{most} taken by lot" if len(have) > most else "all taken"
                notes.append(
                    f"{split}: the protocol has {most} {what}, here are {len(have)}: {took}"
                )
        groups[split] = replace(
            group,
            driving=chosen(driving, counts.clips, wanted.seed),
            portraits=chosen(group.portraits, counts.portraits, wanted.seed),
        )
    return Found(groups, found.skipped), tuple(notes)


def _unheard(found: Found, prepared: Prepared) -> Iterator[str]:
    """Say how many listed pairs cannot be made, because one of the two was not taken."""
    for split, (clips, stills) in prepared.items():
        wishes = found.groups[split].wishes or ()
        names = {clip.name for clip in clips}
        sources = names | {still.name for still in stills}
        lost = sum(w.driving not in names or w.source not in sources for w in wishes)
        if lost:
            yield f"{split}: {lost} of {len(wishes)} listed pairs name a file that was not taken"


def _all_there(recipe: Recipe | None, items: Sequence[Item]) -> None:
    """Check that nothing is missing that a recipe was made from."""
    if recipe is None:
        return
    here = {(item.split, item.kind, item.sha256) for item in items}
    missing = [label for key, label in recipe.labels.items() if key not in here]
    if missing:
        raise UsageProblem(
            f"{len(missing)} of {len(recipe.labels)} originals of the recipe are not there",
            "\n".join([*missing[:20], "bring them, with the very same content"]),
        )


def _long_enough(items: Sequence[Item], wanted: Wanted) -> tuple[list[Item], tuple[str, ...]]:
    """Leave out clips that are too short for the protocol, and name them."""
    least = wanted.protocol.min_seconds
    if least is None:
        return list(items), ()
    kept: list[Item] = []
    short: list[Item] = []
    for item in items:
        lasts = item.kind != "driving" or item.survey.n_frames >= least * item.survey.fps
        (kept if lasts else short).append(item)
    if not any(item.kind == "driving" for item in kept):
        raise UsageProblem(
            f"no clip lasts {least:g} s, which protocol {wanted.protocol.rules.id} asks for"
        )
    return kept, tuple(
        f"{item.label}: {float(item.survey.n_frames / item.survey.fps):.1f} s, shorter than "
        f"{least:g} s"
        for item in short
    )


def _checked(plan: ImportPlan) -> str:
    per_clip = plan.wanted.portraits_per_clip
    if per_clip is not None and per_clip < 0:
        raise UsageProblem(f"portraits per clip must be 0 or more, got {per_clip}")
    if plan.jobs < 1:
        raise UsageProblem(f"--jobs must be 1 or more, got {plan.jobs}")
    out, root = plan.out.absolute(), plan.root.absolute()
    # The default layout looks into two folders of DIR only; the others look everywhere.
    looked = [root / kind for kind in KINDS] if plan.wanted.layout == DEFAULT else [root]
    if any(out.is_relative_to(folder) for folder in looked) or out == root:
        raise UsageProblem(f"{plan.out} lies among the files to import", "name another --out")
    if plan.name is None:
        plain = re.sub(r"[^A-Za-z0-9._+-]+", "-", root.name).strip("-._+")
        return plain[:60] or "imported"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,59}", plan.name):
        raise UsageProblem(
            f"{plan.name!r} cannot name a dataset",
            "use up to 60 letters, digits and . _ + -, with a letter or digit first",
        )
    return plan.name


def _write_splits(
    plan: ImportPlan,
    name: str,
    found: Found,
    prepared: Prepared,
    items: Sequence[Item],
    place: Workplace,
) -> list[str]:
    """Write a manifest for each group and variant that has cases; return their names."""
    written = []
    for split, (clips, stills) in prepared.items():
        group = found.groups[split]
        if not stills and group.clips_as_portraits:
            stills = [clip.first for clip in clips]
        for variant in plan.wanted.protocol.splits:
            rule = _pairing(plan.wanted, variant, group)
            cases = make_cases(clips, stills, rule)
            if not cases:
                continue
            own = [item for item in items if item.split == split]
            header = _header(plan, name, split, rule, own)
            write_manifest(place.tree / f"{header.split}.jsonl", header, cases)
            written.append(header.split)
    if not written:
        raise UsageProblem("the protocol makes no case of this folder", "it has no portraits")
    return written


def _pairing(wanted: Wanted, variant: Variant, group: Group) -> Pairing:
    spec = wanted.protocol
    per_clip = wanted.portraits_per_clip
    if per_clip is None:
        per_clip = PER_CLIP if spec.portraits_per_clip is None else spec.portraits_per_clip
    return Pairing(
        variant, per_clip, wanted.seed, spec.pairing == "portrait-once", wishes=group.wishes
    )


def _header(
    plan: ImportPlan, name: str, split: str, rule: Pairing, items: Sequence[Item]
) -> Header:
    content = "".join(sorted(f"{item.sha256} {item.label}\n" for item in items))
    wanted, rules = plan.wanted, plan.rules
    where = f"; only clips with {', '.join(wanted.where)}" if wanted.where else ""
    return Header(
        dataset=name,
        split=f"{split}{rule.variant.suffix}",
        version=f"originals-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        citation=wanted.citation,
        licence=wanted.licence,
        protocol=wanted.protocol.rules,
        pairing=rule.text() + where,
        crop=rules.crop_text(split),
        fps=rules.fps_text(),
        notice=wanted.protocol.notice,
    )


def versions() -> dict[str, str]:
    """Return the versions of the libraries that decode, resize and encode."""
    return {"av": av.__version__, "opencv": cv2.__version__, "pillow": PIL.__version__}


def _write_recipe(
    place: Workplace,
    plan: ImportPlan,
    name: str,
    work: Convert,
    items: Sequence[Item],
    skipped: tuple[str, ...],
) -> None:
    tree = place.tree
    splits = {path.stem: read_manifest(path) for path in sorted(tree.glob("*.jsonl"))}
    files = {}
    for split in splits.values():
        for case in split.cases:
            files[case.source] = case.sha256.source
            files[case.driving] = case.sha256.driving
    originals = [
        {
            "split": item.split,
            "kind": item.kind,
            "name": item.original.name,
            "slug": item.original.slug,
            "identity": item.original.identity,
            "sha256": item.sha256,
            "survey": survey_as_dict(item.survey),
            "crop": asdict(work.crop(item)),
        }
        for item in items
    ]
    with writing(tree / NAME):
        write_recipe(
            tree / NAME,
            {
                "name": name,
                "wanted": plan.wanted.as_dict(),
                "tracker": plan.tracker_id if plan.recipe is None else plan.recipe.tracker,
                "versions": versions(),
                "splits": {split: read.sha256 for split, read in splits.items()},
                "files": dict(sorted(files.items())),
                "skipped": skipped,
                "originals": originals,
            },
        )
