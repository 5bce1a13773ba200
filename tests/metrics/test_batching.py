"""Batches are filled across clips; what comes out does not depend on how."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics.signals.batching import Batcher
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face_engine import Detection
from metrics.signals.streams import (
    FaceExtractor,
    FrameExtractor,
    StepExtractor,
    WindowExtractor,
)

DEFINITION = ExtractorDefinition("test", "", "none")
Array = NDArray[np.float64]


class Network:
    """Sums each item; remembers the batches it was given."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, batch: Array) -> Array:
        self.sizes.append(len(batch))
        return batch.reshape(len(batch), -1).sum(axis=1, keepdims=True)


def frames(count: int, size: int = 2, start: int = 0) -> list[NDArray[np.uint8]]:
    return [np.full((size, size, 3), start + i, dtype=np.uint8) for i in range(count)]


def faces(count: int) -> Detection:
    nan = np.zeros
    return Detection(
        nan((count, 478, 3), np.float32),
        nan((count, 52), np.float32),
        nan((count, 4, 4), np.float32),
    )


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 7))
def test_each_clip_gets_its_own_results_whatever_the_batches(lengths: list[int], most: int) -> None:
    network = Network()
    extractor = FrameExtractor(DEFINITION, Batcher(network, most))
    streams = [extractor.stream() for _ in lengths]
    for clip, (stream, length) in enumerate(zip(streams, lengths, strict=True)):
        for frame in frames(length, start=10 * clip):
            stream.add(frame, faces(0))
    for clip, (stream, length) in enumerate(zip(streams, lengths, strict=True)):
        expected = [[12.0 * (10 * clip + i)] for i in range(length)]
        assert stream.finish().tolist() == expected
    assert max(network.sizes, default=0) <= most
    assert sum(network.sizes) == sum(lengths)


def test_batches_are_filled_across_clips() -> None:
    network = Network()
    extractor = FrameExtractor(DEFINITION, Batcher(network, 4))
    first, second = extractor.stream(), extractor.stream()
    for frame in frames(3):
        first.add(frame, faces(0))
    for frame in frames(5):
        second.add(frame, faces(0))
    first.finish()
    second.finish()
    assert network.sizes == [4, 4]


def test_items_of_other_sizes_wait_in_their_own_batch() -> None:
    network = Network()
    batcher = Batcher(network, 2)
    small, large = frames(2, size=2), frames(2, size=4)
    tickets = [batcher.submit(item) for pair in zip(small, large, strict=True) for item in pair]
    assert [int(ticket.result()[0]) for ticket in tickets] == [0, 0, 12, 48]
    assert network.sizes == [2, 2]


def test_one_frame_goes_through_once_for_two_streams() -> None:
    network = Network()
    batcher = Batcher(network, 8)
    frame = frames(1)[0]
    assert batcher.submit(frame) is batcher.submit(frame)
    assert batcher.submit(frame.copy()) is not batcher.submit(frame)
    batcher.flush()
    assert network.sizes == [2]


def test_the_byte_budget_holds_and_lets_one_item_through() -> None:
    network = Network()
    batcher = Batcher(network, 32, most_bytes=2 * frames(1)[0].nbytes)
    for frame in frames(4):
        batcher.submit(frame)
    assert network.sizes == [2, 2]
    batcher.submit(frames(1, size=64)[0])
    assert network.sizes == [2, 2, 1]


def test_a_network_that_loses_an_item_is_an_error() -> None:
    batcher = Batcher(lambda batch: batch[:-1], 2)
    batcher.submit(frames(1)[0])
    with pytest.raises(RuntimeError, match="gave 0 results for 1 items"):
        batcher.flush()


@given(st.integers(0, 20), st.integers(1, 6))
def test_windows_do_not_overlap_and_drop_the_rest(length: int, window: int) -> None:
    network = Network()
    extractor = WindowExtractor(DEFINITION, Batcher(network, 3), lambda f: f, window)
    stream = extractor.stream()
    for frame in frames(length):
        stream.add(frame, faces(0))
    values = stream.finish()
    assert len(values) == length // window
    for w, value in enumerate(values):
        assert value[0] == 12 * sum(range(w * window, (w + 1) * window))


def test_faces_keep_their_place_and_absent_ones_are_nan() -> None:
    def crops(frame: NDArray[np.uint8], found: Detection) -> list[NDArray[np.uint8] | None]:
        return [None if face == 1 else frame + face for face in range(found.count)]

    extractor = FaceExtractor(DEFINITION, Batcher(Network(), 2), crops, 1)
    stream = extractor.stream()
    for frame, count in zip(frames(3), (3, 0, 1), strict=True):
        stream.add(frame, faces(count))
    values = stream.finish()
    assert values.shape == (3, 3, 1)
    assert values[0, :, 0].tolist()[::2] == [0.0, 24.0]
    assert np.isnan(values[0, 1]).all()
    assert np.isnan(values[1]).all()
    assert values[2, 0, 0] == 24.0


def test_steps_need_two_frames() -> None:
    extractor = StepExtractor(DEFINITION, lambda a, b: float(b[0, 0, 0]) - float(a[0, 0, 0]))
    stream = extractor.stream()
    assert stream.finish().shape == (0,)
    for frame in frames(3):
        stream.add(frame, faces(0))
    assert stream.finish().tolist() == [1.0, 1.0]
