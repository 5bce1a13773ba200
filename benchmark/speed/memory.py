"""Peaks of memory: of the process by the kernel, of the GPU by torch."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.processes import descendants
from benchmark.speed.record import Memory

_PROC = Path("/proc")


def peak_bytes(pid: int, proc: Path = _PROC) -> int | None:
    """Return the most memory a process held resident at once, in bytes; ``None`` if not told.

    The kernel's high-water mark of this program (``VmHWM``); ``ru_maxrss`` would carry over what
    the process that started it held.
    """
    try:
        for line in (proc / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    except (OSError, ValueError, IndexError):
        return None
    return None


def forget_peak(proc: Path = _PROC) -> None:
    """Start this process' high-water mark anew, where the kernel allows it."""
    with suppress(OSError):
        (proc / "self" / "clear_refs").write_text("5")


@dataclass(frozen=True, slots=True)
class MemoryWatch:
    """Reads peaks at the end of a measurement.

    Attributes:
        cuda: Finds ``torch.cuda`` if the method uses it in this process.
        before: Most resident bytes before the method was loaded.
    """

    cuda: Callable[[], Any | None]
    before: int | None = None

    @classmethod
    def start(cls, cuda: Callable[[], Any | None]) -> "MemoryWatch":
        """Begin before the method is loaded."""
        forget_peak()
        return cls(cuda, peak_bytes(os.getpid()))

    def report(self, told: Mapping[str, int]) -> Memory:
        """Return the peaks; those of a method's own processes are added to ours.

        Args:
            told: ``allocated`` and ``reserved`` as a worker tells them, if it does.
        """
        peaks = [peak_bytes(pid) for pid in (os.getpid(), *descendants(os.getpid()))]
        known = [peak for peak in peaks if peak is not None]
        cuda = self.cuda()
        return Memory(
            allocated=told.get("allocated") if cuda is None else int(cuda.max_memory_allocated()),
            reserved=told.get("reserved") if cuda is None else int(cuda.max_memory_reserved()),
            process=sum(known) if known else None,
            before=self.before,
        )
