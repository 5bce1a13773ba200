"""Pixel metrics of a result beside the true frames, on a few threads of its own."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from metrics.frame_pair import Frame, FrameError, Pair
from metrics.pixels import PixelMetric
from metrics.signals.face import FaceSignal
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
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pixels")
        self._most = threads * _AHEAD
        self._pairs: list[Future[list[float | str]]] = []

    def add(self, generated: Frame, truth: Frame, truth_index: int) -> None:
        """Take a result frame and the true one; neither may be changed afterwards.

        Raises:
            FrameError: If an earlier pair was not two RGB frames of one size.
        """
        self._pairs.append(self._pool.submit(measure_pair, self._metrics, generated, truth))
        if len(self._pairs) > self._most:
            self._pairs[-self._most - 1].result()

    def finish(self, faces: FaceSignal) -> PairValues:
        """Return ``(N,)`` float64 for each metric, or why it is not defined on these frames.

        Args:
            faces: Not looked at.

        Raises:
            FrameError: If a pair was not two RGB frames of one size.
        """
        frames = [pair.result() for pair in self._pairs]
        self._pool.shutdown()
        found: PairValues = {}
        for column, metric in enumerate(self._metrics):
            values = [frame[column] for frame in frames]
            problem = next((value for value in values if isinstance(value, str)), None)
            found[metric.card.id] = problem or np.array(values, dtype=np.float64)
        return found
