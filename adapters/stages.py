"""Time by stage, for methods to fill `Animation.stages` with: right on a GPU too.

A kernel is launched and runs later: a stopwatch around the launch sees nothing of it, and waiting
for it in every stage slows the method down. `StageTimer` takes CUDA events where a GPU is at work,
which cost microseconds and are read when the frame is done, and a plain clock otherwise::

    stages = StageTimer()
    with stages("denoise"):
        latents = net(latents)
    return Animation(frames, stages=stages)

Standard library only, Python 3.8 on: a method's own environment can copy this file.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict  # noqa: UP035 - Python 3.8 has no dict[str, float]

if TYPE_CHECKING:
    from _collections_abc import dict_items
    from collections.abc import Callable, Iterator


class StageTimer(Dict[str, float]):  # noqa: UP006 - see above
    """Seconds by stage so far; a dictionary that fills itself.

    Stages may be entered many times and one after the other; time in nested stages counts in each.

    Args:
        clock: Returns seconds, where no GPU is at work.
        cuda: ``torch.cuda``, or ``None`` to find it where the method uses it.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        cuda: Any = None,  # noqa: ANN401 - torch is not a dependency of adapters
    ) -> None:
        super().__init__()
        self._clock = clock
        self._cuda = cuda
        self._open: list[tuple[str, Any, Any]] = []

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what happens inside as ``stage``."""
        self.setdefault(stage, 0.0)
        cuda = self._cuda if self._cuda is not None else _cuda_in_use()
        if cuda is None:
            start = self._clock()
            try:
                yield
            finally:
                self[stage] += self._clock() - start
            return
        before, after = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
        before.record()
        try:
            yield
        finally:
            after.record()
            self._open.append((stage, before, after))

    def items(self) -> dict_items[str, float]:
        """Return names and seconds of all that was entered so far; events are read first."""
        self.settle()
        return super().items()

    def settle(self) -> None:
        """Read the events, waiting for those that are not there yet."""
        for stage, before, after in self._open:
            after.synchronize()
            self[stage] += before.elapsed_time(after) / 1000.0
        self._open.clear()


def _cuda_in_use() -> Any:  # noqa: ANN401 - torch is not a dependency of adapters
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None
