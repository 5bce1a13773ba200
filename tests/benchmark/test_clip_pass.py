"""One pass: each extractor that lacks its signal sees each frame once, and never again."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.clip_pass import ClipPass, OpenExtractor, Tools
from benchmark.signals import Media, SignalStore
from metrics.signals.batching import Batcher
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face_engine import Detection
from metrics.signals.streams import FaceExtractor, FrameExtractor

MEDIA = Media("a" * 64, (0, 5))


class Faces:
    """As many faces as the first pixel says; counts the frames it sees."""

    in_flight = 2
    definition: Any = None

    def __init__(self) -> None:
        self.seen = 0

    def detect(self, frame: NDArray[np.uint8]) -> Detection:
        self.seen += 1
        count = int(frame[0, 0, 0])
        return Detection(
            np.full((count, 478, 3), 0.5, np.float32),
            np.zeros((count, 52), np.float32),
            np.zeros((count, 4, 4), np.float32),
        )

    def submit(self, frame: NDArray[np.uint8]) -> Future[Detection]:
        future: Future[Detection] = Future()
        future.set_result(self.detect(frame))
        return future


class Network:
    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        self.seen += len(batch)
        return batch.reshape(len(batch), -1).mean(axis=1, keepdims=True).astype(np.float32)


class Lab:
    def __init__(self, folder: Path) -> None:
        self.faces, self.frames, self.crops = Faces(), Network(), Network()
        definition = ExtractorDefinition("x", "", "")
        whole = FrameExtractor(definition, Batcher(self.frames, 2))
        each = FaceExtractor(
            definition,
            Batcher(self.crops, 2),
            lambda f, d: [f[:1, :1] + k for k in range(d.count)],
            1,
        )
        self.tools = Tools(
            self.faces,  # type: ignore[arg-type]
            "face-key",
            [
                OpenExtractor("whole", "k1", lambda: whole, False),
                OpenExtractor("each", "k2", lambda: each, True),
            ],
            SignalStore(folder),
        )

    def measure(self, only: list[str] | None = None) -> Any:
        one = ClipPass(self.tools, MEDIA, only)
        if not one.ended:
            for count in (1, 0, 2, 1, 1):
                one.add(np.full((4, 4, 3), count, dtype=np.uint8))
        return one.finish()

    @property
    def seen(self) -> tuple[int, int, int]:
        return self.faces.seen, self.frames.seen, self.crops.seen


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_everything_is_seen_once_and_lies_where_it_belongs(lab: Lab) -> None:
    found = lab.measure()
    assert lab.seen == (5, 5, 5)
    assert found.face.count.tolist() == [1, 0, 2, 1, 1]
    assert found.arrays["whole"][:, 0].tolist() == [1, 0, 2, 1, 1]
    assert found.arrays["each"][2, :, 0].tolist() == [2, 3]
    assert np.isnan(found.arrays["each"][0, 1, 0])


def test_what_is_kept_is_not_computed_again(lab: Lab) -> None:
    first = lab.measure()
    again = lab.measure()
    assert lab.seen == (5, 5, 5)
    assert again.face.count.tolist() == first.face.count.tolist()
    for name, values in first.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], values)


def test_a_metric_asked_for_later_costs_only_its_own_network(lab: Lab) -> None:
    lab.measure(only=[])
    assert lab.seen == (5, 0, 0)
    lab.measure(only=["each"])
    assert lab.seen == (5, 0, 5), "faces come from the store"
    lab.measure()
    assert lab.seen == (5, 5, 5)


def test_a_damaged_file_is_measured_again(lab: Lab, tmp_path: Path) -> None:
    lab.measure()
    for path in (tmp_path / "k1").rglob("*.safetensors"):
        path.write_bytes(b"broken")
    assert lab.measure().arrays["whole"].shape == (5, 1)
    assert lab.seen == (5, 10, 5)


def test_finish_may_be_called_twice(lab: Lab) -> None:
    one = ClipPass(lab.tools, MEDIA)
    one.add(np.ones((4, 4, 3), dtype=np.uint8))
    assert one.finish() is one.finish()
