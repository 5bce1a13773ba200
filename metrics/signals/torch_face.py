"""The face engine in torch: collects frames into batches for `FacePipeline`."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Lock
from types import TracebackType
from typing import Protocol, Self

import torch

from metrics.signals.face_engine import Detection, FaceDefinition, Frame, check_frame
from metrics.signals.torch_face_bundle import read_bundle
from metrics.signals.torch_face_embedded import EmbeddedFiles, EmbeddedPipeline
from metrics.signals.torch_face_pipeline import FacePipeline
from metrics.signals.torch_face_student import load_student

_BATCH = {"cpu": 16, "cuda": 128}


class Pipeline(Protocol):
    """What turns frames into faces."""

    def look(self, frames: Sequence[Frame]) -> list[Detection]:
        """Return the faces of each frame."""
        ...


class TorchFaceLandmarker:
    """Detects faces in frames, many at a time.

    Args:
        definition: What the pipelines compute.
        pipeline: Makes a pipeline whose networks run with a given number of rows.
        batch: That number, for frames that are submitted.
        workers: Batches worked on at the same time. Does not change any result.
    """

    def __init__(
        self,
        definition: FaceDefinition,
        pipeline: Callable[[int], Pipeline],
        batch: int,
        workers: int = 1,
    ) -> None:
        self.definition = definition
        self._batch = batch
        self._batched, self._single = pipeline(batch), pipeline(1)
        self._workers = workers
        self._pool = _single_threaded_pool(workers)
        self._waiting: list[tuple[Frame, _Demanded]] = []
        self._lock = Lock()

    @property
    def in_flight(self) -> int:
        """Frames a caller should submit before it asks for the first result."""
        return (self._workers + 1) * self._batch

    def detect(self, frame: Frame) -> Detection:
        """Return the faces of one ``(H, W, 3)`` uint8 RGB frame, in the detector's order."""
        check_frame(frame)
        return self._pool.submit(self._single.look, [frame]).result()[0]

    def detect_all(self, frames: Sequence[Frame]) -> list[Detection]:
        """Return the faces of any number of frames, which may differ in size."""
        for frame in frames:
            check_frame(frame)
        return self._pool.submit(self._batched.look, frames).result()

    def submit(self, frame: Frame) -> Future[Detection]:
        """Take a frame into the next batch; asking for its result sends the batch off."""
        check_frame(frame)
        future = _Demanded(self._demand)
        with self._lock:
            self._waiting.append((frame, future))
            full = len(self._waiting) >= self._batch
        if full:
            self._send()
        return future

    def _demand(self, future: "_Demanded") -> None:
        with self._lock:
            waits = any(other is future for _, other in self._waiting)
        if waits:
            self._send()

    def _send(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        if batch:
            self._pool.submit(self._work, batch)

    def _work(self, batch: list[tuple[Frame, "_Demanded"]]) -> None:
        try:
            found = self._batched.look([frame for frame, _ in batch])
        except BaseException as error:  # belongs to whoever asks for a result
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), detection in zip(batch, found, strict=True):
            future.set_result(detection)

    def close(self) -> None:
        """Release the networks; frames that nobody asked for are dropped."""
        with self._lock:
            self._waiting.clear()
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_official(model: Path, definition: FaceDefinition, where: "Where") -> TorchFaceLandmarker:
    """Open the engine on the official networks.

    Args:
        model: Path of ``face_landmarker.task``; its hash is the caller's to check.
        definition: What to look for.
        where: Where to run.

    Raises:
        ModelError: If the file is not a face landmarker bundle.
    """
    bundle, device = read_bundle(model), torch.device(where.device)
    return TorchFaceLandmarker(
        definition,
        lambda rows: FacePipeline(bundle, definition, device, rows),
        where.rows,
        where.workers,
    )


def open_embedded(folder: Path, definition: FaceDefinition, where: "Where") -> TorchFaceLandmarker:
    """Open the engine on the embedded networks.

    Args:
        folder: Where the three files lie; their hashes are the caller's to check.
        definition: What to look for.
        where: Where to run.

    Raises:
        ModelError: If a file is missing or another network.
    """
    files, student, device = EmbeddedFiles.read(folder), load_student(), torch.device(where.device)
    return TorchFaceLandmarker(
        definition,
        lambda rows: EmbeddedPipeline(files, student, definition, device, rows),
        where.rows,
        where.workers,
    )


@dataclass(frozen=True, slots=True)
class Where:
    """Where and how an engine runs.

    Attributes:
        device: Torch device.
        batch: Rows the networks run with; ``None`` for the device's default.
        threads: Batches worked on at the same time on a CPU.
    """

    device: str = "cpu"
    batch: int | None = None
    threads: int = 1

    @property
    def rows(self) -> int:
        """Rows the networks run with."""
        return self.batch or _BATCH.get(torch.device(self.device).type, _BATCH["cpu"])

    @property
    def workers(self) -> int:
        """Batches worked on at the same time; a GPU takes one after the other."""
        return self.threads if torch.device(self.device).type == "cpu" else 1


def _single_threaded_pool(workers: int) -> ThreadPoolExecutor:
    """Return threads that compute alone: layers this small lose more by waiting for each other.

    Torch takes what the last thread asked for as the default of threads yet to come; that default
    is put back, since a method may run in this process.
    """
    usual = torch.get_num_threads()
    together = Barrier(workers)

    def alone() -> None:
        torch.get_num_threads()  # a thread takes the default once, at the first call: here
        torch.set_num_threads(1)
        together.wait()  # so that every task gets a thread of its own

    pool = ThreadPoolExecutor(workers, "face")
    for started in [pool.submit(alone) for _ in range(workers)]:
        started.result()
    torch.set_num_threads(usual)
    return pool


class _Demanded(Future[Detection]):
    """A future that tells the engine when somebody waits for it."""

    def __init__(self, demand: Callable[["_Demanded"], None]) -> None:
        super().__init__()
        self._demand = demand

    def result(self, timeout: float | None = None) -> Detection:
        """Send the batch off if need be, and wait."""
        self._demand(self)
        return super().result(timeout)
