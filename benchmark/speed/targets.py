"""Hardware that a claim is about: named, checked, and what the claim would need."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmark.errors import NotComparable
from benchmark.names import resolve
from benchmark.speed.gpu import GpuDriver
from benchmark.speed.record import Point

_FILE = Path(__file__).with_name("targets.toml")
_BELOW_W = 1.0
"""Power limits are told in thousandths of a watt; so much less is still the same limit."""


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of hardware.

    Attributes:
        id: What the user types.
        label: What people call it.
        name: Pattern for the driver's name of the GPU.
        memory_gib: GiB that it shows at least.
        power_w: Lowest and highest power limit that it is sold with, in watts.
    """

    id: str
    label: str
    name: re.Pattern[str]
    memory_gib: float
    power_w: tuple[float, float]

    @property
    def needs(self) -> str:
        """What a claim about it needs."""
        low, high = self.power_w
        watts = f"{low:.0f} W" if low == high else f"{low:.0f} to {high:.0f} W"
        return f"{self.label} with {self.memory_gib:.0f} GiB or more, at {watts}"


@dataclass(frozen=True, slots=True)
class Hardware:
    """What is there. ``name`` is empty for a machine without a GPU.

    Numbers may be unknown; then it cannot be said to be a target.
    """

    name: str = ""
    memory_gib: float | None = None
    power_limit_w: float | None = None


def here(gpu: GpuDriver | None) -> Hardware:
    """Return what this machine has."""
    if gpu is None:
        return Hardware()
    return Hardware(gpu.name(), gpu.memory_gib(), gpu.power_limit_w())


@cache
def targets() -> dict[str, Target]:
    """Return the known targets by what the user types."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        key: Target(
            key,
            row["label"],
            re.compile(row["name"]),
            float(row["memory_gib"]),
            (float(row["power_w"][0]), float(row["power_w"][1])),
        )
        for key, row in rows.items()
    }


def find_target(name: str) -> Target:
    """Return the target called ``name``.

    Raises:
        UsageProblem: If there is none; says which there are.
    """
    return targets()[resolve(name, targets(), "target")]


def differences(target: Target, there: Hardware) -> list[str]:
    """Return why ``there`` is not the target; an empty list if it is."""
    if not there.name:
        return ["the method runs on the processor of this machine"]
    if not target.name.search(there.name):
        return [f"the GPU is {there.name}"]
    if "MIG" in there.name:
        return [f"the GPU is a slice of one: {there.name}"]
    found = []
    memory, limit, (low, high) = there.memory_gib, there.power_limit_w, target.power_w
    if memory is None:
        found.append("the driver does not tell its memory")
    elif memory < target.memory_gib:
        found.append(f"its memory is {memory:.1f} GiB")
    if limit is None:
        found.append("the driver does not tell its power limit")
    elif not low - _BELOW_W <= limit <= high + _BELOW_W:
        found.append(f"its power limit is {limit:.0f} W")
    return found


def require_target(target: Target, there: Hardware) -> None:
    """Refuse to measure for a target on other hardware.

    Raises:
        NotComparable: Says what is there and what the claim would need.
    """
    if found := differences(target, there):
        raise NotComparable(
            f"this is not {target.id}: {' and '.join(found)}",
            f"a claim about {target.id} needs: {target.needs}",
        )


def below_floor(points: Sequence[Point], floor: float, target: Target | None) -> list[str]:
    """Return why a floor of frames a second is not held, point by point; empty if it is.

    What counts is the rate that was sustained in streaming, else the rate offline. A point that is
    invalid, estimated or from other hardware than the target holds no floor.
    """
    found = []
    for point in points:
        why = _below(point, floor, target)
        if why:
            found.append(f"{point.name}: {why}")
    return found


def _below(point: Point, floor: float, target: Target | None) -> str:
    if not point.valid or point.figures is None:
        return f"INVALID: {'; '.join(point.flaws) or 'nothing was measured'}"
    if point.figures.estimated:
        return "its speed is an estimate"
    gpu = point.machine.gpu
    there = Hardware(gpu.name, gpu.memory_gib, gpu.power_limit_w) if gpu else Hardware()
    if target is not None and (other := differences(target, there)):
        return f"not measured on {target.id}: {' and '.join(other)}"
    live = point.figures.streaming
    fps = point.figures.fps if live is None else live.sustained_fps or 0.0
    if fps < floor:
        return f"{fps:.2f} frames a second are below the floor of {floor:g}"
    return ""
