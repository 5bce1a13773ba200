"""Pixel metrics of a result beside the true frames, on a few threads of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np

from metrics.card import Card
from metrics.face_pixels import FacePixelMetric, Region
from metrics.frame_pair import Frame, FrameError, Pair, check_pair
from metrics.pixels import PixelMetric
from metrics.signals.face import FaceSignal
from metrics.signals.face_engine import Detection
from metrics.signals.pairs import PairValues

_AHEAD = 4
"""Frame pairs that may wait for each thread: bounds the memory they hold."""


def measure_pair(
    metrics: Sequence[PixelMetric], generated: Frame, truth: Frame
) -> list[float | str]:
    """Return each metric's value of one pair of frames, or the sentence why there is none.

    Intermediate values are shared between the metrics.

    Raises:
        FrameError: If these are not two ``(H, W, 3)`` uint8 frames of one size.
    """
    pair = Pair(generated, truth)
    found: list[float | str] = []
    for metric in metrics:
        try:
            found.append(metric.of_pair(pair))
        except FrameError as problem:
            found.append(str(problem))
    return found


def measure_faces(
    metrics: Sequence[FacePixelMetric], generated: Frame, truth: Frame, faces: Detection
) -> list[float | str]:
    """Return each metric's value inside the faces; NaN where there is none.

    Raises:
        FrameError: If these are not two ``(H, W, 3)`` uint8 frames of one size.
    """
    check_pair(generated, truth)
    try:
        region = Region(generated, truth, faces.landmarks)
    except FrameError as problem:
        return [str(problem)] * len(metrics)
    return [metric.on(region) for metric in metrics]


class _Threads:
    """Measures pairs ahead of whoever asks; values come back in order."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pixels")
        self._most = threads * _AHEAD
        self._pairs: list[Future[list[float | str]]] = []

    def submit(self, measure: Callable[[], list[float | str]]) -> None:
        """Begin a pair; waits where too many are waiting already."""
        self._pairs.append(self._pool.submit(measure))
        if len(self._pairs) > self._most:
            self._pairs[-self._most - 1].result()

    def finish(self, cards: Sequence[Card]) -> PairValues:
        """Return a column for each card."""
        frames = [pair.result() for pair in self._pairs]
        self._pool.shutdown()
        found: PairValues = {}
        for column, card in enumerate(cards):
            values = [frame[column] for frame in frames]
            problem = next((value for value in values if isinstance(value, str)), None)
            found[card.id] = problem or np.array(values, dtype=np.float64)
        return found


class PixelStream:
    """A `metrics.signals.pairs.PairStream` of pixel metrics.

    OpenCV and numpy let go of the interpreter while they work, so that pairs are measured while
    the next frames are decoded. Values come back in the order of the frames, whatever the number
    of threads.

    Args:
        metrics: What to measure.
        threads: Threads that measure.
    """

    def __init__(self, metrics: Sequence[PixelMetric], threads: int = 2) -> None:
        self._metrics = tuple(metrics)
        self._work = _Threads(threads)

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame and the true one; neither may be changed afterwards.

        Raises:
            FrameError: If an earlier pair was not two RGB frames of one size.
        """
        self._work.submit(partial(measure_pair, self._metrics, generated, truth))

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return ``(N,)`` float64 for each metric, or why it is not defined on these frames.

        Args:
            faces: Not looked at.

        Raises:
            FrameError: If a pair was not two RGB frames of one size.
        """
        return self._work.finish([metric.card for metric in self._metrics])


class FacePixelStream:
    """A `metrics.signals.pairs.FacePairStream` of pixel metrics inside the faces.

    Args:
        metrics: What to measure.
        threads: Threads that measure.
    """

    def __init__(self, metrics: Sequence[FacePixelMetric], threads: int = 2) -> None:
        self._metrics = tuple(metrics)
        self._work = _Threads(threads)

    def add_with_faces(self, generated: Frame, truth: Frame, faces: Detection) -> None:
        """Take a result frame, the true one and its faces; none may be changed afterwards.

        Raises:
            FrameError: If an earlier pair was not two RGB frames of one size.
        """
        self._work.submit(partial(measure_faces, self._metrics, generated, truth, faces))

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return ``(N,)`` float64 for each metric; NaN where the true frame has no face.

        Args:
            faces: Not looked at: those of each frame came with it.

        Raises:
            FrameError: If a pair was not two RGB frames of one size.
        """
        return self._work.finish([metric.card for metric in self._metrics])
