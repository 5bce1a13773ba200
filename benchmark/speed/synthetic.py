"""A method whose speed is known: what is measured of it can be held against the truth.

Stage times, jitter, memory, chunk and look-ahead are arguments. Its work is waiting: on a clock
that a test moves every figure comes out exact, on the real one within what the clock can do.
"""

import queue
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from adapters.base import Animation, Finished, Frame, MethodError, Request
from benchmark.speed.clock import Clock, RealClock


@dataclass(frozen=True, slots=True)
class Truth:
    """What the method takes.

    Attributes:
        stages: Seconds a chunk by stage.
        setup_s: Seconds a case, before its first frame.
        jitter: Every chunk takes up to this share more or less, uniformly, the same for a seed.
        chunk: Frames answered together.
        ahead: Driving frames looked at beyond the chunk.
        slower: Every chunk takes this share more than the one before: a clock that falls.
        memory: Bytes held while a case runs.
        fails_at: Chunk of all its life at which it fails for want of memory; ``None`` for never.
        gives: Frames it gives of a case; ``None`` for all.
        seed: Of the jitter.
    """

    stages: Mapping[str, float] = field(default_factory=lambda: {"render": 0.01})
    setup_s: float = 0.0
    jitter: float = 0.0
    chunk: int = 1
    ahead: int = 0
    slower: float = 0.0
    memory: int = 0
    fails_at: int | None = None
    gives: int | None = None
    seed: int = 0

    @property
    def chunk_s(self) -> float:
        """Seconds a chunk, jitter aside."""
        return sum(self.stages.values())

    @property
    def fps(self) -> float:
        """Frames a second in steady state, jitter aside."""
        return self.chunk / self.chunk_s


class Synthetic:
    """The method: draws chunk and look-ahead, works for as long as told, gives the chunk.

    Args:
        truth: What it takes.
        clock: Passes while it works.
        work: Does work that lasts some seconds; ``None`` waits on the clock.

    Attributes:
        spent: Seconds that each chunk took indeed: on a busy machine, more than it was told.
    """

    def __init__(
        self,
        truth: Truth,
        clock: Clock | None = None,
        work: Callable[[float], None] | None = None,
    ) -> None:
        self.chunk_frames = truth.chunk
        self.truth = truth
        self._clock = clock or RealClock()
        self._work = work or self._wait
        self._random = random.Random(truth.seed)  # noqa: S311 - jitter, no secret
        self._chunks = 0
        self.spent: list[float] = []

    def animate(self, request: Request) -> Animation:
        """Give the driving frames back, in the time told."""
        stages = dict.fromkeys(self.truth.stages, 0.0)
        return Animation(self._play(request, stages), stages=stages)

    def _play(self, request: Request, stages: dict[str, float]) -> Iterator[Frame]:
        held = np.ones(self.truth.memory, np.uint8)
        source = request.services.media.frames(request.driving)
        drawn: list[Frame] = []
        ended, given = False, 0
        if self.truth.setup_s:
            self._work(self.truth.setup_s)
        while not ended or drawn:
            while not ended and len(drawn) < self.truth.chunk + self.truth.ahead:
                frame = next(source, None)
                if frame is None:
                    ended = True
                else:
                    drawn.append(frame)
            now, drawn = drawn[: self.truth.chunk], drawn[self.truth.chunk :]
            if now:
                self._answer(stages)
            for frame in now:
                if given == self.truth.gives:
                    return
                given += 1
                yield frame
        del held

    def _answer(self, stages: dict[str, float]) -> None:
        if self._chunks == self.truth.fails_at:
            raise MemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        grown = (1 + self.truth.slower) ** self._chunks
        share = grown * (1 + self.truth.jitter * self._random.uniform(-1, 1))
        self._chunks += 1
        start = self._clock.now()
        for name, seconds in self.truth.stages.items():
            self._work(seconds * share)
            stages[name] += seconds * share
        self.spent.append(self._clock.now() - start)

    def _wait(self, seconds: float) -> None:
        self._clock.sleep_until(self._clock.now() + seconds)


class OneShot:
    """A command as the harness sees it: a process a case, loading and running in one.

    Args:
        load_s: Seconds of a process before its first frame.
        frame_s: Seconds a frame.
        clock: Passes while it runs.
        noise: Seconds added to each run in turn.
    """

    def __init__(
        self, load_s: float, frame_s: float, clock: Clock, noise: tuple[float, ...] = (0.0,)
    ) -> None:
        self._load_s, self._frame_s, self._clock, self._noise = load_s, frame_s, clock, noise
        self._runs = 0

    def animate(self, request: Request) -> Animation:
        """Run to the end."""
        seconds = self._load_s + self._frame_s * request.n_frames
        seconds += self._noise[self._runs % len(self._noise)]
        self._runs += 1
        self._clock.sleep_until(self._clock.now() + seconds)
        frames = request.services.media.frames
        return Animation(Finished(lambda: frames(request.driving), seconds))


class Device:
    """An accelerator in a thread: work is queued and done later, as on a GPU.

    Args:
        clock: Passes while it works.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or RealClock()
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def launch(self, seconds: float, finish: Callable[[], None] = lambda: None) -> None:
        """Queue work and return at once; ``finish`` is called when it is done."""

        def job() -> None:
            self._clock.sleep_until(self._clock.now() + seconds)
            finish()

        self._queue.put(job)

    def synchronise(self) -> None:
        """Return when all work that was queued is done."""
        done = threading.Event()
        self._queue.put(done.set)
        done.wait()

    def _run(self) -> None:
        while True:
            self._queue.get()()


class Asynchronous:
    """A method that returns before it has finished: its frames are filled by a `Device` later.

    Args:
        device: Does the work.
        frame_s: Seconds a frame.
    """

    def __init__(self, device: Device, frame_s: float) -> None:
        self._device = device
        self._frame_s = frame_s

    def animate(self, request: Request) -> Animation:
        """Hand out frames that are not made yet."""
        return Animation(self._play(request))

    def _play(self, request: Request) -> Iterator[Frame]:
        if not request.n_frames:
            raise MethodError("the driving video has no frames")
        for number, frame in enumerate(request.services.media.frames(request.driving)):
            made = np.zeros_like(frame)
            self._device.launch(self._frame_s, partial(made.fill, number % 255 + 1))
            yield made
