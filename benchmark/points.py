"""Frames of runs as points to be mapped: expression and head pose, or a method's own latents.

A strand is one person through one clip: a driver, a result, or a latent along a result. Driving
clips are shared by runs and by cases, and enter once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.errors import UsageProblem
from benchmark.measure import StoredClip
from benchmark.names import printable
from benchmark.people import followed
from benchmark.run_case import RunCase, Say, case_faces, open_case
from benchmark.splits.manifest import Case, Pair
from benchmark.store import Outcome, RunRecord
from metrics.selection import FACE
from metrics.signals.face import FaceSignal, FaceTrack

EXPRESSION, POSE, LATENT = "expression", "pose", "latent"
CHANNELS = (EXPRESSION, POSE)
DRIVING, RESULT = "driving", "result"

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strand:
    """One person through one clip.

    Attributes:
        part: ``driving``, ``result``, or the name of a latent.
        run: Label of the run; empty for driving clips.
        case: The case; of a driving clip the first that it drives.
        person: Counted from 1 from the left; 0 where the clip shows one.
        identity: Who is seen, as far as the split says; else the name of the file.
        emotion: By the case's tag ``emotion=``; empty without one.
        driver: Stands for the driving person in their clip; a result has that of its driver.
        frames: ``(n,)`` frames of the clip.
        driven: ``(n,)`` driving frames that they came from.
        features: ``(n, D)`` by channel, finite.
        open: Reads the clip from its first frame.
    """

    part: str
    run: str
    case: str
    person: int
    identity: str
    emotion: str
    driver: str
    frames: NDArray[np.intp]
    driven: NDArray[np.intp]
    features: Mapping[str, FloatArray]
    open: Callable[[], Iterator[Frame]] = field(repr=False, compare=False)

    def thinned(self, most: int) -> "Strand":
        """Return at most so many frames, evenly spaced."""
        if len(self.frames) <= most:
            return self
        kept = np.round(np.linspace(0, len(self.frames) - 1, most)).astype(np.intp)
        features = {name: values[kept] for name, values in self.features.items()}
        frames, driven = self.frames[kept], self.driven[kept]
        return replace(self, frames=frames, driven=driven, features=features)


def delivered(records: Mapping[str, RunRecord], data: Path | None) -> Iterator[tuple[str, RunCase]]:
    """Yield the delivered cases of runs, by label of the run.

    The split is opened once a run, and so is the check that a case has its clip.

    Raises:
        BenchError: As `benchmark.run_case.open_case`; if no case was delivered.
    """
    some = False
    for label, record in records.items():
        cases: dict[str, Case] = {}
        first: RunCase | None = None
        for case_id, made in record.generated.items():
            if made.outcome is not Outcome.OK:
                continue
            if first is None:
                first = open_case(record.paths.root, case_id, data)
                cases = {case.id: case for case in first.split.cases}
            case = cases.get(case_id)
            if case is None:
                raise UsageProblem(f"{record.paths.manifest} names a case that its split lacks")
            if (most := record.manifest["options"].get("max_frames")) is not None:
                case = case.shortened(most)
            clip = StoredClip(record.paths.clip(case_id), made.clip_sha256, made.frame_map)
            some = True
            yield label, RunCase(record, first.split, case, clip)
    if not some:
        raise UsageProblem("no case of these runs was delivered", "bench table says why")


def signals(records: Mapping[str, RunRecord], data: Path | None, say: Say) -> list[Strand]:
    """Return drivers and results of runs with their expression and pose.

    From the cache of signals; what it has lost is measured again. A person who is not followed
    through a clip, or seen in no frame of it, is named and left out.

    Args:
        records: Runs by label.
        data: Dataset folder of the runs; ``None`` for ``BENCH_DATA``, or mini.
        say: Told what is left out or measured again.

    Raises:
        BenchError: As `delivered` and `benchmark.run_case.case_faces`.
    """
    strands: list[Strand] = []
    known: set[str] = set()
    for record in records.values():
        _faces_stated(record)
    for label, one in delivered(records, data):
        faces = case_faces(one, say)
        who = followed(one.case, faces.source.face, faces.driver.face, faces.clip.face)
        for pair in one.case.pairs:
            if (key := _driver(one.case, pair)) not in known:
                known.add(key)
                track = _track(who.driver, faces.driver.face, pair.driving)
                frames = np.arange(len(faces.driver.face.count))
                strands += _strand(_driving(one, pair), track, frames, say)
            track = _track(who.made, faces.clip.face, pair.source)
            strands += _strand(_result(label, one, pair), track, faces.frame_map, say)
    return strands


def _faces_stated(record: RunRecord) -> None:
    """Refuse a run that does not say how its faces were measured."""
    facts = record.manifest.get("extractors", {}).get(FACE, {})
    if not isinstance(facts.get("backend"), str) or not isinstance(facts.get("max_faces"), int):
        raise UsageProblem(
            f"{record.paths.manifest} does not say how faces were measured",
            "run it again with a metric of faces, as aed",
        )


def latents(
    label: str, record: RunRecord, data: Path | None, wanted: Sequence[str] = ()
) -> list[Strand]:
    """Return the latents that a method gave, all of one length.

    Args:
        label: Label of the run.
        record: The run.
        data: Dataset folder of the run; ``None`` for ``BENCH_DATA``, or mini.
        wanted: Names of latents; empty for all.

    Raises:
        UsageProblem: If the method gave none, a file is damaged, a name is unknown, or latents of
            different length would have to share a plane.
        BenchError: As `delivered`.
    """
    strands: list[Strand] = []
    for _, one in delivered({label: record}, data):
        path = record.paths.latents(one.case.id)
        if not path.is_file():
            continue
        for name, values in _latents(path, len(one.clip.frame_map)).items():
            strand = _result(label, one, one.case.pairs[0])
            frames = np.arange(len(values))
            driven = np.array(one.clip.frame_map, dtype=np.intp)[frames]
            features = {LATENT: values.astype(np.float64)}
            strands.append(
                replace(strand, part=name, frames=frames, driven=driven, features=features)
            )
    names = list(dict.fromkeys(strand.part for strand in strands))
    if not names:
        raise UsageProblem(
            f"{label} gave no latents with its results",
            "a method hands them over in Animation.latents (docs/add-a-method.md)",
        )
    if strange := [name for name in wanted if name not in names]:
        raise UsageProblem(f"unknown latent '{strange[0]}'", f"known: {', '.join(names)}")
    chosen = [strand for strand in strands if not wanted or strand.part in wanted]
    _same_length(chosen)
    return chosen


def thinned(strands: Sequence[Strand], most: int) -> list[Strand]:
    """Return strands of at most ``most`` frames in all: the same share of the time of each.

    Raises:
        UsageProblem: If there are more strands than frames are allowed.
    """
    if most < len(strands):
        raise UsageProblem(
            f"{len(strands)} clips do not fit into {most} points", "raise --points or name less"
        )
    low, high = 1, max((len(strand.frames) for strand in strands), default=1)
    while low < high:  # the largest number of frames a strand that fits
        middle = (low + high + 1) // 2
        if sum(min(len(strand.frames), middle) for strand in strands) <= most:
            low = middle
        else:
            high = middle - 1
    return [strand.thinned(low) for strand in strands]


def _driving(one: RunCase, pair: Pair) -> Strand:
    origins = one.case.origins
    name = (origins.driving.identity if origins else "") or Path(one.case.driving).stem
    rank = pair.driving + 1 if len(one.case.pairs) > 1 else 0
    return _empty((DRIVING, "", _driver(one.case, pair)), one, (name, rank), one.driving)


def _result(label: str, one: RunCase, pair: Pair) -> Strand:
    origins = one.case.origins
    named = (origins.source.identity, origins.driving.identity) if origins else ("", "")
    # In a self case the portrait is the first driving frame, whatever it is called.
    own = one.case.driving if one.case.protocol == "self" else one.case.source
    name = (named[1] if one.case.protocol == "self" else named[0]) or Path(own).stem
    rank = pair.source + 1 if len(one.case.pairs) > 1 else 0
    return _empty((RESULT, label, _driver(one.case, pair)), one, (name, rank), one.result)


def _driver(case: Case, pair: Pair) -> str:
    start, stop = case.frames
    return f"{case.sha256.driving} {start} {stop} {pair.driving}"


def _empty(
    what: tuple[str, str, str],
    one: RunCase,
    who: tuple[str, int],
    frames: Callable[[], Iterator[Frame]],
) -> Strand:
    emotions = [tag.partition("=")[2] for tag in one.case.tags if tag.startswith("emotion=")]
    (part, run, driver), (name, rank) = what, who
    return Strand(
        part=part,
        run=run,
        case=one.case.id,
        person=rank,
        identity=f"{name}, {rank}" if rank else name,
        emotion=emotions[0] if emotions else "",
        driver=driver,
        frames=np.zeros(0, dtype=np.intp),
        driven=np.zeros(0, dtype=np.intp),
        features={},
        open=frames,
    )


def _track(tracks: Any, signal: FaceSignal, rank: int) -> FaceTrack | None:  # noqa: ANN401
    return tracks.faces(signal)[rank] if tracks is not None else None


def _strand(
    empty: Strand, track: FaceTrack | None, frame_map: NDArray[np.intp], say: Say
) -> list[Strand]:
    """Return a strand with the frames that show the person; none if there are none."""
    there = np.flatnonzero(track.present) if track is not None else np.zeros(0, dtype=np.intp)
    if track is None or not len(there):
        whose = f"{empty.run}, {empty.case}" if empty.run else f"driving clip of {empty.case}"
        say(printable(f"left out: {whose}: no frame shows the person"))
        return []
    features = {
        EXPRESSION: track.blendshapes[there, 1:].astype(np.float64),
        POSE: track.rotation[there].reshape(-1, 9),
    }
    return [replace(empty, frames=there, driven=frame_map[there], features=features)]


def _latents(path: Path, frames: int) -> dict[str, NDArray[Any]]:
    """Read the latents of a case.

    Raises:
        UsageProblem: If the file is not what `benchmark.collect` writes.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        found = load_file(path)
        for name, values in found.items():
            if values.ndim != 2 or not np.issubdtype(values.dtype, np.floating):
                raise ValueError(f"latent '{name}' is no array (T, D) of numbers")
            if not 0 < len(values) <= frames or not np.isfinite(values).all():
                raise ValueError(f"latent '{name}' has {len(values)} rows for {frames} frames, "
                                 "or infinite values")  # fmt: skip
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UsageProblem(
            f"{path} is damaged: {error}", "run the case again in another --out"
        ) from None
    return found


def _same_length(strands: Sequence[Strand]) -> None:
    lengths = {strand.part: strand.features[LATENT].shape[1] for strand in strands}
    by_case = {strand.features[LATENT].shape[1] for strand in strands}
    if len(by_case) > 1:
        said = ", ".join(f"{name} ({length})" for name, length in lengths.items())
        raise UsageProblem(
            f"latents of different length do not share a plane: {said}",
            "choose with --latent those that belong together",
        )
