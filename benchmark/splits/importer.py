"""Turning a folder of portraits and driving clips into splits that every method can run on."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2

from adapters.base import FaceTracker
from benchmark.errors import UsageProblem
from benchmark.media.files import require_file, writing
from benchmark.media.video import claims
from benchmark.names import printable
from benchmark.splits import prepare
from benchmark.splits.manifest import Header, Split, read_manifest, write_manifest
from benchmark.splits.originals import KINDS, Found, Original, find_originals
from benchmark.splits.pairing import Clip, Still, make_cases, pairing_rule
from benchmark.splits.workplace import Workplace, workplace
from metrics.weights import file_sha256

REPORT = "import.json"
NOT_STATED = "not stated"

Progress = Callable[[str, int, int], None]
"""Told the step, and how many of how many frames are done; the total may be an estimate."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What to import and how.

    Attributes:
        root: Folder with ``portraits/`` and ``driving/``.
        out: Folder to make; must not exist, or be empty.
        name: Name of the dataset; by default that of ``root``.
        portraits_per_clip: Cross cases for each driving clip.
        seed: Seed of the draw.
        max_frames: Use the first so many frames of each clip; ``None`` for all.
        tracker_id: What identifies the tracker: work of an import that was stopped is taken up
            again under the same only.
        citation: How the dataset is cited.
        licence: Its licence.
    """

    root: Path
    out: Path
    name: str | None = None
    portraits_per_clip: int = 3
    seed: int = 0
    max_frames: int | None = None
    tracker_id: str = ""
    citation: str = NOT_STATED
    licence: str = NOT_STATED


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import.

    Attributes:
        splits: The splits written.
        skipped: A line for each entry of the media folders that was not used.
        no_face: Originals in which no face was found; their cases are tagged.
    """

    splits: tuple[Split, ...]
    skipped: tuple[str, ...]
    no_face: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One original on its way: where it goes, what it is, what the survey found."""

    split: str
    kind: str
    original: Original
    sha256: str
    survey: prepare.Survey

    @property
    def label(self) -> str:
        return f"{self.kind}/{self.split}/{self.original.name}"

    @property
    def crop(self) -> prepare.Crop:
        return prepare.window(self.split, self.survey.size, self.survey.box)


@dataclass(slots=True)
class _Counter:
    progress: Progress
    step: str = ""
    done: int = 0
    total: int = 0

    def start(self, step: str, total: int) -> None:
        self.step, self.done, self.total = step, 0, total
        self.progress(step, 0, total)

    def tick(self) -> None:
        self.upto(self.done + 1)

    def upto(self, done: int) -> None:
        """Be at ``done`` frames: also after work that was taken over from an earlier import."""
        self.done = done
        self.progress(self.step, done, max(self.total, done))


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
    name = _checked_name(plan)
    found = find_originals(plan.root)
    with workplace(plan.out) as place:
        work = _Import(plan, tracker, place, _Counter(progress))
        items = work.survey(found)
        for split, (clips, stills) in work.convert(items).items():
            cases = make_cases(clips, stills, plan.portraits_per_clip, plan.seed)
            header = _header(plan, name, [item for item in items if item.split == split])
            manifest = place.tree / f"{split}.jsonl"
            with writing(manifest):
                write_manifest(manifest, header, cases)
        no_face = tuple(item.label for item in items if item.survey.box is None)
        _write_report(place.tree / REPORT, plan, items, found.skipped)
    splits = tuple(read_manifest(plan.out / f"{split}.jsonl") for split in found.groups)
    return ImportReport(splits, found.skipped, no_face)


def _checked_name(plan: ImportPlan) -> str:
    if plan.portraits_per_clip < 0:
        raise UsageProblem(f"portraits per clip must be 0 or more, got {plan.portraits_per_clip}")
    if plan.max_frames is not None and plan.max_frames < 2:
        raise UsageProblem(f"--max-frames must be 2 or more, got {plan.max_frames}")
    out, root = plan.out.absolute(), plan.root.absolute()
    if any(out.is_relative_to(root / kind) for kind in KINDS):
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


@dataclass(frozen=True, slots=True)
class _Import:
    plan: ImportPlan
    tracker: FaceTracker
    place: Workplace
    counter: _Counter

    def survey(self, found: Found) -> list[_Item]:
        """Read every file once and find its faces."""
        wanted = [
            (split, kind, original)
            for split, group in found.groups.items()
            for kind, originals in (("driving", group.driving), ("portraits", group.portraits))
            for original in originals
        ]
        self.counter.start("finding faces", sum(self._guess(k, o) for _, k, o in wanted))
        items, faults = [], []
        for split, kind, original in wanted:
            try:
                items.append(self._survey(split, kind, original))
            except UsageProblem as fault:
                remedy = f" ({fault.remedy})" if fault.remedy else ""
                faults.append(printable(fault.problem + remedy))
        if faults:
            raise UsageProblem(
                f"{len(faults)} of {len(wanted)} files cannot be used",
                "\n".join([*faults, "repair them or take them out, then import again"]),
            )
        return items

    def _guess(self, kind: str, original: Original) -> int:
        if kind == "portraits":
            return 1
        try:
            n_frames = claims(original.path).n_frames
        except UsageProblem:  # the survey names it
            return 0
        return min(n_frames, self.plan.max_frames or n_frames)

    def _survey(self, split: str, kind: str, original: Original) -> _Item:
        path, before = original.path, self.counter.done
        sha256 = _content(path, kind)

        def make() -> dict[str, Any]:
            if kind == "portraits":
                survey = prepare.survey_still(path, split, self.tracker)
            else:
                limit, tick = self.plan.max_frames, self.counter.tick
                survey = prepare.survey_clip(path, split, self.tracker, limit, tick)
            return {**asdict(survey), "fps": str(survey.fps)}

        kept = self.place.recall(self._key("survey", split, kind, sha256), make)
        box = None if kept["box"] is None else tuple(kept["box"])
        survey = prepare.Survey(
            **{**kept, "fps": Fraction(kept["fps"]), "size": tuple(kept["size"]), "box": box}
        )
        self.counter.upto(before + survey.n_frames)
        return _Item(split, kind, original, sha256, survey)

    def convert(self, items: list[_Item]) -> dict[str, tuple[list[Clip], list[Still]]]:
        """Write the canonical files of every item."""
        self.counter.start("converting", sum(item.survey.n_frames for item in items))
        done: dict[str, tuple[list[Clip], list[Still]]] = {}
        for item in items:
            before = self.counter.done
            clips, stills = done.setdefault(item.split, ([], []))
            if item.kind == "driving":
                clips.append(self._clip(item))
            else:
                stills.append(self._still(item))
            self.counter.upto(before + item.survey.n_frames)
        return done

    def _clip(self, item: _Item) -> Clip:
        original, survey = item.original, item.survey
        key = self._key("clip", item.split, item.sha256, original.slug)
        file = f"media/{item.split}/driving/{original.slug}.mp4"
        first = f"media/{item.split}/first/{original.slug}.png"

        def make(target: Path) -> None:
            prepare.prepare_clip(original.path, survey, item.crop, target, self.counter.tick)

        clip = self.place.place(key, file, make)
        png = self.place.place(key, first, lambda target: prepare.write_first_frame(clip, target))
        still = Still(
            original.name, original.slug, first, file_sha256(png), item.crop.to, survey.first
        )
        return Clip(
            name=original.name,
            slug=original.slug,
            file=file,
            sha256=file_sha256(clip),
            n_frames=survey.n_frames,
            fps=survey.fps,
            people=survey.people,
            has_face=survey.box is not None,
            first=still,
        )

    def _still(self, item: _Item) -> Still:
        original = item.original
        key = self._key("still", item.split, item.sha256, original.slug)
        file = f"media/{item.split}/portraits/{original.slug}.png"

        def make(target: Path) -> None:
            prepare.prepare_still(original.path, item.crop, target)

        png = self.place.place(key, file, make)
        return Still(
            original.name, original.slug, file, file_sha256(png), item.crop.to, item.survey.first
        )

    def _key(self, *what: str) -> str:
        rules = [prepare.RULES, av.__version__, cv2.__version__, self.plan.tracker_id]
        identity = json.dumps([*rules, self.plan.max_frames, *what])
        return hashlib.sha256(identity.encode()).hexdigest()


def _content(path: Path, kind: str) -> str:
    require_file(path, "portrait" if kind == "portraits" else "video")
    try:
        return file_sha256(path)
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}") from None


def _header(plan: ImportPlan, name: str, items: list[_Item]) -> Header:
    split = items[0].split
    content = "".join(sorted(f"{item.sha256} {item.label}\n" for item in items))
    limit = "" if plan.max_frames is None else f"; the first {plan.max_frames} frames"
    return Header(
        dataset=name,
        split=split,
        version=f"originals-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        citation=plan.citation,
        licence=plan.licence,
        pairing=pairing_rule(plan.portraits_per_clip, plan.seed),
        crop=f"{prepare.CROP_RULES[split]}; {prepare.RESIZE_RULE}",
        fps=f"{prepare.FPS_RULE}{limit}",
    )


def _write_report(
    path: Path, plan: ImportPlan, items: list[_Item], skipped: tuple[str, ...]
) -> None:
    report = {
        "format": "portraitbench-import@1",
        "portraits_per_clip": plan.portraits_per_clip,
        "seed": plan.seed,
        "max_frames": plan.max_frames,
        "tracker": plan.tracker_id,
        "skipped": skipped,
        "originals": [
            {
                "file": item.label,
                "slug": item.original.slug,
                "sha256": item.sha256,
                **asdict(item.survey),
                "fps": str(item.survey.fps),
                "crop": asdict(item.crop),
            }
            for item in items
        ],
    }
    with writing(path):
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
