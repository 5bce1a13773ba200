"""Batches in pieces that fit the memory, from numpy to a network on a device and back."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metrics.signals.runtime import FastNetwork

Batch = NDArray[Any] | Tensor
R = TypeVar("R")

CPU_PIECE = 8
"""Pictures a CPU takes at once. More is no faster, and makes temporary arrays of more than 32 MB,
which the allocator gives back each time: page faults then cost as much as the arithmetic."""

_OUT_OF_MEMORY = (  # said by torch on a CPU, by drivers, by ONNX Runtime
    "not enough memory",
    "can't allocate memory",
    "out of memory",
    "bad allocation",
    "bad_alloc",
    "failed to allocate memory",
)


class Pieces:
    """Runs batches in pieces, and remembers what did not fit.

    Attributes:
        limit: Most items at once; 0 for no limit. Halved for good when memory runs out.
    """

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit

    def run(self, call: Callable[[Any], R], batch: Batch) -> list[R]:
        """Return the results of ``call`` on consecutive pieces of a ``(B, ...)`` batch.

        Raises:
            Exception: What ``call`` raised, if that was not lack of memory or one item is too
                much.
        """
        results: list[R] = []
        start = 0
        while start < len(batch):
            piece = batch[start : start + (self.limit or len(batch))]
            try:
                results.append(call(piece))
            except Exception as error:
                if len(piece) == 1 or not out_of_memory(error):
                    raise
                self.limit = len(piece) // 2
            else:
                start += len(piece)
                continue
            # Only here is the traceback gone, and with it what filled the memory.
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        return results


class BatchNetwork:
    """A `metrics.signals.extractor.Network`: uploads, prepares and runs, piece by piece.

    Args:
        prepare: Turns uploaded items into the network's input, on its device.
        core: The network; its first output counts.
        piece: Items a CPU takes at once.
    """

    def __init__(
        self, prepare: Callable[[Tensor], Tensor], core: FastNetwork, piece: int = CPU_PIECE
    ) -> None:
        self._prepare = prepare
        self.core = core
        self.pieces = Pieces(piece if core.device.type == "cpu" else 0)

    def __call__(self, batch: Batch) -> NDArray[np.float32]:
        """Return ``(B, ...)`` float32 for at least one item."""
        return np.concatenate(self.pieces.run(self._run, batch))

    def _run(self, piece: Batch) -> NDArray[np.float32]:
        with torch.inference_mode():
            items = self._prepare(upload(piece, self.core.device))
            output: NDArray[np.float32] = self.core(items)[0].cpu().numpy()
        return output


def upload(batch: Batch, device: torch.device) -> Tensor:
    """Return a batch as a tensor on ``device``; shares memory where it can."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    whole = np.ascontiguousarray(batch)
    return torch.from_numpy(whole if whole.flags.writeable else whole.copy()).to(device)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch, numpy or ONNX Runtime says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in _OUT_OF_MEMORY)
