"""What a case adds to scores over sets: which frames or faces of the result, beside which."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.measure import Measurer, StoredClip, driving_media, source_media
from benchmark.people import followed
from benchmark.readings import result_of, scored_frames
from benchmark.signals import ClipSignals
from benchmark.splits.manifest import Case, Protocol
from metrics.crowd import Tracks
from metrics.signals.catalogue import OF_FACES, SPECS, WINDOWS
from metrics.signals.i3d import STRIDE

Features = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A case that counts, with its stored result; ``None`` where the method did not deliver."""

    case: Case
    clip: StoredClip | None


class Beside(NamedTuple):
    """What one case adds.

    Attributes:
        made: ``(N, D)`` of the result.
        real: ``(M, D)`` of what it is compared with.
        key: Stands for that: equal keys, equal arrays.
    """

    made: Features
    real: Features
    key: str


def beside(extractor: str, one: Judged, protocol: Protocol, measurer: Measurer) -> Beside:
    """Return what a case adds to the results and to the references.

    A case that was not delivered adds nothing to the results, and its reference all the same: the
    reference set is one for all methods. Frames that the protocol does not score are left out.
    Windows begin with the first frame; one that skips, repeats or reorders driving frames is left
    out, since its motion is faster or slower than that of the references.

    Args:
        extractor: What gives the vectors.
        one: The case.
        protocol: The rules of its split.
        measurer: Knows the signals.
    """
    if SPECS[extractor].layout in OF_FACES:
        return _of_faces(extractor, one, protocol, measurer)
    return _of_frames(extractor, one, protocol, measurer)


def _of_frames(extractor: str, one: Judged, protocol: Protocol, measurer: Measurer) -> Beside:
    case = one.case
    real = _reference(case, protocol, measurer).arrays[extractor]
    key, windows = _key(case, protocol), SPECS[extractor].layout in WINDOWS
    if _drives(protocol) and not windows:
        real = real[_scored(case, protocol)]
    if one.clip is None:
        return Beside(real[:0], real, key)
    made = measurer.clip(one.clip).arrays[extractor]
    if windows:
        return Beside(made[_in_step(one.clip)], real, key)
    return Beside(made[_delivered(case, one.clip, protocol)], real, key)


def _of_faces(extractor: str, one: Judged, protocol: Protocol, measurer: Measurer) -> Beside:
    """Take the driven people of the result, and their drivers (their portraits by other rules)."""
    case, step = one.case, STRIDE if SPECS[extractor].layout in WINDOWS else 1
    source, driver = measurer.source(case), measurer.driver(case)
    made = measurer.clip(one.clip) if one.clip else driver  # who is who in the driver is the same
    people = followed(case, source.face, driver.face, made.face)
    driven = sorted(pair.source for pair in case.pairs)
    driving = sorted({pair.driving for pair in case.pairs})

    if _drives(protocol):
        theirs = _Faces(driver.arrays[extractor], people.driver, step)
        scored = np.flatnonzero(_scored(case, protocol))
        starts = np.arange(0, len(driver.face.count), step)
        real = theirs.take(driving, scored if step == 1 else starts)
    else:
        driving = driven
        real = _Faces(source.arrays[extractor], people.portrait, 1).take(driven, np.arange(1))
    key = f"{_key(case, protocol)}:{','.join(map(str, driving))}"
    if one.clip is None:
        return Beside(real[:0], real, key)
    ours = _Faces(made.arrays[extractor], people.made, step)
    counted = (
        _delivered(case, one.clip, protocol)
        if step == 1
        else step * np.flatnonzero(_in_step(one.clip))
    )
    return Beside(ours.take(driven, counted), real, key)


@dataclass(frozen=True, slots=True)
class _Faces:
    """What an extractor says of the faces of a clip.

    Attributes:
        values: ``(T or W, F, D)`` by detection.
        tracks: Whose detection is whose; ``None`` where nothing says so.
        step: Frames a row of ``values`` stands for.
    """

    values: Features
    tracks: Tracks | None
    step: int

    def take(self, people: list[int], frames: NDArray[np.intp]) -> Features:
        """Return ``(N, D)``: some people where they are found in some frames, one by one."""
        if self.tracks is None:
            return np.zeros((0, self.values.shape[-1]), self.values.dtype)
        frames = frames[frames // self.step < len(self.values)]  # a last window may not be full
        slots = self.tracks.slots[people][:, frames]
        who, when = np.nonzero(slots >= 0)
        taken: Features = self.values[frames[when] // self.step, slots[who, when]]
        return taken


def _drives(protocol: Protocol) -> bool:
    """Say whether results are compared with the driving clips (and not with portraits)."""
    return protocol.reference == "driving"


def _reference(case: Case, protocol: Protocol, measurer: Measurer) -> ClipSignals:
    return measurer.driver(case) if _drives(protocol) else measurer.source(case)


def _key(case: Case, protocol: Protocol) -> str:
    media = driving_media(case) if _drives(protocol) else source_media(case)
    return f"{media.sha256}:{media.frames[0]}-{media.frames[1]}"


def _scored(case: Case, protocol: Protocol) -> NDArray[np.bool_]:
    return scored_frames(case, case.n_frames, protocol)


def _in_step(clip: StoredClip) -> NDArray[np.bool_]:
    """Say which whole windows follow the driving video frame by frame: ``(W,)``."""
    there = np.array(clip.frame_map, dtype=np.intp)
    there = there[: len(there) // STRIDE * STRIDE].reshape(-1, STRIDE)
    follows: NDArray[np.bool_] = (np.diff(there, axis=1) == 1).all(axis=1)
    return follows


def _delivered(case: Case, clip: StoredClip, protocol: Protocol) -> NDArray[np.intp]:
    """Return the result frames that count: one for each scored driving frame that has any."""
    place = result_of(np.array(clip.frame_map, dtype=np.intp), case.n_frames)
    return place[_scored(case, protocol) & (place >= 0)]
