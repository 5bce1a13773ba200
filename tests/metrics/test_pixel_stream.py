import threading

import numpy as np
import pytest
from subjects import NO_FACES

from metrics.frame_pair import FrameError, Pair
from metrics.ms_ssim import MS_SSIM
from metrics.pixels import L1, METRICS, SSIM, PixelMetric
from metrics.signals.pixel_stream import PixelStream


def frames(count: int, side: int = 40) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8))


@pytest.mark.parametrize("threads", [1, 3])
def test_values_are_those_of_each_pair_in_order(threads: int) -> None:
    made, true = frames(20), frames(21)[1:]
    stream = PixelStream(METRICS, threads)
    for index, (one, other) in enumerate(zip(made, true, strict=True)):
        stream.add(one, other, index)
    found = stream.finish(NO_FACES)
    assert list(found) == [metric.card.id for metric in METRICS]
    for metric in METRICS:
        expected = [metric.per_frame(*pair) for pair in zip(made, true, strict=True)]
        assert list(found[metric.card.id]) == expected


def test_a_metric_that_is_not_defined_leaves_the_others() -> None:
    stream = PixelStream((L1, MS_SSIM, SSIM))
    for frame in frames(3):
        stream.add(frame, frame, 0)
    found = stream.finish(NO_FACES)
    assert "161 pixels" in str(found[MS_SSIM.card.id])
    assert list(found[L1.card.id]) == [0.0] * 3
    assert list(found[SSIM.card.id]) == [1.0] * 3


def test_no_frames_no_values() -> None:
    assert all(len(values) == 0 for values in PixelStream(METRICS).finish(NO_FACES).values())


def test_frames_that_do_not_belong_together_are_refused() -> None:
    stream = PixelStream((L1,))
    stream.add(frames(1)[0], frames(1, 41)[0], 0)
    with pytest.raises(FrameError, match="sizes differ"):
        stream.finish(NO_FACES)


def test_no_more_pairs_wait_than_are_allowed() -> None:
    """The reader is held back while the threads are behind."""
    free, reached = threading.Event(), threading.Event()

    def slow(pair: Pair) -> float:
        assert free.wait(10)
        return 0.0

    stream = PixelStream((PixelMetric(L1.card, slow),), threads=1)

    def read() -> None:
        for frame in frames(40, 11):
            stream.add(frame, frame, 0)
        reached.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert not reached.wait(0.2)
    free.set()
    reader.join(10)
    assert reached.is_set()
    assert len(stream.finish(NO_FACES)[L1.card.id]) == 40
