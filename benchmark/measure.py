"""Measuring one case in one pass: every frame is decoded once and seen once by each network.

The clip is read beside the driving video it came from. Signals of portraits and driving videos
are kept by content (`benchmark.signals`), so that a second method on the same split does not pay
for them, and a cross case whose driver is known is not decoded again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from weakref import WeakValueDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.clip_pass import ClipPass, Tools, known
from benchmark.errors import UsageProblem
from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from benchmark.signals import ClipSignals, Media, detection
from benchmark.splits.manifest import Case, Split
from metrics.pixels import FrameError
from metrics.score import NotMeasured
from metrics.signals.face_engine import Detection
from metrics.signals.pairs import FacePairStream, PairStream, PairValues
from metrics.weights import file_sha256

AnyPairStream = PairStream | FacePairStream

PairResult = NDArray[np.float64] | NotMeasured
"""``(N,)`` values of the result's frames, or why there are none."""


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """Everything the metrics of a case are computed from; no pixels any more.

    Attributes:
        source: Signals of the portrait (one frame).
        driver: Signals of the driving range.
        clip: Signals of the result.
        frame_map: ``(N,)`` driving frame of each result frame.
        pairs: Values per result frame by protocol id, or the reason why there are none; empty in
            cross-reenactment.
    """

    source: ClipSignals
    driver: ClipSignals
    clip: ClipSignals
    frame_map: np.ndarray[tuple[int], np.dtype[np.intp]]
    pairs: Mapping[str, PairResult]


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A result on disk.

    Attributes:
        path: The lossless file.
        sha256: Its content.
        frame_map: Driving frame of each of its frames, relative to the case's range.
    """

    path: Path
    sha256: str
    frame_map: tuple[int, ...]

    @property
    def media(self) -> Media:
        """What its signals are kept under."""
        return Media(self.sha256, (0, len(self.frame_map)))


def source_media(case: Case) -> Media:
    """Return what the signals of a portrait are kept under."""
    return Media(case.sha256.source, (0, 1))


def driving_media(case: Case) -> Media:
    """Return what the signals of a driving range are kept under."""
    return Media(case.sha256.driving, case.frames)


def source_signals(
    split: Split, case: Case, tools: Tools, only: Sequence[str] | None = None
) -> ClipSignals:
    """Return the signals of the portrait, kept by content; of the named extractors or of all."""
    one = ClipPass(tools, source_media(case), only)
    if not one.ended:
        _check(split.file(case.source), case.sha256.source)
        one.add(read_image(split.file(case.source)))
    return one.finish()


def driver_has_face(split: Split, case: Case, tools: Tools) -> bool:
    """Say whether any driving frame shows a face; stops reading at the first that does."""
    if face := known(tools, driving_media(case)):
        return bool(face.count.any())
    return any(tools.face.detect(frame).count for frame in _driving(split, case))


class PairPass:
    """All pair streams of a self case; a result of another shape ends them with a reason.

    Streams that need the faces of the true frame get a pair when the face engine is through with
    it: as many pairs wait as the engine has frames in flight.

    Args:
        streams: What is measured.
        detected: Returns the faces of a driving frame; ``None`` while they are not known.
    """

    def __init__(
        self,
        streams: Sequence[AnyPairStream],
        detected: Callable[[int], Detection | None] = lambda _: None,
    ) -> None:
        self._streams = [one for one in streams if not isinstance(one, FacePairStream)]
        self._of_faces = [one for one in streams if isinstance(one, FacePairStream)]
        self._detected = detected
        self._waiting: deque[tuple[Frame, Frame, int]] = deque()
        self._problem = ""

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame and the driving frame it came from."""
        if self._problem:
            return
        try:
            fitted = _fit(generated, truth)
        except FrameError as error:
            self._problem = str(error)
            self._waiting.clear()
            return
        for stream in self._streams:
            stream.add(fitted, truth, truth_index)
        if self._of_faces:
            self._waiting.append((fitted, truth, truth_index))
            self._pass_on(self._detected)

    def finish(self, driver: ClipSignals) -> Mapping[str, PairResult]:
        """Return the values of all streams.

        A result of another shape is the method's doing; what a stream itself refuses, it refuses
        for the size of the canvas.
        """
        self._pass_on(lambda index: detection(driver.face, index))
        values: PairValues = {}
        every: list[AnyPairStream] = [*self._streams, *self._of_faces]
        for stream in every:
            values.update(stream.finish(driver.face))
        if self._problem:
            return dict.fromkeys(values, NotMeasured(self._problem))
        return {
            i: NotMeasured(found, of_input=True) if isinstance(found, str) else found
            for i, found in values.items()
        }

    def _pass_on(self, detected: Callable[[int], Detection | None]) -> None:
        """Hand over the pairs whose faces are known, in order."""
        while self._waiting and (faces := detected(self._waiting[0][2])) is not None:
            generated, truth, _ = self._waiting.popleft()
            for stream in self._of_faces:
                stream.add_with_faces(generated, truth, faces)


class OpenCase:
    """A case whose frames went by and whose networks may still be at work.

    Reading the next case before this one is finished fills the networks' batches across clips.
    """

    def __init__(
        self,
        made: ClipPass,
        drove: ClipPass,
        pairs: PairPass | None,
        source: Callable[[], ClipSignals],
        frame_map: tuple[int, ...],
    ) -> None:
        self._made, self._drove, self._pairs = made, drove, pairs
        self._source = source
        self._frame_map = frame_map

    def finish(self) -> CaseEvidence:
        """Wait for the networks and return the evidence.

        Raises:
            BenchError: If the portrait cannot be read or the signals cannot be kept.
        """
        driver = self._drove.finish()
        return CaseEvidence(
            source=self._source(),
            driver=driver,
            clip=self._made.finish(),
            frame_map=np.array(self._frame_map, dtype=np.intp),
            pairs=self._pairs.finish(driver) if self._pairs else {},
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What cases are measured for.

    Attributes:
        extractors: Names of extractors beside the face engine.
        pairs: Opens the pair streams; called once for each self case.
    """

    extractors: tuple[str, ...]
    pairs: Callable[[], Sequence[AnyPairStream]]


class Measurer:
    """Measures the cases of a split.

    Args:
        split: The split.
        tools: Extractors and store.
        wanted: What to measure.
    """

    def __init__(self, split: Split, tools: Tools, wanted: Wanted) -> None:
        self._split, self._tools, self._wanted = split, tools, wanted
        self._drivers: WeakValueDictionary[Media, ClipPass] = WeakValueDictionary()

    def open(
        self, case: Case, clip: StoredClip, progress: Callable[[int], None] = lambda _: None
    ) -> OpenCase:
        """Read a stored clip beside its driving video.

        Args:
            case: The case.
            clip: The stored result.
            progress: Called with 1 for each result frame.

        Raises:
            BenchError: If the clip or the inputs cannot be read.
        """
        wanted = self._wanted
        made = ClipPass(self._tools, clip.media, wanted.extractors)
        drove = self._driver(case)
        fresh = not drove.ended
        streams = wanted.pairs() if case.protocol == "self" else ()
        pairs = PairPass(streams, drove.detected) if streams else None
        if fresh or pairs or not made.ended:
            driving = _driving(self._split, case) if fresh or pairs else None
            beside = _beside(read_frames(clip.path), clip.frame_map, driving, drove)
            for number, (frame, truth) in enumerate(beside):
                if not made.ended:
                    made.add(frame)
                if pairs and truth is not None:
                    pairs.add(frame, truth, clip.frame_map[number])
                progress(1)
        if fresh and drove.frames != case.n_frames:
            raise _short(drove.frames)
        made.end()
        drove.end()
        return OpenCase(made, drove, pairs, lambda: self.source(case), clip.frame_map)

    def clip(self, clip: StoredClip) -> ClipSignals:
        """Return the signals of a result; reads it again if the cache has lost some."""
        made = ClipPass(self._tools, clip.media, self._wanted.extractors)
        if not made.ended:
            _check(clip.path, clip.sha256)
            for frame in read_frames(clip.path):
                made.add(frame)
        return made.finish()

    def driver(self, case: Case) -> ClipSignals:
        """Return the signals of a driving range; reads it again if the cache has lost some."""
        drove = self._driver(case)
        if not drove.ended:
            _check(self._split.file(case.driving), case.sha256.driving)
            for frame in _driving(self._split, case):
                drove.add(frame)
        return drove.finish()

    def source(self, case: Case) -> ClipSignals:
        """Return all signals of the portrait."""
        return source_signals(self._split, case, self._tools, self._wanted.extractors)

    def _driver(self, case: Case) -> ClipPass:
        """Return the pass of a driving range; one that is still open is shared."""
        media = driving_media(case)
        open_one = self._drivers.get(media)
        if open_one is None:
            open_one = ClipPass(self._tools, media, self._wanted.extractors)
            self._drivers[media] = open_one
        return open_one


def _fit(generated: Frame, truth: Frame) -> Frame:
    """Resize a result that is the canvas at another size: area to shrink, cubic to grow.

    Raises:
        FrameError: If the aspect ratio differs by more than 2 %: that is another picture.
    """
    if generated.shape == truth.shape:
        return generated
    height, width = truth.shape[:2]
    aspect = generated.shape[1] * height / (generated.shape[0] * width)
    if abs(aspect - 1.0) > 0.02:
        raise FrameError(
            f"the result is {generated.shape[1]}x{generated.shape[0]}, the canvas "
            f"{width}x{height}: not the same picture at another size"
        )
    shrink = generated.shape[0] > height
    method = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC
    resized = cv2.resize(generated, (width, height), interpolation=method)
    return np.asarray(resized, dtype=np.uint8)


def _driving(split: Split, case: Case) -> Iterator[Frame]:
    return islice(read_frames(split.file(case.driving)), *case.frames)


def _beside(
    clip: Iterator[Frame],
    frame_map: tuple[int, ...],
    driving: Iterator[Frame] | None,
    drove: ClipPass,
) -> Iterator[tuple[Frame, Frame | None]]:
    """Yield ``(result frame, its driving frame)``; passes drivers on as they come.

    A map that never goes back is followed with one driving frame in memory; for any other map the
    driving range is held as a whole.
    """
    if driving is not None and any(b < a for a, b in pairwise(frame_map)):
        held = [_seen(frame, drove) for frame in driving]
        for frame, index in zip(clip, frame_map, strict=True):
            if index >= len(held):
                raise _short(index)
            yield frame, held[index]
        return
    truth, position = None, -1
    for frame, index in zip(clip, frame_map, strict=True):
        while driving is not None and position < index:
            truth = next(driving, None)
            if truth is None:
                raise _short(index)
            _seen(truth, drove)
            position += 1
        yield frame, truth
    if driving is not None and not drove.ended:
        for rest in driving:
            _seen(rest, drove)


def _seen(frame: Frame, drove: ClipPass) -> Frame:
    if not drove.ended:
        drove.add(frame)
    return frame


def _short(frame: int) -> UsageProblem:
    return UsageProblem(
        f"the driving video ends before frame {frame}, which the manifest promises",
        "check the split with: bench data validate",
    )


def _check(path: Path, sha256: str) -> None:
    """Hold a file against the hash its signals are kept under, before it is read.

    Raises:
        UsageProblem: If it is another file, or none.
    """
    if not path.is_file():
        raise UsageProblem(f"{path} is missing", "bring it back, or run the case in another --out")
    if file_sha256(path) != sha256:
        raise UsageProblem(
            f"{path} is not the file that the record states",
            "bring the right one back, or run again in another --out",
        )
