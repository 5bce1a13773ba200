"""The device that is measured: named by the user, looked for before anything is loaded."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.speed.clock import Clock
from benchmark.speed.gpu import GpuDriver, Nvml, load_library, open_gpu
from benchmark.speed.validity import BUSY_GPU

CPU = "cpu"
VISIBLE = "CUDA_VISIBLE_DEVICES"
_PATIENCE_S, _AGAIN_S = 3.0, 0.25


@dataclass(frozen=True, slots=True)
class Device:
    """Where a method is to run.

    Attributes:
        kind: ``cpu`` or ``cuda``.
        which: The GPU as the driver's library knows it: number or UUID; empty on the CPU.
        gpus: How many GPUs there are.
    """

    kind: str = CPU
    which: str = ""
    gpus: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """Environment of the method: it sees this GPU and no other, or none at all."""
        return {VISIBLE: self.which, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}

    @property
    def name(self) -> str:
        """How the method calls it: the only GPU it sees is number 0."""
        return "cuda:0" if self.kind == "cuda" else CPU

    def open(self, library: Any | None) -> Nvml | None:  # noqa: ANN401 - a C library
        """Return the GPU's driver; ``None`` on the CPU."""
        found = open_gpu(self.which, library) if self.which else None
        return found[0] if found is not None else None


def find_device(
    text: str | None,
    library: Any | None = None,  # noqa: ANN401 - a C library
    variables: Mapping[str, str] = os.environ,
) -> Device:
    """Return the device called ``text``: ``cpu``, ``cuda`` or ``cuda:N``.

    Args:
        text: ``None`` takes the first GPU where there is one, else the CPU.
        library: The driver's, see `benchmark.speed.gpu.load_library`.
        variables: The environment; ``CUDA_VISIBLE_DEVICES`` says which GPU is number 0.

    Raises:
        UsageProblem: If there is no such kind of device.
        EnvironmentProblem: If there is no such GPU here; says what was found.
    """
    if text is None:
        try:
            return find_device("cuda:0", library, variables)
        except EnvironmentProblem:
            return Device()
    if text == CPU:
        return Device()
    match = re.fullmatch(r"cuda(?::(\d{1,3}))?", text)
    if match is None:
        raise UsageProblem(f"unknown device '{text}'", "known: cpu, cuda, cuda:N")
    number = int(match[1] or 0)
    if library is None:
        raise EnvironmentProblem(
            f"no GPU for --device {text}: there is no NVIDIA driver on this machine",
            "measure the processor instead: --device cpu",
        )
    which = _seen(number, variables.get(VISIBLE))
    found = open_gpu(which, library) if which is not None else None
    if found is None or which is None:
        limit = f" ({VISIBLE}={variables[VISIBLE]})" if VISIBLE in variables else ""
        raise EnvironmentProblem(
            f"no GPU for --device {text}: the driver knows no such one{limit}",
            "nvidia-smi -L lists them; cuda:0 is the first",
        )
    return Device("cuda", which, found[1])


def _seen(number: int, visible: str | None) -> str | None:
    """Return the driver's name of the GPU that programs call ``number``."""
    if visible is None:
        return str(number)
    names = [name.strip() for name in visible.split(",") if name.strip()]
    return names[number] if number < len(names) else None


def busy(gpu: GpuDriver | None, clock: Clock) -> float | None:
    """Return how busy a GPU is in per cent, before anything of ours runs on it.

    The driver tells the use of the last second, in which the point before may still have run:
    a busy GPU is looked at again for `_PATIENCE_S`.
    """
    end = clock.now() + _PATIENCE_S
    while True:
        share = None if gpu is None else gpu.sample(0.0).busy
        if share is None or share <= BUSY_GPU or clock.now() >= end:
            return share
        clock.sleep_until(clock.now() + _AGAIN_S)


class CudaSync:
    """Waits for the GPU, once the method has brought torch and begun to use it."""

    def __call__(self) -> None:
        """Return when the GPU has finished all that was asked of it."""
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.synchronize()


def used_cuda() -> Any | None:  # noqa: ANN401 - torch is not typed
    """Return ``torch.cuda`` if the method has begun to use it in this process."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None


__all__ = ["CPU", "CudaSync", "Device", "busy", "find_device", "load_library", "used_cuda"]
