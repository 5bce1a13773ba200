"""The machine while it is measured: who else uses it, and what its clocks do."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapters.processes import descendants
from benchmark import provenance
from benchmark.speed.clock import Clock
from benchmark.speed.gpu import GpuDriver, is_capped, named_reasons
from benchmark.speed.record import GpuReport, GpuSample, MachineReport

EVERY_S = 0.5
"""Seconds between samples of the GPU's clocks: some twenty in the shortest measurement."""
_BUSY_FIELDS = (0, 1, 2, 5, 6, 7)
"""Of ``/proc/stat``: user, nice, system, irq, softirq, steal; not idle and iowait."""


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Processor seconds at one moment.

    Attributes:
        at: When, in seconds.
        busy: Of all cores together.
        own: Of this process and everything below it.
    """

    at: float
    busy: float
    own: float


def cpu_time(at: float, proc: Path = Path("/proc")) -> CpuTime | None:
    """Return processor seconds so far; ``None`` where ``/proc`` does not tell."""
    try:
        tick = os.sysconf("SC_CLK_TCK")
        fields = (proc / "stat").read_text().splitlines()[0].split()[1:]
        busy = sum(int(fields[i]) for i in _BUSY_FIELDS if i < len(fields)) / tick
    except (OSError, ValueError, IndexError):
        return None
    own = sum(os.times()[:4])
    for pid in descendants(os.getpid()):
        with suppress(OSError, ValueError, IndexError):  # it ended meanwhile
            after = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
            own += sum(int(after[i]) for i in (11, 12, 13, 14)) / tick
    return CpuTime(at, busy, own)


def others(before: CpuTime | None, after: CpuTime | None, cores: int) -> float | None:
    """Return the share of all cores, 0 to 1, that other processes used in between."""
    if before is None or after is None or after.at <= before.at or cores < 1:
        return None
    used = (after.busy - before.busy) - (after.own - before.own)
    return min(1.0, max(0.0, used / ((after.at - before.at) * cores)))


def highest_mhz(cpuinfo: Path = Path("/proc/cpuinfo")) -> float | None:
    """Return the clock of the fastest core now, in MHz; ``None`` where it is not told."""
    try:
        lines = cpuinfo.read_text().splitlines()
        return max(float(line.partition(":")[2]) for line in lines if line.startswith("cpu MHz"))
    except (OSError, ValueError):
        return None


@dataclass(slots=True)
class Watch:
    """Looks at the machine from `begin` to `end`; sampling goes on in a thread of its own.

    Attributes:
        clock: When samples are taken.
        gpu: The driver of the GPU in use; ``None`` on the CPU.
        gpus: How many GPUs there are.
        busy_before: Per cent that the GPU was used before the method was loaded.
        every_s: Seconds between samples; 0 samples at the begin and the end only.
        cpu: Reads processor seconds.
    """

    clock: Clock
    gpu: GpuDriver | None = None
    gpus: int = 0
    busy_before: float | None = None
    every_s: float = EVERY_S
    cpu: Callable[[float], CpuTime | None] = cpu_time
    _samples: list[GpuSample] = field(default_factory=list)
    _mhz: list[float] = field(default_factory=list)
    _reasons: int = 0
    _before: CpuTime | None = None
    _energy: float | None = None
    _begun: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Note the start of the timed part."""
        self._begun = self.clock.now()
        self._before = self.cpu(self._begun)
        self._energy = self.gpu.energy_j() if self.gpu is not None else None
        self.look()
        if self.every_s > 0:
            self._thread = threading.Thread(target=self._sample, daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Take one sample."""
        if (mhz := highest_mhz()) is not None:
            self._mhz.append(mhz)
        if self.gpu is not None:
            self._samples.append(self.gpu.sample(self.clock.now() - self._begun))
            self._reasons |= self.gpu.reasons() or 0

    def end(self) -> MachineReport:
        """Stop looking and say what was seen."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.look()
        after = self.cpu(self.clock.now())
        facts = provenance.hardware()
        return MachineReport(
            cpu=facts["cpu"],
            cores=facts["cores"],
            memory_gib=facts["memory_gib"],
            others=others(self._before, after, os.cpu_count() or facts["cores"]),
            cpu_mhz=tuple(self._mhz),
            gpu=self._gpu_report(),
        )

    def _gpu_report(self) -> GpuReport | None:
        if self.gpu is None:
            return None
        energy = self.gpu.energy_j()
        used = None if energy is None or self._energy is None else max(0.0, energy - self._energy)
        return GpuReport(
            name=self.gpu.name(),
            driver=self.gpu.driver(),
            count=self.gpus,
            memory_gib=self.gpu.memory_gib(),
            power_limit_w=self.gpu.power_limit_w(),
            busy_before=self.busy_before,
            energy_j=used,
            slowed=named_reasons(self._reasons),
            capped=is_capped(self._reasons),
            samples=tuple(self._samples),
        )

    def _sample(self) -> None:
        while not self._stop.wait(self.every_s):
            self.look()
