"""One case of a run that is on disk: its files, and its faces as they were scored."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from adapters.base import Frame
from benchmark.clip_pass import ClipPass, Tools
from benchmark.errors import NotComparable, UsageProblem
from benchmark.measure import CaseEvidence, StoredClip, driving_media, source_media
from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from benchmark.names import resolve
from benchmark.paths import cache_dir
from benchmark.signals import ClipSignals, Media, SignalStore, face_signal, fingerprint
from benchmark.splits.manifest import Case, Split, read_manifest
from benchmark.splits.sources import MINI, manifests, open_split
from benchmark.store import Outcome, RunRecord, load_run
from benchmark.tracker import face_definition, face_source, open_face_engine
from metrics.selection import FACE
from metrics.signals.face_backends import Backend

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunCase:
    """A delivered case of a run.

    Attributes:
        record: The run.
        split: Its split.
        case: The case, as long as it was run.
        clip: What the method made.
    """

    record: RunRecord
    split: Split
    case: Case
    clip: StoredClip

    @property
    def title(self) -> str:
        """Method and case."""
        return f"{self.record.manifest['method']['label']}: {self.case.id}"

    def portrait(self) -> Frame:
        """Return the portrait, ``(H, W, 3)`` uint8 RGB."""
        return read_image(self.split.file(self.case.source))

    def driving(self) -> Iterator[Frame]:
        """Yield the driving frames of the case."""
        return islice(read_frames(self.split.file(self.case.driving)), *self.case.frames)

    def result(self) -> Iterator[Frame]:
        """Yield the frames of the result."""
        return read_frames(self.clip.path)


def open_case(run: Path, case_id: str, data: Path | None) -> RunCase:
    """Find a case of a run.

    Args:
        run: Run directory.
        case_id: The case.
        data: Dataset folder of the run; ``None`` for ``BENCH_DATA``, or mini.

    Raises:
        UsageProblem: If there is no such run or case, or the case has no clip.
        NotComparable: If the split of the run is not there.
    """
    record = load_run(run)
    clip = _delivered(record, resolve(case_id, record.manifest["case_ids"], "case"))
    split = _split(record.manifest, data)
    case = next((one for one in split.cases if one.id == case_id), None)
    if case is None:
        raise NotComparable(f"the split of this run has no case {case_id}", "run it again")
    if (most := record.manifest.get("options", {}).get("max_frames")) is not None:
        case = case.shortened(most)
    return RunCase(record, split, case, clip)


def _delivered(record: RunRecord, case_id: str) -> StoredClip:
    result, path = record.generated.get(case_id), record.paths.clip(case_id)
    if result is None:
        raise UsageProblem(
            f"case {case_id} was not reached yet", "the same bench run command goes on"
        )
    if result.outcome is not Outcome.OK:
        raise UsageProblem(f"case {case_id} was not delivered: {result.reason}")
    if not path.is_file():
        raise UsageProblem(
            f"the clip of case {case_id} is gone: {path}", "delete the run directory and run again"
        )
    return StoredClip(path, result.clip_sha256, result.frame_map)


def _split(manifest: Mapping[str, Any], data: Path | None) -> Split:
    """Return the split of a run, known by its content."""
    stated = manifest["split"]
    for split in _candidates(stated, data):
        if split.sha256 == stated["sha256"]:
            return split
    raise NotComparable(
        f"the split of this run, {stated['dataset']}/{stated['split']} version "
        f"{stated.get('version', '')} with sha256 {stated['sha256'][:12]}, is not there",
        "name its dataset folder with --data; if the split has changed since, run again",
    )


def _candidates(stated: Mapping[str, str], data: Path | None) -> Iterable[Split]:
    if data is None and stated["dataset"] == MINI:
        return [open_split(f"{MINI}/{stated['split']}", None)]
    known = manifests(data)
    likely_first = sorted(known, key=lambda name: name != stated["split"])
    return (read_manifest(known[name]) for name in likely_first)


def case_faces(one: RunCase, say: Say) -> CaseEvidence:
    """Return the faces of a case, and nothing else that was measured.

    From the cache; what it has lost is measured again by the engine of the run.

    Args:
        one: The case.
        say: Told when faces are measured again.

    Raises:
        NotComparable: If they were measured by another definition than this version has.
        EnvironmentProblem: If they must be measured again and the engine cannot run.
    """
    facts = one.record.manifest.get("extractors", {}).get(FACE, {})
    if not isinstance(facts.get("backend"), str) or not isinstance(facts.get("max_faces"), int):
        raise NotComparable(
            f"{one.record.paths.manifest} does not say how faces were measured", "run it again"
        )
    backend = Backend.parse(facts["backend"])
    definition = face_definition(facts["max_faces"], backend)
    ours = definition.as_dict()
    if any(facts.get(name) != value for name, value in ours.items()):
        raise NotComparable(
            "the faces of this run were measured by another definition than this version has",
            "run it again",
        )
    store, key = SignalStore.below(cache_dir()), f"{FACE}-{fingerprint(ours)}-{backend.library}"
    needed: list[tuple[Media, Callable[[], Iterable[Frame]]]] = [
        (source_media(one.case), lambda: [one.portrait()]),
        (driving_media(one.case), one.driving),
        (one.clip.media, one.result),
    ]
    found = [face_signal(store.load(key, media)) for media, _ in needed]
    signals = [ClipSignals(face) for face in found if face is not None]
    if len(signals) < len(needed):
        say("the cache has lost faces of this case; measuring them again")
        model = face_source(backend.name, say).model
        with open_face_engine(backend, model, definition) as engine:
            tools = Tools(engine, key, (), store)
            signals = [_measured(tools, media, frames) for media, frames in needed]
    source, driver, made = signals
    frame_map = np.array(one.clip.frame_map, dtype=np.intp)
    return CaseEvidence(source, driver, made, frame_map, {})


def _measured(tools: Tools, media: Media, frames: Callable[[], Iterable[Frame]]) -> ClipSignals:
    one = ClipPass(tools, media)
    if not one.ended:
        for frame in frames():
            one.add(frame)
    return one.finish()
