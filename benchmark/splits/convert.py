"""The two passes of an import over its originals: look at everything, then convert everything."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2

from adapters.base import FaceTracker
from benchmark.errors import UsageProblem
from benchmark.media.footage import Footage, FrameFolder, VideoFile, content_sha256
from benchmark.names import printable
from benchmark.splits import prepare
from benchmark.splits.case import Origin
from benchmark.splits.originals import Found, Original
from benchmark.splits.pairing import Clip, Still
from benchmark.splits.rules import VERSION, Rules
from benchmark.splits.workplace import Workplace
from metrics.weights import file_sha256

A = TypeVar("A")
B = TypeVar("B")

Progress = Callable[[str, int, int], None]
"""Told the step, and how many of how many frames are done; the total may be an estimate."""


@dataclass(frozen=True, slots=True)
class Item:
    """One original on its way: where it goes, what it is, what the survey found."""

    split: str
    kind: str
    original: Original
    sha256: str
    survey: prepare.Survey

    @property
    def label(self) -> str:
        """Split and name, for people."""
        return f"{self.kind}/{self.split}/{self.original.name}"


@dataclass(slots=True)
class Counter:
    """Frames done, counted from several threads."""

    progress: Progress
    step: str = ""
    done: int = 0
    total: int = 0
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, step: str, total: int) -> None:
        """Begin a step."""
        self.step, self.done, self.total = step, 0, total
        self.progress(step, 0, total)

    def add(self, frames: int = 1) -> None:
        """Count frames.

        Raises:
            Stopped: If another thread has failed: this work is not wanted any more.
        """
        if self.stopped:
            raise Stopped
        with self.lock:
            self.done += frames
            self.progress(self.step, self.done, max(self.total, self.done))


class Stopped(Exception):
    """Another thread failed."""


@dataclass(slots=True)
class _Share:
    """The frames of one item: counted as they go by, or at once if kept work was taken over."""

    counter: Counter
    counted: int = 0

    def tick(self) -> None:
        self.counted += 1
        self.counter.add()

    def finish(self, frames: int) -> None:
        if frames != self.counted:
            self.counter.add(frames - self.counted)


@dataclass(frozen=True, slots=True)
class Convert:
    """An import's work on its originals.

    Attributes:
        place: Where finished steps are kept.
        rules: How to prepare.
        tracker: Finds faces; used from as many threads as there are ``jobs``.
        tracker_id: What identifies it.
        jobs: Originals worked on at the same time. Does not change any result.
        counter: Told of each frame.
        known: The only surveys there are, by split, kind and sha256; ``None``: they are made.
    """

    place: Workplace
    rules: Rules
    tracker: FaceTracker
    tracker_id: str
    jobs: int
    counter: Counter
    known: Mapping[tuple[str, str, str], dict[str, Any]] | None = None

    def survey(self, found: Found) -> list[Item]:
        """Read every file once and find its faces.

        Raises:
            UsageProblem: If any cannot be used; names all of them.
        """
        wanted = [
            (split, kind, original)
            for split, group in found.groups.items()
            for kind, originals in (("driving", group.driving), ("portraits", group.portraits))
            for original in originals
        ]
        self.counter.start("finding faces", sum(self._guess(k, o) for _, k, o in wanted))
        looked = self._each(self._try_survey, wanted)
        faults = [result for result in looked if isinstance(result, str)]
        if faults:
            raise UsageProblem(
                f"{len(faults)} of {len(wanted)} files cannot be used",
                "\n".join([*faults, "repair them or take them out, then import again"]),
            )
        return [result for result in looked if isinstance(result, Item)]

    def convert(self, items: Sequence[Item]) -> dict[str, tuple[list[Clip], list[Still]]]:
        """Write the canonical files of every item, by split."""
        self.counter.start("converting", sum(item.survey.n_frames for item in items))
        done: dict[str, tuple[list[Clip], list[Still]]] = {i.split: ([], []) for i in items}
        for item, made in zip(items, self._each(self._convert, items), strict=True):
            clips, stills = done[item.split]
            if isinstance(made, Clip):
                clips.append(made)
            else:
                stills.append(made)
        return done

    def crop(self, item: Item) -> prepare.Crop:
        """Return the window of an item."""
        return prepare.window(item.split, item.survey.size, item.survey.box, self.rules)

    def _each(self, work: Callable[[A], B], items: Sequence[A]) -> list[B]:
        if self.jobs == 1:
            return [work(item) for item in items]
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="prepare") as pool:
            futures = [pool.submit(work, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                self.counter.stopped = True
                pool.shutdown(wait=True, cancel_futures=True)
                failed = next((f.exception() for f in futures if _failed(f)), None)
                if failed is not None:
                    raise failed from None
                raise

    def _guess(self, kind: str, original: Original) -> int:
        if kind == "portraits":
            return 1
        clip = footage(original)
        try:
            claimed, needed = clip.claimed(), self.rules.needed(clip.rate())
        except UsageProblem:  # the survey names it
            return 0
        return claimed if needed is None else min(claimed, needed)

    def _try_survey(self, wanted: tuple[str, str, Original]) -> Item | str:
        try:
            return self._survey(*wanted)
        except UsageProblem as fault:
            remedy = f" ({fault.remedy})" if fault.remedy else ""
            return printable(fault.problem + remedy)

    def _survey(self, split: str, kind: str, original: Original) -> Item:
        share = _Share(self.counter)
        clip = footage(original)
        still = kind == "portraits"
        sha256 = content_sha256(original.path, "portrait") if still else clip.sha256()

        def make() -> dict[str, Any]:
            if self.known is not None:
                if (split, kind, sha256) in self.known:
                    return self.known[split, kind, sha256]
                raise UsageProblem(f"{original.path} is not in the recipe, or has changed since")
            if still:
                survey = prepare.survey_still(original.path, split, self.tracker)
            else:
                survey = prepare.survey_clip(clip, split, self.tracker, self.rules, share.tick)
            return survey_as_dict(survey)

        limit = [self.rules.max_frames, str(self.rules.max_frames and self.rules.fps)]
        key = self._key("survey", split, kind, sha256, *map(str, limit))
        survey = survey_of(self.place.recall(key, make))
        share.finish(survey.n_frames)
        return Item(split, kind, original, sha256, survey)

    def _convert(self, item: Item) -> Clip | Still:
        share = _Share(self.counter)
        made = self._clip(item, share) if item.kind == "driving" else self._still(item)
        share.finish(item.survey.n_frames)
        return made

    def _clip(self, item: Item, share: _Share) -> Clip:
        original, survey = item.original, item.survey
        key = self._key("clip", item.split, item.sha256, original.slug, *self._rules())
        file = f"media/{item.split}/driving/{original.slug}.mp4"
        first = f"media/{item.split}/first/{original.slug}.png"
        work = prepare.ClipWork(footage(original), survey, self.crop(item), self.rules)

        def make(target: Path) -> None:
            prepare.prepare_clip(work, target, share.tick)

        clip = self.place.place(key, file, make)
        png = self.place.place(key, first, lambda target: prepare.write_first_frame(clip, target))
        return Clip(
            name=original.name,
            slug=original.slug,
            file=file,
            sha256=file_sha256(clip),
            n_frames=self.rules.prepared(survey.n_frames, survey.fps),
            fps=self.rules.rate(survey.fps),
            people=survey.people,
            has_face=survey.box is not None,
            first=self._as_still(item, first, png),
        )

    def _still(self, item: Item) -> Still:
        key = self._key("still", item.split, item.sha256, item.original.slug, *self._rules())
        file = f"media/{item.split}/portraits/{item.original.slug}.png"

        def make(target: Path) -> None:
            prepare.prepare_still(item.original.path, self.crop(item), target)

        return self._as_still(item, file, self.place.place(key, file, make))

    def _as_still(self, item: Item, file: str, png: Path) -> Still:
        original = item.original
        return Still(
            name=original.name,
            slug=original.slug,
            file=file,
            sha256=file_sha256(png),
            size=self.crop(item).to,
            faces=item.survey.first,
            origin=Origin(name=original.name, identity=original.identity, sha256=item.sha256),
            tags=original.tags,
        )

    def _rules(self) -> list[str]:
        return [json.dumps(self.rules.as_dict())]

    def _key(self, *what: str) -> str:
        identity = json.dumps([VERSION, av.__version__, cv2.__version__, self.tracker_id, *what])
        return hashlib.sha256(identity.encode()).hexdigest()


def _failed(future: Any) -> bool:  # noqa: ANN401 - a future of anything
    done = future.done() and not future.cancelled()
    return done and not isinstance(future.exception(), Stopped | None)


def footage(original: Original) -> Footage:
    """Return how a clip is read."""
    if original.frames:
        assert original.rate is not None
        return FrameFolder(original.path, original.frames, original.rate)
    return VideoFile(original.path)


def survey_as_dict(survey: prepare.Survey) -> dict[str, Any]:
    """Return a survey as JSON data."""
    return {**asdict(survey), "fps": str(survey.fps)}


def survey_of(kept: dict[str, Any]) -> prepare.Survey:
    """Rebuild a survey from `survey_as_dict`."""
    return prepare.Survey(
        n_frames=kept["n_frames"],
        fps=Fraction(kept["fps"]),
        size=tuple(kept["size"]),
        box=None if kept["box"] is None else tuple(kept["box"]),
        people=kept["people"],
        first=kept["first"],
    )
