"""What a preset lacks on this machine: code, weights, GPU memory, a split of its protocol."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.description import Gpu
from benchmark.homes import Place, missing_weights
from benchmark.spec import MethodSpec
from benchmark.splits.manifest import Split
from benchmark.splits.protocols import protocol


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a method can be run here.

    Attributes:
        name: The method.
        label: Its name in tables.
        missing: What it lacks, in few words; empty if nothing.
        gpu: What it needs of a GPU, and whether that is here.
        notes: What its run will not give.
    """

    name: str
    label: str
    missing: tuple[str, ...]
    gpu: str
    notes: tuple[str, ...] = ()


def readiness(spec: MethodSpec, split: Split | None, gpu_gb: float | None) -> Readiness:
    """Return what ``spec`` lacks here to be run on ``split``.

    Args:
        spec: The method, present or not.
        split: The split, if it is here.
        gpu_gb: Memory of this machine's largest GPU; ``None`` without one.
    """
    gpu = spec.row.gpu if spec.row is not None else None
    notes = ("no speed: " + spec.no_speed,) if spec.no_speed and not spec.control else ()
    missing = (*_lacking(spec), *_people(spec, split))
    return Readiness(spec.name, spec.label, missing, _gpu(gpu, gpu_gb), notes)


def _lacking(spec: MethodSpec) -> Iterator[str]:
    if spec.row is None or not spec.row.public:
        if spec.absent is not None:
            yield spec.absent.problem
        return
    home = spec.options["home"]
    repository = Path(home["repository"])
    if not repository.is_dir():
        yield "code"
    place = Place(repository, home["python"], tuple(home["prefix"]), Path(home["hooks"]))
    absent = missing_weights(spec.row, place)
    if absent:
        yield f"weights ({len(absent)} of {len(spec.row.weights)})"


def _people(spec: MethodSpec, split: Split | None) -> Iterator[str]:
    several = split is not None and any(len(case.pairs) > 1 for case in split.cases)
    if several and spec.row is not None and spec.row.faces == "one":
        yield 'several faces (bench.toml: faces = "apart")'


def _gpu(wanted: Gpu | None, here: float | None) -> str:
    if wanted is None:
        return "not stated"
    said = f"{wanted.gb:g} GB"
    if here is None:
        return f"{said}, none here"
    return said if here >= wanted.gb else f"{said}, here {here:.0f} GB"


def largest_gpu_gb() -> float | None:
    """Return the memory of this machine's largest GPU in 10⁹ bytes; ``None`` without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return max(float(line) for line in done.stdout.split()) * 2**20 / 1e9
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def misfit(split: Split, name: str) -> str:
    """Say why ``split`` is not of the protocol called ``name``; empty if it is."""
    wanted, found = protocol(name).rules.id, split.header.protocol.id
    return "" if wanted == found else f"its protocol is {found}, the preset's {wanted}"
