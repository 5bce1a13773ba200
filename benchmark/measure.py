"""Measuring one case in one pass: every frame is decoded once and seen once by each network.

The clip is read beside the driving video it came from. Faces and frame steps of portraits and
driving videos are kept by content (`benchmark.signals`), so that a second method on the same
split does not pay for them, and a cross case whose driver is known is not decoded again.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np

from adapters.base import Frame
from benchmark.errors import UsageProblem
from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from benchmark.signals import ClipSignals, SignalStore
from benchmark.splits.manifest import Case, Split
from metrics.pixels import FrameError
from metrics.registry import PIXEL_METRICS
from metrics.signals.face_engine import Detection, FaceEngine, stack
from metrics.temporal import flicker_step


@dataclass(frozen=True, slots=True)
class FaceTools:
    """The face extractor and where its results on inputs are kept."""

    landmarker: FaceEngine
    store: SignalStore


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """Everything the metrics of a case are computed from; no pixels any more.

    Attributes:
        source: Signals of the portrait (one frame).
        driver: Signals of the driving range.
        clip: Signals of the result.
        frame_map: ``(N,)`` driving frame of each result frame.
        pixels: Values per result frame by protocol id, or the reason why there are none; empty in
            cross-reenactment.
    """

    source: ClipSignals
    driver: ClipSignals
    clip: ClipSignals
    frame_map: np.ndarray[tuple[int], np.dtype[np.intp]]
    pixels: dict[str, list[float] | str]


class SignalPass:
    """Collects the signals of one stream of frames as they go by."""

    def __init__(self, landmarker: FaceEngine) -> None:
        self._landmarker = landmarker
        self._waiting: deque[Future[Detection]] = deque()
        self._faces: list[Detection] = []
        self._steps: list[float] = []
        self._before: Frame | None = None
        self._size = (0, 0)

    def add(self, frame: Frame) -> None:
        """Take the next frame."""
        self._waiting.append(self._landmarker.submit(frame))
        while len(self._waiting) > self._landmarker.in_flight:
            self._faces.append(self._waiting.popleft().result())
        if self._before is not None:
            self._steps.append(flicker_step(self._before, frame))
        self._before = frame
        self._size = (frame.shape[0], frame.shape[1])

    def finish(self) -> ClipSignals:
        """Wait for the networks and return the signals."""
        self._faces.extend(future.result() for future in self._waiting)
        self._waiting.clear()
        steps = np.array(self._steps, dtype=np.float64)
        return ClipSignals(stack(self._faces, self._size), steps)


def source_signals(split: Split, case: Case, tools: FaceTools) -> ClipSignals:
    """Return the signals of the portrait, kept by content."""
    if kept := tools.store.load(case.sha256.source, (0, 1)):
        return kept
    one = SignalPass(tools.landmarker)
    one.add(read_image(split.file(case.source)))
    signals = one.finish()
    tools.store.save(case.sha256.source, (0, 1), signals)
    return signals


def driver_has_face(split: Split, case: Case, tools: FaceTools) -> bool:
    """Say whether any driving frame shows a face; stops reading at the first that does."""
    if known := tools.store.load(case.sha256.driving, case.frames):
        return bool(known.face.count.any())
    return any(tools.landmarker.detect(frame).count for frame in _driving(split, case))


@dataclass(slots=True)
class _PixelPass:
    """Pixel metrics of a self case, frame by frame."""

    values: dict[str, list[float]] = field(default_factory=dict)
    problem: str = ""

    def add(self, generated: Frame, truth: Frame) -> None:
        if self.problem:
            return
        try:
            fitted = _fit(generated, truth)
            for metric in PIXEL_METRICS:
                self.values.setdefault(metric.card.id, []).append(metric.per_frame(fitted, truth))
        except FrameError as error:
            self.problem = str(error)

    def finish(self) -> dict[str, list[float] | str]:
        ids = [metric.card.id for metric in PIXEL_METRICS]
        return {i: self.problem or self.values.get(i, []) for i in ids}


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


def measure_case(
    split: Split,
    case: Case,
    clip: StoredClip,
    tools: FaceTools,
    progress: Callable[[int], None] = lambda _: None,
) -> CaseEvidence:
    """Read a stored clip beside its driving video and return what the metrics need.

    Args:
        split: The split.
        case: The case.
        clip: The stored result.
        tools: Face extractor and store.
        progress: Called with 1 for each result frame.

    Raises:
        BenchError: If the clip or the inputs cannot be read.
    """
    whole = (0, len(clip.frame_map))
    known_clip = tools.store.load(clip.sha256, whole)
    known_driver = tools.store.load(case.sha256.driving, case.frames)
    pixels = _PixelPass() if case.protocol == "self" else None
    made = None if known_clip else SignalPass(tools.landmarker)
    drove = None if known_driver else SignalPass(tools.landmarker)
    if made or drove or pixels:
        driving = _driving(split, case) if drove or pixels else None
        for frame, truth in _beside(read_frames(clip.path), clip.frame_map, driving, drove):
            if made is not None:
                made.add(frame)
            if pixels is not None and truth is not None:
                pixels.add(frame, truth)
            progress(1)
    if made is not None:
        known_clip = made.finish()
        tools.store.save(clip.sha256, whole, known_clip)
    if drove is not None:
        known_driver = _finish_driver(case, drove, tools)
    assert known_clip is not None
    assert known_driver is not None
    return CaseEvidence(
        source=source_signals(split, case, tools),
        driver=known_driver,
        clip=known_clip,
        frame_map=np.array(clip.frame_map, dtype=np.intp),
        pixels={} if pixels is None else pixels.finish(),
    )


def _driving(split: Split, case: Case) -> Iterator[Frame]:
    return islice(read_frames(split.file(case.driving)), *case.frames)


def _beside(
    clip: Iterator[Frame],
    frame_map: tuple[int, ...],
    driving: Iterator[Frame] | None,
    drove: SignalPass | None,
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
    if driving is not None and drove is not None:
        for rest in driving:
            _seen(rest, drove)


def _seen(frame: Frame, drove: SignalPass | None) -> Frame:
    if drove is not None:
        drove.add(frame)
    return frame


def _finish_driver(case: Case, drove: SignalPass | None, tools: FaceTools) -> ClipSignals:
    assert drove is not None
    signals = drove.finish()
    if len(signals.face.count) != case.n_frames:
        raise _short(len(signals.face.count))
    tools.store.save(case.sha256.driving, case.frames, signals)
    return signals


def _short(frame: int) -> UsageProblem:
    return UsageProblem(
        f"the driving video ends before frame {frame}, which the manifest promises",
        "check the split with: bench data validate",
    )
