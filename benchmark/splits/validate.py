"""Does a split hold what its manifest says? One pass over the cases, memory flat."""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from adapters.base import FaceTracker
from benchmark.errors import BenchError
from benchmark.names import printable
from benchmark.splits.case import Case, Split
from benchmark.splits.inspection import Facts, Media
from benchmark.splits.manifest import inspect_manifest, repeated
from benchmark.splits.pairing import NO_FACE

_SAME_PICTURE = 4.0
"""Mean difference in levels up to which two pictures count as one: a source may be the frame as
it was before the driving video was encoded."""

_REMEMBERED = 20_000
"""Files whose facts are kept; of a larger split, some are read again."""

_REPORTED = 1_000

Progress = Callable[[int, int], None]
"""Told how many of how many cases were checked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: Manifest and, if it is about one, the case or file.
        problem: What is wrong.
        remedy: What to do about it; may be empty.
    """

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")
        return printable(text)  # file names may hold anything


def validate_manifest(
    path: Path,
    progress: Progress = lambda done, total: None,
    tracker: FaceTracker | None = None,
) -> tuple[Split | None, list[Fault]]:
    """Check a manifest and all its media.

    Args:
        path: The manifest.
        progress: Called after each case.
        tracker: Finds faces, to check that there are those that cases pair; ``None``: not checked.

    Returns:
        The split as far as it can be read, and the faults (of very many, the first ones and their
        number); an empty list means that the split can be used.
    """
    try:
        split, errors = inspect_manifest(path)
    except BenchError as error:
        return None, [_fault(path.name, error)]
    faults = [_fault(path.name, error) for error in errors]
    if split.header.split != path.stem:
        faults.append(
            Fault(path.name, f"its header says split '{split.header.split}'", "rename the file")
        )
    validation = _Validation(split, path.name, tracker)
    for done, case in enumerate(split.cases, start=1):
        validation.case(case)
        progress(done, len(split.cases))
    faults += validation.finish()
    return split, faults


def _fault(where: str, error: BenchError) -> Fault:
    return Fault(where, error.problem, " ".join(error.remedy.split()))


@dataclass(slots=True)
class _Twins:
    """Finds one content under two names, by 16 bytes a file that was read."""

    contents: "array[int]" = field(default_factory=lambda: array("Q"))
    names: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, content: str, name: str) -> None:
        self.contents.append(_short(content))
        self.names.append(_short(name))

    def found(self) -> set[int]:
        """Return the digests of contents that go by more than one name."""
        if not self.contents:
            return set()
        pairs = np.stack([np.frombuffer(self.contents, np.uint64),
                          np.frombuffer(self.names, np.uint64)], axis=1)  # fmt: skip
        unique = np.unique(pairs, axis=0)
        contents = array("Q", unique[:, 0].tobytes())
        return {contents[index] for index in repeated(contents)}


class _Validation:
    """State of one pass."""

    def __init__(self, split: Split, name: str, tracker: FaceTracker | None) -> None:
        self.split, self.name = split, name
        self.media = Media(split, tracker)
        self.known: OrderedDict[tuple[str, str], Facts | None] = OrderedDict()
        self.faults: list[Fault] = []
        self.untold = 0
        self.files = {"source": _Twins(), "driving": _Twins()}
        self.contents = array("Q")

    def case(self, case: Case) -> None:
        where = f"{self.name}: {case.id}"
        own = case.protocol == "self"
        source = self._facts("source", case.source, 0)
        driving = self._facts("driving", case.driving, case.frames[0] if own else None)
        for problem, remedy in self._check(case, source, driving):
            self._tell(Fault(where, problem, remedy))
        self.contents.append(_short(_content(case)))

    def finish(self) -> list[Fault]:
        """Name the twins, and return all faults."""
        self._name_twins()
        if self.untold:
            self.faults.append(Fault(self.name, f"and {self.untold} more faults"))
        return self.faults

    def _tell(self, fault: Fault) -> None:
        if len(self.faults) < _REPORTED:
            self.faults.append(fault)
        else:
            self.untold += 1

    def _facts(self, role: str, relative: str, keep: int | None) -> Facts | None:
        """Return what a file turned out to be; ``None``, and named once, if it cannot be read."""
        key = (role, relative)
        if key not in self.known:
            try:
                facts = self.media.look(role, relative, keep)
                self.known[key] = facts
                self.files[role].add(facts.sha256, relative)
            except BenchError as error:
                self.known[key] = None
                self._tell(_fault(f"{self.name}: {relative}", error))
            if len(self.known) > _REMEMBERED:
                self.known.popitem(last=False)
        self.known.move_to_end(key)
        return self.known[key]

    def _check(
        self, case: Case, source: Facts | None, driving: Facts | None
    ) -> Iterator[tuple[str, str]]:
        """Yield problem and remedy of each fault of a case; files not read are named already."""
        for file, facts, stated in (
            (case.source, source, case.sha256.source),
            (case.driving, driving, case.sha256.driving),
        ):
            if facts is not None and facts.sha256 != stated:
                yield (
                    f"{file} has another sha256 than stated",
                    "bring back the file, or import again",
                )
        if source is not None and source.size != case.size:
            yield f"source is {_by(source.size)}, stated {_by(case.size)}", "correct the manifest"
        if driving is not None:
            yield from _check_driving(case, driving)
        if case.protocol == "self" and source is not None and driving is not None:
            yield from self._check_self(case, driving)
        if NO_FACE not in case.tags:
            yield from _check_faces(case, source, driving)

    def _check_self(self, case: Case, driving: Facts) -> Iterator[tuple[str, str]]:
        if case.n_frames < 2:
            yield "a self case needs two frames, the first is not scored", "use a longer clip"
        if driving.size != case.size:
            yield f"driving is {_by(driving.size)}, stated {_by(case.size)}", "correct the manifest"
        if case.frames[0] >= driving.n_frames:
            return  # named already
        first = self.media.frame("driving", case.driving, case.frames[0])
        source = self.media.frame("source", case.source, 0)
        if first.shape != source.shape:
            return  # named above
        if np.abs(source.astype(np.int16) - first).mean() > _SAME_PICTURE:
            yield f"source is not frame {case.frames[0]} of the driving video", "make it again"

    def _name_twins(self) -> None:
        contents = {role: twins.found() for role, twins in self.files.items()}
        cases = {self.contents[index] for index in repeated(self.contents)}
        if not any(contents.values()) and not cases:
            return
        first: dict[tuple[str, str], str] = {}
        for case in self.split.cases:
            for role, sha256, file in (
                ("source", case.sha256.source, case.source),
                ("driving", case.sha256.driving, case.driving),
            ):
                if _short(sha256) in contents[role]:
                    other = first.setdefault((role, sha256), file)
                    if other != file and (role, file) not in first:
                        first[role, file] = file  # named once
                        self._tell(Fault(f"{self.name}: {file}", f"has the content of {other}",
                                         "one clip under two names counts twice"))  # fmt: skip
            content = _content(case)
            if _short(content) in cases:
                twin = first.setdefault(("case", content), case.id)
                if twin != case.id:
                    self._tell(Fault(f"{self.name}: {case.id}", f"is the same case as {twin}",
                                     "take one of them out"))  # fmt: skip


def _check_driving(case: Case, driving: Facts) -> Iterator[tuple[str, str]]:
    if case.frames[1] > driving.n_frames:
        yield (
            f"driving has {driving.n_frames} frames, stated {list(case.frames)}",
            "bring back the file, or correct the manifest",
        )
    if driving.stated and driving.stated < driving.n_frames:
        yield (
            f"driving has {driving.n_frames} frames, its container states {driving.stated}",
            "write the file again",
        )
    if case.rate != driving.fps:
        yield f"driving has {driving.fps} frames a second, stated {case.fps}", "correct it"


def _check_faces(
    case: Case, source: Facts | None, driving: Facts | None
) -> Iterator[tuple[str, str]]:
    for what, facts, needed in (
        ("source", source, 1 + max(pair.source for pair in case.pairs)),
        ("driving video", driving, 1 + max(pair.driving for pair in case.pairs)),
    ):
        if facts is not None and facts.faces is not None and facts.faces < needed:
            yield (
                f"{facts.faces} of {needed} faces found in the {what}",
                f"correct the pairs, or tag the case {NO_FACE}",
            )


def _content(case: Case) -> str:
    """Return what makes a case this case, whatever it and its files are called."""
    fields = {"id", "source", "driving", "tags", "origins", "series", "fps"}
    return case.model_dump_json(exclude=fields)


def _short(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
