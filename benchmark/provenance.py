"""On record with every run: which code, which packages, which machine."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "portraitbench",
    "av",
    "insightface",
    "lpips",
    "mediapipe",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "opencv-python",
    "pillow",
    "safetensors",
    "scipy",
    "timm",
    "torch",
    "torch-fidelity",
    "torchvision",
)


def packages() -> dict[str, str]:
    """Return the versions of the packages that surround a number."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def code() -> dict[str, Any]:
    """Return our version and, in a checkout, the commit and whether files differ from it."""
    root = Path(__file__).resolve().parent.parent
    commit = git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    status = git(root, "status", "--porcelain") if commit else None
    return {
        "version": packages().get("portraitbench", "unknown"),
        "commit": commit,
        "dirty": None if status is None else bool(status),
    }


def git(root: Path, *arguments: str) -> str | None:
    """Return what ``git`` says in ``root``; ``None`` if it is not there or fails."""
    program = shutil.which("git")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [program, "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def hardware() -> dict[str, Any]:
    """Return what this machine is; ``label`` names it in tables."""
    cpu, n_cores, gpus = _cpu_name(), cores(), _gpus()
    label = " + ".join([*gpus, f"{n_cores} x {cpu}"])
    return {
        "label": label,
        "cpu": cpu,
        "cores": n_cores,
        "gpus": gpus,
        "memory_gib": _memory_gib(),
        "platform": platform.platform(),
        "python": platform.python_version(),
    }


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _gpus() -> list[str]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [tool, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def _memory_gib() -> float | None:
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
    return round(pages / 2**30, 1)
