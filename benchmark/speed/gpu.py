"""What the NVIDIA driver tells of a GPU: its library by ctypes, so that nothing is installed."""

import ctypes
from dataclasses import dataclass
from typing import Any, Protocol

from benchmark.speed.record import GpuSample

_LIBRARIES = ("libnvidia-ml.so.1", "nvml.dll")
_SM, _MEMORY, _CORE = 1, 2, 0  # nvmlClockType_t, nvmlTemperatureSensors_t
_SLOWED = {
    0x08: "hardware slowdown",
    0x20: "thermal, by software",
    0x40: "thermal, by hardware",
    0x80: "power brake",
}
"""Bits of nvmlClocksEventReasons that are no part of normal work."""
_CAPPED = 0x04
_CUT_UP = " (MIG)"


class GpuDriver(Protocol):
    """What is asked of a driver about one GPU; ``None`` for what it does not tell."""

    def name(self) -> str:
        """Return the name of the GPU."""
        ...

    def driver(self) -> str:
        """Return the version of the driver."""
        ...

    def power_limit_w(self) -> float | None:
        """Return the power limit in force, in watts."""
        ...

    def memory_gib(self) -> float | None:
        """Return the whole memory in GiB."""
        ...

    def energy_j(self) -> float | None:
        """Return the energy since the driver was loaded, in joules."""
        ...

    def reasons(self) -> int | None:
        """Return the bits that say why clocks are below their highest."""
        ...

    def sample(self, at: float) -> GpuSample:
        """Return what changes: clocks, temperature, power, use."""
        ...


def named_reasons(bits: int) -> tuple[str, ...]:
    """Return the reasons in ``bits`` that are no part of normal work, in words."""
    return tuple(text for bit, text in _SLOWED.items() if bits & bit)


def is_capped(bits: int) -> bool:
    """Return whether ``bits`` say that the power limit was met."""
    return bool(bits & _CAPPED)


class _Memory(ctypes.Structure):
    _fields_ = [(n, ctypes.c_ulonglong) for n in ("total", "free", "used")]


class _Use(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint) for n in ("gpu", "memory")]


@dataclass(frozen=True, slots=True)
class Nvml:
    """One GPU by the driver's library.

    Attributes:
        library: The loaded library.
        handle: The GPU's.
    """

    library: Any
    handle: Any

    def name(self) -> str:
        """Return the name of the GPU; one that is cut into slices (MIG) says so.

        Programs then get a slice of it, whatever the driver tells of the whole.
        """
        text = ctypes.create_string_buffer(96)
        if not self._ask("nvmlDeviceGetName", self.handle, text, ctypes.c_uint(96)):
            return "GPU without a name"
        name = text.value.decode(errors="replace")
        now, later = ctypes.c_uint(), ctypes.c_uint()
        told = self._ask(
            "nvmlDeviceGetMigMode", self.handle, ctypes.byref(now), ctypes.byref(later)
        )
        return name + _CUT_UP if told and now.value and "MIG" not in name else name

    def driver(self) -> str:
        """Return the version of the driver."""
        text = ctypes.create_string_buffer(96)
        done = self._ask("nvmlSystemGetDriverVersion", text, ctypes.c_uint(96))
        return text.value.decode(errors="replace") if done else ""

    def power_limit_w(self) -> float | None:
        """Return the power limit in force, in watts."""
        return _scaled(self._number("nvmlDeviceGetEnforcedPowerLimit"), 1e-3)

    def memory_gib(self) -> float | None:
        """Return the whole memory in GiB."""
        memory = _Memory()
        if not self._ask("nvmlDeviceGetMemoryInfo", self.handle, ctypes.byref(memory)):
            return None
        return float(memory.total) / 2**30

    def energy_j(self) -> float | None:
        """Return the energy since the driver was loaded, in joules."""
        kind = ctypes.c_ulonglong
        return _scaled(self._number("nvmlDeviceGetTotalEnergyConsumption", kind=kind), 1e-3)

    def reasons(self) -> int | None:
        """Return the bits that say why clocks are below their highest."""
        return self._number("nvmlDeviceGetCurrentClocksThrottleReasons", kind=ctypes.c_ulonglong)

    def sample(self, at: float) -> GpuSample:
        """Return what changes: clocks, temperature, power, use."""
        use = _Use()
        told = self._ask("nvmlDeviceGetUtilizationRates", self.handle, ctypes.byref(use))
        return GpuSample(
            at=at,
            sm_mhz=self._number("nvmlDeviceGetClockInfo", _SM),
            memory_mhz=self._number("nvmlDeviceGetClockInfo", _MEMORY),
            celsius=self._number("nvmlDeviceGetTemperature", _CORE),
            power_w=_scaled(self._number("nvmlDeviceGetPowerUsage"), 1e-3),
            busy=float(use.gpu) if told else None,
        )

    def _number(self, function: str, *which: int, kind: Any = ctypes.c_uint) -> int | None:  # noqa: ANN401
        value = kind()
        known = [ctypes.c_uint(number) for number in which]
        told = self._ask(function, self.handle, *known, ctypes.byref(value))
        return int(value.value) if told else None

    def _ask(self, function: str, *arguments: Any) -> bool:  # noqa: ANN401 - C values
        """Return whether the library answered; an old one may lack the function itself."""
        known = getattr(self.library, function, None)
        return known is not None and known(*arguments) == 0


def _scaled(value: int | None, by: float) -> float | None:
    return None if value is None else value * by


def load_library() -> Any | None:  # noqa: ANN401 - a C library
    """Return the driver's library, ready to be asked; ``None`` where there is no driver."""
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            if library.nvmlInit_v2() == 0:
                return library
        except (OSError, AttributeError):
            continue
    return None


def open_gpu(which: str, library: Any | None) -> tuple[Nvml, int] | None:  # noqa: ANN401
    """Return a GPU and how many there are, or ``None`` if there is no such GPU.

    Args:
        which: Its number, or its UUID (``GPU-...``), as in ``CUDA_VISIBLE_DEVICES``.
        library: What `load_library` gave.
    """
    if library is None:
        return None
    count, handle = ctypes.c_uint(), ctypes.c_void_p()
    if library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
        return None
    if which.isascii() and which.isdecimal():
        code = library.nvmlDeviceGetHandleByIndex_v2(
            ctypes.c_uint(int(which)), ctypes.byref(handle)
        )
    else:
        code = library.nvmlDeviceGetHandleByUUID(which.encode(), ctypes.byref(handle))
    return None if code else (Nvml(library, handle), int(count.value))
