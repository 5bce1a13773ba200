"""Methods that take time, or end badly."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from adapters.base import Animation, Frame, Request


class Sleeps:
    """Gives every driving frame back after a while, with its stage timed."""

    def __init__(self, seconds: float = 0.004, chunk: int = 1, device: str = "") -> None:
        self.chunk = chunk
        self.seconds = seconds
        self.precision = "fp32"
        print("loading, on", device, os.environ["CUDA_VISIBLE_DEVICES"])

    def animate(self, request: Request) -> Animation:
        stages = {"sleep": 0.0}
        return Animation(self.play(request, stages), stages=stages)

    def play(self, request: Request, stages: dict[str, float]) -> Iterator[Frame]:
        for number, frame in enumerate(request.services.media.frames(request.driving)):
            if number % self.chunk == 0:
                start = time.perf_counter()
                time.sleep(self.seconds)
                stages["sleep"] += time.perf_counter() - start
            yield frame


class Killed(Sleeps):
    def play(self, request: Request, stages: dict[str, float]) -> Iterator[Frame]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield from super().play(request, stages)


class Broken:
    def __init__(self) -> None:
        raise OSError("no checkpoint at weights/model.pth")

    def animate(self, request: Request) -> Any:
        raise NotImplementedError
